package imaging

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/ptx"
)

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
	d := devicetest.Open(t)
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
	d := devicetest.Open(t)
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

// Groups follow each other through the rooms on the device, and the last one is
// smaller. Maps lie in old memory where there is some.
func TestDeviceMapsInGroups(t *testing.T) {
	d := devicetest.Open(t)
	for seed := range 12 {
		r := rand.New(rand.NewPCG(uint64(seed), 8))
		w, h, wide := 1+r.IntN(40), 1+r.IntN(30), r.IntN(2) == 0
		e := EntropyMap{Shift: AutoShift, Border: Border(r.IntN(3)), Bins: []int{16, 256}[r.IntN(2)], Occupied: r.IntN(2) == 0, On: d}
		var images []image.Image
		for range 1 + r.IntN(23) {
			g := drawn(r, w, h, wide)
			if r.IntN(3) == 0 { // rows that are apart
				g, _ = drawn(r, w+3, h+2, wide).Crop(r.IntN(4), r.IntN(3), w, h)
			}
			images = append(images, g)
		}
		e.Shift = 0
		for e.Bins<<e.Shift < map[bool]int{false: 1 << 8, true: 1 << 16}[wide] {
			e.Shift++
		}
		b := batch{e: e, limit: w * h * (1 + r.IntN(5)), images: images, maps: make([]*Map, len(images))}
		for i := range b.maps {
			if r.IntN(2) == 0 {
				b.maps[i] = &Map{Bits: slices.Repeat([]float64{7}, r.IntN(2*w*h)), Occupied: slices.Repeat([]uint16{7}, r.IntN(2*w*h))}
			}
		}
		old := slices.Clone(b.maps)
		if err := b.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, img := range images {
			one, err := e.Of(t.Context(), img)
			if err != nil {
				t.Fatal(err)
			}
			if m := b.maps[i]; !slices.Equal(one.Bits, m.Bits) || !slices.Equal(one.Occupied, m.Occupied) || one.Method() != m.Method() || m.Place != d.Place {
				t.Errorf("seed %d: map %d of %d comes out otherwise in groups of %d", seed, i, len(images), b.limit/(w*h))
			}
			if old[i] != nil && b.maps[i] != old[i] {
				t.Errorf("seed %d: map %d is not the one that was given", seed, i)
			}
		}
	}
}

// Codes of a device are those of its values, in groups too.
func TestDeviceCodes(t *testing.T) {
	d := devicetest.Open(t)
	for seed := range 12 {
		r := rand.New(rand.NewPCG(uint64(seed), 9))
		w, h, wide := 1+r.IntN(80), 1+r.IntN(30), r.IntN(2) == 0
		e := EntropyMap{Window: Rect(1+r.IntN(9), 1+r.IntN(9)), Shift: AutoShift, Bins: []int{16, 64, 256}[r.IntN(3)], MillerMadow: r.IntN(2) == 0, On: d}
		var images []image.Image
		for range 1 + r.IntN(6) {
			images = append(images, drawn(r, w, h, wide))
		}
		for _, form := range []Form{Byte, Half} {
			got, err := e.Coded(t.Context(), form, images...)
			if err != nil {
				t.Fatal(err)
			}
			for i, img := range images {
				p, err := e.plan(img)
				if err != nil {
					t.Fatal(err)
				}
				want := &part{bits: expected(p, false)}
				p.shorten(want, form)
				if c := got[i]; !slices.Equal(c.Bytes, want.bytes) || !slices.Equal(c.Halves, want.halves) || c.Place != d.Place {
					t.Fatalf("seed %d: %v codes of image %d are not those of its values", seed, form, i)
				}
			}
		}
	}
}

