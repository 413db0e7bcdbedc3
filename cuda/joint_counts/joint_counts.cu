// Neighbour counts of Kraskov, Stögbauer and Grassberger (2004), by comparing
// every row with every row, under the maximum norm. ball is their algorithm 1: one
// radius a row, strictly inside; box is their algorithm 2: a radius a variable,
// the border included.
//
// Thread t of a block owns one row. A first pass over all rows keeps the nearest
// in registers; the k-th gives the radius. A second pass counts, for each
// marginal, the rows that are as near in its columns. Both compute a distance by
// the same subtraction, so a tie is a tie; nothing but subtract, absolute value,
// maximum and comparison is used, so the CPU finds the same counts to the last
// one. Rows at equal distances are taken in row order.
//
//	grid     ((n+127)/128, orderings), block 128
//	columns  [D][n], finite
//	order    [orderings][n] or null: row i of the columns in the bit set
//	         shuffled takes the values of row order[s][i]
//	barred   [n][2]: first and last row that is no neighbour of row i; its own
//	         lies between
//	marginal sets of columns, bit c for column c
//	variables for box: bits 4c to 4c+3 are the columns of the variable of column c
//	k        at most the k of the name; every row must have k neighbours
//	counts   [orderings][marginals][n], marginals at most 3
//	tied     [orderings], zero before: rows whose k-th neighbour is no nearer
//	         than the next
//
// The result is the same on every run: integers, added in any order.
//
// launch: JointCounts joint_counts_* columns order barred counts tied n k shuffled:u32 variables:u32 marginals marginal0:u32 marginal1:u32 marginal2:u32
#include "../prelude.cuh"

constexpr int THREADS = 128, TILE = 256;

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

// The nearest rows so far, and one more, ascending.
template <typename T, int K> struct Nearest {
  T distance[K + 1];
  int row[K + 1];

  DEVICE Nearest() {
#pragma unroll
    for (int b = 0; b <= K; b++) distance[b] = T(__builtin_inf()), row[b] = 0;
  }
  // add takes a row that is nearer than the last. Those at its distance stay
  // before it.
  DEVICE void add(T d, int j) {
#pragma unroll
    for (int b = K; b > 0; b--) {
      const bool before = d < distance[b - 1], here = d < distance[b];
      row[b] = before ? row[b - 1] : here ? j : row[b];
      distance[b] = before ? distance[b - 1] : here ? d : distance[b];
    }
    row[0] = d < distance[0] ? j : row[0];
    distance[0] = d < distance[0] ? d : distance[0];
  }
};

