// Neighbour counts of Kraskov, Stögbauer and Grassberger (2004), algorithm 1 under
// the maximum norm, over rows in the order of one column, the key: no row whose key
// is farther away than the k-th neighbour can be near, so that only a window of rows
// around a row is looked at.
//
// joint_windows_gather lays the rows out in that order. In joint_windows_d* a warp
// owns four rows that lie side by side, in d4 two, and looks at 32 others at a time,
// outward from them, until keys are too far away for all of them. Lane b keeps the
// b-th nearest of each. Then it counts, for each of up to three sets of columns that
// have the key, the rows that are strictly nearer than the k-th neighbour; the key
// alone needs no look, as its window is found by halving. joint_windows_line counts,
// with the radius that was found, in another column alone, whose values are sorted.
//
// All is float64: the distance of two rows is the same in both passes, and on the
// CPU, so a tie is a tie. Since rounding keeps the order of differences, a window is
// one range of places, and what is outside is no nearer, exactly.
//
//	columns  [..][n], finite
//	order    [orderings][n] or null: row i of the reordered columns takes the values
//	         of row order[s][i]
//	rows     [n]: the row at each place, sorted by the key, which is not reordered
//	rank     [n]: the place of each row
//	x        [orderings][d][stride]: the columns in the order of places, the key
//	         first; stride is a multiple of 32, and behind the n-th lies NaN
//	barred   [n][2]: first and last row that is no neighbour of row i; its own
//	         lies between
//	counts   [orderings][marginals][n] by row, or null
//	tables   [marginals][n+1] or null: what a count adds to the sum of its ordering
//	sums     [orderings], zero before
//	radius   [orderings][n] by row, or null: the distance of the k-th neighbour
//	tied     [orderings], zero before: rows whose k-th neighbour is no nearer than
//	         the next
//
// The result is the same on every run: integers, added in any order.
//
// joint_windows_gather: grid (blocks of 256 places, orderings); places0 and places1
// are the indices of the d columns, a byte each; shuffled has bit c set if the c-th of
// them is reordered.
//
// joint_windows_d*: grid (blocks of 16 places, in d4 of 8, orderings), block 128; d columns, at
// least as many as in the name, and in all kernels but d4 just as many; k from 1 to
// 16; set0 to set2 are the columns of marginals slot0 to slot2, bit 0 is the key;
// those whose slot is negative are not counted.
//
// joint_windows_line: grid (blocks of 256 rows, orderings); keys are those of the
// column, sorted; reordered says whether order holds for it.
//
// launch: JointWindowsGather joint_windows_gather columns order rows x rank places0 places1 n stride d shuffled:u32
// launch: JointWindows joint_windows_d* x rows rank barred counts tables sums radius tied n stride d k marginals set0:u32 set1:u32 set2:u32 slot0 slot1 slot2
// launch: JointWindowsLine joint_windows_line column keys order barred radius counts tables sums n marginals slot
#include "../prelude.cuh"

constexpr int WARPS = 4;
constexpr double NONE = __builtin_inf();

DEVICE int first_bit(u32 a) { return __builtin_ctz(a); }
DEVICE int shuffle(int v, int lane) { return __nvvm_shfl_sync_idx_i32(-1, v, lane, 31); }
DEVICE double shuffle(double v, int lane) {
  const u64 bits = __builtin_bit_cast(u64, v);
  const u32 low = shuffle((int)bits, lane), high = shuffle((int)(bits >> 32), lane);
  return __builtin_bit_cast(double, (u64)high << 32 | low);
}
DEVICE void atomic_add(u64 *p, u64 v) { __atomic_fetch_add(p, v, __ATOMIC_RELAXED); }

// after is the next float64 above one that is not negative.
DEVICE double after(double v) { return __builtin_bit_cast(double, __builtin_bit_cast(u64, v) + 1); }

