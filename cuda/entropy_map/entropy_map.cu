// Entropy of the grey values in a window that slides over an image.
//
// Thread t of a block owns one column of the map, ROWS rows of it, and a
// histogram of its own in shared memory; the window slides down, a row of pixels
// enters, a row leaves. The counter of (lane, bin v) is byte v%4 of word
// (v/4)*32+lane of the warp's part: each lane stays in its own bank, whatever
// the data. Sums of n*log2 n are integers from a table, so the order of updates
// does not matter and the CPU finds the same bits.
//
//	grid   ((outW+127)/128, (outH+15)/16, frames), block 128
//	image  [frames][planeH][planeW]; bin of a value: (v >> shift) % BINS
//	map    [frames][outH][outW] bits; occupied the same, or null
//	window w by h pixels, at most 15 by 15, 255 in all; that of map pixel (x, y)
//	       starts at plane (x+ox, y+oy) and is cut where the plane ends; it must
//	       keep a pixel
//	table  4 x 256 words, row by row, for n pixels
//	         up[n]    f(n+1) - f(n), f(n) = round(scale * n log2 n); up[0] also
//	                  adds 1<<24 where the occupied bins are counted
//	         whole[n] f(n)
//	         unit[n]  float32 1/(n*scale)
//	         bias[n]  float32 bits to add for each occupied bin but the first
//	mask   the bits of the running sum that hold the sum of f: all, or the low
//	       24 where the high 8 count the occupied bins
//
// A map value is float32(whole - sum) * unit + float32(occupied-1) * bias, each
// operation rounded once.
//
// launch: EntropyMap entropy_map_* image map occupied table planeW planeH outW outH ox oy w h shift mask:u32
#include "../prelude.cuh"

constexpr int ROWS = 16, WARPS = 4, COLUMNS = 32 * WARPS, WIDEST = 15;
constexpr u32 OUTSIDE = 0xffff;

// A window that slides down a column of the map.
template <int BINS> struct Window {
  u8 *counters;
  const u32 *up;
  u32 sum;

  DEVICE void enter(u32 at) {
    if (at != OUTSIDE) {
      u32 n = counters[at];
      sum += up[n];
      counters[at] = n + 1;
    }
  }
  DEVICE void leave(u32 at) {
    if (at != OUTSIDE) {
      u32 n = counters[at] - 1;
      sum -= up[n];
      counters[at] = n;
    }
  }
};

// W and H are the size of the window where it is known, 0 where it is not.
template <typename Pixel, int BINS, int W, int H>
DEVICE void entropy_map(const Pixel *__restrict__ image, float *__restrict__ map, u16 *__restrict__ occupied,
                        const u32 *__restrict__ table, int planeW, int planeH, int outW, int outH, int ox, int oy,
                        int givenW, int givenH, int shift, u32 mask) {
  constexpr int TILE_W = COLUMNS + (W ? W : WIDEST) - 1, TILE_H = ROWS + (H ? H : WIDEST) - 1;
  constexpr int WORDS = 32 * BINS / 4;
  __shared__ u32 histograms[WARPS * WORDS];
  __shared__ u16 tile[TILE_W * TILE_H]; // where in a lane's histogram each pixel counts
  __shared__ u32 up[256];
  const int w = W ? W : givenW, h = H ? H : givenH;
  const int t = thread_x(), warp = t / 32, lane = t % 32;
  const int left = block_x() * COLUMNS, top = block_y() * ROWS;

  u32 *own = histograms + warp * WORDS + lane;
  for (int i = 0; i < BINS / 4; i++) own[i * 32] = 0;
  for (int i = t; i < 256; i += COLUMNS) up[i] = table[i];
  image += (u64)block_z() * planeW * planeH;
  for (int i = t; i < TILE_W * (ROWS + h - 1); i += COLUMNS) {
    const int y = i / TILE_W, x = i - y * TILE_W;
    const int py = top + oy + y, px = left + ox + x;
    u32 at = OUTSIDE;
    if ((px >= 0) & (px < planeW) & (py >= 0) & (py < planeH)) {
      const u32 v = (image[(u64)py * planeW + px] >> shift) % BINS;
      at = v / 4 * 128 + v % 4;
    }
    tile[i] = at;
  }
  block_sync();
  const int x = left + t;
  if (x >= outW) return;

  Window<BINS> window = {(u8 *)own, up, 0};
  for (int y = 0; y < h - 1; y++)
#pragma unroll
    for (int d = 0; d < w; d++) window.enter(tile[y * TILE_W + t + d]);
  const int columns = min(x + ox + w, planeW) - max(x + ox, 0);
  u64 out = ((u64)block_z() * outH + top) * outW + x;
  for (int r = 0; r < ROWS; r++, out += outW) {
    const int y = top + r;
    if (y >= outH) break;
#pragma unroll
    for (int d = 0; d < w; d++) window.enter(tile[(r + h - 1) * TILE_W + t + d]);
    const int n = columns * (min(y + oy + h, planeH) - max(y + oy, 0));
    const u32 bins = (window.sum & ~mask) >> 24;
    const float *unit = (const float *)table + 512, *bias = unit + 256;
    map[out] = (float)(table[256 + n] - (window.sum & mask)) * unit[n] + (float)((int)bins - 1) * bias[n];
    if (occupied) occupied[out] = bins;
#pragma unroll
    for (int d = 0; d < w; d++) window.leave(tile[r * TILE_W + t + d]);
  }
}

#define ENTRY(name, Pixel, BINS, W, H)                                                                          \
  KERNEL(COLUMNS, 4)                                                                                            \
  name(const Pixel *image, float *map, u16 *occupied, const u32 *table, int planeW, int planeH, int outW,       \
       int outH, int ox, int oy, int w, int h, int shift, u32 mask) {                                           \
    entropy_map<Pixel, BINS, W, H>(image, map, occupied, table, planeW, planeH, outW, outH, ox, oy, w, h,       \
                                   shift, mask);                                                                \
  }

ENTRY(entropy_map_u8_16, u8, 16, 0, 0)
ENTRY(entropy_map_u8_64, u8, 64, 0, 0)
ENTRY(entropy_map_u8_256, u8, 256, 0, 0)
ENTRY(entropy_map_u16_16, u16, 16, 0, 0)
ENTRY(entropy_map_u16_64, u16, 64, 0, 0)
ENTRY(entropy_map_u16_256, u16, 256, 0, 0)
ENTRY(entropy_map_u8_16_9x9, u8, 16, 9, 9)
ENTRY(entropy_map_u8_64_9x9, u8, 64, 9, 9)
ENTRY(entropy_map_u8_256_9x9, u8, 256, 9, 9)
ENTRY(entropy_map_u16_16_9x9, u16, 16, 9, 9)
ENTRY(entropy_map_u16_64_9x9, u16, 64, 9, 9)
ENTRY(entropy_map_u16_256_9x9, u16, 256, 9, 9)
