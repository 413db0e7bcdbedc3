// What every kernel needs and clang does not bring: the words of CUDA, without
// NVIDIA's headers. Device code only; no C library. A kernel does arithmetic
// through the builtins here and writes no assembly of its own.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define DEVICE __device__ __inline__ __attribute__((always_inline))

// An entry of an image: a C name, the number of threads of its blocks, and how
// many blocks a multiprocessor should hold at least, which bounds the registers.
#define KERNEL(threads, blocks) extern "C" __global__ void __launch_bounds__(threads, blocks)

DEVICE int thread_x() { return __nvvm_read_ptx_sreg_tid_x(); }
DEVICE int block_x() { return __nvvm_read_ptx_sreg_ctaid_x(); }
DEVICE int block_y() { return __nvvm_read_ptx_sreg_ctaid_y(); }
DEVICE int block_z() { return __nvvm_read_ptx_sreg_ctaid_z(); }
DEVICE int grid_y() { return __nvvm_read_ptx_sreg_nctaid_y(); }
DEVICE void block_sync() { __syncthreads(); }
// block_any says whether any thread of the block says yes. All take part; it is a
// barrier, too.
DEVICE bool block_any(bool yes) { return __nvvm_bar0_or(yes); }

DEVICE int min(int a, int b) { return a < b ? a : b; }
DEVICE int max(int a, int b) { return a > b ? a : b; }
DEVICE float abs(float a) { return __builtin_fabsf(a); }
DEVICE double abs(double a) { return __builtin_fabs(a); }
DEVICE float max(float a, float b) { return __builtin_fmaxf(a, b); }
DEVICE double min(double a, double b) { return __builtin_fmin(a, b); }
DEVICE double max(double a, double b) { return __builtin_fmax(a, b); }

// ballot has bit l set if lane l says yes. All 32 lanes of the warp take part.
DEVICE u32 ballot(bool yes) { return __nvvm_vote_ballot_sync(0xffffffffu, yes); }

// shuffle_xor is the value of the lane whose number differs in the bits of m. All
// 32 lanes of the warp take part.
DEVICE int shuffle_xor(int v, int m) { return __nvvm_shfl_sync_bfly_i32(-1, v, m, 31); }
DEVICE double shuffle_xor(double v, int m) {
  const u64 bits = __builtin_bit_cast(u64, v);
  const u32 low = shuffle_xor((int)bits, m), high = shuffle_xor((int)(bits >> 32), m);
  return __builtin_bit_cast(double, (u64)high << 32 | low);
}
DEVICE u32 popcount(u32 a) { return __builtin_popcount(a); }
DEVICE void atomic_add(u32 *p, u32 v) { __atomic_fetch_add(p, v, __ATOMIC_RELAXED); }

// A Flag is how the host says that nobody wants the result of a launch any more. A
// kernel that may run for long takes `Flag *flag` as its last parameter and leaves
// where a block begins, with all its threads: `if (stopped(flag)) return;`. Kernels
// that come later and trust what it should have written (an index, a count) take the
// flag, too, and ask whether it was seen: `if (seen(flag)) return;`. Null is never up.
struct Flag {
  u32 up; // in the memory of the device: some block has seen it
  u32 none;
  const volatile u32 *host; // a word of the host
};

DEVICE bool seen(const Flag *flag) { return flag && *(const volatile u32 *)&flag->up != 0; }

// stopped is a barrier. One block in 16 asks the host and tells the others: all that
// ask stand in one line, a microsecond each on an H200.
DEVICE bool stopped(Flag *flag) {
  if (!flag) return false;
  bool up = false;
  if (thread_x() == 0) {
    up = seen(flag);
    if (!up && (block_x() + block_y() + block_z()) % 16 == 0 && *flag->host) {
      *(volatile u32 *)&flag->up = 1;
      up = true;
    }
  }
  return block_any(up);
}