DEVICE double smaller(double a, double b) { return a < b ? a : b; }
DEVICE double larger(double a, double b) { return a < b ? b : a; }

// ordered sorts the values of the lanes of a warp.
DEVICE double ordered(double v, int lane) {
#pragma unroll
  for (int size = 2; size <= 32; size *= 2)
#pragma unroll
    for (int m = size / 2; m > 0; m /= 2) {
      const double w = shuffle_xor(v, m);
      const bool low = ((lane & m) == 0) == ((lane & size) == 0);
      v = low ? smaller(v, w) : larger(v, w);
    }
  return v;
}

// merged is the 32 smallest, sorted, of the sorted values of two warps' worth.
DEVICE double merged(double a, double b, int lane) {
  a = smaller(a, shuffle(b, 31 - lane));
#pragma unroll
  for (int m = 16; m > 0; m /= 2) {
    const double w = shuffle_xor(a, m);
    a = (lane & m) == 0 ? smaller(a, w) : larger(a, w);
  }
  return a;
}

// inserted is a sorted list, one value a lane, with one more.
DEVICE double inserted(double list, double v, int lane) {
  const double before = shuffle(list, max(0, lane - 1));
  return v < list ? (lane > 0 && v < before ? before : v) : list;
}

// Window is what a warp knows of its rows.
template <int D, bool MORE, int QUERIES> struct Window {
  const double *x;
  const int *rows;
  int stride, d, lane, last; // k-1
  double q[QUERIES][D];      // the rows that ask
  int at[QUERIES];           // where they are
  int first[QUERIES];        // barred rows
  int width[QUERIES];
  double nearest[QUERIES]; // of each, the lane-th distance
  double limit[QUERIES];   // a distance that is not below is of no use
  double key, reach;       // of row lane%QUERIES: its key, and its k-th distance

  // rest says whether the row at place j is nearer than limit to the row at place i
  // in the columns that registers do not hold, and makes d its distance.
  DEVICE bool rest(int i, int j, double limit, double &distance) const {
    bool near = true;
    for (int c = D; c < d; c++) {
      const double s = abs(x[(u64)c * stride + j] - x[(u64)c * stride + i]);
      near &= s < limit;
      distance = larger(distance, s);
    }
    return near;
  }

  // look offers the 32 rows from place base. The rows that ask are no neighbours of
  // themselves, as they are barred.
  DEVICE void look(int base) {
    const int j = base + lane;
    double v[D];
#pragma unroll
    for (int c = 0; c < D; c++) v[c] = x[(u64)c * stride + j];
    bool any = false, near[QUERIES];
#pragma unroll
    for (int i = 0; i < QUERIES; i++) {
      near[i] = abs(v[0] - q[i][0]) < limit[i];
#pragma unroll
      for (int c = 1; c < D; c++) near[i] &= abs(v[c] - q[i][c]) < limit[i];
      any |= near[i];
    }
    if (!ballot(any)) return;
    const int row = any ? rows[j] : 0;
#pragma unroll
    for (int i = 0; i < QUERIES; i++) {
      near[i] &= (u32)(row - first[i]) > (u32)width[i];
      double s = abs(v[0] - q[i][0]);
#pragma unroll
      for (int c = 1; c < D; c++) s = larger(s, abs(v[c] - q[i][c]));
      if (MORE && near[i]) near[i] = rest(at[i], j, limit[i], s);
      u32 found = ballot(near[i]);
      if (!found) continue;
      if (popcount(found) > 8) {
        nearest[i] = merged(nearest[i], ordered(near[i] ? s : NONE, lane), lane);
      } else {
        for (; found; found &= found - 1) nearest[i] = inserted(nearest[i], shuffle(s, first_bit(found)), lane);
      }
      const double e = shuffle(nearest[i], last), next = shuffle(nearest[i], last + 1);
      limit[i] = e == next ? e : after(e);
      if (lane % QUERIES == i) reach = e;
    }
  }

  // beyond says that rows whose key is no nearer than this are of no use to any.
  DEVICE bool beyond(double edge) const { return !ballot(!(abs(edge - key) > reach)); }

  // count counts the rows at places from to to-1 that are nearer than the radius,
  // of each row that asks in its window, in three sets of columns. Of TE the sets
  // are the key, and it with either of two columns.
  template <bool TE>
  DEVICE void count(int from, int to, const double *radius, const int *begin, const int *size, const u32 *set,
                    int (*n)[3]) const {
    for (int base = from; base < to; base += 32) {
      const int j = base + lane;
      double v[D];
#pragma unroll
      for (int c = 1; c < D; c++) v[c] = x[(u64)c * stride + j];
#pragma unroll
      for (int i = 0; i < QUERIES; i++) {
        const bool inside = (u32)(j - begin[i]) < (u32)size[i];
        if (TE) {
          n[i][1] += inside & (abs(v[1] - q[i][1]) < radius[i]);
          n[i][2] += inside & (abs(v[D - 1] - q[i][D - 1]) < radius[i]);
          continue;
        }
        u32 far = 0;
#pragma unroll
        for (int c = 1; c < D; c++) far |= (u32) !(abs(v[c] - q[i][c]) < radius[i]) << c;
        if (MORE)
          for (int c = D; c < d; c++)
            far |= (u32) !(abs(x[(u64)c * stride + j] - x[(u64)c * stride + at[i]]) < radius[i]) << c;
#pragma unroll
        for (int m = 0; m < 3; m++) n[i][m] += inside & !(far & set[m]);
      }
    }
  }

  // bar takes the barred rows away that were counted.
  DEVICE void bar(int i, const int *rank, double radius, int begin, int size, const u32 *set, int *n) const {
    for (int b = lane; b <= width[i]; b += 32) {
      const int j = rank[first[i] + b];
      if ((u32)(j - begin) >= (u32)size) continue;
      u32 far = 0;
      for (int c = 1; c < d; c++) far |= (u32) !(abs(x[(u64)c * stride + j] - x[(u64)c * stride + at[i]]) < radius) << c;
#pragma unroll
      for (int m = 0; m < 3; m++) n[m] -= !(far & set[m]);
    }
  }
};

