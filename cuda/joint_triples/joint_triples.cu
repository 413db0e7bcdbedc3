// Neighbour counts of Kraskov, Stögbauer and Grassberger (2004), algorithm 1 under
// the maximum norm, of many problems of three columns and few rows: a key, which is
// not reordered, and two others, A and B. Counted are the rows that are strictly
// nearer than the k-th neighbour in the key alone, in the key and A, and in the key
// and B. Problems share columns, each of which is sorted once.
//
// joint_triples_lay lays sorted columns out. In joint_triples_k4_* a block has the
// rows of a problem in shared memory, in the order of the key, and a thread owns a
// row. It looks outward from its warp's rows until keys are too far away for all of
// them, in float32, less the median of each column. Of eight rows that lie side by
// side it keeps the nearest alone: the k nearest of all are in the k groups of eight
// whose nearest are nearest. What of those may be among the k, and ties with it, is
// looked at in float64, which gives the radius. Seldom, with ties or almost ties, a
// row may be in one more group; then all rows are looked at again.
//
// With u = 2^-24, X the largest |value| of the row that asks and D the distance in
// float32, that in float64 is off by no more than 2.1u(X+D), since the other row's
// values are not above X+D. So the k nearest and all at the distance of the k-th are
// among those that in float32 are not 8u(X+e) farther away than the k-th there, at e.
//
// Rows that are near in one column are a stretch of that column, as sorted: its ends
// are found by halving, in float64. So a row is near in two columns if its places lie
// within two stretches, which is counted in small integers, as float32 holds them: of
// a stretch of w places about c, the part from 0 to 1 of (w+1)/2 - |place-c| is 1
// inside and 0 outside.
//
//	keys     [sortings][n]: sorted columns, as the family sort has them
//	rows     [sortings][n]: the row at each place
//	value    [sortings][n]: the values, sorted
//	f        [sortings][n]: those less the median, in float32
//	rank     [sortings][n]: the place of each row
//	tasks    [tasks][4]: the sortings of the key, of A and of B
//	order    [orderings][n] or null: row i of A takes the value of row order[s][i]
//	barred   [n][2]: first and last row that is no neighbour of row i; its own
//	         lies between
//	counts   [tasks][orderings][marginals][n] by row, or null
//	tables   [marginals][n+1] or null: what a count adds to the sum of its item
//	sums     [tasks][orderings], zero before, or null
//	tied     [tasks][orderings], zero before: rows whose k-th neighbour is no nearer
//	         than the next
//
// The result is the same on every run: integers, added in any order.
//
// joint_triples_lay: grid (blocks of 256 places, sortings).
//
// joint_triples_k4_*: grid (blocks of `each` rows, orderings, tasks), block 256 for up
// to 1024 rows and 384 for up to 2048, as in the name; each is a multiple of 32; k from
// 1 to 4; slot0 to slot2 are the marginals of the key, of the key and A, and of the key
// and B, negative if not wanted. bars is 0 if no row has others barred than itself.
//
// launch: JointTriplesLay joint_triples_lay keys rows value f rank n
// launch: JointTriples joint_triples_k4_* rows value f rank tasks order barred counts tables sums tied n k marginals each bars slot0 slot1 slot2
#include "../prelude.cuh"

constexpr int GROUP = 8, STEP = 64; // rows of a group, and that are looked at at a time
constexpr u32 NOTHING = 0x7f800000; // infinity
constexpr float HUGE = 0x1p126f; // of values, at most
constexpr float ALL = 0x1.fffffep127f;

DEVICE float smaller(float a, float b) { return min(a, b); }
DEVICE float larger(float a, float b) { return max(a, b); }
DEVICE u32 smaller(u32 a, u32 b) { return a < b ? a : b; }
DEVICE u32 larger(u32 a, u32 b) { return a < b ? b : a; }
DEVICE double larger(double a, double b) { return a < b ? b : a; }
DEVICE int bits(float v) { return bit_cast<int>(v); }

// value_of is what a key of a sort stands for.
DEVICE double value_of(u64 key) { return bit_cast<double>(key >> 63 ? key ^ 1ull << 63 : ~key); }

KERNEL(256, 4)
joint_triples_lay(const u64 *__restrict__ keys, const int *__restrict__ rows, double *__restrict__ value, float *__restrict__ f,
                  int *__restrict__ rank, int n) {
  const int p = block_x() * 256 + thread_x();
  if (p >= n) return;
  const u64 column = (u64)block_y() * n, at = column + p;
  const double v = value_of(keys[at]);
  const float small = (float)(v - value_of(keys[column + n / 2]));
  value[at] = v;
  f[at] = smaller(larger(small, -HUGE), HUGE);
  rank[column + rows[at]] = p;
}

