// Neighbour counts of Kraskov, Stögbauer and Grassberger (2004) under the maximum
// norm, over rows packed in boxes: of many rows in two or three columns, a row is
// compared with some hundred.
//
// The rows are laid out by sort-tile-recursive packing (Leutenegger, Lopez and
// Edgington 1997): sorted by one column and cut into slabs, each slab by the next
// column, and so on, so that every 32 rows, a leaf, lie close together. 32 leaves
// make a node of the next level, and 32 nodes one of that above, until at most 32 are
// left. Each has the box of its rows. Results do not depend on the layout.
//
// joint_boxes_pick lays the values of one column out, to be sorted; joint_boxes_gather
// all columns in their order, with the boxes of the leaves, and joint_boxes_lift the
// boxes of a level above. In joint_boxes_near_* a warp asks for one row after the other
// of a leaf: it looks at that leaf first and then at those whose boxes are near enough,
// outward, 32 boxes or rows at a time, and lane b keeps the b-th nearest. In
// joint_boxes_count_d2 it counts, in two columns, which rows are strictly nearer than
// a radius of each; what lies in boxes that are inside is counted whole. A row asks for itself,
// since together far rows, of which each looks far around, would ask for all.
// joint_boxes_line counts in one column, whose values are sorted.
//
// By algorithm 1 the radius is the distance of the k-th neighbour. By algorithm 2,
// *_box, the k neighbours are those that come first by (distance, row), and each column
// has a radius: the largest distance of them in its variable, and the next float64 above
// it, so that what is not farther is strictly nearer. Rows at the distance of the k-th
// are all looked at, unless it is 0.
//
// All is float64: the distance of two rows is the same in both passes, and on the
// CPU, so a tie is a tie. Since rounding keeps the order of differences, no row of a
// box is nearer than the box, and none farther than its far side, exactly.
//
//	columns  [..][n], finite
//	order    [orderings][n] or null: row i of the reordered columns takes the values
//	         of row order[s][i]
//	rows     [1 or orderings][n]: the row at each place, or null: in their order;
//	         places [..][n], if not null, says at which place of rows to look; a step
//	         is 0 if all orderings share an array, else n
//	x        [orderings][d][stride]: the columns in the order of places; stride is a
//	         multiple of 32, and behind the n-th lies NaN
//	boxes    [orderings][d][2][nodes]: lowest and highest values of each node, the
//	         leaves first, then level by level
//	barred   [n][2]: first and last row that is no neighbour of row i; its own
//	         lies between
//	radius   [orderings][radii][n] by row: radii is 1, or by algorithm 2 d; radius0 and
//	         radius1 begin at one of those
//	tied     [orderings], zero before: rows whose k-th neighbour is no nearer than
//	         the next
//	counts   [orderings][marginals][n] by row, or null
//	tables   [marginals][n+1] or null: what a count adds to the sum of its ordering
//	sums     [orderings], zero before
//	flag     null, or that of all launches: once it is raised results may be anything
//
// The result is the same on every run: integers, added in any order.
//
// joint_boxes_pick, joint_boxes_gather: grid (blocks of 256 places, orderings), block
// 256; shuffled has bit c set if the c-th column is reordered.
//
// joint_boxes_lift: grid (blocks of 4 nodes, orderings), block 128; from and below are
// where the level below begins and how many nodes it has; its end is where this begins.
//
// joint_boxes_near_d*, joint_boxes_count_d2: grid (blocks of 4·each places from place
// `first` on, orderings), block 128; each, a power of two up to 32, is how many rows a
// warp asks for, and divides first; k from 1 to 16. tree is 0 if all orderings share
// the tree, else 1. mates has three bits for each column: which are of its variable.
//
// joint_boxes_line: grid (blocks of 256, orderings), block 256; keys are those of the
// column, sorted, and rows their rows, or null: an order that is good for reading.
//
// launch: JointBoxesLine joint_boxes_line column keys rows order barred radius counts tables sums n marginals slot radii flag
// launch: JointBoxesPick joint_boxes_pick column order rows places picked values n rowsStep placesStep
// launch: JointBoxesGather joint_boxes_gather columns order rows places picked x boxes n stride nodes d column0 column1 column2 rowsStep placesStep shuffled:u32
// launch: JointBoxesLift joint_boxes_lift boxes nodes d from below
// launch: JointBoxesNear joint_boxes_near_d* x rows boxes barred radius tied n stride nodes k first each mates:u32 flag
// launch: JointBoxesCount joint_boxes_count_d2 x rows boxes barred columns order radius0 radius1 counts tables sums n stride nodes column0 column1 marginals slot first each tree radii shuffled:u32 flag
#include "../neighbours.cuh"

