// Entropy of the grey values in a window that slides over an image.
//
// A thread owns four columns of the map, side by side, and ROWS rows of them. Its
// four windows share a histogram in shared memory: word (bin, lane) has a byte for
// each, so that a pixel that all four hold is counted by one addition, and each lane
// stays in its own bank, whatever the data. The windows slide down: a row of pixels
// enters, a row leaves. Pixels outside the plane fall into a bin of their own, whose
// part is taken away at the end, for their number is known. Sums of n*log2 n are
// integers from a table, so the order of updates does not matter and the CPU finds
// the same bits.
//
//	grid   ((outW+127)/128, (outH+15)/16, frames), block 32
//	image  [frames][planeH][planeW]; bin of a value: (v >> shift) % BINS
//	map    [frames][outH][outW], in bits: float32 (form 0), float16 (form 1), or
//	       bytes of round(bits*scale), halves up, at most 255 (form 2)
//	occupied  [frames][outH][outW], or null
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
//	flag   null, or that of the launch: blocks that begin once it is raised leave
//	       their part of the map as it was
//
// A map value is float32(whole - sum) * unit + float32(occupied-1) * bias, each
// operation rounded once.
//
// launch: EntropyMap entropy_map_* image map occupied table planeW planeH outW outH ox oy w h shift mask:u32 form scale flag
#include "../prelude.cuh"

constexpr int ROWS = 16, WIDEST = 15, COLUMNS = 128, BATCH = 9; // loads under way
constexpr u32 BIN = 32 * sizeof(u32); // bytes from the word of a bin to that of the next

// The four windows of a thread. Window i is byte i of a word.
struct Windows {
  u8 *words;
  const u32 *up;
  u32 sum[4];

  DEVICE u32 *at(u32 bin) { return (u32 *)(words + bin); }

  // A pixel of column c enters those of the windows of w columns that hold it.
  DEVICE void enter(u32 bin, int c, int w) {
    u32 *word = at(bin);
    const u32 n = *word;
    *word = n + ones(c, w);
#pragma unroll
    for (int i = 0; i < 4; i++)
      if ((c >= i) & (c < w + i)) sum[i] += up[n >> 8 * i & 255];
  }

  // A pixel enters and another leaves. Both words are read before one is written, so
  // that neither waits for the other.
  DEVICE void swap(u32 in, u32 out, int c, int w) {
    u32 *entered = at(in), *left = at(out);
    const u32 one = ones(c, w), n = *entered, other = *left;
    const u32 m = (in == out ? n + one : other) - one;
    *entered = n + one;
    *left = m;
#pragma unroll
    for (int i = 0; i < 4; i++)
      if ((c >= i) & (c < w + i)) sum[i] += up[n >> 8 * i & 255] - up[m >> 8 * i & 255];
  }

  // 1 in the bytes of the windows that hold column c.
  static DEVICE u32 ones(int c, int w) {
    u32 one = 0x01010101;
    if (c < 3) one >>= 8 * (3 - c);
    if (c >= w) one &= ~0u << 8 * (c - w + 1);
    return one;
  }
};

// Four bins of the tile.
struct Four {
  u64 bins;
  DEVICE u32 operator[](int k) const { return bins >> 16 * k & 0xffff; }
};

// Where the pixels of a tile come from: its upper left corner is at (left, top).
template <typename Pixel, typename Pixel4, int BINS> struct Source {
  const Pixel *__restrict__ image;
  int planeW, planeH, left, top, shift;

  DEVICE u64 bin(u32 v) const { return (v >> shift & BINS - 1) * BIN; }
  static DEVICE u64 outside() { return (u64)BINS * BIN * 0x0001000100010001; }

  // Four pixels that are inside the plane together or not at all, for whole rows of
  // fours from its left edge on.
  DEVICE Pixel4 together(int x, int y, bool &inside) const {
    const int px = left + 4 * x, py = top + y;
    inside = (py >= 0) & (py < planeH) & (px >= 0) & (px < planeW);
    return *(const Pixel4 *)(image + (inside ? (u64)py * planeW + px : 0));
  }
  DEVICE u64 bins(Pixel4 v) const {
    u64 four = 0;
#pragma unroll
    for (int k = 0; k < 4; k++) four |= bin((Pixel)(v >> 8 * sizeof(Pixel) * k)) << 16 * k;
    return four;
  }

  // Four pixels of which some may be outside.
  DEVICE u64 apart(int x, int y) const {
    u64 four = 0;
#pragma unroll
    for (int k = 0; k < 4; k++) {
      const int px = left + 4 * x + k, py = top + y;
      const bool inside = (py >= 0) & (py < planeH) & (px >= 0) & (px < planeW);
      four |= (inside ? bin(image[(u64)py * planeW + px]) : BINS * BIN) << 16 * k;
    }
    return four;
  }
};

