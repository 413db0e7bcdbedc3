// The order of values: a stable merge sort of float64 by (value, place). -0 equals
// 0; there is no NaN.
//
// sort_tiles sorts tiles of 1024 values, each by a block in shared memory. sort_merge
// makes one run of every `ways` runs of `length` places: each place finds by halving
// how many of every other run come before it, and goes where they say. So a sort of n
// values takes one launch of sort_tiles and as many of sort_merge as it takes to have
// ways^m tiles of 1024 hold n.
//
//	grid   (tiles, columns) of sort_tiles, (blocks of 256 places, columns) of
//	       sort_merge; block 512 and 256
//	values [..][n]
//	which  [columns]: which of them to sort
//	keys   [columns][n]: integers in the order of the values
//	rows   [columns][n]: of each key, the place of its value
//
// launch: SortTiles sort_tiles values which keys rows n
// launch: SortMerge sort_merge keys rows mergedKeys mergedRows n length ways
#include "../prelude.cuh"

constexpr int TILE = 1024, THREADS = 512, EACH = TILE / THREADS;

DEVICE u64 key_of(double v) {
  const u64 bits = __builtin_bit_cast(u64, v + 0.0);
  return bits ^ ((u64)((long long)bits >> 63) | 1ull << 63);
}

// rank is how many of n ascending keys come before key, or are equal to it where
// those go first.
DEVICE int rank(const u64 *keys, int n, u64 key, bool equal_first) {
  int from = 0;
  while (n > 0) {
    const int half = n / 2;
    const u64 k = keys[from + half];
    const bool before = (k < key) | ((k == key) & equal_first);
    from = before ? from + half + 1 : from;
    n = before ? n - half - 1 : half;
  }
  return from;
}

KERNEL(THREADS, 2)
sort_tiles(const double *values, const int *which, u64 *keys, int *rows, int n) {
  __shared__ u64 key[2][TILE];
  __shared__ int row[2][TILE];
  const int t = thread_x(), first = block_x() * TILE, m = min(TILE, n - first);
  const u64 column = (u64)block_y() * n + first, from_column = (u64)which[block_y()] * n + first;
#pragma unroll
  for (int e = 0; e < EACH; e++) {
    const int i = t + e * THREADS;
    if (i < m) key[0][i] = key_of(values[from_column + i]), row[0][i] = i;
  }
  int from = 0;
  for (int run = 1; run < m; run *= 2) {
    block_sync();
#pragma unroll
    for (int e = 0; e < EACH; e++) {
      const int i = t + e * THREADS;
      if (i >= m) continue;
      const int start = i & ~(run - 1), other = start ^ run; // the run, and its neighbour
      const u64 k = key[from][i];
      const int before = rank(&key[from][min(other, m)], max(0, min(run, m - other)), k, other < start);
      const int to = min(start, other) + (i - start) + before;
      key[1 - from][to] = k, row[1 - from][to] = row[from][i];
    }
    from = 1 - from;
  }
  block_sync();
#pragma unroll
  for (int e = 0; e < EACH; e++) {
    const int i = t + e * THREADS;
    if (i < m) keys[column + i] = key[from][i], rows[column + i] = first + row[from][i];
  }
}

KERNEL(256, 4)
sort_merge(const u64 *__restrict__ keys, const int *__restrict__ rows, u64 *__restrict__ mergedKeys,
           int *__restrict__ mergedRows, int n, int length, int ways) {
  const int i = block_x() * 256 + thread_x();
  if (i >= n) return;
  const u64 column = (u64)block_y() * n;
  keys += column;
  const int mine = i / length, group = mine / ways * ways;
  const u64 k = keys[i];
  int to = group * length + (i - mine * length);
  for (int w = group; w < group + ways; w++) {
    const long long start = (long long)w * length;
    if (w != mine && start < n) to += rank(keys + start, min(length, n - (int)start), k, w < mine);
  }
  mergedKeys[column + to] = k;
  mergedRows[column + to] = rows[column + i];
}
