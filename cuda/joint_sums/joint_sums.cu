// Sums of what tables say of neighbour counts, so that counts need not leave the
// device. A block adds 2048 rows of a run, all marginals, eight rows a thread.
//
//	grid     (blocks of 2048 rows, orderings, tasks), block 256
//	counts   [tasks][orderings][marginals][rows], from 0 to stride-1
//	tables   [marginals][stride]
//	sums     [tasks][orderings], zero before
//	flag     null, or that of the kernel that counts: once it is raised counts may be
//	         anything, and nothing is looked up
//
// Sums are integers of 64 bits, so they are the same on every run, and exact where
// the sum of all rows fits, however far the sums of some go beyond.
//
// launch: JointSums joint_sums counts tables sums rows stride marginals flag
#include "../prelude.cuh"

KERNEL(256, 4)
joint_sums(const int *__restrict__ counts, const long long *__restrict__ tables, u64 *__restrict__ sums, int rows,
           int stride, int marginals, const Flag *flag) {
  if (seen(flag)) return;
  const u64 run = (u64)block_z() * grid_y() + block_y();
  const int first = block_x() * 2048 + thread_x();
  counts += run * marginals * rows;
  u64 sum = 0;
  for (int m = 0; m < marginals; m++) {
    // Rows behind the last are the last again, and count for nothing: all is read at
    // once, and nothing waits for a branch.
    int n[8];
#pragma unroll
    for (int i = 0; i < 8; i++) n[i] = counts[min(first + 256 * i, rows - 1)];
#pragma unroll
    for (int i = 0; i < 8; i++) sum += (u64)tables[n[i]] & -(u64)(first + 256 * i < rows);
    counts += rows, tables += stride;
  }
#pragma unroll
  for (int l = 16; l > 0; l /= 2) {
    const u32 a = shuffle_xor((int)sum, l), b = shuffle_xor((int)(sum >> 32), l);
    sum += (u64)b << 32 | a;
  }
  if (thread_x() % 32 == 0) atomic_add(&sums[run], sum);
}
