// Neighbour counts of Kraskov, Stögbauer and Grassberger (2004), by comparing
// every row with every row. ball is their algorithm 1: one radius a row, strictly
// inside; box is their algorithm 2: a radius a variable, the border included. max
// is the maximum norm; euclid adds up squares inside a variable and takes the
// maximum across variables.
//
// split neighbouring threads own a row and take every split-th of the others. A
// first pass over all rows keeps the nearest of each thread in registers; the
// lists are joined, and the k-th gives the radius. A second pass counts, for each
// marginal, the rows that are as near in its columns. Both compute a distance by
// the same operations, so a tie is a tie; nothing but subtract, absolute value,
// multiply, add, maximum and comparison is used, each rounded once, so the CPU
// finds the same counts to the last one. Rows at equal distances are taken in row
// order.
//
//	grid     (blocks of 128/split rows, orderings, tasks), block 128
//	columns  [..][n], finite
//	tasks    [tasks][24]: 0 to D-1 the columns of the task; 16 the set that is
//	         reordered, bit c for column c; 17 the set of the last columns of
//	         variables; 18 to 20 the marginals: sets of columns, under euclid of the
//	         last columns of variables
//	order    [orderings][n] or null: row i of the reordered columns takes the
//	         values of row order[s][i]
//	barred   [n][2]: first and last row that is no neighbour of row i; its own
//	         lies between
//	counts   [tasks][orderings][marginals][rows]: of rows first to first+rows-1,
//	         marginals at most 3
//	tied     [tasks][orderings], zero before: of those rows, the ones whose k-th
//	         neighbour is no nearer than the next
//	k        at most the k of the name; every row must have k neighbours
//	split    1, 2, 4, 8, 16 or 32
//	flag     null, or what says that nobody wants the result any more
//
// The result is the same on every run: integers, added in any order.
//
// launch: JointCounts joint_counts_* columns tasks order barred counts tied n k marginals first rows split flag
#include "../prelude.cuh"

constexpr int THREADS = 128;

// The rows of one task under one ordering, column by column.
template <int D> struct Rows {
  const double *column[D];
  const int *order; // null: as they are
  u32 shuffled;

  DEVICE double at(int c, int i) const {
    if (order && (shuffled >> c & 1)) i = order[i];
    return column[c][i];
  }
};

// before says whether a row at distance d comes before one at e.
DEVICE bool before(double d, int i, double e, int j) { return (d < e) | ((d == e) & (i < j)); }

// The nearest rows so far, and one more, ascending.
template <int K> struct Nearest {
  double distance[K + 1];
  int row[K + 1];

  DEVICE Nearest() {
#pragma unroll
    for (int b = 0; b <= K; b++) distance[b] = NONE, row[b] = 0x7fffffff;
  }
  // add takes a row that is nearer than the last and comes behind all others.
  // Those at its distance stay before it.
  DEVICE void add(double d, int j) {
#pragma unroll
    for (int b = K; b > 0; b--) {
      const bool up = d < distance[b - 1], here = d < distance[b];
      row[b] = up ? row[b - 1] : here ? j : row[b];
      distance[b] = up ? distance[b - 1] : here ? d : distance[b];
    }
    row[0] = d < distance[0] ? j : row[0];
    distance[0] = d < distance[0] ? d : distance[0];
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
#pragma unroll
      for (int b = K; b > 0; b--) {
        const bool up = before(e, r, distance[b - 1], row[b - 1]), here = before(e, r, distance[b], row[b]);
        row[b] = up ? row[b - 1] : here ? r : row[b];
        distance[b] = up ? distance[b - 1] : here ? e : distance[b];
      }
      const bool here = before(e, r, distance[0], row[0]);
      row[0] = here ? r : row[0];
      distance[0] = here ? e : distance[0];
    }
  }
};