// reach is the distance beyond which no row is of use to one whose values are not
// above size if in float32 the k-th is at e.
DEVICE float reach(float size, float e) {
  const float sum = size + e;
  return sum < 0x1p124f ? e + (0x1p-21f * sum + 0x1p-124f) : ALL;
}

// Nearest are the distances of the nearest rows, and of one more, ascending. As many
// as are fewer than K are -1, so that that of the k-th is always the last but one.
template <int K> struct Nearest {
  double distance[K + 1];

  DEVICE Nearest(int k) {
#pragma unroll
    for (int b = 0; b <= K; b++) distance[b] = NONE;
#pragma unroll 1
    for (int b = k; b < K; b++) add(-1.0);
  }
  DEVICE void add(double d) {
#pragma unroll
    for (int b = K; b > 0; b--) {
      const bool up = d < distance[b - 1], here = d < distance[b];
      distance[b] = up ? distance[b - 1] : here ? d : distance[b];
    }
    distance[0] = d < distance[0] ? d : distance[0];
  }
};

// Problem is what a block knows.
struct Problem {
  const float4 *point; // by place: values of key, A and B, and the row
  const float2 *place; // of each, its places in A and in B
  const double *key, *a, *b;
  int n;

  // distance is that in float32 of the row at place p from q.
  DEVICE float distance(const float4 &v, const float4 &q) const {
    return larger(larger(abs(v.x - q.x), abs(v.y - q.y)), abs(v.z - q.z));
  }
  // exact is that in float64, of values of the key, A and B.
  DEVICE double exact(int p, double x, double y, double z) const {
    const float2 r = place[p];
    return larger(larger(abs(key[p] - x), abs(a[(int)r.x] - y)), abs(b[(int)r.y] - z));
  }
};

// Stretch is the places from begin to end-1 of a sorted column, those that are nearer
// than a radius to a value of it.
struct Stretch {
  const double *column;
  double value;
  int at, begin, end;

  // The value is that at place at.
  DEVICE Stretch(const double *column, int at, double value, double radius)
      : column(column), value(value), at(at), begin(0), end(at + (radius > 0)) {}
  // halve tells begin, so many places behind what it is, from what lies before it, and
  // end likewise.
  DEVICE void halve(int step, int n, double radius) {
    const int before = begin + step, behind = end + step;
    const double v = column[before <= at ? before - 1 : at], w = column[behind <= n ? behind - 1 : at];
    begin = before <= at && !(abs(v - value) < radius) ? before : begin;
    end = behind <= n && abs(w - value) < radius ? behind : end;
  }
  DEVICE bool holds(int place) const { return (place >= begin) & (place < end); }
  DEVICE float middle() const { return 0.5f * (float)(begin + end - 1); }
  DEVICE float half() const { return 0.5f * (float)(end - begin + 1); }
};

