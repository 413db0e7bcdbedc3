// The order of many values: a stable sort of float64 by (value, place), by pairs of runs.
//
// sort_pieces sorts pieces, of up to 2304 values each, and sort_merge makes one run of
// two, and so on. A block writes one piece of a run: where it begins and ends in the two
// halves is looked for by the lanes of a warp together (merge path: Green, McColl and
// Bader 2012), and by each thread where its nine keys begin. A stretch of fewer rows than
// all is sorted by leaving merges out.
//
//	grid   (pieces, columns), block 256
//	values [..][n]
//	which  [columns]: which of them to sort
//	keys   [columns][n]
//	rows   [columns][n]: of each key, the place of its value
//	piece  values of a block, at most 2304
//	half   blocks of a run that sort_merge finds: 1, then 2, then 4
//
// launch: SortPieces sort_pieces values which keys rows n piece
// launch: SortMerge sort_merge keys rows mergedKeys mergedRows n piece half
#include "../keys.cuh"

// An odd number of keys a thread, so that lanes reach for different banks.
constexpr int THREADS = 256, EACH = 9, PIECE = THREADS * EACH;

// cut is how many of the first d keys of two runs come from a; those of a go first.
DEVICE int cut(const u64 *a, int na, const u64 *b, int nb, int d) {
  int from = max(0, d - nb), to = min(d, na);
  while (from < to) {
    const int mid = (from + to) / 2;
    const bool first = a[mid] <= b[d - 1 - mid];
    from = first ? mid + 1 : from;
    to = first ? to : mid;
  }
  return from;
}

// cut_by_warp is cut by the lanes of a warp together.
DEVICE int cut_by_warp(const u64 *a, int na, const u64 *b, int nb, int d, int lane) {
  int from = max(0, d - nb), n = min(d, na) - from;
  while (n > 0) {
    const int step = (n + 33) / 33, at = (lane + 1) * step - 1;
    const int whole = popcount(ballot(at < n && a[from + at] <= b[d - 1 - from - at]));
    from += whole * step;
    n = min(step - 1, n - whole * step);
  }
  return from;
}

// take merges keys from a to endA-1 and from b to endB-1, and says where each was. It
// looks at up to EACH keys beyond.
DEVICE void take(const u64 *key, int a, int endA, int b, int endB, u64 (&k)[EACH], int (&at)[EACH]) {
  u64 first = key[a], second = key[b];
#pragma unroll
  for (int e = 0; e < EACH; e++) {
    const bool is = (b >= endB) | ((a < endA) & (first <= second));
    k[e] = is ? first : second;
    at[e] = is ? a : b;
    a += is, b += !is;
    const u64 next = key[is ? a : b];
    first = is ? next : first;
    second = is ? second : next;
  }
}

