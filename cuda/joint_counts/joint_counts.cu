// Neighbour counts of Kraskov, Stögbauer and Grassberger (2004), algorithm 1,
// by comparing every row with every row, under the maximum norm.
//
// Thread t of a block owns one row. A first pass over all rows keeps the
// smallest joint distances in registers; the k-th is the radius. A second pass
// counts, for each marginal, the rows that lie strictly nearer in its columns.
// Both compute a distance by the same subtraction, so a tie is a tie; nothing
// but subtract, absolute value, maximum and comparison is used, so the CPU finds
// the same counts to the last one.
//
//	grid     ((n+127)/128, orderings), block 128
//	columns  [D][n], finite
//	order    [orderings][n] or null: row i of the columns in the bit set
//	         shuffled takes the values of row order[s][i]
//	barred   [n][2]: first and last row that is no neighbour of row i; its own
//	         lies between
//	marginal sets of columns, bit c for column c
//	k        at most the k of the name; every row must have k neighbours
//	counts   [orderings][marginals][n], marginals at most 3
//	tied     [orderings], zero before: rows whose k-th neighbour is no nearer
//	         than the next
//
// The result is the same on every run: integers, added in any order.
//
// launch: JointCounts joint_counts_* columns order barred counts tied n k shuffled:u32 marginals marginal0:u32 marginal1:u32 marginal2:u32
#include "../prelude.cuh"

constexpr int THREADS = 128, TILE = 256;

// How many candidates are compared in one round. With four, 17 distances of
// float64 do not fit into the registers that ptxas 12.9 gives blocks of 128
// threads (4 bytes are spilled).
template <typename T, int K> constexpr int ROUND = sizeof(T) * K > 64 ? 2 : 4;

// The rows of one ordering, column by column.
template <typename T, int D> struct Rows {
  const T *columns;
  const int *order; // null: as they are
  u32 shuffled;
  int n;

  DEVICE T at(int c, int i) const {
    if (order && (shuffled >> c & 1)) i = order[i];
    return columns[(u64)c * n + i];
  }
};

template <typename T, int D, int K>
DEVICE void joint_counts(const T *__restrict__ columns, const int *__restrict__ order, const int *__restrict__ barred,
                         int *__restrict__ counts, u32 *__restrict__ tied, int n, int k, u32 shuffled, int marginals,
                         u32 marginal0, u32 marginal1, u32 marginal2) {
  __shared__ T tile[D][TILE];
  const int t = thread_x(), s = block_y(), i = block_x() * THREADS + t;
  const bool live = i < n;
  const Rows<T, D> rows = {columns, order ? order + (u64)s * n : order, shuffled, n};
  const int first = live ? barred[2 * i] : 0, width = live ? barred[2 * i + 1] - first : 0;
  T q[D];
#pragma unroll
  for (int c = 0; c < D; c++) q[c] = live ? rows.at(c, i) : T(0);

  T nearest[K + 1]; // ascending
#pragma unroll
  for (int b = 0; b <= K; b++) nearest[b] = T(__builtin_inf());
  for (int base = 0; base < n; base += TILE) {
    const int m = min(TILE, n - base);
    block_sync();
    for (int j = t; j < m; j += THREADS)
#pragma unroll
      for (int c = 0; c < D; c++) tile[c][j] = rows.at(c, base + j);
    block_sync();
    if (!live) continue;
#pragma unroll ROUND<T, K>
    for (int j = 0; j < m; j++) {
      T d = abs(tile[0][j] - q[0]);
#pragma unroll
      for (int c = 1; c < D; c++) d = max(d, abs(tile[c][j] - q[c]));
      if ((d < nearest[K]) & ((u32)(base + j - first) > (u32)width)) {
#pragma unroll
        for (int b = K; b > 0; b--) nearest[b] = d < nearest[b - 1] ? nearest[b - 1] : d < nearest[b] ? d : nearest[b];
        nearest[0] = d < nearest[0] ? d : nearest[0];
      }
    }
  }
  T radius = nearest[0], next = nearest[1];
#pragma unroll
  for (int b = 1; b < K; b++)
    if (b == k - 1) radius = nearest[b], next = nearest[b + 1];

  int near0 = 0, near1 = 0, near2 = 0;
  for (int base = 0; base < n; base += TILE) {
    const int m = min(TILE, n - base);
    block_sync();
    for (int j = t; j < m; j += THREADS)
#pragma unroll
      for (int c = 0; c < D; c++) tile[c][j] = rows.at(c, base + j);
    block_sync();
    if (!live) continue;
#pragma unroll ROUND<T, K>
    for (int j = 0; j < m; j++) {
      u32 far = 0; // columns in which row j is no nearer than the radius
#pragma unroll
      for (int c = 0; c < D; c++) far |= (u32) !(abs(tile[c][j] - q[c]) < radius) << c;
      const bool apart = (u32)(base + j - first) > (u32)width;
      near0 += apart & !(far & marginal0);
      near1 += apart & !(far & marginal1);
      near2 += apart & !(far & marginal2);
    }
  }
  const u32 ties = popcount(ballot(live & (next == radius)));
  if (t % 32 == 0 && ties) atomic_add(&tied[s], ties);
  if (!live) return;
  counts += (u64)s * marginals * n + i;
  counts[0] = near0;
  if (marginals > 1) counts[n] = near1;
  if (marginals > 2) counts[2 * (u64)n] = near2;
}

#define ENTRY(name, T, D, K)                                                                                     \
  KERNEL(THREADS)                                                                                                \
  name(const T *columns, const int *order, const int *barred, int *counts, u32 *tied, int n, int k,              \
       u32 shuffled, int marginals, u32 marginal0, u32 marginal1, u32 marginal2) {                               \
    joint_counts<T, D, K>(columns, order, barred, counts, tied, n, k, shuffled, marginals, marginal0, marginal1, \
                          marginal2);                                                                            \
  }

ENTRY(joint_counts_max_f32_d2_k4, float, 2, 4)
ENTRY(joint_counts_max_f32_d3_k4, float, 3, 4)
ENTRY(joint_counts_max_f32_d4_k4, float, 4, 4)
ENTRY(joint_counts_max_f32_d2_k16, float, 2, 16)
ENTRY(joint_counts_max_f32_d3_k16, float, 3, 16)
ENTRY(joint_counts_max_f32_d4_k16, float, 4, 16)
ENTRY(joint_counts_max_f64_d2_k4, double, 2, 4)
ENTRY(joint_counts_max_f64_d3_k4, double, 3, 4)
ENTRY(joint_counts_max_f64_d4_k4, double, 4, 4)
ENTRY(joint_counts_max_f64_d2_k16, double, 2, 16)
ENTRY(joint_counts_max_f64_d3_k16, double, 3, 16)
ENTRY(joint_counts_max_f64_d4_k16, double, 4, 16)