// window_end halves to one end of a window: to its first place, or to that behind
// its last.
DEVICE int window_end(const double *x, int from, int at, int to, double key, double radius, bool left) {
  int lo = left ? from : at, hi = left ? at : to;
  while (lo < hi) {
    const int mid = (int)((u32)(lo + hi) / 2);
    const bool near = abs(x[mid] - key) < radius;
    if (near == left)
      hi = mid;
    else
      lo = mid + 1;
  }
  return lo;
}

template <int D, bool MORE, int QUERIES>
DEVICE void joint_windows(const double *__restrict__ x, const int *__restrict__ rows, const int *__restrict__ rank,
                          const int *__restrict__ barred, int *__restrict__ counts,
                          const long long *__restrict__ tables, u64 *__restrict__ sums, double *__restrict__ radii,
                          u32 *__restrict__ tied, int n, int stride, int d, int k, int marginals, u32 set0, u32 set1,
                          u32 set2, int slot0, int slot1, int slot2) {
  const int t = thread_x(), s = block_y(), place = (block_x() * WARPS + t / 32) * QUERIES;
  if (place >= n) return;
  Window<D, MORE, QUERIES> w;
  w.x = x + (u64)s * (MORE ? d : D) * stride, w.rows = rows, w.stride = stride, w.d = MORE ? d : D;
  w.lane = t % 32, w.last = k - 1;
#pragma unroll
  for (int i = 0; i < QUERIES; i++) {
    const int at = min(place + i, n - 1);
    w.at[i] = at;
#pragma unroll
    for (int c = 0; c < D; c++) w.q[i][c] = w.x[(u64)c * stride + at];
    const int row = rows[at];
    w.first[i] = barred[2 * row], w.width[i] = barred[2 * row + 1] - w.first[i];
    w.nearest[i] = w.limit[i] = NONE;
  }
  const int mine = w.lane % QUERIES, at = min(place + mine, n - 1);
  w.key = w.x[at], w.reach = NONE;

  int base = place & ~31, from = base, to = base + 32, side = 0;
  bool left = false, right = false; // there may be more of use on that side
  for (;;) {
    w.look(base);
    if (base == from) left = from > 0 && !w.beyond(w.x[from]);
    if (base + 32 == to) right = to < n && !w.beyond(w.x[to - 1]);
    if (!(left | right)) break;
    side = (left & right) ? 1 - side : (int)left;
    base = side ? from - 32 : to;
    from = min(from, base), to = max(to, base + 32);
  }
  to = min(to, n);

  double radius[QUERIES], radius_here = 0;
  bool tie = false;
#pragma unroll
  for (int i = 0; i < QUERIES; i++) {
    radius[i] = shuffle(w.nearest[i], w.last);
    const double next = shuffle(w.nearest[i], w.last + 1);
    if (mine == i) radius_here = radius[i], tie = radius[i] == next;
  }
  const bool live = w.lane < QUERIES && place + mine < n;
  const u32 ties = popcount(ballot(live & tie));
  if (w.lane == 0 && ties) atomic_add(&tied[s], ties);
  if (live && radii) radii[(u64)s * n + rows[at]] = radius_here;

  const int end = window_end(w.x, from, at, to, w.key, radius_here, w.lane < QUERIES);
  int begin[QUERIES], size[QUERIES], near[QUERIES][3], low = to, high = from;
#pragma unroll
  for (int i = 0; i < QUERIES; i++) {
    begin[i] = shuffle(end, i), size[i] = shuffle(end, i + QUERIES) - begin[i];
    low = min(low, begin[i]), high = max(high, begin[i] + size[i]);
    near[i][0] = near[i][1] = near[i][2] = 0;
  }
  const u32 set[3] = {set0, set1, set2};
  const bool te = D == 3 && !MORE && set0 == 1 && set1 == 3 && set2 == 5;
  const bool alone = (set0 | set1 | set2) == 1;
  if (te)
    w.template count<true>(low & ~31, high, radius, begin, size, set, near);
  else if (!alone)
    w.template count<false>(low & ~31, high, radius, begin, size, set, near);
#pragma unroll
  for (int i = 0; i < QUERIES; i++) {
    if (w.width[i] > 0)
      w.bar(i, rank, radius[i], begin[i], size[i], set, near[i]);
    else if (w.lane == 0 && size[i] > 0) // the row itself is in every window
      near[i][0]--, near[i][1]--, near[i][2]--;
    if (w.lane == 0) {
      if (te || alone) near[i][0] += size[i];
      if (alone) near[i][1] += size[i], near[i][2] += size[i];
    }
  }
  int here[3];
#pragma unroll
  for (int i = 0; i < QUERIES; i++)
#pragma unroll
    for (int m = 0; m < 3; m++) {
      int sum = near[i][m];
#pragma unroll
      for (int l = 16; l > 0; l /= 2) sum += shuffle_xor(sum, l);
      if (i == 0 || mine == i) here[m] = sum;
    }
  const int slot[3] = {slot0, slot1, slot2};
  u64 sum = 0;
#pragma unroll
  for (int m = 0; m < 3; m++) {
    if (!live || slot[m] < 0) continue;
    if (counts) counts[((u64)s * marginals + slot[m]) * n + rows[at]] = here[m];
    if (tables) sum += (u64)tables[(u64)slot[m] * (n + 1) + here[m]];
  }
  if (!tables) return;
#pragma unroll
  for (int l = QUERIES / 2; l > 0; l /= 2) {
    const u32 a = shuffle_xor((int)sum, l), b = shuffle_xor((int)(sum >> 32), l);
    sum += (u64)b << 32 | a;
  }
  if (w.lane == 0) atomic_add(&sums[s], sum);
}

