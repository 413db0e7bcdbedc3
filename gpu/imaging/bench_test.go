package imaging_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"surprisal/gpu/imaging"
)

// benchImages are seeded 1024×1024 images: noise, and ramps with a little of
// it.
func benchImages(tb testing.TB) map[string]*imaging.Gray {
	const n = 1024
	r := rand.New(rand.NewPCG(1, 2))
	noise, smooth, even := make([]uint8, n*n), make([]uint8, n*n), make([]uint8, n*n)
	for i := range noise {
		x, y := i%n, i/n
		noise[i] = uint8(math.Max(0, math.Min(255, 128+40*r.NormFloat64())))
		smooth[i] = uint8((x+y)/3) ^ noise[i]>>5
		even[i] = uint8(127.5 + 60*math.Sin(float64(x)/54) + 60*math.Cos(float64(y)/81))
	}
	return map[string]*imaging.Gray{"noise": gray8(tb, n, n, noise), "smooth": gray8(tb, n, n, smooth), "even": gray8(tb, n, n, even)}
}

func BenchmarkEntropyMap(b *testing.B) {
	images := benchImages(b)
	for _, c := range []struct {
		image string
		e     imaging.EntropyMap
	}{
		{"noise", imaging.EntropyMap{Threads: 1}},
		{"smooth", imaging.EntropyMap{Threads: 1}},
		{"even", imaging.EntropyMap{Threads: 1}},
		{"noise", imaging.EntropyMap{Threads: 1, MillerMadow: true}},
		{"noise", imaging.EntropyMap{Threads: 2}},
		{"noise", imaging.EntropyMap{Threads: 1, Window: imaging.Square(5)}},
		{"noise", imaging.EntropyMap{Threads: 1, Window: imaging.Square(15)}},
		{"noise", imaging.EntropyMap{Threads: 1, Window: imaging.Disk(5)}},
		{"noise", imaging.EntropyMap{Threads: 1, Window: imaging.Square(31)}},
		{"noise", imaging.EntropyMap{Threads: 1, Window: imaging.Tile(16, 16)}},
	} {
		w := c.e.Window
		if w == (imaging.Footprint{}) {
			w = imaging.Square(9)
		}
		b.Run(fmt.Sprintf("%s/%s/threads=%d,corrected=%v", c.image, w, c.e.Threads, c.e.MillerMadow), func(b *testing.B) {
			b.SetBytes(1024 * 1024) // 1 MB/s is 1 Mpixel/s
			for b.Loop() {
				if _, err := c.e.Of(context.Background(), images[c.image]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