constexpr int WARPS = 4;
// below is the float64 below any.
DEVICE double below(double v) {
  const u64 bits = bit_cast<u64>(v);
  return bit_cast<double>(v > 0 ? bits - 1 : v < 0 ? bits + 1 : 1ull << 63 | 1);
}

// nearest_bit is the set bit of m that is nearest to bit at, and the higher of two.
DEVICE int nearest_bit(u32 m, int at) {
  const u32 up = m >> at, down = m & ((1u << at) - 1);
  const int above = up ? at + first_bit(up) : 64, below = down ? 31 - zeros_above(down) : -32;
  return above - at <= at - below ? above : below;
}

// Tree is the rows in boxes, and where a warp is in it. Level 0 is the leaves.
template <int D> struct Tree {
  const double *x, *boxes;
  int n, stride, nodes, lane, levels;
  double q[D]; // the row that asks
  // Of level `lane`: where its boxes begin and how many there are; and the node that
  // is open there, with those of its children that are left.
  int from, count, open;
  u32 left;

  DEVICE void plant() {
    lane = thread_x() % 32, levels = 0;
    from = count = open = 0, left = 0;
    for (int c = n, f = 0; c > 32 || levels == 0; f += c, levels++) {
      c = (int)((u32)(c + 31) / 32);
      if (lane == levels) from = f, count = c;
    }
  }

  // child is the lane's child of a node of a level, or -1.
  DEVICE int child(int level, int node) const {
    const int c = 32 * node + lane;
    return c < shuffle(count, level - 1) ? c : -1;
  }
  DEVICE const double *box(int level, int node) const { return boxes + shuffle(from, level) + node; }
  DEVICE double low_of(const double *box, int c) const { return box[(u64)(2 * c) * nodes]; }
  DEVICE double high_of(const double *box, int c) const { return box[(u64)(2 * c + 1) * nodes]; }

  // leave has a node open on a level, with children left.
  DEVICE void leave(int level, int node, u32 set) {
    if (lane == level) open = node, left = set;
  }

  // up goes on with an open node of this level or above, to the child of it that is
  // nearest to the row's own leaf: its level is returned. Beyond top there is none.
  DEVICE int up(int level, int top, int leaf, int &node) {
    u32 set = 0;
    for (level = max(level, 2); level <= top; level++)
      if ((set = (u32)shuffle((int)left, level))) break;
    if (!set) return level;
    const int bit = nearest_bit(set, (leaf >> (5 * (level - 1))) & 31);
    if (lane == level) left &= ~(1u << bit);
    node = 32 * shuffle(open, level) + bit;
    return level - 1;
  }
};

// Neighbour is a row that comes before others by (distance, row).
struct Neighbour {
  double distance;
  u64 row; // and its place in the low half

  DEVICE bool operator<(const Neighbour &b) const {
    return (distance < b.distance) | ((distance == b.distance) & (row < b.row));
  }
};

DEVICE Neighbour shuffle(Neighbour v, int lane) { return {shuffle(v.distance, lane), shuffle(v.row, lane)}; }
DEVICE Neighbour shuffle_xor(Neighbour v, int m) { return {shuffle_xor(v.distance, m), shuffle_xor(v.row, m)}; }
DEVICE Neighbour smaller(Neighbour a, Neighbour b) { return a < b ? a : b; }
DEVICE Neighbour larger(Neighbour a, Neighbour b) { return a < b ? b : a; }

DEVICE double distance(double v) { return v; }
DEVICE double distance(Neighbour v) { return v.distance; }

template <bool BOX> struct Kept { typedef double type; };
template <> struct Kept<true> { typedef Neighbour type; };

