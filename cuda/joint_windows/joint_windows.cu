// Neighbour counts of Kraskov, Stögbauer and Grassberger (2004) under the maximum
// norm, over rows in the order of one column, the key: no row whose key is farther
// away than the k-th neighbour can be near, so that only a window of rows around a row
// is looked at. Many problems of one shape go together, each under one ordering: an
// item.
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
// column is the last of its variable, whose columns lie side by side.
//
// joint_windows_line: grid (blocks of 256 rows, items); column c of the items, whose
// sorted values are keys[which[item]]; radius begins at that of the column.
//
// launch: JointWindowsGather joint_windows_gather columns tasks order rows x f rank sums tied n stride d
// launch: JointWindows joint_windows_d* x f tasks rows rank barred counts tables sums radius tied n stride d k marginals first bars set0:u32 set1:u32 set2:u32 slot0 slot1 slot2 ends:u32 flag
// launch: JointWindowsLine joint_windows_line columns tasks which keys order barred radius counts tables sums n marginals slot c radii flag
#include "../neighbours.cuh"

typedef float float2 __attribute__((ext_vector_type(2)));
typedef float float4 __attribute__((ext_vector_type(4)));
typedef double double4 __attribute__((ext_vector_type(4)));

constexpr int WARPS = 4, QUERIES = 4, EACH = 4, STEP = 32 * EACH, PAIR = 64, MOST = 16, TASK = 12;
constexpr float HUGE = 0x1p126f; // of values, at most
constexpr float ALL = 0x1.fffffep127f;

DEVICE float shuffle(float v, int lane) { return __builtin_bit_cast(float, shuffle(__builtin_bit_cast(int, v), lane)); }
DEVICE float shuffle_xor(float v, int m) { return __builtin_bit_cast(float, shuffle_xor(__builtin_bit_cast(int, v), m)); }
DEVICE float smaller(float a, float b) { return __builtin_fminf(a, b); }
DEVICE float larger(float a, float b) { return __builtin_fmaxf(a, b); }

// gathered is the sum over the lanes of the value of the row that asks of each lane.
DEVICE u32 gathered(const u32 *of, int lane) {
  const bool odd = lane & 1, upper = lane & 2;
  const u32 low = (odd ? of[1] : of[0]) + (u32)shuffle_xor((int)(odd ? of[0] : of[1]), 1);
  const u32 high = (odd ? of[3] : of[2]) + (u32)shuffle_xor((int)(odd ? of[2] : of[3]), 1);
  u32 sum = (upper ? high : low) + (u32)shuffle_xor((int)(upper ? low : high), 2);
#pragma unroll
  for (int l = 4; l < 32; l *= 2) sum += (u32)shuffle_xor((int)sum, l);
  return sum;
}

// Margin is about a radius: what float32 finds below low is nearer, and what it finds
// above high is not.
struct Margin {
  float low, high;

  Margin() = default;
  DEVICE Margin(double radius, float size) {
    const float r = (float)radius, sum = size + r, band = 0x1p-22f * sum + 0x1p-125f;
    low = sum < 0x1p124f ? r - band : -1.0f, high = sum < 0x1p124f ? r + band : NONE32;
  }
};

// Sides is what a warp of algorithm 2 knows about the radii of its rows, by column.
struct Sides {
  double radius[MOST][QUERIES];
  Margin margin[MOST][QUERIES];
};

