package ptx_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// pixels is a case of the kernels for images.
type pixels struct {
	images, n, shift int
	values           []int // [images][n]
	wide             bool  // 16 bits
	flag             raised
}

func newPixels(r *rand.Rand, wide bool) pixels {
	c := pixels{images: 1 + r.IntN(3), n: []int{1 + r.IntN(40), 8 * (1 + r.IntN(400)), 16384 + r.IntN(9), 1 + r.IntN(33000)}[r.IntN(4)], wide: wide}
	most := 256
	if wide {
		c.shift = r.IntN(9)
		most <<= c.shift
	}
	switch r.IntN(4) {
	case 0:
		most = 3 // many in a bin
	case 1:
		most = map[bool]int{false: 256, true: 65536}[wide]
	}
	for range c.images * c.n {
		c.values = append(c.values, r.IntN(most))
	}
	return c
}

func (c pixels) count() []int64 {
	counts := make([]int64, 256*c.images)
	for i, v := range c.values {
		counts[i/c.n*256+(v>>c.shift)%256]++
	}
	return counts
}

func (c pixels) launch(d *device, p *ptx.Program) ([]int64, error) {
	h := cuda.HistogramPixels{Counts: d.put("counts", make([]int64, 256*c.images)), N: int32(c.n), Shift: int32(c.shift)}
	if c.wide {
		h.Image = d.put("image", convert[uint16](c.values))
	} else {
		h.Image = d.put("image", convert[uint8](c.values))
	}
	h.Flag = c.flag.at(d)
	if err := d.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: ceil(c.n, 16384), Y: c.images}, Block: ptx.Dim{X: 256}, Params: h.Params()}); err != nil {
		return nil, err
	}
	return get[int64](d, h.Counts, 256*c.images)
}

// binned is a case of the kernel for columns.
type binned struct {
	column    []float64
	bins      int
	low, high float64
	flag      raised
}

func newBinned(r *rand.Rand, seed int) binned {
	c := binned{bins: []int{1, 2 + r.IntN(9), 100, 2048, 5000}[r.IntN(5)], low: -1, high: 1}
	if seed%3 == 0 { // a thread has one bin in shared memory more than the next, or one less
		c.bins = 256*(seed/3%8) + 1 + r.IntN(255)
	}
	if r.IntN(2) == 0 {
		c.low, c.high = 3*r.NormFloat64(), 4+3*math.Abs(r.NormFloat64())
		c.high = max(c.high, c.low+1e-3)
	}
	if r.IntN(4) == 0 { // the width of all overflows
		c.low, c.high = -math.MaxFloat64, math.MaxFloat64
	}
	for range []int{1 + r.IntN(200), 1 + r.IntN(18000)}[min(1, r.IntN(4))] {
		v := c.low/2 + c.high/2 + (c.high/2-c.low/2)*r.NormFloat64()
		switch r.IntN(6) {
		case 0:
			v = c.edge(r.IntN(c.bins + 1))
		case 1:
			v = math.Nextafter(c.edge(r.IntN(c.bins+1)), c.low)
		}
		c.column = append(c.column, v)
	}
	if r.IntN(2) == 0 {
		for range 3 {
			c.column[r.IntN(len(c.column))] = math.NaN()
		}
	}
	return c
}

func (c binned) edge(i int) float64 {
	if i >= c.bins {
		return c.high
	}
	t := float64(i) / float64(c.bins)
	return float64(c.low*(1-t)) + float64(c.high*t)
}

// count is what the contract says, with an edge looked up for each value.
func (c binned) count() (counts []int64, first uint32) {
	counts, first = make([]int64, c.bins+2), math.MaxUint32
	var edges []float64
	for i := range c.bins {
		edges = append(edges, c.edge(i))
	}
	for row, v := range c.column {
		switch {
		case v != v:
			first = min(first, uint32(row))
		case v < c.low:
			counts[c.bins]++
		case v > c.high:
			counts[c.bins+1]++
		default:
			i, found := slices.BinarySearch(edges, v)
			for found && i+1 < c.bins && edges[i+1] == v { // edges that lie together: the last begins there
				i++
			}
			if !found {
				i--
			}
			counts[i]++
		}
	}
	return counts, first
}

func (c binned) launch(d *device, p *ptx.Program) ([]int64, uint32, error) {
	h := cuda.HistogramColumn{Column: d.put("column", c.column), Counts: d.put("counts", make([]int64, c.bins+2)), First: d.put("first", []uint32{math.MaxUint32}),
		N: int32(len(c.column)), Bins: int32(c.bins), Low: c.low, High: c.high, Scale: float64(c.bins) / (c.high/2 - c.low/2)}
	h.Flag = c.flag.at(d)
	if err := d.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: ceil(len(c.column), 8192)}, Block: ptx.Dim{X: 256}, Params: h.Params()}); err != nil {
		return nil, 0, err
	}
	counts, err := get[int64](d, h.Counts, c.bins+2)
	if err != nil {
		return nil, 0, err
	}
	first, err := get[uint32](d, h.First, 1)
	return counts, first[0], err
}

// proveHistogram runs cases on all kernels of an image and returns how many.
func proveHistogram(t proof, arch string, cases int) (ran int) {
	none := func(counts []int64) bool { return slices.Max(counts) == 0 }
	for _, wide := range []bool{false, true} {
		p := kernel(t, arch, "histogram", map[bool]string{false: "histogram_u8", true: "histogram_u16"}[wide])
		for seed := range cases {
			c := newPixels(rand.New(rand.NewPCG(uint64(seed), 31)), wide)
			c.flag = raised(seed % 2)
			got, err := c.launch(t.device(), p)
			if err != nil || !slices.Equal(got, c.count()) {
				t.Fatalf("%s, 16 bits %v, seed %d: %d images of %d pixels: the kernel and the CPU count differently, or %v", arch, wide, seed, c.images, c.n, err)
			}
			ran++
			for _, c.flag = range []raised{up, told} {
				if got, err := c.launch(t.device(), p); seed == 0 && (err != nil || !none(got)) {
					t.Fatalf("%s: it goes on under a flag that is up: %v", arch, err)
				}
			}
		}
	}
	p := kernel(t, arch, "histogram", "histogram_f64")
	for seed := range 3 * cases {
		c := newBinned(rand.New(rand.NewPCG(uint64(seed), 32)), seed)
		c.flag = raised(seed % 2)
		want, first := c.count()
		got, at, err := c.launch(t.device(), p)
		if err != nil || at != first || !slices.Equal(got, want) {
			t.Fatalf("%s, seed %d: %d rows in %d bins from %v to %v: the kernel and the CPU count differently, or %v", arch, seed, len(c.column), c.bins, c.low, c.high, err)
		}
		ran++
		for _, c.flag = range []raised{up, told} {
			if got, _, err := c.launch(t.device(), p); seed == 0 && (err != nil || !none(got)) {
				t.Fatalf("%s: it goes on under a flag that is up: %v", arch, err)
			}
		}
	}
	return ran
}