// Search finds the nearest of one row: their distances, or with BOX which they are.
template <int D, bool BOX> struct Search : Tree<D> {
  using Tree<D>::x, Tree<D>::q, Tree<D>::lane, Tree<D>::stride;
  typedef typename Kept<BOX>::type Item;
  const int *rows;
  int leaf, last;     // its leaf; k-1
  int barred, width;  // rows that are no neighbours
  Item nearest;       // the lane-th
  double limit;       // a distance that is not below is of no use

  static DEVICE Item item(double distance, int row, int place) {
    if constexpr (BOX)
      return {distance, (u64)row << 32 | (u32)place};
    else
      return distance;
  }

  // look offers the rows of a leaf. The row that asks is barred.
  DEVICE void look(int node) {
    const int j = 32 * node + lane;
    double s = abs(x[j] - q[0]);
#pragma unroll
    for (int c = 1; c < D; c++) s = larger(s, abs(x[(u64)c * stride + j] - q[c]));
    bool near = s < limit;
    int row = 0;
    if (near) row = rows[j], near = (u32)(row - barred) > (u32)width;
    u32 found = ballot(near);
    if (!found) return;
    if (popcount(found) > 8) {
      nearest = merged(nearest, ordered<32>(near ? item(s, row, j) : item(NONE, -1, lane), lane), lane);
    } else {
      const Item mine = item(s, row, j);
      for (; found; found &= found - 1) nearest = inserted(nearest, shuffle(mine, first_bit(found)), lane);
    }
    const double e = shuffle(distance(nearest), last), next = shuffle(distance(nearest), last + 1);
    limit = (e == next) & (!BOX | (e == 0) | (e == NONE)) ? e : after(e);
  }

  // spans is how far the nearest are in each column, at most.
  DEVICE void spans(double *span) const {
    if constexpr (BOX) {
      const int place = lane <= last ? (int)(u32)nearest.row : 32 * leaf;
#pragma unroll
      for (int c = 0; c < D; c++) {
        double s = lane <= last ? abs(x[(u64)c * stride + place] - q[c]) : 0;
#pragma unroll
        for (int m = 16; m > 0; m /= 2) s = larger(s, shuffle_xor(s, m));
        span[c] = s;
      }
    }
  }

  // gap is how near the lane's child of a node of a level can be.
  DEVICE double gap(int level, int node) const {
    const int c = this->child(level, node);
    const double *b = this->box(level - 1, max(0, c));
    double g = c < 0 ? NONE : 0;
    if (c >= 0)
#pragma unroll
      for (int i = 0; i < D; i++) g = larger(g, larger(this->low_of(b, i) - q[i], q[i] - this->high_of(b, i)));
    return g;
  }

  // leaves looks at those of a node's leaves that are near, each lane having the gap to
  // one.
  DEVICE void leaves(int node, double gap, u32 set) {
    // loop: joint_boxes_near_d3, nearest: 1 pair of rows by 6 float64, floor 6: 3 subtractions, 2 maxima, a comparison
    while (set) {
      const int bit = nearest_bit(set, leaf & 31);
      look(32 * node + bit);
      set &= ~(1u << bit) & ballot(gap < limit);
    }
  }

  // run begins with the leaf of the row and goes up: to its node, to all others of the
  // next, and so on.
  DEVICE void run() {
    nearest = item(NONE, -1, lane), limit = NONE;
    for (int top = 1; top <= this->levels; top++) {
      u32 done = top == 1 ? 0 : 1u << ((leaf >> (5 * (top - 1))) & 31);
      for (int level = top, node = leaf >> (5 * top); level <= top;) {
        const double g = gap(level, node);
        const u32 set = ballot(g < limit) & ~done;
        done = 0;
        if (level == 1)
          leaves(node, g, set);
        else
          this->leave(level, node, set);
        level = this->up(level, top, leaf, node);
      }
    }
  }
};

