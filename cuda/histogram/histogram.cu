// Histograms: how many values of a column, or pixels of images, fall into each bin.
//
// A block takes 16,384 pixels, or 8,192 values, and counts in shared memory what bins up
// to 2048 hold, for pixels each warp for itself; of more bins it counts in global memory
// at once. Edges of few bins are made once a block.
// Counts are integers, added in any order, so that they are the same on every run, and
// those of the CPU.
//
//	image    [images][n]; bin of a value: (v >> shift) % 256
//	counts   [images][256] of pixels, [bins+2] of a column: behind the bins those below
//	         low, and those above high; zero before
//	column   [n]
//	first    all ones before: the first row that is no number, if one is not
//	flag     null, or that of the launch: once it is raised counts may be anything
//
// Bin i of a column holds the values from edge i on that are below edge i+1, and the
// last one high, too. Edge i is low*(1-i/bins) + high*(i/bins), each operation rounded
// once. A guess, (v/2 - low/2) * scale, is set right by the edges beside it.
//
// histogram_u*: grid (blocks of 16,384 pixels, images), block 256.
// histogram_f64: grid (blocks of 8,192 rows), block 256; low below high, and both finite.
//
// launch: HistogramPixels histogram_u* image counts n shift flag
// launch: HistogramColumn histogram_f64 column counts first n bins low high scale flag
#include "../prelude.cuh"

constexpr int THREADS = 256, WARPS = THREADS / 32, EACH = 64, ROWS = 8192, BATCH = 4, MOST = 2048;

template <typename Pixel>
DEVICE void histogram(const Pixel *__restrict__ image, u64 *__restrict__ counts, int n, int shift, Flag *flag) {
  if (stopped(flag)) return;
  __shared__ u32 held[WARPS][256];
  const int t = thread_x();
  for (int i = t; i < WARPS * 256; i += THREADS) held[0][i] = 0;
  block_sync();
  image += (u64)block_y() * n;
  u32 *mine = held[t / 32];
  const int first = block_x() * (THREADS * EACH), last = min(n, first + THREADS * EACH);
  constexpr int MANY = 8 / sizeof(Pixel); // in a word
  if (n % MANY == 0) {
    // loop: histogram_u8, eight at a time: 32 pixels by 32 shared, floor 2: taken out of its word, added to its bin
    // loop: histogram_u16, four at a time: 16 pixels by 16 shared, floor 2: taken out of its word, added to its bin
#pragma unroll 4
    for (int i = first + MANY * t; i < last; i += MANY * THREADS) {
      const u64 word = *(const u64 *)(image + i);
#pragma unroll
      for (int k = 0; k < MANY; k++) atomic_add(&mine[(Pixel)(word >> 8 * sizeof(Pixel) * k) >> shift & 255], 1);
    }
  } else {
    for (int i = first + t; i < last; i += THREADS) atomic_add(&mine[image[i] >> shift & 255], 1);
  }
  block_sync();
  u32 sum = 0;
#pragma unroll
  for (int w = 0; w < WARPS; w++) sum += held[w][t];
  if (sum) atomic_add(&counts[256 * block_y() + t], sum);
}

KERNEL(THREADS, 4)
histogram_u8(const u8 *image, u64 *counts, int n, int shift, Flag *flag) { histogram(image, counts, n, shift, flag); }
KERNEL(THREADS, 4)
histogram_u16(const u16 *image, u64 *counts, int n, int shift, Flag *flag) { histogram(image, counts, n, shift, flag); }

DEVICE double edge(int i, int bins, double low, double high) {
  const double t = (double)i / (double)bins;
  return i >= bins ? high : low * (1 - t) + high * t;
}

// Bins of a column, whose edges a block has at hand or makes anew.
struct Bins {
  int bins;
  double low, high, scale;

  // outside counts a value that is in no bin.
  DEVICE void outside(double v, int row, u64 *counts, u32 *first) const {
    if (v != v)
      atomic_min(first, row);
    else
      atomic_add(&counts[v < low ? bins : bins + 1], 1);
  }
  DEVICE bool hold(double v) const { return (v >= low) & (v <= high); }
  // of is the bin of a value that they hold.
  template <typename Edge> DEVICE int of(double v, Edge edge) const {
    int i = max(0, min(bins - 1, (int)((v / 2 - low / 2) * scale)));
    while (i > 0 && v < edge(i)) i--;
    while (i < bins - 1 && v >= edge(i + 1)) i++;
    return i;
  }
};

KERNEL(THREADS, 4)
histogram_f64(const double *__restrict__ column, u64 *__restrict__ counts, u32 *__restrict__ first, int n, int bins,
              double low, double high, double scale, Flag *flag) {
  if (stopped(flag)) return;
  __shared__ double edges[MOST + 1];
  __shared__ u32 held[MOST];
  const int t = thread_x(), from = block_x() * ROWS, to = min(n, from + ROWS);
  const Bins all = {bins, low, high, scale};
  if (bins > MOST) {
#pragma unroll 1
    for (int row = from + t; row < to; row += THREADS) {
      const double v = column[row];
      if (all.hold(v))
        atomic_add(&counts[all.of(v, [&](int i) { return edge(i, bins, low, high); })], 1);
      else
        all.outside(v, row, counts, first);
    }
  } else {
    for (int i = t; i < bins; i += THREADS) held[i] = 0;
#pragma unroll 1
    for (int i = t; i <= bins; i += THREADS) edges[i] = edge(i, bins, low, high);
    block_sync();
    // loop: histogram_f64, of few bins: 4 values by 12 shared, floor 8: 2 comparisons with the ends, 3 for a guess, 2 with its edges, an addition
#pragma unroll 1
    for (int row = from + t; row < to; row += BATCH * THREADS) {
      double value[BATCH];
#pragma unroll
      for (int b = 0; b < BATCH; b++) value[b] = column[min(row + b * THREADS, to - 1)];
#pragma unroll
      for (int b = 0; b < BATCH; b++) {
        if (row + b * THREADS >= to) break;
        if (all.hold(value[b]))
          atomic_add(&held[all.of(value[b], [&](int i) { return edges[i]; })], 1);
        else
          all.outside(value[b], row + b * THREADS, counts, first);
      }
    }
    block_sync();
    for (int i = t; i < bins; i += THREADS)
      if (held[i]) atomic_add(&counts[i], held[i]);
  }
}
