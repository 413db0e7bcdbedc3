package imaging

import (
	"context"
	"errors"
	"fmt"
	"image"

	"surprisal/gpu"
)

// Global returns the entropy of all pixels of img together, with the bins,
// shift and correction of e. Window and Border do not matter. On a device it is
// counted there, and is the same to the last bit.
func (e EntropyMap) Global(ctx context.Context, img image.Image) (Entropy, error) {
	all, err := e.globals(ctx, []image.Image{img}, groupPixels)
	if err != nil {
		return Entropy{}, err
	}
	return all[0], nil
}

// Globals is Global of several images. On a device, successive images of one size
// and depth go through together.
func (e EntropyMap) Globals(ctx context.Context, images []image.Image) ([]Entropy, error) {
	return e.globals(ctx, images, groupPixels)
}

// globals sends images through a device in groups of as many as make so many pixels.
func (e EntropyMap) globals(ctx context.Context, images []image.Image, limit int) (all []Entropy, err error) {
	e.Window, e.Border = Tile(1, 1), Crop
	if ctx == nil {
		return nil, fmt.Errorf("imaging: entropy: %w", errNoContext)
	}
	var alike []*plan
	for i := 0; i <= len(images); i++ {
		var p *plan
		if i < len(images) {
			if p, err = e.plan(images[i]); err == nil {
				err = context.Cause(ctx)
			}
			if err != nil {
				return nil, fmt.Errorf("imaging: entropy: %w", err)
			}
		}
		full := len(alike) > 0 && (p == nil || e.onCPU() || !p.like(alike[0]) || len(alike) == maxFrames || (len(alike)+1)*p.img.w*p.img.h > limit)
		if full {
			if all, err = e.counted(ctx, all, alike); err != nil {
				return nil, fmt.Errorf("imaging: entropy: %w", err)
			}
			alike = alike[:0]
		}
		alike = append(alike, p)
	}
	return all, nil
}

// counted is a list with the entropies of some more images.
func (e EntropyMap) counted(ctx context.Context, all []Entropy, alike []*plan) (_ []Entropy, err error) {
	hists, at := make([][256]int, len(alike)), gpu.CPU
	if e.onCPU() {
		for i, p := range alike {
			err = errors.Join(err, p.countAll(ctx, &hists[i]))
		}
	} else {
		at = e.On.Place
		hists, err = e.histogramsOn(ctx, alike, piecePixels)
	}
	if err != nil {
		return nil, err
	}
	for i, p := range alike {
		h := newTable(p.img.w*p.img.h, false).entropy(&hists[i])
		h.Place = at
		if p.correct {
			h.Bits += float64(float64(h.Occupied-1) * perBin(h.N))
		}
		all = append(all, h)
	}
	return all, nil
}

// countAll counts all pixels, so many rows between two looks at ctx as take some 10 ms.
func (p *plan) countAll(ctx context.Context, hist *[256]int) error {
	g := p.img
	rows := max(1, groupPixels/g.w)
	for y := 0; y < g.h; y += rows {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		g.count(hist, 0, g.w, y, min(g.h, y+rows), p.shift)
	}
	return nil
}
