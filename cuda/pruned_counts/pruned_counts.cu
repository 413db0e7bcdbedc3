// The neighbour counts of joint_counts under the maximum norm, for tasks whose
// marginals all have one column in common, the key: rows come sorted by it, and a
// block looks from its own rows outwards until the key alone is farther away than
// what it still looks for. Of 10,000 rows in 3 columns a row so meets 21 %, of
// 100,000 10 % (simulated, correlated normal data, k 4).
//
// A difference of keys is rounded like any other, and rounding keeps the order of
// what it rounds, so nothing that is left out could have counted.
//
//	grid     (blocks of 128/split rows, orderings, tasks), block 128
//	columns, order, barred, tied, k, split as for joint_counts
//	tasks    [tasks][24]: as for joint_counts, column 0 the key, in all marginals
//	         and not reordered; 21 the number of its sorting
//	keys     [sortings][n] values of the key in ascending order
//	sorted   [sortings][n] and their rows
//	counts   [tasks][orderings][marginals][rows]: of the sorted places first to
//	         first+rows-1, marginals at most 3
//
// The result is the same on every run: integers, added in any order.
//
// launch: PrunedCounts pruned_counts_* columns tasks keys sorted order barred counts tied n k marginals first rows split
#include "../prelude.cuh"

constexpr int THREADS = 128, TILE = 128;

// before says whether a row at distance d comes before one at e.
DEVICE bool before(double d, int i, double e, int j) { return (d < e) | ((d == e) & (i < j)); }

// The nearest rows so far, and one more, ascending by distance, then row. Where
// rows do not matter all are 0, and the compiler keeps none.
template <int K> struct Nearest {
  double distance[K + 1];
  int row[K + 1];

  DEVICE Nearest(int last) {
#pragma unroll
    for (int b = 0; b <= K; b++) distance[b] = __builtin_inf(), row[b] = last;
  }
  DEVICE void add(double d, int j) {
#pragma unroll
    for (int b = K; b > 0; b--) {
      const bool up = before(d, j, distance[b - 1], row[b - 1]), here = before(d, j, distance[b], row[b]);
      row[b] = up ? row[b - 1] : here ? j : row[b];
      distance[b] = up ? distance[b - 1] : here ? d : distance[b];
    }
    const bool here = before(d, j, distance[0], row[0]);
    row[0] = here ? j : row[0];
    distance[0] = here ? d : distance[0];
  }
  // join makes the list that of this lane and of the one that differs in bit m.
  DEVICE void join(int m) {
    double d[K + 1];
    int j[K + 1];
#pragma unroll
    for (int b = 0; b <= K; b++) d[b] = shuffle_xor(distance[b], m), j[b] = shuffle_xor(row[b], m);
#pragma unroll 1
    for (int a = 0; a <= K; a++) {
      const double e = d[0];
      const int r = j[0];
      if (!before(e, r, distance[K], row[K])) break;
#pragma unroll
      for (int b = 0; b < K; b++) d[b] = d[b + 1], j[b] = j[b + 1];
      add(e, r);
    }
  }
};

// Walk visits tiles from one outwards, on both sides in turn. A side ends with the
// rows, or where no thread of the block looks for so much.
struct Walk {
  const double *keys;
  int n, tiles, left, right;
  bool turn;

  DEVICE Walk(const double *keys, int n, int place) : keys(keys), n(n), tiles((n - 1) / TILE + 1), left(place / TILE), right(place / TILE + 1), turn(true) {}

  // next is the first place of the next tile, or -1. bound is how far the thread
  // looks from its key, below 0 if it does not. All threads take part.
  DEVICE int next(double key, double bound) {
    while ((left >= 0) | (right < tiles)) {
      const bool down = (left >= 0) & (turn | (right >= tiles));
      const int tile = down ? left : right;
      const double edge = keys[down ? min(n, (tile + 1) * TILE) - 1 : tile * TILE];
      turn = !down;
      const double gap = down ? key - edge : edge - key;
      if (block_any(gap <= bound)) {
        left -= down;
        right += !down;
        return tile * TILE;
      }
      if (down)
        left = -1;
      else
        right = tiles;
    }
    return -1;
  }
};

