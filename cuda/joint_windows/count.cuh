// How many rows are nearer than a radius in sets of columns: how a warp of joint_windows
// counts.
#pragma once
#include "radius.cuh"

// window_ends narrows the windows of the rows that a warp owns to their first place and
// to that behind the last: lane 8i+4 to 8i+7 have the latter of the i-th, those before
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

// gathered is the sum over the lanes of what each has of the row that is lane%OWN.
DEVICE float gathered(const float *of, int lane) {
  const bool odd = lane & 1, upper = lane & 2;
  const float low = (odd ? of[1] : of[0]) + shuffle_xor(odd ? of[0] : of[1], 1);
  const float high = (odd ? of[3] : of[2]) + shuffle_xor(odd ? of[2] : of[3], 1);
  float sum = (upper ? high : low) + shuffle_xor(upper ? low : high, 2);
#pragma unroll
  for (int l = 4; l < 32; l *= 2) sum += shuffle_xor(sum, l);
  return sum;
}

// Sets are up to three sets of columns; one that is the key alone, 1, is not counted here.
struct Sets {
  u32 set[3];
  u32 common; // columns that all have that are counted; -1 if none is

  DEVICE Sets(u32 a, u32 b, u32 c) : set{a, b, c}, common(-1u) {
#pragma unroll
    for (int m = 0; m < 3; m++) common &= counted(m) ? set[m] : -1u;
  }
  DEVICE bool counted(int m) const { return set[m] != 1; }
};

