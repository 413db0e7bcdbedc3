// Lists of the rows that may be among the k nearest, in float32: how a warp of
// joint_windows searches.
#pragma once
#include "rows.cuh"

constexpr float HUGE = 0x1p126f; // of values, at most
constexpr float ALL = 0x1.fffffep127f;

// List is that of a row: the distances of its 32 nearest rows, in order up to six bits,
// and behind them those of up to 32 that may be among them; and where those rows are.
struct List {
  float distance[64];
  int place[64];
};

// Lists are those of the rows that a warp owns.
template <int D> struct Lists {
  const Rows<D> &rows;
  List *list; // [OWN]
  int last;   // k-1
  u32 held = 0;   // eight bits each: how many may be among the nearest
  u32 sorted = 0; // bit i: the i-th has nearest rows
  u32 full = 0;   // bit i: of the rows that may be near to the i-th, some have no place in its list
  float limit[OWN]; // a distance that is above is of no use

  DEVICE Lists(const Rows<D> &rows, List *list, int k) : rows(rows), list(list), last(k - 1) {
#pragma unroll
    for (int i = 0; i < OWN; i++) {
      limit[i] = ALL, list[i].distance[rows.lane] = NONE32, list[i].place[rows.lane] = -1;
    }
  }

  DEVICE int waiting(int i) const { return held >> (8 * i) & 255; }

  DEVICE float limit_of(int i) const {
    float v = limit[0];
#pragma unroll
    for (int l = 1; l < OWN; l++) v = i == l ? limit[l] : v;
    return v;
  }

  // reach is the distance beyond which no row is of use to the i-th if in float32
  // the k-th is at e.
  DEVICE float reach(int i, float e) const {
    const float sum = rows.size(i) + e;
    return sum < 0x1p124f ? e + (0x1p-21f * sum + 0x1p-124f) : ALL;
  }

  // room is the distance from which on the i-th has no place for a row.
  DEVICE float room(int i) const { return full >> i & 1 ? list[i].distance[last] : NONE32; }

  // look offers the rows from place base, at the start those around the warp's own.
  DEVICE void look(int base, bool start) {
    const int j = base + EACH * rows.lane;
    Seen s;
    rows.sweep(0, rows.columns(), j, [&](int c, Vector<float, 4> v) { s.column(v, rows.own[c]); });
    if (start) {
#pragma unroll
      for (int i = 0; i < OWN; i++)
#pragma unroll
        for (int h = 0; h < EACH; h++) s.of[i][h] = j + h == rows.at(i) ? NONE32 : s.of[i][h];
      if (rows.beside) leave(j, s);
      if (last < 8) bound(s);
    }
    if (!ballot(useful(s))) return;
    if (rows.beside & !start) leave(j, s);
    const u32 all = useful(s);
    u32 later = 0; // those whose lists must be merged first
#pragma unroll
    for (int i = 0; i < OWN; i++) {
      if (!ballot(all >> i & 1)) continue;
      const float most = room(i);
      bool near[EACH];
      u32 found[EACH];
      int count = waiting(i), more = 0;
#pragma unroll
      for (int h = 0; h < EACH; h++) {
        near[h] = (s.of[i][h] <= limit[i]) & (s.of[i][h] < most), found[h] = ballot(near[h]);
        more += popcount(found[h]);
      }
      if (count + more > 32) {
        later |= 1u << i;
        continue;
      }
      held += more << (8 * i);
#pragma unroll
      for (int h = 0; h < EACH; h++) {
        if (near[h]) put(i, count + popcount(found[h] & ((1u << rows.lane) - 1)), s.of[i][h], j + h);
        count += popcount(found[h]);
      }
    }
    if (!(later | (held & 0xf0f0f0f0))) return; // all lists hold less than 16
#pragma unroll 1
    for (int i = 0; i < OWN; i++) {
      if (later >> i & 1) crowd(i, j, s);
      if (waiting(i) >= 16) merge(i);
    }
  }

  // crowd puts more rows on the list of the i-th than there is room for at once.
  DEVICE void crowd(int i, int j, const Seen &s) {
    for (int h = 0; h < EACH; h++) {
      float v = s.of[0][0];
#pragma unroll
      for (int l = 0; l < OWN; l++)
#pragma unroll
        for (int g = 0; g < EACH; g++) v = l == i && g == h ? s.of[l][g] : v;
      bool near = v <= limit_of(i) && v < room(i);
      u32 found = ballot(near);
      if (waiting(i) + popcount(found) > 32) {
        merge(i);
        near &= v <= limit_of(i), found = ballot(near);
      }
      if (near) put(i, waiting(i) + popcount(found & ((1u << rows.lane) - 1)), v, j + h);
      held += popcount(found) << (8 * i);
    }
  }

  // useful has bit i set if one of the rows of this lane may be near to the i-th.
  DEVICE u32 useful(const Seen &s) const {
    u32 all = 0;
#pragma unroll
    for (int i = 0; i < OWN; i++)
      all |= (u32)(smaller(smaller(s.of[i][0], s.of[i][1]), smaller(s.of[i][2], s.of[i][3])) <= limit[i]) << i;
    return all;
  }

  // leave puts the rows that are barred far away.
  DEVICE void leave(int j, Seen &s) const {
#pragma unroll
    for (int h = 0; h < EACH; h++) {
      const int row = j + h < rows.n ? rows.row[j + h] : -1;
#pragma unroll
      for (int i = 0; i < OWN; i++)
        if (rows.is_barred(i, row)) s.of[i][h] = NONE32;
    }
  }

  // bound makes limits from the first rows that are looked at: of eight groups of 16
  // rows the nearest, of those the k-th. Eight lanes have what one of the warp's needs.
  DEVICE void bound(const Seen &s) {
    float mine = NONE32;
#pragma unroll
    for (int i = 0; i < OWN; i++) {
      float low = smaller(smaller(s.of[i][0], s.of[i][1]), smaller(s.of[i][2], s.of[i][3]));
      low = smaller(low, shuffle_xor(low, 1));
      low = smaller(low, shuffle_xor(low, 2));
      const float there = shuffle(low, rows.lane % 8 * 4);
      mine = rows.lane / 8 == i ? there : mine;
    }
    mine = ordered<8>(mine, rows.lane);
#pragma unroll
    for (int i = 0; i < OWN; i++) limit[i] = reach(i, shuffle(mine, 8 * i + last));
  }

  DEVICE void put(int i, int slot, float v, int j) const { list[i].distance[32 + slot] = v, list[i].place[32 + slot] = j; }

  // merge puts those that may be near to the i-th among its nearest. A key is a distance
  // without its last six bits, which say where it stands.
  DEVICE void merge(int i) {
    warp_sync();
    const int lane = rows.lane;
    const u32 there = bit_cast<u32>(list[i].distance[lane]) & ~63u;
    u32 key = lane < waiting(i) ? bit_cast<u32>(list[i].distance[32 + lane]) & ~63u : 0x7f800000u;
    key = ordered<32>(key | (32 + lane), lane);
    key = merged(there | lane, key, lane);
    const bool one = key < 0x7f800000u;
    const int entry = one ? key & 63 : lane;
    const float v = list[i].distance[entry];
    const int j = list[i].place[entry];
    warp_sync();
    list[i].distance[lane] = one ? v : NONE32, list[i].place[lane] = one ? j : -1;
    const u32 e = shuffle(key, last);
    const float most = e < 0x7f800000u ? reach(i, bit_cast<float>(e | 63)) : ALL;
#pragma unroll
    for (int l = 0; l < OWN; l++) limit[l] = l == i ? most : limit[l];
    if (e < 0x7f800000u && bit_cast<float>(shuffle(key, 31) & ~63) <= most) full |= 1u << i;
    held &= ~(255u << (8 * i)), sorted |= 1u << i;
    warp_sync();
  }

  // beyond says that rows whose key is no nearer than edge are of no use to any.
  DEVICE bool beyond(float edge) const {
    bool useful = false;
#pragma unroll
    for (int i = 0; i < OWN; i++) useful |= !(abs(edge - rows.value(i, 0)) > limit[i]);
    return !useful;
  }

  // search looks at rows outward from the warp's own, to both sides in turn, until keys
  // are too far away for all. What is looked at lies from place from to to-1.
  DEVICE void search(int &from, int &to) {
    int base = rows.at(0) & ~(STEP - 1);
    from = base, to = base + STEP;
    bool left = false, right = false; // there may be more of use on that side
    // loop: joint_windows_d3, nearest: 16 pairs of rows by 60 maxima, floor 6: 3 subtractions, 2 maxima, a comparison
    for (bool start = true, side = false;; start = false) {
      look(base, start);
      if (base == from) left = from > 0 && !beyond(rows.f[from]);
      if (base + STEP == to) right = to < rows.n && !beyond(rows.f[to - 1]);
      if (!(left | right)) break;
      side = (left & right) ? !side : left;
      base = side ? from - STEP : to;
      from = min(from, base), to = max(to, base + STEP);
    }
    to = min(to, rows.n);
  }

  // candidate says whether the row at place j may be near to the i-th.
  DEVICE bool candidate(int i, int j) const {
    return j < rows.n && j != rows.at(i) && rows.distance(i, j) <= limit_of(i) && !(rows.beside && rows.is_barred(i, rows.row[j]));
  }
};