// Window is what a warp knows of its rows. D is the number of columns, 0 if it is
// known late.
template <int D, bool BOX> struct Window {
  const double *x;
  const float *f;
  const int *rows, *rank;
  const float4 *asked; // [d] of the rows that ask
  Sides *sides;        // with BOX
  int n, stride, d, lane, last; // k-1
  int begin;              // where the first of them is
  bool beside;            // more rows may be barred than those that ask
  // Of each, the distances of its nearest rows, in order up to six bits, and behind
  // them those of rows that may be among them; and where those rows are.
  float *nearest;         // [QUERIES][64]
  int *place;             // [QUERIES][64]
  int *bar;               // [QUERIES][2]: the rows that are barred
  u32 held;               // eight bits each: how many may be
  u32 sorted;             // bit i: the i-th has nearest rows
  float limit[QUERIES];   // a distance that is above is of no use
  u32 full;               // bit i: of the rows that may be near to the i-th, some have no place in its list

  DEVICE int at(int i) const { return min(begin + i, n - 1); }
  DEVICE float asks(int i, int c) const {
    return ((const float *)asked)[QUERIES * c + i];
  }

  // pick is what the i-th that asks has.
  template <class T> DEVICE T pick(const T *of, int i) const {
    T v = of[0];
#pragma unroll
    for (int l = 1; l < QUERIES; l++) v = i == l ? of[l] : v;
    return v;
  }

  // size is the largest of the values of the i-th.
  DEVICE float size(int i) const {
    float s = 0;
#pragma unroll D ? D : 1
    for (int c = 0; c < (D ? D : d); c++) s = larger(s, abs(asks(i, c)));
    return s;
  }

  // column makes m the larger of itself and the distances in column c of the rows
  // from place j.
  DEVICE void column(int c, int j, float (*m)[EACH]) const {
    const float4 v = *(const float4 *)(f + (u64)c * stride + j);
    const float4 a = asked[c];
#pragma unroll
    for (int i = 0; i < QUERIES; i++)
#pragma unroll
      for (int h = 0; h < EACH; h++) m[i][h] = larger(m[i][h], abs(v[h] - a[i]));
  }

  // exact is the distance in float64 of the rows at two places.
  DEVICE double exact(int i, int j) const {
    double s = 0;
#pragma unroll D ? D : 2
    for (int c = 0; c < (D ? D : d); c++) s = larger(s, abs(x[(u64)c * stride + j] - x[(u64)c * stride + i]));
    return s;
  }

  // outside is the set of columns in which the row at place j is not nearer to the
  // i-th than the radius.
  DEVICE u32 outside(int i, int j, double radius) const {
    const int here = at(i);
    u32 far = 0;
#pragma unroll 1
    for (int c = 0; c < (D ? D : d); c++)
      far |= (u32) !(abs(x[(u64)c * stride + j] - x[(u64)c * stride + here]) < (BOX ? sides->radius[c][i] : radius)) << c;
    return far;
  }

  // reach is the distance beyond which no row is of use to the i-th if in float32
  // the k-th is at e.
  DEVICE float reach(int i, float e) const {
    const float sum = size(i) + e;
    return sum < 0x1p124f ? e + (0x1p-21f * sum + 0x1p-124f) : ALL;
  }

  // look offers the rows from place base.
  DEVICE void look(int base, bool start) {
    const int j = base + EACH * lane;
    float m[QUERIES][EACH];
#pragma unroll
    for (int i = 0; i < QUERIES; i++)
#pragma unroll
      for (int h = 0; h < EACH; h++) m[i][h] = 0;
    if (D) {
#pragma unroll
      for (int c = 0; c < D; c++) column(c, j, m);
    } else {
#pragma unroll 4
      for (int c = 0; c < d; c++) column(c, j, m);
    }
    if (start) {
#pragma unroll
      for (int i = 0; i < QUERIES; i++)
#pragma unroll
        for (int h = 0; h < EACH; h++) m[i][h] = j + h == at(i) ? NONE32 : m[i][h];
      if (beside) leave(j, m);
      if (last < 8) bound(m);
    }
    if (!ballot(useful(m))) return;
    if (beside & !start) leave(j, m);
    const u32 all = useful(m);
    u32 later = 0;
#pragma unroll
    for (int i = 0; i < QUERIES; i++) {
      if (!ballot(all >> i & 1)) continue;
      const float room = full >> i & 1 ? nearest[64 * i + last] : NONE32; // from there on there is none
      u32 found[EACH];
      int count = held >> (8 * i) & 255;
      bool near[EACH];
#pragma unroll
      for (int h = 0; h < EACH; h++) near[h] = (m[i][h] <= limit[i]) & (m[i][h] < room), found[h] = ballot(near[h]);
      const int more = popcount(found[0]) + popcount(found[1]) + popcount(found[2]) + popcount(found[3]);
      if (count + more > 32) {
        later |= 1u << i;
        continue;
      }
      held += more << (8 * i);
#pragma unroll
      for (int h = 0; h < EACH; h++) {
        if (near[h]) put(i, count + popcount(found[h] & ((1u << lane) - 1)), m[i][h], j + h);
        count += popcount(found[h]);
      }
    }
    if (!(later | (held & 0xf0f0f0f0))) return;
#pragma unroll 1
    for (int i = 0; i < QUERIES; i++) {
      if (later >> i & 1) {
        for (int h = 0; h < EACH; h++) {
          const float of[QUERIES] = {pick(m[0], h), pick(m[1], h), pick(m[2], h), pick(m[3], h)};
          const float v = pick(of, i), room = full >> i & 1 ? nearest[64 * i + last] : NONE32;
          bool near = (v <= pick(limit, i)) & (v < room);
          u32 found = ballot(near);
          int count = held >> (8 * i) & 255;
          if (count + popcount(found) > 32) {
            merge(i);
            count = 0, near &= v <= pick(limit, i), found = ballot(near);
          }
          if (near) put(i, count + popcount(found & ((1u << lane) - 1)), v, j + h);
          held += popcount(found) << (8 * i);
        }
      }
      if ((held >> (8 * i) & 255) >= 16) merge(i);
    }
  }

  // useful has bit i set if one of the rows of this lane may be near to the i-th.
  DEVICE u32 useful(const float (*m)[EACH]) const {
    u32 all = 0;
#pragma unroll
    for (int i = 0; i < QUERIES; i++)
      all |= (u32)(smaller(smaller(m[i][0], m[i][1]), smaller(m[i][2], m[i][3])) <= limit[i]) << i;
    return all;
  }

  // leave puts the rows that are barred far away.
  DEVICE void leave(int j, float (*m)[EACH]) const {
#pragma unroll
    for (int h = 0; h < EACH; h++) {
      const int row = j + h < n ? rows[j + h] : -1;
#pragma unroll
      for (int i = 0; i < QUERIES; i++)
        if ((bar[2 * i] <= row) & (row <= bar[2 * i + 1])) m[i][h] = NONE32;
    }
  }

  // bound makes limits from the first rows that are looked at: of eight groups of 16
  // rows the nearest, of those the k-th. Eight lanes have what one that asks needs.
  DEVICE void bound(const float (*m)[EACH]) {
    float mine = NONE32;
#pragma unroll
    for (int i = 0; i < QUERIES; i++) {
      float low = smaller(smaller(m[i][0], m[i][1]), smaller(m[i][2], m[i][3]));
      low = smaller(low, shuffle_xor(low, 1));
      low = smaller(low, shuffle_xor(low, 2));
      const float there = shuffle(low, lane % 8 * 4);
      mine = lane / 8 == i ? there : mine;
    }
    mine = ordered<8>(mine, lane);
#pragma unroll
    for (int i = 0; i < QUERIES; i++) limit[i] = reach(i, shuffle(mine, 8 * i + last));
  }

  DEVICE void put(int i, int slot, float v, int j) const {
    nearest[64 * i + 32 + slot] = v, place[64 * i + 32 + slot] = j;
  }

  // merge puts those that may be near to the i-th among its nearest.
  DEVICE void merge(int i) {
    warp_sync();
    const int count = held >> (8 * i) & 255;
    const u32 there = __builtin_bit_cast(u32, nearest[64 * i + lane]) & ~63u;
    u32 key = lane < count ? __builtin_bit_cast(u32, nearest[64 * i + 32 + lane]) & ~63u : 0x7f800000u;
    key = ordered<32>(key | (32 + lane), lane);
    key = merged(there | lane, key, lane);
    const int entry = 64 * i + (key < 0x7f800000u ? key & 63 : lane);
    const float v = nearest[entry];
    const int j = place[entry];
    warp_sync();
    nearest[64 * i + lane] = key < 0x7f800000u ? v : NONE32, place[64 * i + lane] = key < 0x7f800000u ? j : -1;
    const u32 e = shuffle((int)key, last);
    const float most = e < 0x7f800000u ? reach(i, __builtin_bit_cast(float, e | 63)) : ALL;
#pragma unroll
    for (int l = 0; l < QUERIES; l++) limit[l] = l == i ? most : limit[l];
    if (e < 0x7f800000u && __builtin_bit_cast(float, shuffle((int)key, 31) & ~63) <= most) full |= 1u << i;
    held &= ~(255u << (8 * i)), sorted |= 1u << i;
    warp_sync();
  }

  // beyond says that rows whose key is no nearer than edge are of no use to any.
  DEVICE bool beyond(float edge) const {
    bool useful = false;
#pragma unroll
    for (int i = 0; i < QUERIES; i++) useful |= !(abs(edge - asks(i, 0)) > limit[i]);
    return !useful;
  }

  // beneath is what may be the distance of one that comes later on a list.
  DEVICE float beneath(float v) const { return __builtin_bit_cast(float, __builtin_bit_cast(u32, v) & ~63u); }

  // settle finds in float64 the distances of the k-th and the next of the row that
  // asks of each lane, from the lists, or, if one is full, from the rows at places
  // from to to-1; with BOX the radii, too. If lists are short, the 8i+l-th lane has the
  // places of two rows on that of the i-th, and what open says of them.
  DEVICE void settle(int from, int to, const u32 *set, u32 ends, double &radius, double &next, int *there, u32 *tells) {
    const int mine = lane % QUERIES, own = lane / 8, here = at(own); // the one of its list, and where it is
    bool few = last < 15;
#pragma unroll 1
    for (int i = 0; i < QUERIES; i++) {
      if ((sorted >> i & 1) && (held >> (8 * i) & 255)) merge(i);
    }
    few &= !full;
    warp_sync();
#pragma unroll
    for (int i = 0; i < QUERIES; i++) few &= !(sorted >> i & 1) || beneath(nearest[64 * i + 16]) > limit[i];
    there[0] = there[1] = -1, tells[0] = tells[1] = 0;
    if (few) { // eight lanes for each
      const bool first = sorted >> own & 1;
      const int count = first ? 16 : held >> (8 * own) & 255, entry = 64 * own + (first ? 0 : 32);
      const float most = pick(limit, own);
#pragma unroll
      for (int h = 0; h < 2; h++) {
        const int slot = lane % 8 + 8 * h;
        if (slot < count && nearest[entry + slot] <= most) there[h] = place[entry + slot];
      }
    }
    if (!BOX && few) {
      double list[2];
#pragma unroll
      for (int h = 0; h < 2; h++) list[h] = there[h] >= 0 ? exact(here, there[h]) : NONE;
      sixteen(list);
      const int l = 8 * mine, k = last & 7;
      const double kth[2] = {shuffle(list[0], l + k), shuffle(list[1], l + k)};
      const double behind[2] = {shuffle(list[0], l + (k + 1 & 7)), shuffle(list[1], l + (k + 1 & 7))};
      radius = last < 8 ? kth[0] : kth[1], next = last < 7 ? behind[0] : behind[1];
    } else {
#pragma unroll 1
      for (int i = 0; i < QUERIES; i++) {
        double list, distance = NONE;
        int p = -1;
        if ((held >> (8 * i) & 255) > 0) merge(i);
        if (full >> i & 1) {
          list = search(i, from, to);
        } else {
          const int entry = 64 * i + lane;
          p = nearest[entry] <= pick(limit, i) ? place[entry] : -1;
          distance = p >= 0 ? exact(at(i), p) : NONE;
          list = ordered<32>(distance, lane);
        }
        const double r = shuffle(list, last), s = shuffle(list, last + 1);
        if (mine == i) radius = r, next = s;
        if (BOX) span(i, from, to, ends, list, distance, p);
      }
    }
    if (BOX) warp_sync();
    if (!few) return;
    const double r = shuffle(radius, own);
    const float x = size(own);
#pragma unroll
    for (int h = 0; h < 2; h++)
      if (there[h] >= 0) tells[h] = open(own, there[h], r, x, set);
  }

  // span finds the radii of the i-th. Its list has the smallest distances, in order. A
  // lane has the distance of the row at place p, or, if the list is full, the rows lie
  // at places from to to-1.
  DEVICE void span(int i, int from, int to, u32 ends, double list, double distance, int p) const {
    const double e = shuffle(list, last);
    const int wanted = last + 1 - popcount(ballot(list < e)); // of those at e, the first rows
    double side = 0; // of column `lane`
    if (e > 0 && full >> i & 1) {
      double first = NONE; // rows at e, in order
#pragma unroll 1
      for (int pass = 0; pass < 2; pass++) {
#pragma unroll 1
        for (int base = from; base < to; base += 32) {
          const int j = base + lane;
          const double s = candidate(i, j) ? exact(at(i), j) : NONE;
          const double row = s == e ? rows[j] : NONE, until = shuffle(first, wanted - 1);
          if (pass == 1) {
            reach_out(i, ballot((s < e) | ((s == e) & (row <= until))), j, side);
            continue;
          }
          u32 found = ballot(row < until);
          if (popcount(found) > 8) {
            first = merged(first, ordered<32>(row, lane), lane);
          } else {
            for (; found; found &= found - 1) first = inserted(first, shuffle(row, first_bit(found)), lane);
          }
        }
      }
    } else if (e > 0) {
      const u32 at = ballot(distance == e);
      bool one = distance <= e;
      if (popcount(at) > wanted) {
        const int row = distance == e ? rows[p] : -1;
        int before = 0;
        for (u32 found = at; found; found &= found - 1) before += shuffle(row, first_bit(found)) < row;
        one &= (distance < e) | (before < wanted);
      }
      reach_out(i, ballot(one), p, side);
    }
    // Of each column, the largest of those to the end of its variable, and then what the
    // first of them has.
#pragma unroll
    for (int m = 1; m < MOST; m *= 2) {
      const double other = shuffle(side, min(31, lane + m));
      const bool same = lane + m < MOST && !(ends >> lane & (1u << m) - 1);
      side = same ? larger(side, other) : side;
    }
    const u32 before = ends & (1u << lane) - 1;
    side = shuffle(side, before ? 32 - __builtin_clz(before) : 0);
    if (lane < (D ? D : d)) {
      const double r = after(side);
      sides->radius[lane][i] = r, sides->margin[lane][i] = Margin(r, size(i));
    }
  }

  // reach_out makes side the larger of itself and the distance to the i-th, in column
  // `lane`, of the rows at places j of some lanes.
  DEVICE void reach_out(int i, u32 found, int j, double &side) const {
    const double *column = x + (u64)min(lane, (D ? D : d) - 1) * stride;
    for (; found; found &= found - 1) side = larger(side, abs(column[shuffle(j, first_bit(found))] - column[at(i)]));
  }

  // sixteen sorts the values of every eight lanes, of which each has two: the eight
  // smallest are the first of each.
  DEVICE void sixteen(double *v) const {
    v[0] = ordered<8>(v[0], lane), v[1] = ordered<8>(v[1], lane);
    const double w = shuffle(v[1], lane ^ 7);
    v[1] = larger(v[0], w), v[0] = smaller(v[0], w);
#pragma unroll
    for (int m = 4; m > 0; m /= 2)
#pragma unroll
      for (int h = 0; h < 2; h++) {
        const double u = shuffle_xor(v[h], m);
        v[h] = (lane & m) == 0 ? smaller(v[h], u) : larger(v[h], u);
      }
  }

  // open says of the row at place j, for each set of columns, whether float32 leaves
  // open if it is nearer to the i-th than radius, and if so, whether it is: that of set
  // m from bit 5m and 15+5m. Of the k nearest one is never clear.
  DEVICE u32 open(int i, int j, double radius, float size, const u32 *set) const {
    const u32 far = outside(i, j, radius);
    u32 near, beyond, bits = 0;
    judge(i, j, Margin(radius, size), set, near, beyond);
#pragma unroll
    for (int m = 0; m < 3; m++) {
      const bool open = (set[m] != 1) & !((near | beyond) >> m & 1);
      bits |= (u32)open << (5 * m) | (u32)(open & !(far & set[m])) << (15 + 5 * m);
    }
    return bits;
  }

  // judge says in which of the sets of columns float32 finds the row at place j nearer
  // to the i-th, and in which beyond.
  DEVICE void judge(int i, int j, Margin margin, const u32 *set, u32 &near, u32 &beyond) const {
    const int here = at(i);
    u32 inside = 0, outside = 0; // columns
    float b[3] = {0, 0, 0};
#pragma unroll D ? D : 1
    for (int c = 0; c < (D ? D : d); c++) {
      const float s = abs(f[(u64)c * stride + j] - f[(u64)c * stride + here]);
      if (BOX) {
        const Margin m = sides->margin[c][i];
        inside |= (u32)(s < m.low) << c, outside |= (u32)(s > m.high) << c;
        continue;
      }
#pragma unroll
      for (int m = 0; m < 3; m++) b[m] = set[m] >> c & 1 ? larger(b[m], s) : b[m];
    }
    near = beyond = 0;
#pragma unroll
    for (int m = 0; m < 3; m++) {
      near |= (u32)(BOX ? !(set[m] & ~inside) : b[m] < margin.low) << m;
      beyond |= (u32)(BOX ? (set[m] & outside) != 0 : b[m] > margin.high) << m;
    }
  }

  // candidate says whether the row at place j may be near to the i-th.
  DEVICE bool candidate(int i, int j) const {
    bool near = (j < n) & (j != at(i));
    if (near) {
      float s = 0;
#pragma unroll D ? D : 1
      for (int c = 0; c < (D ? D : d); c++) s = larger(s, abs(f[(u64)c * stride + j] - f[(u64)c * stride + at(i)]));
      near = s <= pick(limit, i) && !(beside && bar[2 * i] <= rows[j] && rows[j] <= bar[2 * i + 1]);
    }
    return near;
  }

  // search is the list of the i-th that asks, from the rows at places from to to-1.
  DEVICE double search(int i, int from, int to) const {
    double list = NONE, bound = NONE;
#pragma unroll 1
    for (int base = from; base < to; base += 32) {
      const int j = base + lane;
      const bool near = candidate(i, j);
      if (!ballot(near)) continue;
      double s = NONE;
      if (near) s = exact(at(i), j);
      u32 found = ballot(s < bound);
      if (!found) continue;
      if (popcount(found) > 8) {
        list = merged(list, ordered<32>(s < bound ? s : NONE, lane), lane);
      } else {
        for (; found; found &= found - 1) list = inserted(list, shuffle(s, first_bit(found)), lane);
      }
      const double e = shuffle(list, last), next = shuffle(list, last + 1);
      bound = e == next ? e : after(e);
    }
    return list;
  }

  // count counts the rows at places from to to-1, both multiples of PAIR, that are
  // nearer than low, and those that are farther than high, to each row that asks, in
  // three sets of columns; those that are 1 are left out. common are the columns that
  // all others have. Of a transfer entropy of three columns nothing else is looked at.
  DEVICE void count(int from, int to, const Margin *margin, u32 common, const u32 *set, u32 (*n)[QUERIES],
                    u32 (*beyond)[QUERIES]) const {
    const bool te = D == 3 && !BOX && set[0] == 1 && set[1] == 3 && set[2] == 5;
#pragma unroll 1
    for (int base = from; base < to; base += PAIR) {
      const int j = base + 2 * lane;
      Seen a;
      if (te) {
        pair(0, j, a);
        tally<1>(0, j, a, margin, n[1], beyond[1]);
        tally<D - 1>(0, j, a, margin, n[2], beyond[2]);
        continue;
      }
      columns(common, j, a);
      if (set[0] != 1) tally<-1>(set[0] & ~common, j, a, margin, n[0], beyond[0]);
      if (set[1] != 1) tally<-1>(set[1] & ~common, j, a, margin, n[1], beyond[1]);
      if (set[2] != 1) tally<-1>(set[2] & ~common, j, a, margin, n[2], beyond[2]);
    }
  }

  // Seen is what is known of two rows and each that asks: the largest of their
  // distances; or with BOX how far they are, at most, above the lower end of a margin,
  // and, at least, below the upper end.
  struct Seen {
    float most[QUERIES][2], least[QUERIES][2];

    DEVICE Seen() {
#pragma unroll
      for (int i = 0; i < QUERIES; i++)
#pragma unroll
        for (int h = 0; h < 2; h++) most[i][h] = BOX ? -NONE32 : 0, least[i][h] = NONE32;
    }
  };

  // tally is count for column C, or for some more columns, beside those of which a is
  // known. The sign of a difference is one or none.
  template <int C>
  DEVICE void tally(u32 more, int j, const Seen &a, const Margin *margin, u32 *n, u32 *beyond) const {
    Seen b = a;
    if (C > 0)
      pair(C, j, b);
    else
      columns(more, j, b);
#pragma unroll
    for (int i = 0; i < QUERIES; i++)
#pragma unroll
      for (int h = 0; h < 2; h++) {
        n[i] += __builtin_bit_cast(u32, BOX ? b.most[i][h] : b.most[i][h] - margin[i].low) >> 31;
        beyond[i] += __builtin_bit_cast(u32, BOX ? b.least[i][h] : margin[i].high - b.most[i][h]) >> 31;
      }
  }

  // columns looks at a set of columns of the rows at places j and j+1.
  DEVICE void columns(u32 set, int j, Seen &a) const {
    if (D) {
      if (set & 1) pair(0, j, a);
      if (set & 2) pair(1, j, a);
      if (D > 2 && set & 4) pair(2, j, a);
    } else {
#pragma unroll 1
      for (; set; set &= set - 1) pair(first_bit(set), j, a);
    }
  }

  DEVICE void pair(int c, int j, Seen &a) const {
    const float2 v = *(const float2 *)(f + (u64)c * stride + j);
    const float4 q = asked[c];
#pragma unroll
    for (int i = 0; i < QUERIES; i++) {
      Margin m;
      if (BOX) m = sides->margin[c][i];
#pragma unroll
      for (int h = 0; h < 2; h++) {
        const float s = abs(v[h] - q[i]);
        a.most[i][h] = larger(a.most[i][h], BOX ? s - m.low : s);
        if (BOX) a.least[i][h] = smaller(a.least[i][h], m.high - s);
      }
    }
  }

  // recount counts for the i-th that asks alone, and looks again at what float32
  // leaves open. n is of this lane.
  DEVICE void recount(int i, int from, int to, double radius, const u32 *set, int *n) const {
    const Margin margin(radius, size(i));
#pragma unroll 1
    for (int j = from + lane; j < to; j += 32) {
      u32 near, beyond;
      judge(i, j, margin, set, near, beyond);
      bool open = false;
#pragma unroll
      for (int m = 0; m < 3; m++) open |= (set[m] != 1) & !((near | beyond) >> m & 1);
      u32 far = open ? -1u : 0;
      if (open && j < this->n) far = outside(i, j, radius);
#pragma unroll
      for (int m = 0; m < 3; m++) n[m] += open ? !(far & set[m]) : near >> m & 1;
    }
  }
};