// store writes up to four values side by side, in one go where whole says so.
template <typename T> DEVICE void store(T *to, const T (&v)[4], int count, bool whole) {
  typedef Vector<T, 4> Together;
  if (whole) {
    *(Together *)to = Together{v[0], v[1], v[2], v[3]};
    return;
  }
#pragma unroll
  for (int i = 0; i < 4; i++)
    if (i < count) to[i] = v[i];
}

// W and H are the size of the window where it is known, 0 where it is not.
template <typename Pixel, typename Pixel4, int BINS, int W, int H>
DEVICE void entropy_map(const Pixel *__restrict__ image, void *__restrict__ map, u16 *__restrict__ occupied,
                        const u32 *__restrict__ table, int planeW, int planeH, int outW, int outH, int ox, int oy,
                        int givenW, int givenH, int shift, u32 mask, int form, float scale, Flag *flag) {
  if (stopped(flag)) return;
  constexpr int FOURS = (COLUMNS + (W ? W : WIDEST) + 2) / 4, TILE_H = ROWS + (H ? H : WIDEST) - 1;
  __shared__ u64 tile[FOURS * TILE_H]; // of each pixel where its bin is, in bytes
  __shared__ u32 histograms[(BINS + 1) * 32];
  __shared__ u32 up[256];
  constexpr int GROUPS = W ? (W + 6) / 4 : 1; // of four columns that are handled in one go
  const int w = W ? W : givenW, h = H ? H : givenH, lane = thread_x();
  const int left = block_x() * COLUMNS, top = block_y() * ROWS;

  Source<Pixel, Pixel4, BINS> source = {image + (u64)block_z() * planeW * planeH, planeW, planeH, left + ox, top + oy, shift};
  const int fours = FOURS * (ROWS + h - 1);
  if (((planeW & 3) == 0) & ((ox & 3) == 0)) {
    for (int first = lane; first < fours; first += 32 * BATCH) {
      Pixel4 v[BATCH];
      bool inside[BATCH];
#pragma unroll
      for (int k = 0; k < BATCH; k++) {
        const int i = first + 32 * k;
        v[k] = source.together(i % FOURS, i / FOURS, inside[k]);
      }
#pragma unroll
      for (int k = 0; k < BATCH; k++)
        if (first + 32 * k < fours) tile[first + 32 * k] = inside[k] ? source.bins(v[k]) : source.outside();
    }
  } else {
#pragma unroll 2
    for (int i = lane; i < fours; i += 32) tile[i] = source.apart(i % FOURS, i / FOURS);
  }
#pragma unroll 8
  for (int i = 0; i <= BINS; i++) histograms[i * 32 + lane] = 0;
  for (int i = lane; i < 256; i += 32) up[i] = table[i];
  block_sync();

  Windows windows = {(u8 *)(histograms + lane), up, {}};
  // loop: entropy_map_u8_256_9x9, first window: 1 row of four windows by 63 shared, floor 111: 12 words read, changed and written, 36 looked up and added, 3 reads of bins
#pragma unroll 1
  for (int y = 0; y < h; y++)
#pragma unroll GROUPS
    for (int g = 0; g < (w + 6) / 4; g++) {
      const Four in = {tile[y * FOURS + lane + g]};
#pragma unroll
      for (int k = 0; k < 4; k++)
        if (4 * g + k < w + 3) windows.enter(in[k], 4 * g + k, w);
    }

  const int x = left + 4 * lane, count = min(4, outW - x), full = w * h;
  const bool whole = (count == 4) & ((outW & 3) == 0);
  const float *unit = (const float *)table + 512, *bias = unit + 256;
  const u32 fullSum = table[256 + full];
  const float fullUnit = unit[full], fullBias = bias[full];
  u64 out = ((u64)block_z() * outH + top) * outW + x;
  // loop: entropy_map_u8_256_9x9, down a row: 4 pixels by 126 shared, floor 46.5: of 4: 24 words read, changed and written, 72 looked up, 36 differences added, 6 reads of bins
#pragma unroll 1
  for (int r = 0; r < ROWS; r++, out += outW) {
    const int y = top + r;
    if (y >= outH) break;
    const int rows = min(y + oy + h, planeH) - max(y + oy, 0);
    float bits[4];
    u16 bins[4];
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int n = rows * (min(x + i + ox + w, planeW) - max(x + i + ox, 0));
      u32 sum = windows.sum[i], most = fullSum;
      float u = fullUnit, b = fullBias;
      if ((n != full) & (i < count)) {
        sum -= table[256 + full - n] + (~mask & 1 << 24);
        most = table[256 + n], u = unit[n], b = bias[n];
      }
      const u32 m = (sum & ~mask) >> 24;
      bits[i] = (float)(most - (sum & mask)) * u + (float)((int)m - 1) * b;
      bins[i] = m;
    }
    if (form == 0) {
      store((float *)map + out, bits, count, whole);
    } else if (form == 1) {
      u16 half[4];
#pragma unroll
      for (int i = 0; i < 4; i++) half[i] = half_bits(bits[i]);
      store((u16 *)map + out, half, count, whole);
    } else {
      u8 code[4];
#pragma unroll
      for (int i = 0; i < 4; i++) code[i] = min((int)(bits[i] * scale + 0.5f), 255);
      store((u8 *)map + out, code, count, whole);
    }
    if (occupied) store(occupied + out, bins, count, whole);
    if (r == ROWS - 1) break;
#pragma unroll GROUPS
    for (int g = 0; g < (w + 6) / 4; g++) {
      const Four in = {tile[(r + h) * FOURS + lane + g]}, gone = {tile[r * FOURS + lane + g]};
#pragma unroll
      for (int k = 0; k < 4; k++)
        if (4 * g + k < w + 3) windows.swap(in[k], gone[k], 4 * g + k, w);
    }
  }
}

