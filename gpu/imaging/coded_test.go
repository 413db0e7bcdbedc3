package imaging

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Codes are as near to the map as they say, and show as a picture.
func TestCodesAreNear(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	g := drawn(r, 60, 40, false)
	for _, e := range []EntropyMap{{}, {MillerMadow: true}, {Window: Square(1)}, {Window: Disk(3), Bins: 16, Shift: AutoShift}, {Window: Square(31), MillerMadow: true}, {Window: Tile(7, 9)}} {
		m, err := e.Of(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []Form{Byte, Half} {
			all, err := e.Coded(t.Context(), form, g, g)
			if err != nil {
				t.Fatal(err)
			}
			c := all[1]
			if c.Width != m.Width || c.Height != m.Height {
				t.Fatalf("%s: %d×%d codes of %d×%d values", m.Method(), c.Width, c.Height, m.Width, m.Height)
			}
			pixels := c.Image()
			for y := range m.Height {
				for x := range m.Width {
					want := m.Value(x, y)
					room := map[Form]float64{Byte: c.Unit/2 + 1e-6, Half: want/2048 + 1e-6}[form]
					if got := c.Value(x, y); !(math.Abs(got-want) <= room) {
						t.Fatalf("%s as %v: %v at (%d, %d), want %v", m.Method(), form, got, x, y, want)
					}
					if got := float64(pixels.GrayAt(x, y).Y) * c.Unit; !(math.Abs(got-want) <= c.Unit/2+want/2048+1e-6) {
						t.Fatalf("%s as %v: a pixel of %v at (%d, %d), want %v", m.Method(), form, got, x, y, want)
					}
				}
			}
		}
	}
	if _, err := (EntropyMap{}).Coded(t.Context(), 0, g); err == nil {
		t.Error("form 0 is no error")
	}
}

// Every float16 from 0 to 2048 comes back, and what lies between two goes to the
// nearer, or to the even one.
func TestHalves(t *testing.T) {
	for h := range uint16(26 << 10) {
		v, next := fromHalf(h), fromHalf(h+1)
		if got := toHalf(float32(v)); got != h {
			t.Fatalf("%#x is %v, which is %#x", h, v, got)
		}
		if got := toHalf(float32((v + next) / 2)); got != h+h&1 {
			t.Fatalf("between %v and %v: %#x", v, next, got)
		}
		if got := toHalf(float32(v*0.51 + next*0.49)); got != h {
			t.Fatalf("nearer to %v than to %v: %#x", v, next, got)
		}
	}
}