template <int D, int K, bool BOX, bool EUCLID>
DEVICE void joint_counts(const double *__restrict__ columns, const u32 *__restrict__ tasks, const int *__restrict__ order,
                         const int *__restrict__ barred, int *__restrict__ counts, u32 *__restrict__ tied, int n, int k,
                         int marginals, int first, int count, int split, Flag *flag) {
  if (stopped(flag)) return;
  constexpr int TILE = D <= 4 ? 256 : D <= 8 ? 128 : 64;
  __shared__ double tile[D][TILE];
  const int t = thread_x(), s = block_y(), sub = t & (split - 1);
  const int at = (block_x() * THREADS + t) / split; // split is a power of two: a shift would need its logarithm
  const int i = first + at;
  const bool live = at < count;
  const u32 *task = tasks + 24 * block_z();
  Rows<D> rows;
  rows.order = order ? order + (u64)s * n : order;
  rows.shuffled = task[16];
#pragma unroll
  for (int c = 0; c < D; c++) rows.column[c] = columns + (u64)task[c] * n;
  const u32 ends = task[17], marginal0 = task[18], marginal1 = task[19], marginal2 = task[20];
  const int low = live ? barred[2 * i] : 0, width = live ? barred[2 * i + 1] - low : 0;
  double q[D];
#pragma unroll
  for (int c = 0; c < D; c++) q[c] = live ? rows.at(c, i) : 0.0;

  Nearest<K> nearest;
  for (int base = 0; base < n; base += TILE) {
    const int m = min(TILE, n - base);
    block_sync();
    for (int j = t; j < m; j += THREADS)
#pragma unroll
      for (int c = 0; c < D; c++) tile[c][j] = rows.at(c, base + j);
    block_sync();
    if (!live) continue;
    // loop: joint_counts_ball_max_d3_k4, nearest: 4 pairs of rows by 12 float64, floor 6: 3 subtractions, 2 maxima, a comparison
    // loop: joint_counts_ball_max_d8_k4, nearest: 1 pair of rows by 8 float64, floor 16: 8 subtractions, 7 maxima, a comparison
#pragma unroll K <= 4 && D <= 4 ? 4 : 1
    for (int j = sub; j < m; j += split) {
      double d = 0, inner = 0;
#pragma unroll
      for (int c = 0; c < D; c++) {
        const double a = abs(tile[c][j] - q[c]);
        if (!EUCLID) {
          d = c ? max(d, a) : a;
        } else {
          inner = inner + a * a;
          d = ends >> c & 1 ? max(d, inner) : d;
          inner = ends >> c & 1 ? 0.0 : inner;
        }
      }
      if ((d < nearest.distance[K]) & ((u32)(base + j - low) > (u32)width)) nearest.add(d, base + j);
    }
  }
  for (int m = 1; m < split; m *= 2) nearest.join(m);
  double last = nearest.distance[0], next = nearest.distance[1];
#pragma unroll
  for (int b = 1; b < K; b++)
    if (b == k - 1) last = nearest.distance[b], next = nearest.distance[b + 1];
  // The radii: under max one a column, under euclid that of a variable stands at
  // its last column.
  double radius[D];
#pragma unroll
  for (int c = 0; c < D; c++) radius[c] = BOX ? 0.0 : last;
  if (BOX && live) {
#pragma unroll
    for (int b = 0; b < K; b++)
      if (b < k) {
        double inner = 0;
#pragma unroll
        for (int c = 0; c < D; c++) {
          const double a = abs(rows.at(c, nearest.row[b]) - q[c]);
          inner = EUCLID ? inner + a * a : max(inner, a);
          radius[c] = max(radius[c], inner);
          if (ends >> c & 1) inner = 0;
        }
      }
#pragma unroll
    for (int c = D - 2; c >= 0; c--)
      if (!(ends >> c & 1)) radius[c] = radius[c + 1];
  }

  int near0 = 0, near1 = 0, near2 = 0;
  for (int base = 0; base < n; base += TILE) {
    const int m = min(TILE, n - base);
    block_sync();
    for (int j = t; j < m; j += THREADS)
#pragma unroll
      for (int c = 0; c < D; c++) tile[c][j] = rows.at(c, base + j);
    block_sync();
    if (!live) continue;
    // loop: joint_counts_ball_max_d3_k4, count: 4 pairs of rows by 12 float64, floor 9: 3 subtractions, 3 comparisons, 3 additions
    // loop: joint_counts_ball_max_d8_k4, count: 1 pair of rows by 8 float64, floor 19: 8 subtractions, 5 maxima, 3 comparisons, 3 additions
#pragma unroll D <= 4 ? 4 : 1
    for (int j = sub; j < m; j += split) {
      u32 far = 0; // columns, or last columns, in which row j is not near
      double inner = 0;
#pragma unroll
      for (int c = 0; c < D; c++) {
        double d = abs(tile[c][j] - q[c]);
        if (EUCLID) d = inner = inner + d * d;
        far |= (u32) !(BOX ? d <= radius[c] : d < radius[c]) << c;
        if (EUCLID) inner = ends >> c & 1 ? 0.0 : inner;
      }
      const bool apart = (u32)(base + j - low) > (u32)width;
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

#define ENTRY(name, D, K, BOX, EUCLID)                                                                        \
  KERNEL(THREADS, D <= 4 && K <= 4 ? 4 : 2)                                                                   \
  name(const double *columns, const u32 *tasks, const int *order, const int *barred, int *counts, u32 *tied,  \
       int n, int k, int marginals, int first, int rows, int split, Flag *flag) {                        \
    joint_counts<D, K, BOX, EUCLID>(columns, tasks, order, barred, counts, tied, n, k, marginals, first,      \
                                    rows, split, flag);                                                       \
  }
#define BOTH(D, K)                                                  \
  ENTRY(joint_counts_ball_max_d##D##_k##K, D, K, false, false)      \
  ENTRY(joint_counts_box_max_d##D##_k##K, D, K, true, false)
#define EUCLIDEAN(D)                                                \
  ENTRY(joint_counts_ball_euclid_d##D##_k16, D, 16, false, true)    \
  ENTRY(joint_counts_box_euclid_d##D##_k16, D, 16, true, true)

BOTH(2, 4)
BOTH(3, 4)
BOTH(4, 4)
BOTH(8, 4)
BOTH(16, 4)
BOTH(2, 16)
BOTH(3, 16)
BOTH(4, 16)
BOTH(8, 16)
BOTH(16, 16)
EUCLIDEAN(4)
EUCLIDEAN(16)