template <int D, bool BOX>
DEVICE void near(const double *__restrict__ x, const int *__restrict__ rows, const double *__restrict__ boxes,
                 const int *__restrict__ barred, double *__restrict__ radius, u32 *__restrict__ tied, int n, int stride,
                 int nodes, int k, int first, int each, u32 mates, Flag *flag) {
  if (stopped(flag)) return;
  const int s = block_y(), begin = first + (block_x() * WARPS + thread_x() / 32) * each;
  if (begin >= n) return;
  Search<D, BOX> w;
  w.x = x + (u64)s * D * stride, w.boxes = boxes + (u64)s * 2 * D * nodes, w.rows = rows + (u64)s * n;
  w.n = n, w.stride = stride, w.nodes = nodes, w.leaf = begin / 32, w.last = k - 1;
  w.plant();
  // Each lane has a row of the leaf.
  const int place = min(32 * w.leaf + w.lane, n - 1), row = w.rows[place];
  const int barredHere = barred[2 * row], widthHere = barred[2 * row + 1] - barredHere;
  double here[D], found[BOX ? D : 1] = {};
  bool tie = false;
#pragma unroll
  for (int c = 0; c < D; c++) here[c] = w.x[(u64)c * stride + place];
  const int from = begin & 31, to = min(from + each, n - 32 * w.leaf);
  for (int i = from; i < to; i++) {
#pragma unroll
    for (int c = 0; c < D; c++) w.q[c] = shuffle(here[c], i);
    w.barred = shuffle(barredHere, i), w.width = shuffle(widthHere, i);
    w.run();
    const double e = shuffle(distance(w.nearest), w.last), next = shuffle(distance(w.nearest), k);
    double span[D] = {e};
    w.spans(span);
    if (w.lane == i) {
      tie = e == next;
#pragma unroll
      for (int c = 0; c < (BOX ? D : 1); c++) found[c] = span[c];
    }
  }
  const bool mine = (w.lane >= from) & (w.lane < to);
  if (!BOX && mine) radius[(u64)s * n + row] = found[0];
  if (BOX && mine) {
#pragma unroll
    for (int c = 0; c < D; c++) {
      double v = 0;
#pragma unroll
      for (int o = 0; o < D; o++) v = mates >> (3 * c + o) & 1 ? larger(v, found[o]) : v;
      radius[((u64)s * D + c) * n + row] = after(v);
    }
  }
  const u32 ties = popcount(ballot(mine & tie));
  if (w.lane == 0 && ties) atomic_add(&tied[s], ties);
}

#define NEAR(name, D, BOX)                                                                                         \
  KERNEL(32 * WARPS, BOX ? 5 : 6)                                                                                  \
  name(const double *x, const int *rows, const double *boxes, const int *barred, double *radius, u32 *tied, int n, \
       int stride, int nodes, int k, int first, int each, u32 mates, Flag *flag) {                                 \
    near<D, BOX>(x, rows, boxes, barred, radius, tied, n, stride, nodes, k, first, each, mates, flag);             \
  }

NEAR(joint_boxes_near_d2, 2, false)
NEAR(joint_boxes_near_d3, 3, false)
NEAR(joint_boxes_near_d2_box, 2, true)
NEAR(joint_boxes_near_d3_box, 3, true)

