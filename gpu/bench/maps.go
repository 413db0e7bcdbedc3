package bench

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"time"

	"surprisal/gpu"
	"surprisal/gpu/imaging"
	"surprisal/gpu/internal/trial"
)

// maps are entropy maps of frames of noise, written over each time.
type maps struct {
	on     *gpu.Device
	frames []image.Image
	twin   trial.Map
	maps   []*imaging.Map
}

func noise(on *gpu.Device, frames, width, height int) *maps {
	r := rand.New(rand.NewPCG(5, 6))
	m := &maps{on: on, twin: trial.Map{Frames: frames, Height: height, Width: width, Pixels: make([]uint8, frames*width*height)}}
	for i := range m.twin.Pixels {
		m.twin.Pixels[i] = uint8(min(255, max(0, 128+40*r.NormFloat64())))
	}
	for f := range frames {
		m.frames = append(m.frames, &image.Gray{Pix: m.twin.Pixels[f*width*height : (f+1)*width*height], Stride: width, Rect: image.Rect(0, 0, width, height)})
	}
	return m
}

func (m *maps) run(ctx context.Context) (err error) {
	m.maps, err = imaging.EntropyMap{On: m.on}.Into(ctx, m.maps, m.frames)
	return err
}

func (m *maps) onOneCore(ctx context.Context) error {
	cpu := gpu.Open(gpu.CPU)
	_, err := imaging.EntropyMap{On: &cpu, Threads: 1}.Of(ctx, m.frames[0])
	return err
}

// check holds the last maps against windows that are counted anew on the CPU, with
// the table of the kernel: all of a small map, 20,000 or more values of others.
func (m *maps) check(context.Context) error {
	bits := make([]float32, 0, len(m.twin.Pixels))
	for _, f := range m.maps {
		for _, v := range f.Bits {
			bits = append(bits, float32(v))
		}
	}
	if i := m.twin.Differs(bits, 1+len(bits)/20_000); i >= 0 {
		return fmt.Errorf("value %d is %v: not what the CPU finds", i, bits[i])
	}
	return nil
}

// value is the mean of the first map where windows are whole.
func (m *maps) value() float64 {
	w, h, sum := m.twin.Width, m.twin.Height, 0.0
	for y := 4; y < h-4; y++ {
		for x := 4; x < w-4; x++ {
			sum += m.maps[0].Value(x, y)
		}
	}
	return sum / float64((h-8)*(w-8))
}

func mapWork(on *gpu.Device, small bool) (all []func() work) {
	for _, c := range []struct {
		frames, width, height int
		small                 bool
		goals                 goals
	}{
		{1, 140, 20, true, goals{}},
		{2, 64, 16, true, goals{}},
		{1, 1024, 1024, false, goals{device: 25 * time.Microsecond}},
		{64, 1024, 1024, false, goals{device: 16700 * time.Nanosecond}},
	} {
		if c.small != small {
			continue
		}
		all = append(all, func() work {
			m := noise(on, c.frames, c.width, c.height)
			name := fmt.Sprintf("entropy map, %d×%d, 9×9, 256 bins", c.width, c.height)
			if c.frames > 1 {
				name += fmt.Sprintf(", %d frames at once", c.frames)
			}
			return work{name: name, parts: c.frames, cpu: m.onOneCore, cpuParts: 1, run: m.run, check: m.check, value: m.value,
				floor: mapFloor(c.width * c.height), goals: c.goals, peer: &request{Op: "map", bytes: m.twin.Pixels, Shape: []int{c.frames, c.height, c.width}}}
		})
	}
	return all
}
