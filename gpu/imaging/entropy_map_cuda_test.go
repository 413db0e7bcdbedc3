package imaging

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"surprisal/gpu"
	"surprisal/gpu/internal/device"
)

// opened is the device of these tests: the simulator, or with SURPRISAL_GPU=require
// a GPU.
func opened(t testing.TB) *gpu.Device {
	t.Helper()
	p := gpu.Simulator
	if os.Getenv("SURPRISAL_GPU") == "require" {
		p = gpu.Auto
	}
	d := gpu.Open(p)
	if d.Err() != nil {
		t.Fatal(d.Err())
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return &d
}

// drawn is an image of a seed.
func drawn(r *rand.Rand, w, h int, wide bool) *Gray {
	coarse := r.IntN(8)
	g := &Gray{w: w, h: h, stride: w}
	for range w * h {
		if wide {
			g.pix16 = append(g.pix16, uint16(r.IntN(1<<16)>>coarse))
		} else {
			g.pix8 = append(g.pix8, uint8(r.IntN(256)>>coarse))
		}
	}
	return g
}

// expected counts each window anew and does the arithmetic of the kernels, each
// operation rounded once to float32.
func expected(p *plan, occupied bool) (bits []float64) {
	table, mask := deviceTable(p.foot.w*p.foot.h, p.correct, p.correct || occupied)
	plane := make([][]uint8, p.planeH)
	for y := range plane {
		plane[y] = make([]uint8, p.planeW)
		p.bin(plane[y], y)
	}
	for y := range p.outH {
		for x := range p.outW {
			var hist [256]int
			n := 0
			for py := max(0, y+p.oy); py < min(p.planeH, y+p.oy+p.foot.h); py++ {
				for px := max(0, x+p.ox); px < min(p.planeW, x+p.ox+p.foot.w); px++ {
					hist[plane[py][px]]++
					n++
				}
			}
			sum, m := uint32(0), 0
			for _, c := range hist {
				sum += table[256+c]
				if c > 0 {
					m++
				}
			}
			if mask == math.MaxUint32 {
				m = 0
			}
			v := float32(float32(table[256+n]-sum) * math.Float32frombits(table[512+n]))
			bits = append(bits, float64(v+float32(float32(m-1)*math.Float32frombits(table[768+n]))))
		}
	}
	return bits
}

// Maps of a device are what their arithmetic says, to the last bit, and near those
// of the CPU; occupied bins are the same.
func TestDeviceMaps(t *testing.T) {
	d := opened(t)
	cases, side := 60, 60
	if d.Place != gpu.Simulator {
		cases, side = 300, 700
	}
	worst := map[bool]float64{}
	for seed := range cases {
		r := rand.New(rand.NewPCG(uint64(seed), 3))
		e := EntropyMap{Window: Rect(1+r.IntN(15), 1+r.IntN(15)), Border: Border(r.IntN(4)), Bins: []int{16, 64, 256}[r.IntN(3)], Shift: AutoShift,
			MillerMadow: r.IntN(2) == 0, Occupied: r.IntN(3) == 0, On: d}
		if r.IntN(3) == 0 {
			e.Window = Square(9)
		}
		w, h := 1+r.IntN(2*side), 1+r.IntN(side)
		if r.IntN(6) == 0 {
			h = 1
		}
		if e.Border == Valid {
			w, h = w+14, h+14
		}
		g := drawn(r, w, h, r.IntN(2) == 0)
		p, err := e.plan(g)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Of(t.Context(), g)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if want := expected(p, e.Occupied); !slices.Equal(got.Bits, want) {
			t.Fatalf("seed %d: %s over %v: not what the arithmetic says", seed, got.Method(), g)
		}
		e.On = nil
		cpu, err := e.Of(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Occupied, cpu.Occupied) || got.Place != d.Place || cpu.Place != gpu.CPU {
			t.Fatalf("seed %d: occupied bins differ, or places %v and %v are wrong", seed, got.Place, cpu.Place)
		}
		coarse := e.MillerMadow || e.Occupied
		for i, v := range got.Bits {
			worst[coarse] = max(worst[coarse], math.Abs(v-cpu.Bits[i]))
		}
	}
	t.Logf("at most %.2g bits from the CPU, %.2g beside occupied bins", worst[false], worst[true])
	if !(worst[false] <= 1.5e-6 && worst[true] <= 3.1e-5) {
		t.Errorf("maps are %v bits apart", worst)
	}
}

func TestDeviceMapsOfManyImages(t *testing.T) {
	d := opened(t)
	r := rand.New(rand.NewPCG(1, 5))
	var images []image.Image
	for _, size := range [][2]int{{40, 20}, {40, 20}, {33, 9}, {40, 20}} {
		images = append(images, drawn(r, size[0], size[1], len(images) == 1))
	}
	e := EntropyMap{Shift: AutoShift, On: d}
	all, err := e.All(t.Context(), images)
	if err != nil {
		t.Fatal(err)
	}
	for i, img := range images {
		one, err := e.Of(t.Context(), img)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(one.Bits, all[i].Bits) || all[i].Place != d.Place {
			t.Errorf("image %d comes out otherwise beside others", i)
		}
	}
}

func TestDeviceMapsRefuse(t *testing.T) {
	d := opened(t)
	g := drawn(rand.New(rand.NewPCG(1, 1)), 30, 30, false)
	for _, f := range []Footprint{Disk(3), Tile(4, 4), Square(17), Rect(1, 16)} {
		var none *NoKernelError
		if _, err := (EntropyMap{Window: f, On: d}).Of(t.Context(), g); !errors.As(err, &none) || none.Window != f {
			t.Errorf("%v: got %v, want that no kernel is made for it", f, err)
		}
	}
	missing := gpu.Open(gpu.Index(99))
	if _, err := (EntropyMap{On: &missing}).Of(t.Context(), g); !errors.Is(err, gpu.ErrNoDevice) {
		t.Errorf("got %v, want that there is no such device", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (EntropyMap{On: d}).Of(ctx, g); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// The time of a map, host to host.
func BenchmarkDeviceMap(b *testing.B) {
	d := opened(b)
	defer kernelTimes(b, d)
	for _, side := range []int{128, 1024, 4096} {
		if d.Place == gpu.Simulator && side > 128 {
			continue
		}
		for _, frames := range []int{1, 20} {
			b.Run(fmt.Sprintf("%d²/9×9/256 bins/frames=%d", side, frames), func(b *testing.B) {
				var images []image.Image
				for range frames {
					images = append(images, drawn(rand.New(rand.NewPCG(1, 1)), side, side, false))
				}
				e := EntropyMap{On: d}
				run := func() {
					if _, err := e.All(b.Context(), images); err != nil {
						b.Fatal(err)
					}
				}
				run()
				for b.Loop() {
					run()
				}
				b.ReportMetric(float64(b.Elapsed())/float64(time.Millisecond)/float64(b.N*frames), "ms/frame")
			})
		}
	}
}

// kernelTimes reports the median time of the kernels on the device.
func kernelTimes(b *testing.B, d *gpu.Device) {
	err := d.Do(func(t *device.Thread) error {
		for _, k := range t.Device().Stats().Kernels {
			b.Logf("%s: %d launches, median %v on the device", k.Name, k.Launches, k.P50)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}