#define ENTRY(name, Pixel, Pixel4, BINS, W, H)                                                                  \
  KERNEL(32, 5)                                                                                                 \
  name(const Pixel *image, void *map, u16 *occupied, const u32 *table, int planeW, int planeH, int outW,        \
       int outH, int ox, int oy, int w, int h, int shift, u32 mask, int form, float scale, Flag *flag) {        \
    entropy_map<Pixel, Pixel4, BINS, W, H>(image, map, occupied, table, planeW, planeH, outW, outH, ox, oy, w,  \
                                           h, shift, mask, form, scale, flag);                                  \
  }

ENTRY(entropy_map_u8_16, u8, u32, 16, 0, 0)
ENTRY(entropy_map_u8_64, u8, u32, 64, 0, 0)
ENTRY(entropy_map_u8_256, u8, u32, 256, 0, 0)
ENTRY(entropy_map_u16_16, u16, u64, 16, 0, 0)
ENTRY(entropy_map_u16_64, u16, u64, 64, 0, 0)
ENTRY(entropy_map_u16_256, u16, u64, 256, 0, 0)
ENTRY(entropy_map_u8_16_9x9, u8, u32, 16, 9, 9)
ENTRY(entropy_map_u8_64_9x9, u8, u32, 64, 9, 9)
ENTRY(entropy_map_u8_256_9x9, u8, u32, 256, 9, 9)
ENTRY(entropy_map_u16_16_9x9, u16, u64, 16, 9, 9)
ENTRY(entropy_map_u16_64_9x9, u16, u64, 64, 9, 9)
ENTRY(entropy_map_u16_256_9x9, u16, u64, 256, 9, 9)