template <int K, int ROWS, int THREADS>
DEVICE void joint_triples(const int *__restrict__ rows, const double *__restrict__ value, const float *__restrict__ f,
                          const int *__restrict__ rank, const u32 *__restrict__ tasks, const int *__restrict__ order,
                          const int *__restrict__ barred, int *__restrict__ counts, const long long *__restrict__ tables,
                          u64 *__restrict__ sums, u32 *__restrict__ tied, int n, int k, int marginals, int each, int bars,
                          int slot0, int slot1, int slot2) {
  constexpr u32 WHICH = ROWS / GROUP - 1; // bits of a distance that say which group's
  __shared__ float4 point[ROWS];
  __shared__ float2 place[ROWS];
  const int t = thread_x(), lane = t & 31;
  const u32 *task = tasks + 4 * block_z();
  const u32 of_key = task[0] * n, of_a = task[1] * n, of_b = task[2] * n; // a few thousand sortings
  if (order) order += (u64)block_y() * n;
  for (int p = t; p < (n + STEP - 1) / STEP * STEP; p += THREADS) {
    float4 v = {NONE32, NONE32, NONE32, 0};
    float2 r = {0, 0};
    if (p < n) {
      const int row = rows[of_key + p], ra = rank[of_a + (order ? order[row] : row)], rb = rank[of_b + row];
      v.x = f[of_key + p], v.y = f[of_a + ra], v.z = f[of_b + rb], v.w = bit_cast<float>(row);
      r.x = ra, r.y = rb;
    }
    point[p] = v, place[p] = r;
  }
  block_sync();
  const Problem data = {point, place, value + of_key, value + of_a, value + of_b, n};
  const int begin = block_x() * each, end = min(n, begin + each);
#pragma unroll 1
  for (int base = begin + (t & ~31); base < end; base += THREADS) {
    // No row is below 0, but the compiler does not know, and so it keeps nothing in
    // registers that it makes of the item.
    const u32 item = block_z() * grid_y() + block_y() + (base < 0);
    const bool live = base + lane < end;
    const int me = min(base + lane, end - 1);
    const float4 q = point[me];
    const int row = bits(q.w);
    int low = row, width = 0;
    if (bars) low = barred[2 * row], width = barred[2 * row + 1] - low;
    const float size = larger(larger(abs(q.x), abs(q.y)), abs(q.z));

    // Of groups, the smallest distances, in float32 but for the bits that say which;
    // as many as are fewer than K are 0.
    u32 near[K + 1];
#pragma unroll
    for (int b = 0; b <= K; b++) near[b] = -1;
    auto keep = [&](u32 v) {
#pragma unroll
      for (int b = 0; b < K; b++) {
        const u32 w = larger(near[b], v);
        near[b] = smaller(near[b], v), v = w;
      }
      near[K] = smaller(near[K], v);
    };
#pragma unroll 1
    for (int b = k; b < K; b++) keep(0);
    auto look = [&](int from, bool mask) {
      // loop: joint_triples_k4_1024, nearest: 8 pairs of rows by 24 float32, floor 6: 3 subtractions, 2 maxima, a comparison
#pragma unroll 1
      for (int g = from / GROUP; g < (from + STEP) / GROUP; g++) {
        float m;
#pragma unroll
        for (int h = 0; h < GROUP; h++) {
          const float4 v = point[GROUP * g + h];
          float d = data.distance(v, q);
          if (mask) d = (u32)(bits(v.w) - low) > (u32)width ? d : NONE32;
          m = h ? smaller(m, d) : d;
        }
        keep(((u32)bits(m) & ~WHICH) | g);
      }
    };
    auto far = [&] { // the distance beyond which no row is of use
      return near[K - 1] < NOTHING ? reach(size, bit_cast<float>(near[K - 1] | WHICH)) : ALL;
    };
    int from = base & ~(STEP - 1), left = from, right = from + STEP;
    bool down, up, side = false; // there may be rows of use on that side
    for (bool start = true;; start = false) {
      if (start | (bars != 0))
        look(from, true);
      else
        look(from, false);
      const float limit = far();
      down = left > 0 && ballot(!(q.x - point[left - 1].x > limit));
      up = right < n && ballot(!(point[right].x - q.x > limit));
      if (!(down | up)) break;
      side = (down & up) ? !side : up;
      from = side ? right : left - STEP;
      left = min(left, from), right = max(right, from + STEP);
    }

    const float limit = far();
    const double x = data.key[me], y = data.a[(int)place[me].x], z = data.b[(int)place[me].y];
    u32 which = 0, use = 0, open = 0; // of each group a byte: which it is, if it is of use, and which of its rows
#pragma unroll
    for (int g = 0; g < K; g++) {
      const bool may = near[g] < NOTHING && bit_cast<float>(near[g] & ~WHICH) <= limit;
      which |= may ? (near[g] & WHICH) << (8 * g) : 0, use |= may ? 255u << (8 * g) : 0;
    }
#pragma unroll 1
    for (int g = 0; g < 8 * K; g += 8) {
      const float4 *group = point + GROUP * (which >> g & 255);
      u32 found = 0;
#pragma unroll
      for (int h = 0; h < GROUP; h++) {
        const float4 v = group[h];
        const bool may = data.distance(v, q) <= limit, free = (u32)(bits(v.w) - low) > (u32)width;
        found |= (u32)(may & free) << h;
      }
      open |= found << g;
    }
    open &= use & -1u << 8 * (K - k);
    Nearest<K> nearest(k);
    if (near[K] < NOTHING && bit_cast<float>(near[K] & ~WHICH) <= limit) { // there may be more
      float most = limit;
#pragma unroll 1
      for (int p = 0; p < n; p++) {
        const float4 v = point[p];
        if (data.distance(v, q) <= most && (u32)(bits(v.w) - low) > (u32)width) {
          nearest.add(data.exact(p, x, y, z));
          most = smaller(most, reach(size, (float)nearest.distance[K - 1]));
        }
      }
    } else {
#pragma unroll 1
      for (; open; open &= open - 1) {
        const int bit = first_bit(open);
        nearest.add(data.exact(GROUP * (which >> (bit & 24) & 255) + (bit & 7), x, y, z));
      }
    }
    const double radius = nearest.distance[K - 1];
    const u32 ties = popcount(ballot(live & (nearest.distance[K] == radius)));
    if (lane == 0 && ties) atomic_add(&tied[item], ties);

    Stretch in_key(data.key, me, x, radius), in_a(data.a, place[me].x, y, radius), in_b(data.b, place[me].y, z, radius);
#pragma unroll 1
    for (int step = ROWS / 2; step > 0; step /= 2) {
      in_key.halve(step, n, radius), in_a.halve(step, n, radius), in_b.halve(step, n, radius);
    }
    int first = in_key.begin, behind = in_key.end;
#pragma unroll
    for (int l = 16; l > 0; l /= 2) first = min(first, shuffle_xor(first, l)), behind = max(behind, shuffle_xor(behind, l));
    float with_a = 0, with_b = 0;
    {
      const float key = in_key.middle(), key_half = in_key.half(), a = in_a.middle(), a_half = in_a.half(), b = in_b.middle(), b_half = in_b.half();
      first &= ~(GROUP - 1);
      float at = (float)first - key;
      // loop: joint_triples_k4_1024, count: 8 pairs of rows by 64 float32, floor 8: 3 subtractions and 3 comparisons of places, 2 additions
#pragma unroll 1
      for (int p = first; p < behind; p += GROUP) {
#pragma unroll
        for (int h = 0; h < GROUP; h++) {
          const float2 r = place[p + h];
          const float inside = saturated(key_half - abs(at + h));
          with_a = fused(saturated(a_half - abs(r.x - a)), inside, with_a);
          with_b = fused(saturated(b_half - abs(r.y - b)), inside, with_b);
        }
        at += GROUP;
      }
    }
    // Rows that are no neighbours were counted, too.
    int here[3] = {in_key.end - in_key.begin, (int)with_a, (int)with_b};
    if (bars) {
#pragma unroll 1
      for (int r = low; r <= low + width; r++) {
        if (!in_key.holds(rank[of_key + r])) continue;
        here[0]--;
        here[1] -= in_a.holds(rank[of_a + (order ? order[r] : r)]);
        here[2] -= in_b.holds(rank[of_b + r]);
      }
    } else {
#pragma unroll
      for (int m = 0; m < 3; m++) here[m] -= radius > 0;
    }
    int count = here[0], count1 = here[1], count2 = here[2], slot = slot0, later = slot1;
    u64 sum = 0;
#pragma unroll 1
    for (int m = 0; m < 3; m++) { // a loop, so that nothing of it is kept in registers
      if (live && slot >= 0) {
        if (counts) counts[(u64)(item * marginals + slot) * n + row] = count;
        if (tables) sum += (u64)tables[slot * (n + 1) + count];
      }
      count = count1, count1 = count2, slot = later, later = slot2;
    }
    if (!tables) continue;
#pragma unroll
    for (int l = 16; l > 0; l /= 2) {
      const u32 a = shuffle_xor((int)sum, l), b = shuffle_xor((int)(sum >> 32), l);
      sum += (u64)b << 32 | a;
    }
    if (lane == 0) atomic_add(&sums[item], sum);
  }
}

#define ENTRY(K, ROWS, THREADS, blocks)                                                                                       \
  KERNEL(THREADS, blocks)                                                                                                     \
  joint_triples_k##K##_##ROWS(const int *rows, const double *value, const float *f, const int *rank, const u32 *tasks,        \
                              const int *order, const int *barred, int *counts, const long long *tables, u64 *sums,           \
                              u32 *tied, int n, int k, int marginals, int each, int bars, int slot0, int slot1, int slot2) {  \
    joint_triples<K, ROWS, THREADS>(rows, value, f, rank, tasks, order, barred, counts, tables, sums, tied, n, k, marginals,  \
                                    each, bars, slot0, slot1, slot2);                                                         \
  }

ENTRY(4, 1024, 256, 3)
ENTRY(4, 2048, 384, 2)
