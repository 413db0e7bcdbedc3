package imaging

import (
	"context"
	"errors"
	"image"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/internal/device/devicetest"
)

// Entropies of images on a device are those of the CPU to the last bit, of one and of
// many of any size, in groups of any length.
func TestDeviceGlobals(t *testing.T) {
	d := devicetest.Open(t)
	for seed := range 20 {
		r := rand.New(rand.NewPCG(uint64(seed), 41))
		var images []image.Image
		w, h := 1+r.IntN(200), 1+r.IntN(120)
		for range 1 + r.IntN(6) {
			if r.IntN(4) == 0 {
				w, h = 1+r.IntN(200), 1+r.IntN(120)
			}
			images = append(images, drawn(r, w, h, r.IntN(3) == 0))
		}
		e := EntropyMap{MillerMadow: seed%2 == 1, Shift: AutoShift}
		want, err := e.Globals(t.Context(), images)
		if err != nil || want[0].Place != gpu.CPU || !strings.HasSuffix(want[0].String(), ", on the CPU") {
			t.Fatalf("%v, %v", want, err)
		}
		for i := range want {
			want[i].Place = d.Place
		}
		e.On = d
		got, err := e.globals(t.Context(), images, w*h*(1+r.IntN(3)))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("seed %d: %v, %v, want %v", seed, got, err, want)
		}
		for i, img := range images {
			if one, err := e.Global(t.Context(), img); err != nil || one != want[i] {
				t.Errorf("seed %d: %v, %v, want %v", seed, one, err, want[i])
			}
		}
	}
}

func TestDeviceGlobalsInVain(t *testing.T) {
	img := drawn(rand.New(rand.NewPCG(1, 41)), 30, 20, false)
	missing := gpu.Open(gpu.Index(99))
	if _, err := (EntropyMap{On: &missing}).Global(t.Context(), img); !errors.Is(err, gpu.ErrNoDevice) {
		t.Errorf("a device that is not there: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	cancel(enough)
	for _, on := range []*gpu.Device{nil, devicetest.Open(t)} {
		if _, err := (EntropyMap{On: on}).Global(ctx, img); !errors.Is(err, enough) {
			t.Errorf("a context that has ended: %v, want its cause", err)
		}
	}
	if all, err := (EntropyMap{}).Globals(t.Context(), nil); len(all) != 0 || err != nil {
		t.Errorf("no images: %v, %v", all, err)
	}
}

func BenchmarkDeviceGlobal(b *testing.B) {
	d := devicetest.Open(b)
	r := rand.New(rand.NewPCG(2, 41))
	var images []image.Image
	for range 8 {
		images = append(images, drawn(r, 1024, 1024, false))
	}
	for name, on := range map[string]*gpu.Device{"CPU": nil, "device": d} {
		b.Run("one/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := (EntropyMap{On: on}).Global(b.Context(), images[0]); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("eight/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := (EntropyMap{On: on}).Globals(b.Context(), images); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