template <int D, int K, bool BOX>
DEVICE void pruned_counts(const double *__restrict__ columns, const u32 *__restrict__ tasks, const double *__restrict__ keys,
                          const int *__restrict__ sorted, const int *__restrict__ order, const int *__restrict__ barred,
                          int *__restrict__ counts, u32 *__restrict__ tied, int n, int k, int marginals, int first, int count,
                          int split) {
  __shared__ double tile[D][TILE];
  __shared__ int tile_row[TILE];
  const int t = thread_x(), s = block_y(), sub = t & (split - 1);
  const int at = (block_x() * THREADS + t) / split;
  const bool live = at < count;
  const u32 *task = tasks + 24 * block_z();
  keys += (u64)task[21] * n;
  sorted += (u64)task[21] * n;
  const int *reorder = order ? order + (u64)s * n : order;
  const u32 shuffled = order ? task[16] : 0;
  const u32 ends = task[17], marginal0 = task[18], marginal1 = task[19], marginal2 = task[20];
  const double *column[D];
#pragma unroll
  for (int c = 0; c < D; c++) column[c] = columns + (u64)task[c] * n;
  const int i = live ? sorted[first + at] : 0;
  const int low = live ? barred[2 * i] : 0, width = live ? barred[2 * i + 1] - low : 0;
  const int i2 = live && shuffled ? reorder[i] : i;
  double q[D];
#pragma unroll
  for (int c = 0; c < D; c++) q[c] = live ? column[c][shuffled >> c & 1 ? i2 : i] : 0.0;

  auto load = [&](int base, int m) {
    for (int j = t; j < m; j += THREADS) {
      const int row = sorted[base + j], row2 = shuffled ? reorder[row] : row;
      tile_row[j] = row;
#pragma unroll
      for (int c = 0; c < D; c++) tile[c][j] = column[c][shuffled >> c & 1 ? row2 : row];
    }
    block_sync();
  };

  const int place = first + block_x() * THREADS / split;
  Nearest<K> nearest(BOX ? 0x7fffffff : 0);
  double bound = live ? __builtin_inf() : -1.0;
  Walk near(keys, n, place);
  for (int base; (base = near.next(q[0], bound)) >= 0;) {
    const int m = min(TILE, n - base);
    load(base, m);
    if (live) {
#pragma unroll 2
      for (int j = sub; j < m; j += split) {
        double d = abs(tile[0][j] - q[0]);
#pragma unroll
        for (int c = 1; c < D; c++) d = max(d, abs(tile[c][j] - q[c]));
        const int row = tile_row[j];
        const bool apart = (u32)(row - low) > (u32)width;
        if (BOX ? apart & (d <= nearest.distance[K]) : apart & (d < nearest.distance[K])) nearest.add(d, BOX ? row : 0);
      }
      bound = nearest.distance[K];
    }
    for (int m = 1; m < split; m *= 2) bound = min(bound, shuffle_xor(bound, m));
  }
  for (int m = 1; m < split; m *= 2) nearest.join(m);
  double last = nearest.distance[0], next = nearest.distance[1];
#pragma unroll
  for (int b = 1; b < K; b++)
    if (b == k - 1) last = nearest.distance[b], next = nearest.distance[b + 1];
  double radius[D];
#pragma unroll
  for (int c = 0; c < D; c++) radius[c] = BOX ? 0.0 : last;
  if (BOX && live) {
#pragma unroll
    for (int b = 0; b < K; b++)
      if (b < k) {
        const int row = nearest.row[b], row2 = shuffled ? reorder[row] : row;
        double inner = 0;
#pragma unroll
        for (int c = 0; c < D; c++) {
          inner = max(inner, abs(column[c][shuffled >> c & 1 ? row2 : row] - q[c]));
          radius[c] = max(radius[c], inner);
          if (ends >> c & 1) inner = 0;
        }
      }
#pragma unroll
    for (int c = D - 2; c >= 0; c--)
      if (!(ends >> c & 1)) radius[c] = radius[c + 1];
  }

  int near0 = 0, near1 = 0, near2 = 0;
  Walk window(keys, n, place);
  for (int base; (base = window.next(q[0], live ? radius[0] : -1.0)) >= 0;) {
    const int m = min(TILE, n - base);
    load(base, m);
    if (!live) continue;
#pragma unroll 4
    for (int j = sub; j < m; j += split) {
      u32 far = 0; // columns in which row j is not near
#pragma unroll
      for (int c = 0; c < D; c++) {
        const double d = abs(tile[c][j] - q[c]);
        far |= (u32) !(BOX ? d <= radius[c] : d < radius[c]) << c;
      }
      const bool apart = (u32)(tile_row[j] - low) > (u32)width;
      near0 += apart & !(far & marginal0);
      near1 += apart & !(far & marginal1);
      near2 += apart & !(far & marginal2);
    }
  }
  for (int m = 1; m < split; m *= 2) {
    near0 += shuffle_xor(near0, m);
    near1 += shuffle_xor(near1, m);
    near2 += shuffle_xor(near2, m);
  }
  const u64 run = (u64)block_z() * grid_y() + s;
  const u32 ties = popcount(ballot(live & (sub == 0) & (next == last)));
  if (t % 32 == 0 && ties) atomic_add(&tied[run], ties);
  if (!live || sub) return;
  counts += run * marginals * count + at;
  counts[0] = near0;
  if (marginals > 1) counts[count] = near1;
  if (marginals > 2) counts[2 * (u64)count] = near2;
}

#define ENTRY(name, D, K, BOX)                                                                                \
  KERNEL(THREADS, D <= 4 && K <= 4 ? 4 : 2)                                                                   \
  name(const double *columns, const u32 *tasks, const double *keys, const int *sorted, const int *order,      \
       const int *barred, int *counts, u32 *tied, int n, int k, int marginals, int first, int rows,           \
       int split) {                                                                                           \
    pruned_counts<D, K, BOX>(columns, tasks, keys, sorted, order, barred, counts, tied, n, k, marginals,      \
                             first, rows, split);                                                             \
  }
#define BOTH(D, K)                                     \
  ENTRY(pruned_counts_ball_d##D##_k##K, D, K, false)   \
  ENTRY(pruned_counts_box_d##D##_k##K, D, K, true)

BOTH(3, 4)
BOTH(4, 4)
BOTH(8, 4)
BOTH(3, 16)
BOTH(4, 16)
BOTH(8, 16)
