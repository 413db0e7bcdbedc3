// Radii, and how float32 tells what is nearer.
#pragma once
#include "rows.cuh"

// Ramp tells of a distance in float32, by `saturated(at(distance))`, whether that in
// float64 is below the radius: 1 if it is, 0 if it is not, and what lies between must be
// looked at in float64. Distances nearer to the radius than 4u(X+r) lie between 1/8 and
// 7/8: it falls over a power of two from 16u(X+r) on, so that nothing but its start is
// rounded, by 1/16 at most. Infinity is always beyond.
struct Ramp {
  float slope, start;

  Ramp() = default;
  DEVICE Ramp(double radius, float size) {
    const float r = (float)radius, sum = size + r, width = 0x1p-20f * sum + 0x1p-123f;
    const u32 exponent = (bit_cast<u32>(width) + 0x7fffff) >> 23; // rounded up
    slope = bit_cast<float>((254 - exponent) << 23);
    start = radius > 0 ? r * slope + 0.5f : -1.0f;
    if (!(sum < 0x1p124f)) slope = 0x1p-149f, start = 0.5f; // float32 tells nothing
  }

  DEVICE float at(float distance) const { return fused(-distance, slope, start); }
};

// Radii are those of the rows that a warp owns: by algorithm 1 one each, by algorithm 2,
// a box, one in each column.
template <bool BOX> struct Radii {
  double radius[BOX ? MOST : 1][OWN];
  Ramp ramp[BOX ? MOST : 1][OWN];

  DEVICE void put(int c, int i, double r, float size) { radius[c][i] = r, ramp[c][i] = Ramp(r, size); }

  // outside is the set of columns in which the row at place j is not nearer to the i-th
  // than the radius.
  template <int D> DEVICE u32 outside(const Rows<D> &rows, int i, int j) const {
    const double *x = rows.x;
    const int here = rows.at(i);
    u32 far = 0;
#pragma unroll 1
    for (int c = 0; c < rows.columns(); c++, x += rows.stride) far |= (u32) !(abs(x[j] - x[here]) < radius[BOX ? c : 0][i]) << c;
    return far;
  }
};