KERNEL(THREADS, 4)
sort_pieces(const double *__restrict__ values, const int *__restrict__ which, u64 *__restrict__ keys,
            int *__restrict__ rows, int n, int piece) {
  __shared__ u64 key[PIECE + EACH];
  __shared__ u16 row[PIECE];
  const int t = thread_x(), first = block_x() * piece, m = min(piece, n - first);
  values += (u64)which[block_y()] * n + first;
  u64 k[EACH];
  int r[EACH];
#pragma unroll
  for (int e = 0; e < EACH; e++) k[e] = key_of(values[min(t + e * THREADS, m - 1)]);
#pragma unroll
  for (int e = 0; e < EACH; e++) key[t + e * THREADS] = t + e * THREADS < m ? k[e] : BEHIND;
  if (t < EACH) key[PIECE + t] = BEHIND;
  block_sync();
#pragma unroll
  for (int e = 0; e < EACH; e++) k[e] = key[t * EACH + e], r[e] = t * EACH + e;
  // Neighbours change places, which is stable.
#pragma unroll
  for (int round = 0; round < EACH; round++)
#pragma unroll
    for (int e = round % 2; e + 1 < EACH; e += 2) {
      const bool swap = k[e + 1] < k[e];
      const u64 low = swap ? k[e + 1] : k[e];
      const int low_row = swap ? r[e + 1] : r[e];
      k[e + 1] = swap ? k[e] : k[e + 1], r[e + 1] = swap ? r[e] : r[e + 1];
      k[e] = low, r[e] = low_row;
    }
#pragma unroll
  for (int e = 0; e < EACH; e++) key[t * EACH + e] = k[e], row[t * EACH + e] = r[e];
  // loop: sort_pieces, merge: 9 keys by 37 shared, floor 5: a key read, compared and put, its row read and put
#pragma unroll 1
  for (int run = 1; run < THREADS && run * EACH < m; run *= 2) {
    block_sync();
    const int pair = t & ~(2 * run - 1), length = run * EACH, a = pair * EACH, b = a + length, d = (t - pair) * EACH;
    const int of_a = cut(key + a, length, key + b, length, d);
    int at[EACH];
    take(key, a + of_a, b, b + d - of_a, b + length, k, at);
#pragma unroll
    for (int e = 0; e < EACH; e++) r[e] = row[at[e]];
    block_sync();
#pragma unroll
    for (int e = 0; e < EACH; e++) key[t * EACH + e] = k[e], row[t * EACH + e] = r[e];
  }
  block_sync();
  const u64 to = (u64)block_y() * n + first;
#pragma unroll
  for (int e = 0; e < EACH; e++) {
    const int i = t + e * THREADS;
    if (i < m) keys[to + i] = key[i], rows[to + i] = first + row[i];
  }
}

KERNEL(THREADS, 4)
sort_merge(const u64 *__restrict__ keys, const int *__restrict__ rows, u64 *__restrict__ mergedKeys,
           int *__restrict__ mergedRows, int n, int piece, int half) {
  __shared__ u64 key[PIECE + EACH];
  __shared__ int row[PIECE + EACH];
  __shared__ int cuts[2];
  const int t = thread_x(), lane = t % 32, warp = t / 32;
  // Runs a and b, the second empty or short at the end of the column, and what of their
  // merged keys the block writes.
  const int pair = block_x() & ~(2 * half - 1), a = pair * piece, from = (block_x() - pair) * piece;
  const long long length = (long long)half * piece;
  const int na = length < n - a ? (int)length : n - a, nb = length < n - a - na ? (int)length : n - a - na;
  const int m = min(piece, na + nb - from);
  const u64 column = (u64)block_y() * n + a;
  keys += column, rows += column;
  if (warp < 2) {
    const int c = cut_by_warp(keys, na, keys + na, nb, from + warp * m, lane);
    if (lane == 0) cuts[warp] = c;
  }
  block_sync();
  const int of_a = cuts[1] - cuts[0], of_b = m - of_a;
  const int skip_a = cuts[0], skip_b = na + from - cuts[0] - of_a; // of place i
  u64 k[EACH];
  int at[EACH], r[EACH];
#pragma unroll
  for (int e = 0; e < EACH; e++) {
    const int i = min(t + e * THREADS, m - 1), place = i + (i < of_a ? skip_a : skip_b);
    k[e] = keys[place], r[e] = rows[place];
  }
#pragma unroll
  for (int e = 0; e < EACH; e++) {
    const int i = t + e * THREADS;
    key[i] = i < m ? k[e] : BEHIND, row[i] = r[e];
  }
  if (t < EACH) key[PIECE + t] = BEHIND, row[PIECE + t] = 0;
  block_sync();
  const int d = min(t * EACH, m), mine = cut(key, of_a, key + of_a, of_b, d);
  take(key, mine, of_a, of_a + d - mine, m, k, at);
#pragma unroll
  for (int e = 0; e < EACH; e++) r[e] = row[at[e]];
  block_sync();
#pragma unroll
  for (int e = 0; e < EACH; e++) key[t * EACH + e] = k[e], row[t * EACH + e] = r[e];
  block_sync();
#pragma unroll
  for (int e = 0; e < EACH; e++) {
    const int i = t + e * THREADS;
    if (i < m) mergedKeys[column + from + i] = key[i], mergedRows[column + from + i] = row[i];
  }
}
