package picture

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the pictures anew")

// The README shows what the code of this clone draws.
func TestPicturesAreThoseThatAreCommitted(t *testing.T) {
	for name, draw := range map[string]func() ([]byte, error){"readme.png": PNG, "graph.png": Graph, "fan.png": Fan} {
		t.Run(name, func(t *testing.T) {
			have, err := draw()
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(name, have, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			// Pixels, not bytes: the compressor may change with the toolchain.
			compare(t, name, pixels(t, have), pixels(t, want))
		})
	}
}

func compare(t *testing.T, name string, a, b image.Image) {
	t.Helper()
	if a.Bounds() != b.Bounds() {
		t.Fatalf("%s is %v, drawn %v: write it anew with -update", name, b.Bounds(), a.Bounds())
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				t.Fatalf("%s differs from what is drawn at %d,%d: write it anew with -update, and look at it", name, x, y)
			}
		}
	}
}

func pixels(t *testing.T, b []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// The picture's claim: mean and spread are the same inside and outside.
func TestNoiseHidesTheLetters(t *testing.T) {
	shape, err := letters("−log p")
	if err != nil {
		t.Fatal(err)
	}
	var n, sum, squares [2]float64
	for i, v := range noise(shape) {
		in := 0
		if shape.Pix[i] > 127 {
			in = 1
		}
		n[in]++
		sum[in] += float64(v)
		squares[in] += float64(v) * float64(v)
	}
	for in := range 2 {
		mean := sum[in] / n[in]
		variance := squares[in]/n[in] - mean*mean
		if !(mean > 126 && mean < 130) || !(variance > 840 && variance < 960) {
			t.Errorf("inside %d: %v pixels, mean %.1f, variance %.0f, want 128 and 900", in, n[in], mean, variance)
		}
	}
}
