// What every kernel needs: words for what CUDA does that are the same to clang, which
// makes the images and gets none of NVIDIA's headers, and to NVRTC, whose code is looked
// at beside clang's. Device code only; no C library. A kernel does arithmetic through the
// words here, writes no assembly of its own, and knows no compiler.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#ifdef __clang__
#define EITHER(clang, nvrtc) clang
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define DEVICE __device__ __inline__ __attribute__((always_inline))

typedef float float2 __attribute__((ext_vector_type(2)));
typedef float float4 __attribute__((ext_vector_type(4)));
template <class T, int N> using Vector = T __attribute__((ext_vector_type(N)));

constexpr double NONE = __builtin_inf(), NO_NUMBER = __builtin_nan("");
constexpr float NONE32 = __builtin_inff();

DEVICE int min(int a, int b) { return a < b ? a : b; }
DEVICE int max(int a, int b) { return a > b ? a : b; }
DEVICE float abs(float a) { return __builtin_fabsf(a); }
DEVICE double abs(double a) { return __builtin_fabs(a); }
DEVICE float min(float a, float b) { return __builtin_fminf(a, b); }
DEVICE float max(float a, float b) { return __builtin_fmaxf(a, b); }
DEVICE double min(double a, double b) { return __builtin_fmin(a, b); }
DEVICE double max(double a, double b) { return __builtin_fmax(a, b); }
#else // NVRTC brings float2 and float4, min, max and abs
#define EITHER(clang, nvrtc) nvrtc
#define DEVICE __device__ __forceinline__

template <class T, int N> struct alignas(N * sizeof(T)) Vector {
  T values[N];
  DEVICE T &operator[](int i) { return values[i]; }
  DEVICE T operator[](int i) const { return values[i]; }
};
#define NONE __longlong_as_double(0x7ff0000000000000)
#define NO_NUMBER __longlong_as_double(0x7ff8000000000000)
#define NONE32 __int_as_float(0x7f800000)
#endif

// An entry of an image: a C name, the number of threads of its blocks, and how
// many blocks a multiprocessor should hold at least, which bounds the registers.
#define KERNEL(threads, blocks) extern "C" __global__ void __launch_bounds__(threads, blocks)

DEVICE int thread_x() { return EITHER(__nvvm_read_ptx_sreg_tid_x(), threadIdx.x); }
DEVICE int block_x() { return EITHER(__nvvm_read_ptx_sreg_ctaid_x(), blockIdx.x); }
DEVICE int block_y() { return EITHER(__nvvm_read_ptx_sreg_ctaid_y(), blockIdx.y); }
DEVICE int block_z() { return EITHER(__nvvm_read_ptx_sreg_ctaid_z(), blockIdx.z); }
DEVICE int grid_y() { return EITHER(__nvvm_read_ptx_sreg_nctaid_y(), gridDim.y); }
DEVICE void block_sync() { __syncthreads(); }
// block_any says whether any thread of the block says yes. All take part; it is a
// barrier, too.
DEVICE bool block_any(bool yes) { return EITHER(__nvvm_bar0_or(yes), __syncthreads_or(yes)); }
DEVICE void warp_sync() { EITHER(__nvvm_bar_warp_sync(-1), __syncwarp()); }

// bit_cast is the value of a type that has the bits of another of that size.
template <class T, class From> DEVICE T bit_cast(From v) {
#ifdef __clang__
  return __builtin_bit_cast(T, v);
#else
  union {
    From from;
    T to;
  } u = {v};
  return u.to;
#endif
}

// half_bits are the bits of the nearest float16.
DEVICE u16 half_bits(float v) {
#ifdef __clang__
  return bit_cast<u16>((_Float16)v);
#else
  u16 bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(v));
  return bits;
#endif
}

DEVICE u32 popcount(u32 a) { return EITHER(__builtin_popcount(a), __popc(a)); }
DEVICE int first_bit(u32 a) { return EITHER(__builtin_ctz(a), __ffs(a) - 1); } // of some
// zeros_above are those above the highest bit of some. It is no function, since clang
// takes a call out of no branch.
#define zeros_above(a) EITHER(__builtin_clz(a), __clz(a))
DEVICE float saturated(float v) { return EITHER(__nvvm_saturate_f(v), __saturatef(v)); } // cut to 0 and 1
DEVICE float fused(float a, float b, float c) { return EITHER(__builtin_fmaf(a, b, c), fmaf(a, b, c)); } // a*b + c, rounded once

DEVICE void atomic_add(u32 *p, u32 v) { EITHER(__atomic_fetch_add(p, v, __ATOMIC_RELAXED), atomicAdd(p, v)); }
DEVICE void atomic_add(u64 *p, u64 v) { EITHER(__atomic_fetch_add(p, v, __ATOMIC_RELAXED), atomicAdd(p, v)); }
DEVICE void atomic_min(u32 *p, u32 v) { EITHER(__atomic_fetch_min(p, v, __ATOMIC_RELAXED), atomicMin(p, v)); }

// ballot has bit l set if lane l says yes. All 32 lanes of the warp take part.
DEVICE u32 ballot(bool yes) { return EITHER(__nvvm_vote_ballot_sync(-1u, yes), __ballot_sync(-1u, yes)); }

// shuffle is the value of a lane, shuffle_xor that of the lane whose number differs in
// the bits of m. All 32 lanes of the warp take part.
DEVICE int shuffle(int v, int lane) { return EITHER(__nvvm_shfl_sync_idx_i32(-1, v, lane, 31), __shfl_sync(-1u, v, lane)); }
DEVICE int shuffle_xor(int v, int m) { return EITHER(__nvvm_shfl_sync_bfly_i32(-1, v, m, 31), __shfl_xor_sync(-1u, v, m)); }
DEVICE double shuffle_xor(double v, int m) {
  const u64 bits = bit_cast<u64>(v);
  const u32 low = shuffle_xor((int)bits, m), high = shuffle_xor((int)(bits >> 32), m);
  return bit_cast<double>((u64)high << 32 | low);
}

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
