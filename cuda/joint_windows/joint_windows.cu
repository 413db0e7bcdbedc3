// Neighbour counts of Kraskov, Stögbauer and Grassberger (2004) under the maximum
// norm, over rows in the order of one column, the key: no row whose key is farther
// away than the k-th neighbour can be near, so that only a window of rows around a row
// is looked at. An item is the problem under one ordering.
//
// joint_windows_gather lays the rows out in that order. In joint_windows_d* a warp
// owns four rows that lie side by side and looks at 128 others at a time, outward
// from them, until keys are too far away for all of them. Lane b keeps the b-th
// nearest of each. Then it counts, for each of up to three sets of columns, the rows
// that are strictly nearer than the k-th neighbour; the key alone needs no look, as
// its window is found by halving. joint_windows_line counts, with the radius that
// was found, in another column alone, whose values are sorted.
//
// By algorithm 1 the radius is the distance of the k-th neighbour. By algorithm 2,
// joint_windows_d0_box, the k neighbours are those that come first by (distance, row),
// and each column has a radius: the largest distance of them in its variable, and the
// next float64 above it, so that what is not farther is strictly nearer.
//
// The search is in lists.cuh, the k-th neighbour's float64 in settle.cuh, the counting in
// count.cuh; rows.cuh and radius.cuh are what they share.
//
// Rows are looked at in float32, less the value of some row of their column, and
// what that cannot tell is looked at again in float64, by the operations of the CPU:
// so counts are those of the CPU, and a tie is a tie. With u = 2^-24, X the largest
// |value| of the row that asks and D the distance in float32, that in float64 is off
// by no more than 2.1u(X+D), since the other row's values are not above X+D. So the
// k nearest and all at the distance of the k-th are among those that in float32 are
// not 8u(X+e) farther away than the k-th there, at e; and a row is nearer than the
// radius r in float64, or is not, as it is in float32 if there it is 4u(X+r) from r.
//
//	columns  [..][n], finite
//	tasks    [items][12]: 0 to 7 the indices of the columns, two bytes each, the key
//	         first; 8 which of the sorted columns is the key; 9 the ordering; 10 bit c
//	         is set if the c-th column is reordered; 11 whether the item is the first of
//	         its key
//	order    [..][n] or null: row i of the reordered columns takes the values of row
//	         order[s][i]
//	rows     [..][n]: the row at each place, sorted by a key, which is not reordered
//	rank     [..][n]: the place of each row
//	x        [items][d][stride]: the columns in the order of places; stride is a
//	         multiple of 128, and behind the n-th lies NaN
//	f        [items][d][stride]: in float32, and behind the n-th lies infinity
//	barred   [n][2]: first and last row that is no neighbour of row i; its own
//	         lies between
//	counts   [items][marginals][n] by row, or null
//	tables   [marginals][n+1] or null: what a count adds to the sum of its item
//	sums     [items], or null
//	radius   [items][radii][n] by row, or null: radii is 1, or by algorithm 2 d
//	tied     [items]: rows whose k-th neighbour is no nearer than the
//	         next
//	flag     null, or that of all launches: once it is raised results may be anything
//
// The result is the same on every run: integers, added in any order.
//
// joint_windows_gather: grid (blocks of 256 places, items). It zeroes sums and tied.
//
// joint_windows_d*: grid (blocks of 16 places from first, items), block 128; d
// columns, as in the name, in d0 up to 16; k from 1 to 16; set0 to set2 are the
// columns of marginals slot0 to slot2, bit 0 is the key; those whose slot is
// negative are not counted and are 1. Sets without the key make it look at all rows.
// bars is 0 if no row has others barred than itself; ends has bit c set if the c-th
// column is the last of its variable, whose columns lie side by side; processors is how
// many multiprocessors the device has, if the grid has four blocks for each, else 0.
//
// joint_windows_line: grid (blocks of 256 rows, items); column c of the items, whose
// sorted values are keys[which[item]]; radius begins at that of the column.
//
// launch: JointWindowsGather joint_windows_gather columns tasks order rows x f rank sums tied n stride d
// launch: JointWindows joint_windows_d* x f tasks rows rank barred counts tables sums radius tied n stride d k marginals first bars set0:u32 set1:u32 set2:u32 slot0 slot1 slot2 ends:u32 processors flag
// launch: JointWindowsLine joint_windows_line columns tasks which keys order barred radius counts tables sums n marginals slot c radii flag
#include "count.cuh"
#include "settle.cuh"

constexpr int TASK = 12; // words

// Held is what a warp holds in shared memory, in one piece: one address is one register.
template <int D, bool BOX> struct Held {
  Vector<float, 4> own[D ? D : MOST];
  Radii<BOX> radii;
  List list[OWN];
  int place[OWN], number[OWN], bar[2 * OWN], count[3][OWN]; // number: -1 behind the last
};

