// The order of few values: a stable sort of float64 by (value, place), all at once.
//
// sort_tiles sorts tiles of 256. sort_join makes one run of all: each key looks by
// halving how many of every other tile come before it, five searches in flight, and
// goes where they say. That is as many searches for a key as there are tiles, but two
// launches.
//
//	grid   (tiles, columns) of sort_tiles, (blocks of 32 places, columns) of
//	       sort_join; block 256
//	values [..][n]
//	which  [columns]: which of them to sort
//	keys   [columns][pitch]; pitch is that of full tiles, or n if there is one tile
//	       and nothing to join
//	rows   as keys: of each, the place of its value
//	joinedKeys, joinedRows [columns][n]: what is in order
//
// launch: SortTiles sort_tiles values which keys rows n pitch
// launch: SortJoin sort_join keys rows joinedKeys joinedRows n pitch
#include "../keys.cuh"

// Equal keys of an earlier run come first: to be before key + 1 is to be before key or
// equal. No value has the last key.
DEVICE u64 after(u64 key, bool equal_first) { return key + equal_first; }

constexpr int TILE = 256, WARP = 32, WARPS = TILE / WARP;

// among is how many keys of the other runs of a tile come before key.
DEVICE int among(const u64 *keys, int mine, u64 key) {
  int at[WARPS - 1];
#pragma unroll
  for (int o = 0; o < WARPS - 1; o++) at[o] = (o + (o >= mine)) * WARP;
#pragma unroll
  for (int half = WARP / 2; half > 0; half /= 2)
#pragma unroll
    for (int o = 0; o < WARPS - 1; o++)
      at[o] += keys[at[o] + half - 1] < after(key, o < mine) ? half : 0;
  int sum = 0;
#pragma unroll
  for (int o = 0; o < WARPS - 1; o++)
    sum += at[o] - (o + (o >= mine)) * WARP + (keys[at[o]] < after(key, o < mine));
  return sum;
}

KERNEL(TILE, 4)
sort_tiles(const double *__restrict__ values, const int *__restrict__ which, u64 *__restrict__ keys,
           int *__restrict__ rows, int n, int pitch) {
  __shared__ Vector<u64, 2> halves[2][TILE / 2];
  __shared__ int row[2][TILE];
  u64 *key[2] = {(u64 *)halves[0], (u64 *)halves[1]};
  const int t = thread_x(), lane = t % WARP, first = block_x() * TILE, i = first + t;
  u64 k = i < n ? key_of(values[(u64)which[block_y()] * n + i]) : BEHIND;
  key[0][t] = k;
  warp_sync();
  // A warp counts, then looks where its run goes among those of the others. What is
  // behind the last value stays there.
  int before = 0;
#pragma unroll
  for (int j = 0; j < WARP; j += 2) {
    const Vector<u64, 2> two = halves[0][(t - lane + j) / 2];
    before += (two[0] < after(k, j < lane)) + (two[1] < after(k, j + 1 < lane));
  }
  int to = k == BEHIND ? t : t - lane + before;
  key[1][to] = k, row[1][to] = t;
  block_sync();
  k = key[1][t];
  to = k == BEHIND ? t : lane + among(key[1], t / WARP, k);
  key[0][to] = k, row[0][to] = row[1][t];
  block_sync();
  const u64 at = (u64)block_y() * pitch + i;
  if (i < pitch) keys[at] = key[0][t], rows[at] = first + row[0][t];
}

constexpr int AT_ONCE = 5;

KERNEL(32 * WARPS, 4)
sort_join(const u64 *__restrict__ keys, const int *__restrict__ rows, u64 *__restrict__ joinedKeys,
          int *__restrict__ joinedRows, int n, int pitch) {
  __shared__ int part[WARPS][WARP];
  const int lane = thread_x() % WARP, warp = thread_x() / WARP, i = block_x() * WARP + lane;
  const int mine = i / TILE, others = pitch / TILE - 1;
  keys += (u64)block_y() * pitch;
  const u64 k = keys[i];
  const int row = warp == 0 ? rows[(u64)block_y() * pitch + i] : 0;
  int before = 0;
  // The warps share the tiles: warp 0 takes tile 0, 8, 16 of the others. Before the
  // least key comes nothing.
  // loop: sort_join, search: 5 tiles by 45 global, floor 27: nine times a key read, compared, and a step
  for (int first = warp; first < others; first += AT_ONCE * WARPS) {
    const u64 *tile[AT_ONCE], *at[AT_ONCE];
    u64 key[AT_ONCE];
#pragma unroll
    for (int g = 0; g < AT_ONCE; g++) {
      const int o = first + g * WARPS;
      key[g] = o < others ? after(k, o < mine) : 0;
      at[g] = tile[g] = keys + TILE * (o < others ? o + (o >= mine) : mine);
    }
#pragma unroll
    for (int half = TILE / 2; half > 0; half /= 2)
#pragma unroll
      for (int g = 0; g < AT_ONCE; g++) at[g] += at[g][half - 1] < key[g] ? half : 0;
#pragma unroll
    for (int g = 0; g < AT_ONCE; g++) before += (int)(at[g] - tile[g]) + (*at[g] < key[g]);
  }
  part[warp][lane] = before;
  block_sync();
  if (warp > 0 || i >= n) return;
  u64 to = (u64)block_y() * n + i % TILE;
#pragma unroll
  for (int w = 0; w < WARPS; w++) to += part[w][lane];
  joinedKeys[to] = k, joinedRows[to] = row;
}