// Count counts the rows that are strictly nearer to one row than a radius of each column.
template <int D> struct Count : Tree<D> {
  using Tree<D>::x, Tree<D>::q, Tree<D>::lane, Tree<D>::stride, Tree<D>::n, Tree<D>::levels;
  double radius[D];
  double low[D], high[D];               // what is near is not below, nor above
  double inside_low[D], inside_high[D]; // what lies between is near
  int near;                             // of the lane

  // reach sets the bounds. A value whose difference from q is below r when it is
  // rounded is below q+r, so that it is not above that when it is rounded, since no
  // float64 lies between; if that itself is not near, it is not above the one before.
  // And what is below q+s when that is rounded, where s is the float64 before r, is
  // below q+s, so that its difference, rounded, is s at most.
  DEVICE void reach() {
#pragma unroll
    for (int c = 0; c < D; c++) {
      const double r = radius[c], less = below(r), l = q[c] - r, h = q[c] + r;
      low[c] = q[c] - l < r ? l : -below(-l), high[c] = h - q[c] < r ? h : below(h);
      inside_low[c] = q[c] - less, inside_high[c] = q[c] + less;
    }
  }

  // enter counts the children of a node that are inside, and has those for later that
  // are partly.
  DEVICE u32 enter(int level, int node) {
    const int c = this->child(level, node);
    const double *b = this->box(level - 1, max(0, c));
    bool meets = c >= 0, inside = meets;
    if (meets)
#pragma unroll
      for (int i = 0; i < D; i++) {
        const double l = this->low_of(b, i), h = this->high_of(b, i);
        meets &= (l <= high[i]) & (h >= low[i]);
        inside &= (l > inside_low[i]) & (h < inside_high[i]);
      }
    if (inside) near += min(n - (c << (5 * level)), 1 << (5 * level));
    return ballot(meets & !inside);
  }

  DEVICE bool is_near(int j) const {
    bool in = true;
#pragma unroll
    for (int c = 0; c < D; c++) in &= abs(x[(u64)c * stride + j] - q[c]) < radius[c];
    return in;
  }

  // leaves counts in some leaves of a node, in two at a time, to wait half as often.
  DEVICE void leaves(int node, u32 set) {
    const int j = 32 * 32 * node + lane;
    // loop: joint_boxes_count_d2, count: 2 pairs of rows by 4 global, floor 5: 2 subtractions, 2 comparisons, an addition
    while (set) {
      const int first = first_bit(set);
      set &= set - 1;
      const int second = set ? first_bit(set) : first;
      const bool a = is_near(j + 32 * first), b = is_near(j + 32 * second);
      near += a + (b & (second != first));
      set &= set - 1;
    }
  }

  DEVICE void run() {
    near = 0;
    if (!(radius[0] > 0)) return; // nor is another, then
    reach();
    for (int level = levels, node = 0; level <= levels;) {
      const u32 set = enter(level, node);
      if (level == 1)
        leaves(node, set);
      else
        this->leave(level, node, set);
      level = this->up(level, levels, 0, node);
    }
  }
};

KERNEL(32 * WARPS, 6)
joint_boxes_count_d2(const double *__restrict__ x, const int *__restrict__ rows, const double *__restrict__ boxes,
                     const int *__restrict__ barred, const double *__restrict__ columns,
                     const int *__restrict__ order, const double *__restrict__ radius0,
                     const double *__restrict__ radius1, int *__restrict__ counts,
                     const long long *__restrict__ tables, u64 *__restrict__ sums, int n, int stride, int nodes,
                     int column0, int column1, int marginals, int slot, int first, int each, int tree, int radii,
                     u32 shuffled, Flag *flag) {
  if (stopped(flag)) return;
  const int s = block_y(), begin = first + (block_x() * WARPS + thread_x() / 32) * each, leaf = begin / 32;
  if (begin >= n) return;
  Count<2> w;
  w.x = x + (u64)(s * tree) * 2 * stride, w.boxes = boxes + (u64)(s * tree) * 4 * nodes;
  w.n = n, w.stride = stride, w.nodes = nodes;
  w.plant();
  const int place = min(32 * leaf + w.lane, n - 1), row = rows[(u64)(s * tree) * n + place];
  const double here0 = w.x[place], here1 = w.x[stride + place];
  const double r0 = radius0[(u64)s * radii * n + row], r1 = radius1[(u64)s * radii * n + row];
  const int from = begin & 31, to = min(from + each, n - 32 * leaf);
  int near = 0;
  for (int i = from; i < to; i++) {
    w.q[0] = shuffle(here0, i), w.q[1] = shuffle(here1, i);
    w.radius[0] = shuffle(r0, i), w.radius[1] = shuffle(r1, i);
    w.run();
#pragma unroll
    for (int m = 16; m > 0; m /= 2) w.near += shuffle_xor(w.near, m);
    if (w.lane == i) near = w.near;
  }
  const bool mine = (w.lane >= from) & (w.lane < to);
  if (mine) {
    const int last = barred[2 * row + 1];
    for (int b = barred[2 * row]; b <= last; b++) {
      const int at = order ? order[(u64)s * n + b] : b;
      bool inside = abs(columns[(u64)column0 * n + (shuffled & 1 ? at : b)] - here0) < r0;
      inside &= abs(columns[(u64)column1 * n + (shuffled & 2 ? at : b)] - here1) < r1;
      near -= inside;
    }
    if (counts) counts[((u64)s * marginals + slot) * n + row] = near;
  }
  if (!tables) return;
  add(sums + s, mine ? (u64)tables[(u64)slot * (n + 1) + near] : 0);
}

