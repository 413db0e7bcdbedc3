package figure

import (
	"testing"

	"surprisal/jupyter/display"
)

// bundle measures all that is sent when a figure is shown: layout, PNG, SVG
// and sentence.
func bundle(b *testing.B, make func() *Figure) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := display.Of(make()).Data["image/svg+xml"]; !ok {
			b.Fatal("no picture")
		}
	}
}

func BenchmarkGraph30(b *testing.B) {
	g := regions(30, 70, 1, 2)
	bundle(b, func() *Figure { return Graph(g) })
}

func BenchmarkGraph8(b *testing.B) {
	g := regions(8, 14, 1, 2)
	bundle(b, func() *Figure { return Graph(g) })
}

func BenchmarkFan(b *testing.B) {
	f := cycles(300, 11)
	bundle(b, func() *Figure { return Fan(f) })
}

func BenchmarkLines(b *testing.B) {
	for _, n := range []int{1000, 1_000_000} {
		b.Run(map[int]string{1000: "1000", 1_000_000: "1000000"}[n], func(b *testing.B) {
			y := walk(n)
			bundle(b, func() *Figure { return Lines(y) })
		})
	}
}