#define ENTRY(name, D, MORE, QUERIES, blocks)                                                                                       \
  KERNEL(32 * WARPS, blocks)                                                                                            \
  name(const double *x, const int *rows, const int *rank, const int *barred, int *counts, const long long *tables, \
       u64 *sums, double *radius, u32 *tied, int n, int stride, int d, int k, int marginals, u32 set0, u32 set1,   \
       u32 set2, int slot0, int slot1, int slot2) {                                                                \
    joint_windows<D, MORE, QUERIES>(x, rows, rank, barred, counts, tables, sums, radius, tied, n, stride, d, k, marginals,  \
                           set0, set1, set2, slot0, slot1, slot2);                                                 \
  }

ENTRY(joint_windows_d2, 2, false, 4, 4)
ENTRY(joint_windows_d3, 3, false, 4, 4)
ENTRY(joint_windows_d4, 4, true, 2, 4)

KERNEL(256, 4)
joint_windows_gather(const double *__restrict__ columns, const int *__restrict__ order, const int *__restrict__ rows,
                     double *__restrict__ x, int *__restrict__ rank, u64 places0, u64 places1, int n, int stride,
                     int d, u32 shuffled) {
  const int p = block_x() * 256 + thread_x(), s = block_y();
  if (p >= stride) return;
  const int row = p < n ? rows[p] : 0;
  const int from = p < n && shuffled ? order[(u64)s * n + row] : row;
  if (p < n && s == 0) rank[row] = p;
  for (int c = 0; c < d; c++) {
    const u64 column = (c < 8 ? places0 : places1) >> (8 * (c & 7)) & 255;
    x[((u64)s * d + c) * stride + p] = p < n ? columns[column * n + (shuffled >> c & 1 ? from : row)] : __builtin_nan("");
  }
}

