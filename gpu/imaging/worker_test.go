package imaging

import (
	"math/rand/v2"
	"testing"
)

// Four rows at once must come to the same integers as one row at a time, for
// every height that the strips take and for images that just hold one.
func TestStripEqualsRows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	strips := 0
	for h := minStrip; h <= 40; h++ {
		for _, border := range []Border{Crop, Reflect, Valid} {
			w := 1 + r.IntN(laneArea/h)
			img := &Gray{w: w + r.IntN(30), h: h + 3 + r.IntN(8)}
			img.stride, img.pix8 = img.w, make([]uint8, img.w*img.h)
			levels := 1 + r.IntN(256)
			for i := range img.pix8 {
				img.pix8[i] = uint8(r.IntN(levels))
			}
			p, err := EntropyMap{Window: Rect(h, w), Border: border, MillerMadow: true}.plan(img)
			if err != nil {
				t.Fatal(err)
			}
			table := newTable(p.maxArea(), true)
			bits := func(strip bool) []float64 {
				m := newPart(0, p.outH, p.outW, false)
				k := newWorker(p, table)
				if !strip {
					k.strip = nil
				} else if k.strip != nil {
					strips++
				}
				k.band(m, 0, p.outH)
				return m.bits
			}
			got, want := bits(true), bits(false)
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%d×%d window, border %s, image %d×%d: value %d is %v in strips and %v in rows", h, w, border, img.w, img.h, i, got[i], want[i])
				}
			}
		}
	}
	if strips < 100 {
		t.Errorf("strips were used %d times: the test shows little", strips)
	}
}