// together is what the b-th block does, if so many multiprocessors begin with four blocks
// each, in turn: those of one lie side by side, and what one has read is in its cache for
// all. Of 10,000 rows in three columns an H200 takes 4 % less so, of eleven 3 % more: where
// the middle of the key has more work than the ends, that is not shared evenly.
DEVICE int together(int b, int processors) {
  return b < 4 * processors ? b % processors * 4 + b / processors : b;
}

template <int D, bool BOX>
DEVICE void joint_windows(const double *__restrict__ x, const float *__restrict__ f, const u32 *__restrict__ tasks,
                          const int *__restrict__ rows, const int *__restrict__ rank, const int *__restrict__ barred,
                          int *__restrict__ counts, const long long *__restrict__ tables, u64 *__restrict__ sums,
                          double *__restrict__ radius, u32 *__restrict__ tied, int n, int stride, int d, int k,
                          int marginals, int first, int bars, u32 set0, u32 set1, u32 set2, int slot0, int slot1,
                          int slot2, u32 ends, int processors, Flag *flag) {
  if (stopped(flag)) return;
  __shared__ Held<D, BOX> all[WARPS];
  const int warp = thread_x() / 32, lane = thread_x() % 32, s = block_y();
  const int block = D == 3 ? together(block_x(), processors) : block_x();
  const int begin = first + (block * WARPS + warp) * OWN;
  if (begin >= n) return;
  Held<D, BOX> &held = all[warp];
  if (!D) x += (u64)s * d * stride, f += (u64)s * d * stride;
  if (D) x += (u64)s * D * stride, f += (u64)s * D * stride;
  const u64 key = (u64)tasks[TASK * s + 8] * n;
  const Rows<D> w = {x, f, rows + key, held.own, held.place, held.bar, n, stride, d, lane, bars != 0};
  if (lane < OWN) held.place[lane] = min(begin + lane, n - 1);
  warp_sync();
  if (lane < w.columns()) {
    Vector<float, 4> v;
#pragma unroll
    for (int i = 0; i < OWN; i++) v[i] = f[(u64)lane * stride + w.at(i)];
    held.own[lane] = v;
  }
  if (lane < OWN) held.number[lane] = begin + lane < n ? w.row[w.at(lane)] : -1;
  if (bars && lane < 2 * OWN) held.bar[lane] = barred[2 * w.row[w.at(lane / 2)] + lane % 2];
  warp_sync();

  Lists<D> near(w, held.list, k);
  int from, to;
  near.search(from, to);
  const int mine = lane % OWN; // the row of this lane
  const bool live = lane < OWN && held.number[mine] >= 0;
  const Kth kth = Settle<D, BOX>{w, near, &held.radii, from, to, ends}.of_lane();
  if (!BOX && lane < OWN) held.radii.put(0, mine, kth.radius, w.size(mine));
  warp_sync();
  const u32 ties = popcount(ballot(live & (kth.radius == kth.next)));
  if (lane == 0 && ties) atomic_add(&tied[s], ties);
  if (live && radius) {
    const int of = BOX ? w.columns() : 1;
#pragma unroll 1
    for (int c = 0; c < of; c++) radius[((u64)s * of + c) * n + held.number[mine]] = held.radii.radius[c][mine];
  }

  // The windows: within them the key is nearer than its radius.
  const int other = w.at(lane / 8);
  const int end = window_ends(x, from, other, to, x[other], held.radii.radius[0][lane / 8], lane);
  const int alone = shuffle(end, 8 * mine + 4) - shuffle(end, 8 * mine);
  int low = to, high = from;
#pragma unroll
  for (int i = 0; i < OWN; i++) low = min(low, shuffle(end, 8 * i)), high = max(high, shuffle(end, 8 * i + 4));
  if (!(set0 & set1 & set2 & 1)) low = 0, high = n; // a set has no key
  low &= ~(STEP - 1), high = (high + STEP - 1) & ~(STEP - 1);

  Count<D, BOX> count = {w, &held.radii, Sets(set0, set1, set2)};
  if (lane < OWN) {
#pragma unroll
    for (int m = 0; m < 3; m++) held.count[m][lane] = count.sets.counted(m) ? 0 : alone;
  }
#pragma unroll 1
  for (int part = low; part < high && count.sets.common != -1u; part += count.PART) count.part(part, min(high, part + count.PART), held.count);
  warp_sync();
  int here[3]; // counts of mine
#pragma unroll
  for (int m = 0; m < 3; m++) here[m] = held.count[m][mine];
  // Rows that are no neighbours were counted, too.
  if (w.beside) {
    rank += (u64)*(const volatile u32 *)&tasks[TASK * s + 8] * n; // read anew: it would hold registers all the while
#pragma unroll 1
    for (int i = 0; i < OWN; i++) {
      const int last = held.bar[2 * i + 1];
#pragma unroll 1
      for (int b = held.bar[2 * i]; b <= last; b += 32) {
        const u32 far = b + lane <= last ? held.radii.outside(w, i, rank[b + lane]) : -1u;
#pragma unroll
        for (int m = 0; m < 3; m++) {
          const u32 near = popcount(ballot(!(far & count.sets.set[m])));
          here[m] -= mine == i ? near : 0;
        }
      }
    }
  } else {
#pragma unroll
    for (int m = 0; m < 3; m++) here[m] -= held.radii.radius[0][mine] > 0;
  }

  const int slot[3] = {slot0, slot1, slot2};
  u64 sum = 0;
#pragma unroll
  for (int m = 0; m < 3; m++) {
    if (!live || slot[m] < 0) continue;
    if (counts) counts[((u64)s * marginals + slot[m]) * n + held.number[mine]] = here[m];
    if (tables) sum += (u64)tables[(u64)slot[m] * (n + 1) + here[m]];
  }
  if (!tables) return;
#pragma unroll
  for (int l = OWN / 2; l > 0; l /= 2) sum += shuffle_xor(sum, l);
  if (lane == 0) atomic_add(&sums[s], sum);
}

