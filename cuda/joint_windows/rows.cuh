// The rows that a warp of joint_windows owns, and how far others are from them, in
// float32 and in float64.
#pragma once
#include "../neighbours.cuh"

constexpr int WARPS = 4;        // of a block
constexpr int OWN = 4;          // rows that a warp owns
constexpr int EACH = 4;         // rows, side by side, that a lane compares with them at a time
constexpr int STEP = 32 * EACH; // rows that the warp does
constexpr int MOST = 16;        // columns

DEVICE float shuffle(float v, int lane) { return bit_cast<float>(shuffle(bit_cast<int>(v), lane)); }
DEVICE float shuffle_xor(float v, int m) { return bit_cast<float>(shuffle_xor(bit_cast<int>(v), m)); }
DEVICE float smaller(float a, float b) { return min(a, b); }
DEVICE float larger(float a, float b) { return max(a, b); }

// Seen is what a lane knows of EACH rows and of each that the warp owns: the largest of
// their distances in some columns, in float32.
struct Seen {
  float of[OWN][EACH];

  DEVICE Seen() {
#pragma unroll
    for (int i = 0; i < OWN; i++)
#pragma unroll
      for (int h = 0; h < EACH; h++) of[i][h] = 0;
  }

  // column looks at a column, too: v are the values of the rows, own those of the warp's.
  DEVICE void column(Vector<float, 4> v, Vector<float, 4> own) {
#pragma unroll
    for (int i = 0; i < OWN; i++)
#pragma unroll
      for (int h = 0; h < EACH; h++) of[i][h] = larger(of[i][h], abs(v[h] - own[i]));
  }
};

// Rows is the rows of an item, in the order of the key, and those that a warp owns. D is
// the number of columns, 0 if it is known late.
template <int D> struct Rows {
  const double *x;
  const float *f;
  const int *row; // at each place
  const Vector<float, 4> *own; // [d] the values of those that the warp owns
  const int *place;  // [OWN] where those lie
  const int *bar;    // [OWN][2] the rows that are barred to them
  int n, stride, d, lane;
  bool beside; // more rows may be barred than those themselves

  DEVICE int columns() const { return D ? D : d; }

  // at is the place of the i-th.
  DEVICE int at(int i) const { return place[i]; }

  // value is that of the i-th in a column.
  DEVICE float value(int i, int c) const { return ((const float *)own)[OWN * c + i]; }

  // size is the largest |value| of the i-th.
  DEVICE float size(int i) const {
    float s = 0;
#pragma unroll D ? D : 1
    for (int c = 0; c < columns(); c++) s = larger(s, abs(value(i, c)));
    return s;
  }

  // sweep gives the values of the rows from place j in the columns c to end-1 to use,
  // one column after the other; the next is on its way while one is used. Of the warps of
  // a block one goes first and waits for the L2 cache, and the others find what it has
  // read (on an H200 73 % of all): so more loads at once help, and two columns at a time
  // are what 128 registers allow.
  template <class Use> DEVICE void sweep(int c, int end, int j, Use use) const {
    const float *p = f + (u64)c * stride + j;
    Vector<float, 4> next = *(const Vector<float, 4> *)p;
    // loop: joint_windows_d0, two columns: 32 pairs of values by 32 float32, floor 2: a subtraction, a maximum
#pragma unroll D ? D : 2
    for (; c < end; c++) {
      const Vector<float, 4> v = next;
      p += c + 1 < end ? stride : 0;
      next = *(const Vector<float, 4> *)p;
      use(c, v);
    }
  }

  // distance is that in float32 of the row at place j from the i-th.
  DEVICE float distance(int i, int j) const {
    float s = 0;
#pragma unroll D ? D : 1
    for (int c = 0; c < columns(); c++) s = larger(s, abs(f[(u64)c * stride + j] - value(i, c)));
    return s;
  }

  // exact is that in float64.
  DEVICE double exact(int i, int j) const {
    const int here = at(i);
    double s = 0;
#pragma unroll D ? D : 2
    for (int c = 0; c < columns(); c++) s = larger(s, abs(x[(u64)c * stride + j] - x[(u64)c * stride + here]));
    return s;
  }

  // is_barred says whether a row is no neighbour of the i-th.
  DEVICE bool is_barred(int i, int row) const { return (bar[2 * i] <= row) & (row <= bar[2 * i + 1]); }
};
