package imaging

import (
	"context"
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/driver/drivertest"
)

// Launches for images of any number and size count each pixel once, and stay within what
// a grid and the kernel's 32 bits hold.
func TestCountingsStayWithinTheKernel(t *testing.T) {
	for _, c := range []struct{ images, pixels int }{
		{1, 1}, {1, piecePixels}, {1, piecePixels + 1}, {1, 65536 * 32768}, {1, 65536 * 65537}, {1, 1<<31 - 1}, {2, 1<<31 + 5}, {65536, 100}, {200000, 1}, {3, piecePixels / 2},
	} {
		image, from := 0, 0
		for _, l := range countings(c.images, c.pixels, piecePixels) {
			if l.image != image || l.from != from || l.to <= from || l.to > c.pixels || l.images < 1 || l.images > 65535 || l.pixels() > piecePixels {
				t.Fatalf("%+v: launch %+v, want one from image %d, pixel %d", c, l, image, from)
			}
			if from = l.to; from == c.pixels {
				image, from = image+l.images, 0
			}
		}
		if image != c.images || from != 0 {
			t.Errorf("%+v: the launches end at image %d, pixel %d", c, image, from)
		}
	}
}

// Images that are counted piece by piece, with rows that are apart, too.
func TestDeviceGlobalsInPieces(t *testing.T) {
	d := devicetest.Open(t)
	for seed := range 20 {
		r := rand.New(rand.NewPCG(uint64(seed), 42))
		w, h, wide := 1+r.IntN(60), 1+r.IntN(40), r.IntN(2) == 0
		e := EntropyMap{Shift: 8, On: d}
		var plans []*plan
		for range 1 + r.IntN(5) {
			g := drawn(r, w, h, wide)
			if r.IntN(2) == 0 {
				g, _ = drawn(r, w+3, h+2, wide).Crop(r.IntN(4), r.IntN(3), w, h)
			}
			p, err := e.plan(g)
			if err != nil {
				t.Fatal(err)
			}
			plans = append(plans, p)
		}
		piece := 1 + r.IntN(2*w*h)
		got, err := e.histogramsOn(t.Context(), plans, piece)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range plans {
			var want [256]int
			if err := p.countAll(t.Context(), &want); err != nil || got[i] != want {
				t.Errorf("seed %d: image %d of %d×%d in pieces of %d is counted otherwise, %v", seed, i, w, h, piece, err)
			}
		}
	}
}

// Maps that are made strip by strip are those that are made at once.
func TestDeviceMapsInStrips(t *testing.T) {
	d := devicetest.Open(t)
	for seed := range 24 {
		r := rand.New(rand.NewPCG(uint64(seed), 43))
		w, h, wide := 1+r.IntN(40), 20+r.IntN(60), r.IntN(2) == 0
		e := EntropyMap{Window: Rect(1+r.IntN(9), 1+r.IntN(15)), Border: Border(r.IntN(4)), Shift: 8, On: d, Occupied: r.IntN(2) == 0}
		if e.Border == Valid {
			w += 9
		}
		images := []image.Image{drawn(r, w, h, wide), drawn(r, w, h, wide)}
		form := Form(r.IntN(3))
		e.Occupied = e.Occupied && form == 0
		run := func(rows int) *batch {
			b := &batch{e: e, limit: 2 * w * h, rows: rows, form: form, images: images, maps: make([]*Map, 2), coded: make([]*Coded, 2)}
			if err := b.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			return b
		}
		whole, strips := run(0), run(1+r.IntN(30))
		for i := range images {
			same := false
			if form == 0 {
				m, n := whole.maps[i], strips.maps[i]
				same = slices.Equal(m.Bits, n.Bits) && slices.Equal(m.Occupied, n.Occupied)
			} else {
				m, n := whole.coded[i], strips.coded[i]
				same = slices.Equal(m.Bytes, n.Bytes) && slices.Equal(m.Halves, n.Halves)
			}
			if !same {
				t.Errorf("seed %d: map %d in strips is another", seed, i)
			}
		}
	}
}

// What the CPU takes the device takes, more rows and images than a grid counts, too.
func TestDeviceTakesWhatTheCPUTakes(t *testing.T) {
	f := new(drivertest.Fake)
	on, err := device.Open(device.Options{Calls: f.Calls()})
	if err != nil {
		t.Fatal(err)
	}
	d := gpu.With(gpu.Simulator, on)
	defer d.Close()
	high, err := NewGray8(1, 1<<20+1, make([]uint8, 1<<20+1))
	if err != nil {
		t.Fatal(err)
	}
	e := EntropyMap{On: &d}
	if m, err := e.Of(context.Background(), high); err != nil || m.Height != 1<<20+1 || f.Called("Launch") != 2 {
		t.Errorf("a map of 2^20+1 rows: %d launches, %v", f.Called("Launch"), err)
	}
	small, err := NewGray8(10, 10, make([]uint8, 100))
	if err != nil {
		t.Fatal(err)
	}
	all, err := e.Globals(context.Background(), slices.Repeat([]image.Image{small}, 65536))
	if err != nil || len(all) != 65536 || f.Called("Launch") != 4 {
		t.Errorf("entropies of 65,536 images: %d launches, %v", f.Called("Launch"), err)
	}
}
