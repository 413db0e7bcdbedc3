// What the kernels that sort share: keys, which are integers in the order of float64.
// -0 has the key of 0; there is no NaN.
#pragma once
#include "prelude.cuh"

constexpr u64 BEHIND = ~0ull; // of what is behind the last value

DEVICE u64 key_of(double v) {
  const u64 bits = bit_cast<u64>(v + 0.0);
  return bits ^ ((u64)((long long)bits >> 63) | 1ull << 63);
}