// window_ends narrows the windows of the rows that ask to their first place and to
// that behind the last: lane 8i+4 to 8i+7 have the latter of the i-th, those before
// them the former. Four lanes look at four places at a time.
DEVICE int window_ends(const double *x, int from, int at, int to, double key, double radius, int lane) {
  const bool left = !(lane & 4);
  int lo = left ? from : at, hi = left ? at : to; // where near begins, or ends
  while (ballot(lo < hi)) {
    const int length = hi - lo, part = (length + 4) / 5, probe = lo + (lane % 4 + 1) * part - 1;
    const bool passed = lo < hi && probe < hi && (abs(x[probe] - key) < radius) != left; // it lies before the end
    const int count = popcount(ballot(passed) >> (lane & ~3) & 15);
    if (lo >= hi) continue;
    const int next = lo + count * part;
    hi = count < 4 ? min(hi, next + part - 1) : hi, lo = min(next, hi);
  }
  return lo;
}

template <int D, bool BOX>
DEVICE void joint_windows(const double *__restrict__ x, const float *__restrict__ f, const u32 *__restrict__ tasks,
                          const int *__restrict__ rows, const int *__restrict__ rank, const int *__restrict__ barred,
                          int *__restrict__ counts, const long long *__restrict__ tables, u64 *__restrict__ sums,
                          double *__restrict__ radii, u32 *__restrict__ tied, int n, int stride, int d, int k,
                          int marginals, int begin, int bars, u32 set0, u32 set1, u32 set2, int slot0, int slot1,
                          int slot2, u32 ends, Flag *flag) {
  if (stopped(flag)) return;
  __shared__ float4 asked[WARPS][D ? D : MOST];
  __shared__ float nearest[WARPS][QUERIES * 64];
  __shared__ int places[WARPS][QUERIES * 64], barredBy[WARPS][QUERIES * 2];
  __shared__ double4 sides[BOX ? WARPS * sizeof(Sides) / sizeof(double4) : 1];
  const int t = thread_x(), s = block_y(), place = begin + (block_x() * WARPS + t / 32) * QUERIES;
  const u64 key = (u64)tasks[TASK * s + 8] * n;
  Window<D, BOX> w;
  w.d = D ? D : d, w.n = n, w.stride = stride, w.lane = t % 32, w.last = k - 1;
  w.x = x + (u64)s * w.d * stride, w.f = f + (u64)s * w.d * stride;
  w.rows = rows + key, w.rank = rank + key, w.asked = asked[t / 32], w.full = 0;
  w.sides = (Sides *)sides + (BOX ? t / 32 : 0);
  w.nearest = nearest[t / 32], w.place = places[t / 32], w.bar = barredBy[t / 32], w.held = w.sorted = 0;
  w.begin = place, w.beside = bars;
  if (place >= n) return;
  if (w.lane < w.d) {
    float4 a;
#pragma unroll
    for (int i = 0; i < QUERIES; i++) a[i] = w.f[(u64)w.lane * stride + w.at(i)];
    asked[t / 32][w.lane] = a;
  }
  if (bars && w.lane < 2 * QUERIES) barredBy[t / 32][w.lane] = barred[2 * w.rows[w.at(w.lane / 2)] + w.lane % 2];
  warp_sync();
#pragma unroll
  for (int i = 0; i < QUERIES; i++) {
    w.limit[i] = ALL, w.nearest[64 * i + w.lane] = NONE32, w.place[64 * i + w.lane] = -1;
  }

  int base = place & ~(STEP - 1), from = base, to = base + STEP;
  bool left = false, right = false; // there may be more of use on that side
  for (bool start = true, side = false;; start = false) {
    w.look(base, start);
    if (base == from) left = from > 0 && !w.beyond(w.f[from]);
    if (base + STEP == to) right = to < n && !w.beyond(w.f[to - 1]);
    if (!(left | right)) break;
    side = (left & right) ? !side : left;
    base = side ? from - STEP : to;
    from = min(from, base), to = max(to, base + STEP);
  }
  to = min(to, n);

  const int mine = w.lane % QUERIES, at = min(place + mine, n - 1);
  const u32 set[3] = {set0, set1, set2};
  double radius = 0, next = 0; // of mine
  int there[2];
  u32 tells[2];
  w.settle(from, to, set, ends, radius, next, there, tells);
  const bool live = w.lane < QUERIES && place + mine < n;
  const u32 ties = popcount(ballot(live & (radius == next)));
  if (w.lane == 0 && ties) atomic_add(&tied[s], ties);
  if (!BOX && live && radii) radii[(u64)s * n + w.rows[at]] = radius;
  if (BOX && live && radii) {
#pragma unroll 1
    for (int c = 0; c < w.d; c++) radii[((u64)s * w.d + c) * n + w.rows[at]] = w.sides->radius[c][mine];
  }
  if (BOX) radius = w.sides->radius[0][mine]; // that of the key

  const bool whole = !(set0 & set1 & set2 & 1); // a set has no key
  const u32 common = (set0 == 1 ? -1u : set0) & (set1 == 1 ? -1u : set1) & (set2 == 1 ? -1u : set2);
  const int other = w.at(w.lane / 8);
  const int end = window_ends(w.x, from, other, to, w.x[other], shuffle(radius, w.lane / 8), w.lane);
  const int alone = shuffle(end, 8 * mine + 4) - shuffle(end, 8 * mine);
  Margin margin[QUERIES];
  int low = to, high = from;
#pragma unroll
  for (int i = 0; i < QUERIES; i++) {
    low = min(low, shuffle(end, 8 * i)), high = max(high, shuffle(end, 8 * i + 4));
    margin[i] = Margin(shuffle(radius, i), w.size(i));
  }
  low = whole ? 0 : low & ~(PAIR - 1), high = ((whole ? n : high) + PAIR - 1) & ~(PAIR - 1);
  constexpr int PART = (D ? 16 : 4) * STEP; // rows that are counted, and checked, at a time
  int here[3] = {0, 0, 0}; // of mine
#pragma unroll 1
  for (int part = low; part < high && common != -1u; part += PART) {
    u32 near[3][QUERIES], far[3][QUERIES];
#pragma unroll
    for (int m = 0; m < 3; m++)
#pragma unroll
      for (int i = 0; i < QUERIES; i++) near[m][i] = far[m][i] = 0;
    const int behind = min(high, part + PART);
    w.count(part, behind, margin, common, set, near, far);
    u32 known = (there[0] >= part && there[0] < behind ? tells[0] : 0) + (there[1] >= part && there[1] < behind ? tells[1] : 0);
#pragma unroll
    for (int m = 4; m > 0; m /= 2) known += shuffle_xor(known, m);
    known = shuffle(known, 8 * mine);
    bool differ = false; // other rows are open, too
#pragma unroll
    for (int m = 0; m < 3; m++) {
      if (set[m] == 1) continue;
#pragma unroll
      for (int i = 0; i < QUERIES; i++) near[m][i] |= far[m][i] << 16;
      const u32 sum = gathered(near[m], w.lane), open = known >> (5 * m) & 31;
      differ |= (sum >> 16) + (sum & 0xffff) + open != behind - part;
      near[m][0] = (sum & 0xffff) + (known >> (15 + 5 * m) & 31);
      here[m] += near[m][0];
    }
    for (u32 again = ballot(differ & (w.lane < QUERIES)); again; again &= again - 1) {
      const int i = first_bit(again);
      int counted[3] = {0, 0, 0};
      w.recount(i, part, behind, shuffle(radius, i), set, counted);
#pragma unroll
      for (int m = 0; m < 3; m++) {
#pragma unroll
        for (int l = 16; l > 0; l /= 2) counted[m] += shuffle_xor(counted[m], l);
        here[m] += mine == i ? counted[m] - (int)near[m][0] : 0;
      }
    }
  }
#pragma unroll
  for (int m = 0; m < 3; m++) here[m] = set[m] == 1 ? alone : here[m];
  // Rows that are no neighbours were counted, too.
  if (w.beside) {
#pragma unroll 1
    for (int i = 0; i < QUERIES; i++) {
      const int last = w.bar[2 * i + 1];
      const double r = shuffle(radius, i);
#pragma unroll 1
      for (int b = w.bar[2 * i]; b <= last; b += 32) {
        const u32 far = b + w.lane <= last ? w.outside(i, w.rank[b + w.lane], r) : -1u;
#pragma unroll
        for (int m = 0; m < 3; m++) {
          const u32 near = popcount(ballot(!(far & set[m])));
          here[m] -= mine == i ? near : 0;
        }
      }
    }
  } else {
#pragma unroll
    for (int m = 0; m < 3; m++) here[m] -= radius > 0;
  }
  const int slot[3] = {slot0, slot1, slot2};
  u64 sum = 0;
#pragma unroll
  for (int m = 0; m < 3; m++) {
    if (!live || slot[m] < 0) continue;
    if (counts) counts[((u64)s * marginals + slot[m]) * n + w.rows[at]] = here[m];
    if (tables) sum += (u64)tables[(u64)slot[m] * (n + 1) + here[m]];
  }
  if (!tables) return;
#pragma unroll
  for (int l = QUERIES / 2; l > 0; l /= 2) sum += shuffle_xor(sum, l);
  if (w.lane == 0) atomic_add(&sums[s], sum);
}

#define ENTRY(name, D, BOX)                                                                                           \
  KERNEL(32 * WARPS, BOX ? 3 : 4)                                                                                     \
  name(const double *x, const float *f, const u32 *tasks, const int *rows, const int *rank, const int *barred,        \
       int *counts, const long long *tables, u64 *sums, double *radius, u32 *tied, int n, int stride, int d, int k,   \
       int marginals, int first, int bars, u32 set0, u32 set1, u32 set2, int slot0, int slot1, int slot2, u32 ends,   \
       Flag *flag) {                                                                                                  \
    joint_windows<D, BOX>(x, f, tasks, rows, rank, barred, counts, tables, sums, radius, tied, n, stride, d, k,       \
                          marginals, first, bars, set0, set1, set2, slot0, slot1, slot2, ends, flag);                 \
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
    x[to] = p < n ? v : __builtin_nan("");
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