// Count counts, for each row that a warp owns, the rows that are nearer in sets of
// columns. A column of four rows takes 39 instructions on an H200, 32 of them
// subtractions and maxima, and a set 48 more.
template <int D, bool BOX> struct Count {
  static constexpr int PART = D ? 16 * STEP : 8 * STEP; // rows that are counted, and mended, at a time

  const Rows<D> &rows;
  const Radii<BOX> *radii;
  Sets sets;
  // Of a part, what a lane has seen: the sum of what ramps say, and of all sets that of
  // the squares. A row that is clear adds 0 or 1 to both, and all is exact; one that is
  // open adds less to the squares, by more than 1/10, so that the sums differ.
  float near[3][OWN], squares[OWN];
  Ramp ramp[OWN]; // with D, by algorithm 1

  // part adds to counts how many of the rows from place from to to-1, both multiples of
  // STEP, are nearer to each that the warp owns.
  DEVICE void part(int from, int to, int (*counts)[OWN]) {
#pragma unroll
    for (int i = 0; i < OWN; i++) near[0][i] = near[1][i] = near[2][i] = squares[i] = 0, ramp[i] = radii->ramp[0][i];
    // loop: joint_windows_d3, count: 16 pairs of rows by 144 float32, floor 9: 3 subtractions, 2 maxima, 2 comparisons, 2 additions
#pragma unroll 1
    for (int base = from; base < to; base += STEP) step(base + EACH * rows.lane);
    u32 open = 0;
#pragma unroll
    for (int i = 0; i < OWN; i++) open |= (u32)(near[0][i] + near[1][i] + near[2][i] != squares[i]) << i;
    if (ballot(open)) {
#pragma unroll 1
      for (int i = 0; i < OWN; i++) {
        u32 lanes = ballot(open >> i & 1);
        const bool all = popcount(lanes) > (to - from) / 32; // so many ties that to look at all rows is less
        for (lanes = all ? 1 : lanes; lanes; lanes &= lanes - 1) {
          const int seen = from + STEP * (rows.lane / EACH) + EACH * first_bit(lanes) + rows.lane % EACH;
          mend(i, all ? from + rows.lane : seen, all ? 32 : 32 / EACH * STEP, to);
        }
      }
    }
#pragma unroll
    for (int m = 0; m < 3; m++) {
      if (!sets.counted(m)) continue;
      const int sum = (int)(gathered(near[m], rows.lane) + 0.5f);
      if (rows.lane < OWN) counts[m][rows.lane] += sum;
    }
  }

  // step counts the rows of this lane, from place j. Of a transfer entropy of three
  // columns nothing else is looked at.
  DEVICE void step(int j) {
    Near s;
    if (D == 3 && !BOX && sets.set[0] == 1 && sets.set[1] == 3 && sets.set[2] == 5) {
      columns(1, j, s);
      Near t = s;
      columns(2, j, t);
      tally(t, near[1]);
      columns(4, j, s);
      tally(s, near[2]);
      return;
    }
    if (!D) warp_sync(); // or clang would keep ramps in registers, of which there are too few
    columns(sets.common, j, s);
#pragma unroll
    for (int m = 0; m < 3; m++) {
      if (!sets.counted(m)) continue;
      const u32 more = sets.set[m] & ~sets.common;
      if (m < 2 && more) {
        Near t = s;
        columns(more, j, t);
        tally(t, near[m]);
        continue;
      }
      if (more) columns(more, j, s); // of the last set: nothing comes after
      tally(s, near[m]);
    }
  }

  // Near is what a lane knows of its rows: as Seen, or with BOX, where radii differ by
  // column, the least of what the ramps say.
  struct Near : Seen {
    DEVICE Near() {
#pragma unroll
      for (int i = 0; i < OWN; i++)
#pragma unroll
        for (int h = 0; h < EACH; h++) this->of[i][h] = BOX ? 1 : 0;
    }

    DEVICE void column(Vector<float, 4> v, Vector<float, 4> own, const Ramp *ramp) {
      if (!BOX) return Seen::column(v, own);
#pragma unroll
      for (int i = 0; i < OWN; i++)
#pragma unroll
        for (int h = 0; h < EACH; h++) this->of[i][h] = smaller(this->of[i][h], ramp[i].at(abs(v[h] - own[i])));
    }
  };

  // columns looks at a set of columns of the rows from place j: at one run of them after
  // the other.
  DEVICE void columns(u32 set, int j, Near &s) const {
    const auto use = [&](int c, Vector<float, 4> v) { s.column(v, rows.own[c], radii->ramp[BOX ? c : 0]); };
    if (D) {
#pragma unroll
      for (int c = 0; c < D; c++)
        if (set >> c & 1) rows.sweep(c, c + 1, j, use);
      return;
    }
#pragma unroll 1
    while (set) {
      const int c = first_bit(set), end = c + first_bit(~(set >> c));
      set &= -1u << end;
      rows.sweep(c, end, j, use);
    }
  }

  // tally adds what the ramps say of the rows of this lane, in one set.
  DEVICE void tally(const Near &s, float *near) {
#pragma unroll
    for (int i = 0; i < OWN; i++) {
      const Ramp r = D ? ramp[i] : radii->ramp[0][i];
#pragma unroll
      for (int h = 0; h < EACH; h++) {
        const float v = saturated(BOX ? s.of[i][h] : r.at(s.of[i][h]));
        near[i] += v, squares[i] = fused(v, v, squares[i]);
      }
    }
  }

  // mend puts right what open rows, at place j and every so many up to to-1, have added
  // for the i-th. Whose lane it was does not matter.
  DEVICE void mend(int i, int j, int step, int to) {
#pragma unroll 1
    for (; j < to; j += step) {
      float s[3];
#pragma unroll
      for (int m = 0; m < 3; m++) s[m] = BOX ? 1 : 0;
#pragma unroll D ? D : 1
      for (int c = 0; c < rows.columns(); c++) {
        float v = abs(rows.f[(u64)c * rows.stride + j] - rows.value(i, c));
        if (BOX) v = radii->ramp[c][i].at(v);
#pragma unroll
        for (int m = 0; m < 3; m++) s[m] = !(sets.set[m] >> c & 1) ? s[m] : BOX ? smaller(s[m], v) : larger(s[m], v);
      }
      bool open[3];
#pragma unroll
      for (int m = 0; m < 3; m++) {
        s[m] = saturated(BOX ? s[m] : radii->ramp[0][i].at(s[m]));
        open[m] = sets.counted(m) & (s[m] > 0) & (s[m] < 1);
      }
      if (!(open[0] | open[1] | open[2])) continue;
      const u32 far = radii->outside(rows, i, j);
#pragma unroll
      for (int m = 0; m < 3; m++) {
        const float right = (far & sets.set[m] ? 0 : 1) - s[m];
#pragma unroll
        for (int o = 0; o < OWN; o++) near[m][o] += open[m] && o == i ? right : 0;
      }
    }
  }
};