#define ENTRY(name, D, BOX)                                                                                           \
  KERNEL(32 * WARPS, BOX ? 3 : 4)                                                                                     \
  name(const double *x, const float *f, const u32 *tasks, const int *rows, const int *rank, const int *barred,        \
       int *counts, const long long *tables, u64 *sums, double *radius, u32 *tied, int n, int stride, int d, int k,   \
       int marginals, int first, int bars, u32 set0, u32 set1, u32 set2, int slot0, int slot1, int slot2, u32 ends,   \
       int processors, Flag *flag) {                                                                                  \
    joint_windows<D, BOX>(x, f, tasks, rows, rank, barred, counts, tables, sums, radius, tied, n, stride, d, k,       \
                          marginals, first, bars, set0, set1, set2, slot0, slot1, slot2, ends, processors, flag);     \
  }

ENTRY(joint_windows_d2, 2, false)
ENTRY(joint_windows_d3, 3, false)
ENTRY(joint_windows_d0, 0, false)
ENTRY(joint_windows_d0_box, 0, true)

DEVICE int column_of(const u32 *task, int c) { return task[c / 2] >> (16 * (c & 1)) & 65535; }

// middle is the middle one of three.
DEVICE double middle(double a, double b, double c) { return larger(smaller(a, b), smaller(larger(a, b), c)); }

KERNEL(256, 4)
joint_windows_gather(const double *__restrict__ columns, const u32 *__restrict__ tasks, const int *__restrict__ order,
                     const int *__restrict__ rows, double *__restrict__ x, float *__restrict__ f,
                     int *__restrict__ rank, u64 *__restrict__ sums, u32 *__restrict__ tied, int n, int stride,
                     int d) {
  const int p = block_x() * 256 + thread_x(), s = block_y();
  if (p >= stride) return;
  if (p == 0) tied[s] = 0;
  if (p == 0 && sums) sums[s] = 0;
  const u32 *task = tasks + TASK * s;
  const u64 key = (u64)task[8] * n;
  const u32 shuffled = order ? task[10] : 0;
  const int row = p < n ? rows[key + p] : 0;
  const int from = p < n && shuffled ? order[(u64)task[9] * n + row] : row;
  if (p < n && task[11]) rank[key + row] = p;
  for (int c = 0; c < d; c++) {
    const double *column = columns + (u64)column_of(task, c) * n;
    const double v = column[shuffled >> c & 1 ? from : row];
    // Values lie around one that is seldom far out.
    const float small = (float)(v - middle(column[0], column[n / 2], column[n - 1]));
    const u64 to = ((u64)s * d + c) * stride + p;
    x[to] = p < n ? v : NO_NUMBER;
    f[to] = p < n ? smaller(larger(small, -HUGE), HUGE) : NONE32;
  }
}

KERNEL(256, 4)
joint_windows_line(const double *__restrict__ columns, const u32 *__restrict__ tasks, const int *__restrict__ which,
                   const u64 *__restrict__ keys, const int *__restrict__ order, const int *__restrict__ barred,
                   const double *__restrict__ radius, int *__restrict__ counts, const long long *__restrict__ tables,
                   u64 *__restrict__ sums, int n, int marginals, int slot, int c, int radii, const Flag *flag) {
  if (seen(flag)) return;
  const int i = block_x() * 256 + thread_x(), s = block_y();
  const bool live = i < n;
  const u32 *task = tasks + TASK * s;
  const double *column = columns + (u64)column_of(task, c) * n;
  keys += (u64)which[s] * n;
  order = order && (task[10] >> c & 1) ? order + (u64)task[9] * n : nullptr;
  int near = 0;
  if (live) {
    const double v = column[order ? order[i] : i], r = radius[(u64)s * radii * n + i];
    near = on_line(keys, n, v, r);
    const int last = barred[2 * i + 1];
    for (int b = barred[2 * i]; b <= last; b++) near -= abs(column[order ? order[b] : b] - v) < r;
    if (counts) counts[((u64)s * marginals + slot) * n + i] = near;
  }
  if (!tables) return;
  add(&sums[s], live ? (u64)tables[(u64)slot * (n + 1) + near] : 0);
}