// A batch that is cancelled between groups ends with the cause.
func TestDeviceMapsAreCancelledBetweenGroups(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	enough, launches := errors.New("enough"), 0
	calls := *new(ptx.Simulator).Calls()
	launch := calls.Launch
	calls.Launch = func(l *driver.Launch) driver.Code {
		if launches++; launches == 5 {
			cancel(enough)
		}
		return launch(l)
	}
	on, err := device.Open(device.Options{Calls: &calls})
	if err != nil {
		t.Fatal(err)
	}
	d := gpu.With(gpu.Simulator, on)
	defer d.Close()
	g := drawn(rand.New(rand.NewPCG(1, 1)), 40, 30, false)
	b := batch{e: EntropyMap{On: &d}, limit: 40 * 30, maps: make([]*Map, 40)}
	for range b.maps {
		b.images = append(b.images, g)
	}
	if err := b.run(ctx); !errors.Is(err, enough) || launches > 8 {
		t.Errorf("after %d launches: %v, want the cause of the end after 8 at most", launches, err)
	}
	if _, err := (EntropyMap{On: &d}).Of(t.Context(), g); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// One image that makes a long launch ends within 50 ms of an interrupt: blocks that
// have not begun see the flag. Of a busy machine the time is taken that it has given.
func TestDeviceMapIsInterruptedAmidALaunch(t *testing.T) {
	d := gpu.Open(gpu.Simulator)
	defer d.Close()
	g := drawn(rand.New(rand.NewPCG(2, 2)), 1500, 1500, false) // a second and more
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	best := time.Hour
	for try := 0; try < 5 && best > 50*time.Millisecond; try++ {
		ctx, cancel := context.WithCancelCause(t.Context())
		enough := errors.New("enough")
		var begin time.Time
		var before time.Duration
		time.AfterFunc(200*time.Millisecond, func() { begin, before = time.Now(), used(); cancel(enough) })
		b := batch{e: EntropyMap{On: &d}, limit: 1000, images: []image.Image{g}, maps: make([]*Map, 1)}
		if err := b.run(ctx); !errors.Is(err, enough) {
			t.Fatalf("got %v, want the cause: is the image too small?", err)
		}
		best = min(best, time.Since(begin), used()-before)
	}
	t.Logf("ended %v after the interrupt", best)
	if best > 50*time.Millisecond {
		t.Errorf("ended %v after the interrupt", best)
	}
}

// Where memory holds one group and not three they go one after another, and where
// it holds none that is the error.
func TestDeviceMapsWithLittleMemory(t *testing.T) {
	g := drawn(rand.New(rand.NewPCG(1, 1)), 40, 30, false)
	images := slices.Repeat([]image.Image{g}, 5)
	want, err := (EntropyMap{}).Of(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		budget uint64
		fits   bool
	}{{12 << 10, true}, {8 << 10, false}} { // the table takes 4096 bytes, a group 1280 and 5120
		on, err := device.Open(device.Options{Calls: new(ptx.Simulator).Calls(), Budget: c.budget})
		if err != nil {
			t.Fatal(err)
		}
		d := gpu.With(gpu.Simulator, on)
		b := batch{e: EntropyMap{On: &d}, limit: 40 * 30, images: images, maps: make([]*Map, len(images))}
		err = b.run(t.Context())
		switch {
		case c.fits != (err == nil), !c.fits && !errors.Is(err, device.ErrOutOfMemory):
			t.Errorf("%d bytes: %v", c.budget, err)
		case c.fits && !(math.Abs(b.maps[4].Bits[77]-want.Bits[77]) <= 1.5e-6):
			t.Errorf("%d bytes: another map", c.budget)
		}
		if s := on.Stats(); s.InUse != 0 {
			t.Errorf("%d bytes: %d are held", c.budget, s.InUse)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestDeviceMapsRefuse(t *testing.T) {
	d := devicetest.Open(t)
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

// The time of a map, host to host, in fresh memory and in that of the last.
func BenchmarkDeviceMap(b *testing.B) {
	d := devicetest.Open(b)
	defer kernelTimes(b, d)
	for _, side := range []int{128, 1024, 4096} {
		if d.Place == gpu.Simulator && side > 128 {
			continue
		}
		for _, frames := range []int{1, 20} {
			images := slices.Repeat([]image.Image{drawn(rand.New(rand.NewPCG(1, 1)), side, side, false)}, frames)
			e := EntropyMap{On: d}
			var maps []*Map
			for _, c := range []struct {
				how string
				run func() error
			}{
				{"fresh", func() error { _, err := e.All(b.Context(), images); return err }},
				{"over", func() (err error) { maps, err = e.Into(b.Context(), maps, images); return err }},
				{"bytes", func() error { _, err := e.Coded(b.Context(), Byte, images...); return err }},
			} {
				b.Run(fmt.Sprintf("%d²/9×9/256 bins/frames=%d/%s", side, frames, c.how), func(b *testing.B) {
					for b.Loop() {
						if err := c.run(); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed())/float64(time.Millisecond)/float64(b.N*frames), "ms/frame")
				})
			}
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