// row_at is the row at a place.
DEVICE int row_at(const int *rows, const int *places, int p, int s, int rowsStep, int placesStep) {
  if (places) p = places[(u64)s * placesStep + p];
  return rows ? rows[(u64)s * rowsStep + p] : p;
}

KERNEL(256, 4)
joint_boxes_pick(const double *__restrict__ column, const int *__restrict__ order, const int *__restrict__ rows,
                 const int *__restrict__ places, int *__restrict__ picked, double *__restrict__ values, int n,
                 int rowsStep, int placesStep) {
  const int p = block_x() * 256 + thread_x(), s = block_y();
  if (p >= n) return;
  const int row = row_at(rows, places, p, s, rowsStep, placesStep);
  picked[(u64)s * n + p] = row;
  values[(u64)s * n + p] = column[order ? order[(u64)s * n + row] : row];
}

KERNEL(256, 4)
joint_boxes_gather(const double *__restrict__ columns, const int *__restrict__ order, const int *__restrict__ rows,
                   const int *__restrict__ places, int *__restrict__ picked, double *__restrict__ x,
                   double *__restrict__ boxes, int n, int stride, int nodes, int d, int column0, int column1,
                   int column2, int rowsStep, int placesStep, u32 shuffled) {
  const int p = block_x() * 256 + thread_x(), s = block_y();
  if (p / 32 >= stride / 32) return;
  const bool live = p < n;
  const int row = live ? row_at(rows, places, p, s, rowsStep, placesStep) : 0;
  const int from = live && shuffled ? order[(u64)s * n + row] : row;
  if (live) picked[(u64)s * n + p] = row;
  for (int c = 0; c < d; c++) {
    const int column = c == 0 ? column0 : c == 1 ? column1 : column2;
    double v = NO_NUMBER, low = NONE, high = -NONE;
    if (live) low = high = v = columns[(u64)column * n + (shuffled >> c & 1 ? from : row)];
    x[((u64)s * d + c) * stride + p] = v;
#pragma unroll
    for (int m = 16; m > 0; m /= 2) low = smaller(low, shuffle_xor(low, m)), high = larger(high, shuffle_xor(high, m));
    if (p % 32 == 0) {
      double *b = boxes + ((u64)s * d + c) * 2 * nodes + p / 32;
      b[0] = low, b[nodes] = high;
    }
  }
}

KERNEL(32 * WARPS, 4)
joint_boxes_lift(double *boxes, int nodes, int d, int from, int below) {
  const int node = block_x() * WARPS + thread_x() / 32, lane = thread_x() % 32, child = 32 * node + lane;
  if (32 * node >= below) return;
  boxes += (u64)block_y() * d * 2 * nodes;
  for (int c = 0; c < d; c++) {
    double *b = boxes + (u64)(2 * c) * nodes + from;
    double low = NONE, high = -NONE;
    if (child < below) low = b[child], high = b[nodes + child];
#pragma unroll
    for (int m = 16; m > 0; m /= 2) low = smaller(low, shuffle_xor(low, m)), high = larger(high, shuffle_xor(high, m));
    if (lane == 0) b[below + node] = low, b[nodes + below + node] = high;
  }
}

KERNEL(256, 4)
joint_boxes_line(const double *__restrict__ column, const u64 *__restrict__ keys, const int *__restrict__ rows,
                 const int *__restrict__ order, const int *__restrict__ barred, const double *__restrict__ radius,
                 int *__restrict__ counts, const long long *__restrict__ tables, u64 *__restrict__ sums, int n,
                 int marginals, int slot, int radii, const Flag *flag) {
  if (seen(flag)) return;
  const int p = block_x() * 256 + thread_x(), s = block_y();
  const bool live = p < n;
  if (order) order += (u64)s * n;
  int near = 0;
  if (live) {
    const int row = rows ? rows[p] : p;
    const double v = column[order ? order[row] : row], r = radius[(u64)s * radii * n + row];
    near = on_line(keys, n, v, r);
    const int last = barred[2 * row + 1];
    for (int b = barred[2 * row]; b <= last; b++) near -= abs(column[order ? order[b] : b] - v) < r;
    if (counts) counts[((u64)s * marginals + slot) * n + row] = near;
  }
  if (!tables) return;
  add(sums + s, live ? (u64)tables[(u64)slot * (n + 1) + near] : 0);
}
