// The k-th neighbours in float64, from the lists of a search in float32.
#pragma once
#include "lists.cuh"
#include "radius.cuh"

// Kth is the distance of the k-th neighbour of a row, and that of the next.
struct Kth {
  double radius, next;
};

// Settle finds them for the rows that a warp owns, and with BOX the radii, too. What was
// searched lies from place from to to-1; ends has bit c set if the c-th column is the last
// of its variable.
template <int D, bool BOX> struct Settle {
  const Rows<D> &rows;
  Lists<D> &lists;
  Radii<BOX> *radii;
  int from, to;
  u32 ends;

  // of_lane is that of the row that is lane%OWN.
  DEVICE Kth of_lane() {
#pragma unroll 1
    for (int i = 0; i < OWN; i++) {
      if ((lists.sorted >> i & 1) && lists.waiting(i)) lists.merge(i);
    }
    warp_sync();
    if (!BOX && few()) return short_lists();
    Kth mine = {0, 0};
#pragma unroll 1
    for (int i = 0; i < OWN; i++) {
      if (lists.waiting(i) > 0) lists.merge(i);
      int p = -1; // of this lane's row
      double list, distance = NONE;
      if (lists.full >> i & 1) {
        list = search(i);
      } else {
        p = lists.list[i].distance[rows.lane] <= lists.limit_of(i) ? lists.list[i].place[rows.lane] : -1;
        distance = p >= 0 ? rows.exact(i, p) : NONE;
        list = ordered<32>(distance, rows.lane);
      }
      const double r = shuffle(list, lists.last), s = shuffle(list, lists.last + 1);
      if (rows.lane % OWN == i) mine = {r, s};
      if (BOX) span(i, list, distance, p);
    }
    return mine;
  }

  // few says whether no list has more than 16 rows that may be near.
  DEVICE bool few() const {
    bool few = lists.last < 15 && !lists.full;
#pragma unroll
    for (int i = 0; i < OWN; i++) {
      const u32 next = bit_cast<u32>(lists.list[i].distance[16]) & ~63u; // no later one is nearer
      few &= !(lists.sorted >> i & 1) || bit_cast<float>(next) > lists.limit[i];
    }
    return few;
  }

  // short_lists are of no more than 16 rows each: eight lanes settle one, with two rows a
  // lane.
  DEVICE Kth short_lists() const {
    const int own = rows.lane / 8, last = lists.last;
    const bool first = lists.sorted >> own & 1;
    const int count = first ? 16 : lists.waiting(own), at = first ? 0 : 32;
    const float most = lists.limit_of(own);
    double v[2];
#pragma unroll
    for (int h = 0; h < 2; h++) {
      const int slot = rows.lane % 8 + 8 * h;
      v[h] = slot < count && lists.list[own].distance[at + slot] <= most ? rows.exact(own, lists.list[own].place[at + slot]) : NONE;
    }
    sixteen(v);
    const int l = rows.lane % OWN * 8, k = l + (last & 7), next = l + (last + 1 & 7);
    const double kth[2] = {shuffle(v[0], k), shuffle(v[1], k)}, behind[2] = {shuffle(v[0], next), shuffle(v[1], next)};
    return {last < 8 ? kth[0] : kth[1], last < 7 ? behind[0] : behind[1]};
  }

  // sixteen sorts the values of every eight lanes, of which each has two: the eight
  // smallest are the first of each.
  DEVICE void sixteen(double *v) const {
    v[0] = ordered<8>(v[0], rows.lane), v[1] = ordered<8>(v[1], rows.lane);
    const double w = shuffle(v[1], rows.lane ^ 7);
    v[1] = larger(v[0], w), v[0] = smaller(v[0], w);
#pragma unroll
    for (int m = 4; m > 0; m /= 2)
#pragma unroll
      for (int h = 0; h < 2; h++) {
        const double u = shuffle_xor(v[h], m);
        v[h] = (rows.lane & m) == 0 ? smaller(v[h], u) : larger(v[h], u);
      }
  }

  // search is the 32 smallest distances from the i-th, in order: its list was full.
  DEVICE double search(int i) const {
    double list = NONE, bound = NONE;
#pragma unroll 1
    for (int base = from; base < to; base += 32) {
      const int j = base + rows.lane;
      const bool near = lists.candidate(i, j);
      if (!ballot(near)) continue;
      double s = NONE;
      if (near) s = rows.exact(i, j);
      u32 found = ballot(s < bound);
      if (!found) continue;
      if (popcount(found) > 8) {
        list = merged(list, ordered<32>(s < bound ? s : NONE, rows.lane), rows.lane);
      } else {
        for (; found; found &= found - 1) list = inserted(list, shuffle(s, first_bit(found)), rows.lane);
      }
      const double e = shuffle(list, lists.last), next = shuffle(list, lists.last + 1);
      bound = e == next ? e : after(e);
    }
    return list;
  }

  // span finds the radii of the i-th. Its list has the smallest distances, in order. A
  // lane has the distance of the row at place p, or, if the list was full, the rows are
  // looked at once more.
  DEVICE void span(int i, double list, double distance, int p) const {
    const double e = shuffle(list, lists.last);
    const int wanted = lists.last + 1 - popcount(ballot(list < e)); // of those at e, the first rows
    double side = 0; // of column `lane`
    if (e > 0 && lists.full >> i & 1) {
      double first = NONE; // rows at e, in order
#pragma unroll 1
      for (int pass = 0; pass < 2; pass++) {
#pragma unroll 1
        for (int base = from; base < to; base += 32) {
          const int j = base + rows.lane;
          const double s = lists.candidate(i, j) ? rows.exact(i, j) : NONE;
          const double row = s == e ? rows.row[j] : NONE, until = shuffle(first, wanted - 1);
          if (pass == 1) {
            widen(i, ballot((s < e) | ((s == e) & (row <= until))), j, side);
            continue;
          }
          u32 found = ballot(row < until);
          if (popcount(found) > 8) {
            first = merged(first, ordered<32>(row, rows.lane), rows.lane);
          } else {
            for (; found; found &= found - 1) first = inserted(first, shuffle(row, first_bit(found)), rows.lane);
          }
        }
      }
    } else if (e > 0) {
      const u32 at = ballot(distance == e);
      bool one = distance <= e;
      if (popcount(at) > wanted) {
        const int row = distance == e ? rows.row[p] : -1;
        int before = 0;
        for (u32 found = at; found; found &= found - 1) before += shuffle(row, first_bit(found)) < row;
        one &= (distance < e) | (before < wanted);
      }
      widen(i, ballot(one), p, side);
    }
    // Of each column, the largest of those to the end of its variable, and then what the
    // first of them has.
    const int lane = rows.lane;
#pragma unroll
    for (int m = 1; m < MOST; m *= 2) {
      const double other = shuffle(side, min(31, lane + m));
      const bool same = lane + m < MOST && !(ends >> lane & (1u << m) - 1);
      side = same ? larger(side, other) : side;
    }
    const u32 before = ends & (1u << lane) - 1;
    side = shuffle(side, before ? 32 - zeros_above(before) : 0);
    if (lane < rows.columns()) radii->put(lane, i, after(side), rows.size(i));
  }

  // widen makes side the larger of itself and the distance from the i-th, in column
  // `lane`, of the rows at places j of some lanes.
  DEVICE void widen(int i, u32 found, int j, double &side) const {
    const double *column = rows.x + (u64)min(rows.lane, rows.columns() - 1) * rows.stride;
    for (; found; found &= found - 1) side = larger(side, abs(column[shuffle(j, first_bit(found))] - column[rows.at(i)]));
  }
};
