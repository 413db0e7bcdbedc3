// Blocks that wait for one another: a barrier of the whole grid, and a sum of
// which the last block makes the end. It shows the simulator what our own kernels
// do not use yet.
#include "../../../../cuda/prelude.cuh"

DEVICE int grid_x() { return __nvvm_read_ptx_sreg_nctaid_x(); }
DEVICE void fence() { __nvvm_membar_gl(); }

// Every thread gives its number to a neighbour in the next block, rounds times.
KERNEL(64, 1) ring(u32 *a, u32 *b, u32 *arrived, int rounds) {
  const int t = thread_x(), here = block_x() * 64 + t, all = grid_x() * 64;
  for (int r = 0; r < rounds; r++) {
    const u32 v = a[here];
    b[here + 64 < all ? here + 64 : here + 64 - all] = v + 1;
    u32 *swap = a;
    a = b, b = swap;
    block_sync();
    if (t == 0) {
      fence();
      __atomic_fetch_add(arrived, 1, __ATOMIC_RELAXED);
      while (*(volatile u32 *)arrived < (u32)((r + 1) * grid_x()));
      fence();
    }
    block_sync();
  }
}

// The sum of n values: each block adds its own up, the last to come adds those.
KERNEL(64, 1) sum(const u32 *x, int n, u32 *parts, u32 *came, u32 *out) {
  __shared__ u32 own[64];
  __shared__ u32 place;
  const int t = thread_x();
  u32 s = 0;
  for (int i = block_x() * 64 + t; i < n; i += grid_x() * 64) s += x[i];
  own[t] = s;
  block_sync();
  if (t == 0) {
    u32 all = 0;
    for (int i = 0; i < 64; i++) all += own[i];
    parts[block_x()] = all;
    fence();
    place = __atomic_fetch_add(came, 1, __ATOMIC_RELAXED);
    fence();
  }
  block_sync();
  if (place != (u32)grid_x() - 1 || t != 0) return;
  u32 all = 0;
  for (int i = 0; i < grid_x(); i++) all += parts[i];
  *out = all;
}
