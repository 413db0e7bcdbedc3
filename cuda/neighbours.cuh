// What the kernels share that count neighbours over sorted rows: a warp's ways to keep
// a sorted list, a value a lane, and where a float64 ends.
#pragma once
#include "prelude.cuh"

DEVICE u32 shuffle(u32 v, int lane) { return shuffle((int)v, lane); }
DEVICE u32 shuffle_xor(u32 v, int m) { return shuffle_xor((int)v, m); }
DEVICE u64 shuffle(u64 v, int lane) {
  const u32 low = shuffle((u32)v, lane), high = shuffle((u32)(v >> 32), lane);
  return (u64)high << 32 | low;
}
DEVICE u64 shuffle_xor(u64 v, int m) {
  const u32 low = shuffle_xor((u32)v, m), high = shuffle_xor((u32)(v >> 32), m);
  return (u64)high << 32 | low;
}
DEVICE double shuffle(double v, int lane) { return bit_cast<double>(shuffle(bit_cast<u64>(v), lane)); }

// after is the next float64 above one that is not negative, so that to be below it is
// not to be above that.
DEVICE double after(double v) { return bit_cast<double>(bit_cast<u64>(v) + 1); }

DEVICE u32 smaller(u32 a, u32 b) { return a < b ? a : b; }
DEVICE u32 larger(u32 a, u32 b) { return a < b ? b : a; }
DEVICE double smaller(double a, double b) { return a < b ? a : b; }
DEVICE double larger(double a, double b) { return a < b ? b : a; }

// ordered sorts the values of every so many lanes.
template <int LANES, class T> DEVICE T ordered(T v, int lane) {
#pragma unroll
  for (int size = 2; size <= LANES; size *= 2)
#pragma unroll
    for (int m = size / 2; m > 0; m /= 2) {
      const T w = shuffle_xor(v, m);
      const bool low = ((lane & m) == 0) == ((lane & size & (LANES - 1)) == 0);
      v = low ? smaller(v, w) : larger(v, w);
    }
  return v;
}

// merged is the 32 smallest, sorted, of the sorted values of two warps' worth.
template <class T> DEVICE T merged(T a, T b, int lane) {
  a = smaller(a, shuffle(b, 31 - lane));
#pragma unroll
  for (int m = 16; m > 0; m /= 2) {
    const T w = shuffle_xor(a, m);
    a = (lane & m) == 0 ? smaller(a, w) : larger(a, w);
  }
  return a;
}

// inserted is a sorted list, one value a lane, with one more.
template <class T> DEVICE T inserted(T list, T v, int lane) {
  const T before = shuffle(list, max(0, lane - 1));
  return v < list ? (lane > 0 && v < before ? before : v) : list;
}

// add adds what the lanes of a warp have to a sum.
DEVICE void add(u64 *sum, u64 v) {
#pragma unroll
  for (int l = 16; l > 0; l /= 2) v += shuffle_xor(v, l);
  if (thread_x() % 32 == 0) atomic_add(sum, v);
}

// value is what a key of a sort stands for.
DEVICE double value(u64 key) {
  return bit_cast<double>(key >> 63 ? key ^ 1ull << 63 : ~key);
}

// on_line is how many of n sorted keys lie nearer than r to v.
DEVICE int on_line(const u64 *keys, int n, double v, double r) {
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
  return max(0, end[1] - end[0]);
}
