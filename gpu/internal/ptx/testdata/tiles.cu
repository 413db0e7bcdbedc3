// A product of matrices by tensor cores, as small as one can be: C = A·B of float16
// into float32, A [m][k], B [k][n], m and n multiples of 32, k of 16. A block of
// four warps owns 32×32 of C; A and B come in through three buffers of cp.async,
// fragments through ldmatrix (B transposed). It shows the simulator what our own
// kernels do not use yet.
#include "../../../../cuda/prelude.cuh"

constexpr int STAGES = 3, ROW = 24; // 16 halves a row and 8 that keep rows apart

DEVICE u32 shared_at(const void *p) { return (u32)(u64)(const __attribute__((address_space(3))) void *)p; }
DEVICE void copy16(void *to, const void *from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_at(to)), "l"(from) : "memory");
}

KERNEL(128, 1) tiles(const u16 *a, const u16 *b, float *c, int n, int k) {
  __shared__ __attribute__((aligned(16))) u16 left[STAGES][32][ROW];
  __shared__ __attribute__((aligned(16))) u16 right[STAGES][16][40];
  const int t = thread_x(), lane = t % 32, warp = t / 32;
  const int top = block_y() * 32, first = block_x() * 32;
  float d[2][4] = {};
  auto fetch = [&](int stage, int at) {
    if (t < 64)
      copy16(&left[stage][t / 2][t % 2 * 8], a + (u64)(top + t / 2) * k + at + t % 2 * 8);
    else
      copy16(&right[stage][(t - 64) / 4][t % 4 * 8], b + (u64)(at + (t - 64) / 4) * n + first + t % 4 * 8);
  };
  for (int s = 0; s < STAGES - 1; s++) {
    if (s * 16 < k) fetch(s, s * 16);
    asm volatile("cp.async.commit_group;" ::: "memory");
  }
  for (int at = 0, stage = 0; at < k; at += 16, stage = stage == STAGES - 1 ? 0 : stage + 1) {
    asm volatile("cp.async.wait_group 1;" ::: "memory");
    block_sync();
    const int next = at + 16 * (STAGES - 1);
    if (next < k) fetch(stage == 0 ? STAGES - 1 : stage - 1, next);
    asm volatile("cp.async.commit_group;" ::: "memory");
    u32 x[4], y[4];
    const int row = warp / 2 * 16, column = warp % 2 * 16;
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3])
                 : "r"(shared_at(&left[stage][row + lane % 16][lane / 16 * 8])));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(y[0]), "=r"(y[1]), "=r"(y[2]), "=r"(y[3])
                 : "r"(shared_at(&right[stage][lane % 16][column + lane / 16 * 8])));
#pragma unroll
    for (int h = 0; h < 2; h++)
      asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                   : "+f"(d[h][0]), "+f"(d[h][1]), "+f"(d[h][2]), "+f"(d[h][3])
                   : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[2 * h]), "r"(y[2 * h + 1]));
  }
#pragma unroll
  for (int h = 0; h < 2; h++)
#pragma unroll
    for (int q = 0; q < 4; q++)
      c[(u64)(top + warp / 2 * 16 + lane / 4 + q / 2 * 8) * n + first + warp % 2 * 16 + h * 8 + lane % 4 * 2 + q % 2] = d[h][q];
}
