package imaging

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/internal/device/devicetest"
)

// Whatever call fails while maps are made in groups: what comes without an error is
// right, then and afterwards.
func TestDeviceMapsSurviveAnyFailure(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 8))
	var images []image.Image
	for range 3 {
		images = append(images, drawn(r, 20, 9, false))
	}
	devicetest.AnyFailure(t, func(on *gpu.Device) ([]*Map, error) {
		b := batch{e: EntropyMap{On: on}, limit: 200, images: images, maps: make([]*Map, len(images))}
		return b.maps, b.run(t.Context())
	}, func(a, b []*Map) bool {
		return slices.EqualFunc(a, b, func(m, n *Map) bool { return slices.Equal(m.Bits, n.Bits) })
	})
}

func TestDeviceGlobalsSurviveAnyFailure(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 8))
	images := []image.Image{drawn(r, 30, 20, false), drawn(r, 30, 20, false), drawn(r, 31, 20, true)}
	devicetest.AnyFailure(t, func(on *gpu.Device) ([]Entropy, error) {
		return EntropyMap{On: on, Shift: AutoShift}.Globals(t.Context(), images)
	}, slices.Equal)
}
