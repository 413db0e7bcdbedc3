package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"surprisal/gpu"
	"surprisal/gpu/imaging"
	"surprisal/gpu/prim"
)

// column is a histogram of numbers of a normal distribution.
type column struct {
	of    prim.Histogram
	x     []float64
	found *prim.Binned
}

func drawn(on *gpu.Device, n int) *column {
	r := rand.New(rand.NewPCG(7, 8))
	c := &column{of: prim.Histogram{Bins: 256, Min: -4, Max: 4, On: on}, x: make([]float64, n)}
	for i := range c.x {
		c.x[i] = r.NormFloat64()
	}
	return c
}

func (c *column) run(ctx context.Context) (err error) {
	c.found, err = c.of.Count(ctx, c.x)
	return err
}

func (c *column) onCPU(ctx context.Context) (*prim.Binned, error) {
	cpu := gpu.Open(gpu.CPU)
	h := c.of
	h.On = &cpu
	return h.Count(ctx, c.x)
}

func (c *column) onOneCore(ctx context.Context) error {
	_, err := c.onCPU(ctx)
	return err
}

func (c *column) check(ctx context.Context) error {
	if c.found.Place == gpu.CPU {
		return errors.New("it was counted on the CPU")
	}
	want, err := c.onCPU(ctx)
	if err != nil {
		return err
	}
	if c.found.Below != want.Below || c.found.Above != want.Above || !slices.Equal(c.found.N, want.N) {
		return errors.New("the counts differ")
	}
	return nil
}

// value is the entropy of the bins, in bits.
func (c *column) value() float64 {
	n, sum := 0.0, 0.0
	for _, count := range c.found.N {
		if count > 0 {
			n, sum = n+float64(count), sum+float64(float64(count)*math.Log2(float64(count)))
		}
	}
	return math.Log2(n) - sum/n
}

// shades are the entropies of whole frames.
type shades struct {
	*maps
	found []imaging.Entropy
}

func (s *shades) run(ctx context.Context) (err error) {
	s.found, err = imaging.EntropyMap{On: s.on}.Globals(ctx, s.frames)
	return err
}

func (s *shades) onOneCore(ctx context.Context) error {
	_, err := imaging.EntropyMap{}.Global(ctx, s.frames[0])
	return err
}

func (s *shades) check(ctx context.Context) error {
	want, err := imaging.EntropyMap{}.Globals(ctx, s.frames)
	for i := range want {
		if want[i].Place = s.found[i].Place; s.found[i] != want[i] {
			return fmt.Errorf("frame %d has %v, and by the CPU %v", i, s.found[i], want[i])
		}
	}
	return err
}

func (s *shades) value() float64 { return s.found[0].Bits }

// histogramWork are the cases of counting alone, which memory bounds.
func histogramWork(on *gpu.Device, small bool) (all []func() work) {
	frames := func(count, width, height int, g goals) {
		all = append(all, func() work {
			s := &shades{maps: noise(on, count, width, height)}
			name := fmt.Sprintf("histogram and entropy of an image, %d×%d, 256 bins", width, height)
			if count > 1 {
				name += fmt.Sprintf(", %d images at once", count)
			}
			return work{name: name, parts: count, cpu: s.onOneCore, cpuParts: 1, run: s.run, check: s.check, value: s.value,
				floor: memoryFloor(width * height), goals: g, peer: &request{Op: "bincount", bytes: s.twin.Pixels, Shape: []int{count, height * width}}}
		})
	}
	values := func(n int) {
		all = append(all, func() work {
			c := drawn(on, n)
			return work{name: fmt.Sprintf("histogram, %d values in float64, 256 bins", n), parts: 1, cpu: c.onOneCore, cpuParts: 1, run: c.run, check: c.check, value: c.value,
				floor: memoryFloor(8 * n), peer: &request{Op: "histogram", Bins: c.of.Bins, Range: []float64{c.of.Min, c.of.Max}, doubles: [][]float64{c.x}}}
		})
	}
	if small {
		frames(2, 200, 40, goals{})
		values(3000)
		return all
	}
	frames(1, 1024, 1024, goals{device: 4 * time.Microsecond})
	frames(64, 1024, 1024, goals{})
	values(1 << 22)
	return all
}