// value is what a key of a sort stands for.
DEVICE double value(u64 key) {
  return __builtin_bit_cast(double, key >> 63 ? key ^ 1ull << 63 : ~key);
}

KERNEL(256, 4)
joint_windows_line(const double *__restrict__ column, const u64 *__restrict__ keys, const int *__restrict__ order,
                   const int *__restrict__ barred, const double *__restrict__ radius, int *__restrict__ counts,
                   const long long *__restrict__ tables, u64 *__restrict__ sums, int n, int marginals, int slot) {
  const int i = block_x() * 256 + thread_x(), s = block_y();
  const bool live = i < n;
  if (order) order += (u64)s * n;
  int near = 0;
  if (live) {
    const double v = column[order ? order[i] : i], r = radius[(u64)s * n + i];
    int end[2];
#pragma unroll
    for (int side = 0; side < 2; side++) {
      int lo = 0, hi = n;
      while (lo < hi) {
        const int mid = (int)((u32)(lo + hi) / 2);
        const double y = value(keys[mid]);
        if (side ? y - v >= r : v - y < r)
          hi = mid;
        else
          lo = mid + 1;
      }
      end[side] = lo;
    }
    near = max(0, end[1] - end[0]);
    const int last = barred[2 * i + 1];
    for (int b = barred[2 * i]; b <= last; b++) near -= abs(column[order ? order[b] : b] - v) < r;
    if (counts) counts[((u64)s * marginals + slot) * n + i] = near;
  }
  if (!tables) return;
  u64 sum = live ? (u64)tables[(u64)slot * (n + 1) + near] : 0;
#pragma unroll
  for (int l = 16; l > 0; l /= 2) {
    const u32 a = shuffle_xor((int)sum, l), b = shuffle_xor((int)(sum >> 32), l);
    sum += (u64)b << 32 | a;
  }
  if (thread_x() % 32 == 0) atomic_add(&sums[s], sum);
}