template <typename T, int D, int K, bool BOX>
DEVICE void joint_counts(const T *__restrict__ columns, const int *__restrict__ order, const int *__restrict__ barred,
                         int *__restrict__ counts, u32 *__restrict__ tied, int n, int k, u32 shuffled, u32 variables,
                         int marginals, u32 marginal0, u32 marginal1, u32 marginal2) {
  __shared__ T tile[D][TILE];
  const int t = thread_x(), s = block_y(), i = block_x() * THREADS + t;
  const bool live = i < n;
  const Rows<T, D> rows = {columns, order ? order + (u64)s * n : order, shuffled, n};
  const int first = live ? barred[2 * i] : 0, width = live ? barred[2 * i + 1] - first : 0;
  T q[D];
#pragma unroll
  for (int c = 0; c < D; c++) q[c] = live ? rows.at(c, i) : T(0);

  Nearest<T, K> nearest;
  for (int base = 0; base < n; base += TILE) {
    const int m = min(TILE, n - base);
    block_sync();
    for (int j = t; j < m; j += THREADS)
#pragma unroll
      for (int c = 0; c < D; c++) tile[c][j] = rows.at(c, base + j);
    block_sync();
    if (!live) continue;
#pragma unroll 4
    for (int j = 0; j < m; j++) {
      T d = abs(tile[0][j] - q[0]);
#pragma unroll
      for (int c = 1; c < D; c++) d = max(d, abs(tile[c][j] - q[c]));
      if ((d < nearest.distance[K]) & ((u32)(base + j - first) > (u32)width)) nearest.add(d, base + j);
    }
  }
  T last = nearest.distance[0], next = nearest.distance[1];
#pragma unroll
  for (int b = 1; b < K; b++)
    if (b == k - 1) last = nearest.distance[b], next = nearest.distance[b + 1];
  T radius[D];
#pragma unroll
  for (int c = 0; c < D; c++) radius[c] = BOX ? T(0) : last;
  if (BOX && live) {
    T side[D];
#pragma unroll
    for (int c = 0; c < D; c++) side[c] = T(0);
#pragma unroll
    for (int b = 0; b < K; b++)
      if (b < k)
#pragma unroll
        for (int c = 0; c < D; c++) side[c] = max(side[c], abs(rows.at(c, nearest.row[b]) - q[c]));
#pragma unroll
    for (int c = 0; c < D; c++)
#pragma unroll
      for (int o = 0; o < D; o++)
        if (variables >> (4 * c + o) & 1) radius[c] = max(radius[c], side[o]);
  }

  int near0 = 0, near1 = 0, near2 = 0;
  for (int base = 0; base < n; base += TILE) {
    const int m = min(TILE, n - base);
    block_sync();
    for (int j = t; j < m; j += THREADS)
#pragma unroll
      for (int c = 0; c < D; c++) tile[c][j] = rows.at(c, base + j);
    block_sync();
    if (!live) continue;
#pragma unroll 4
    for (int j = 0; j < m; j++) {
      u32 far = 0; // columns in which row j is not near
#pragma unroll
      for (int c = 0; c < D; c++) {
        const T d = abs(tile[c][j] - q[c]);
        far |= (u32) !(BOX ? d <= radius[c] : d < radius[c]) << c;
      }
      const bool apart = (u32)(base + j - first) > (u32)width;
      near0 += apart & !(far & marginal0);
      near1 += apart & !(far & marginal1);
      near2 += apart & !(far & marginal2);
    }
  }
  const u32 ties = popcount(ballot(live & (next == last)));
  if (t % 32 == 0 && ties) atomic_add(&tied[s], ties);
  if (!live) return;
  counts += (u64)s * marginals * n + i;
  counts[0] = near0;
  if (marginals > 1) counts[n] = near1;
  if (marginals > 2) counts[2 * (u64)n] = near2;
}

#define ENTRY(name, T, D, K, BOX)                                                                             \
  KERNEL(THREADS, 4)                                                                                          \
  name(const T *columns, const int *order, const int *barred, int *counts, u32 *tied, int n, int k,           \
       u32 shuffled, u32 variables, int marginals, u32 marginal0, u32 marginal1, u32 marginal2) {             \
    joint_counts<T, D, K, BOX>(columns, order, barred, counts, tied, n, k, shuffled, variables, marginals,    \
                               marginal0, marginal1, marginal2);                                              \
  }

ENTRY(joint_counts_ball_f32_d2_k4, float, 2, 4, false)
ENTRY(joint_counts_ball_f32_d3_k4, float, 3, 4, false)
ENTRY(joint_counts_ball_f32_d4_k4, float, 4, 4, false)
ENTRY(joint_counts_ball_f32_d2_k16, float, 2, 16, false)
ENTRY(joint_counts_ball_f32_d3_k16, float, 3, 16, false)
ENTRY(joint_counts_ball_f32_d4_k16, float, 4, 16, false)
ENTRY(joint_counts_ball_f64_d2_k4, double, 2, 4, false)
ENTRY(joint_counts_ball_f64_d3_k4, double, 3, 4, false)
ENTRY(joint_counts_ball_f64_d4_k4, double, 4, 4, false)
ENTRY(joint_counts_ball_f64_d2_k16, double, 2, 16, false)
ENTRY(joint_counts_ball_f64_d3_k16, double, 3, 16, false)
ENTRY(joint_counts_ball_f64_d4_k16, double, 4, 16, false)
ENTRY(joint_counts_box_f64_d2_k4, double, 2, 4, true)
ENTRY(joint_counts_box_f64_d3_k4, double, 3, 4, true)
ENTRY(joint_counts_box_f64_d4_k4, double, 4, 4, true)
ENTRY(joint_counts_box_f64_d2_k16, double, 2, 16, true)
ENTRY(joint_counts_box_f64_d3_k16, double, 3, 16, true)
ENTRY(joint_counts_box_f64_d4_k16, double, 4, 16, true)
