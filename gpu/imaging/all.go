package imaging

import (
	"context"
	"fmt"
	"image"

	"surprisal/gpu"
)

// All returns the entropy maps of several images; they are those of Of. On a
// device, successive images of one size and depth go through together: one launch
// for as many as make 8 million pixels, while those before go to the host and those
// after come from it.
func (e EntropyMap) All(ctx context.Context, images []image.Image) ([]*Map, error) {
	return e.Into(ctx, nil, images)
}

// Into is All in the memory of maps that nobody needs any more: map i overwrites
// old[i] and is that map, if there is one and it is not nil. Making a map of a
// million pixels on a device takes less time than getting fresh memory for it. After
// an error the maps hold nothing of use. A map that stands in old twice is an error.
func (e EntropyMap) Into(ctx context.Context, old []*Map, images []image.Image) ([]*Map, error) {
	b := batch{e: e, limit: groupPixels, images: images, maps: make([]*Map, len(images))}
	copy(b.maps, old)
	known := map[*Map]int{}
	for i, m := range b.maps {
		if k, twice := known[m]; twice && m != nil {
			return nil, fmt.Errorf("imaging: entropy map: maps %d and %d to write to are the same one", k, i)
		}
		known[m] = i
	}
	return b.maps, b.run(ctx)
}

// onCPU says that maps are made here; a device that is not there is none.
func (e EntropyMap) onCPU() bool { return e.On == nil || e.On.Place == gpu.CPU && e.On.Err() == nil }

// batch is images whose maps are wanted.
type batch struct {
	e      EntropyMap
	limit  int  // pixels of a launch, as long as that is more than one image
	rows   int  // of a map in a launch; 0: as many as a grid counts
	form   Form // 0: maps
	images []image.Image
	maps   []*Map   // what is there already is written to
	coded  []*Coded // of a short form, in place of maps
	alike  []*plan
	first  int // the image of alike[0]
}

func (b *batch) run(ctx context.Context) error {
	if ctx == nil {
		return fmt.Errorf("imaging: entropy map: %w", errNoContext)
	}
	for i, img := range b.images {
		p, err := b.e.plan(img)
		if err != nil {
			return fmt.Errorf("image %d: imaging: entropy map: %w", i, err)
		}
		if len(b.alike) > 0 && (b.e.onCPU() || !p.like(b.alike[0])) {
			if err := b.next(ctx, i); err != nil {
				return err
			}
		}
		b.alike = append(b.alike, p)
	}
	return b.next(ctx, len(b.images))
}

// next makes the maps of the plans that wait; those from image i on come then.
func (b *batch) next(ctx context.Context, i int) error {
	if err := b.flush(ctx); err != nil {
		return fmt.Errorf("image %d: imaging: entropy map: %w", b.first, err)
	}
	b.first = i
	return nil
}

// flush makes the maps of the plans that wait.
func (b *batch) flush(ctx context.Context) (err error) {
	if len(b.alike) == 0 {
		return nil
	}
	maps := b.maps[b.first:][:len(b.alike)]
	parts := make([]*part, len(maps))
	for k, p := range b.alike {
		parts[k] = p.reuse(maps[k], b.e.Occupied)
	}
	at := gpu.CPU
	if b.e.onCPU() {
		if parts[0], err = b.alike[0].run(ctx, parts[0], b.e.Occupied); err == nil && b.form != 0 {
			b.alike[0].shorten(parts[0], b.form)
		}
	} else {
		at = b.e.On.Place
		err = b.onDevice(ctx, parts)
	}
	if err != nil {
		return err
	}
	for k, p := range b.alike {
		if b.form != 0 {
			b.coded[b.first+k] = p.coded(parts[k], at)
		} else {
			maps[k] = b.e.mapOf(p, parts[k], at, maps[k])
		}
	}
	b.alike = b.alike[:0]
	return nil
}

// like says that two images can go through a device together.
func (p *plan) like(q *plan) bool {
	return p.img.w == q.img.w && p.img.h == q.img.h && p.img.Depth() == q.img.Depth() && p.shift == q.shift
}

// reuse is the memory of a map for another, nil without a map.
func (p *plan) reuse(m *Map, occupied bool) *part {
	if m == nil {
		return nil
	}
	n := p.outW * p.outH
	q := &part{width: p.outW, bits: m.Bits, occupied: m.Occupied}
	if cap(q.bits) < n {
		q.bits = make([]float64, n)
	}
	q.bits = q.bits[:n]
	switch {
	case !occupied:
		q.occupied = nil
	case cap(q.occupied) < n:
		q.occupied = make([]uint16, n)
	default:
		q.occupied = q.occupied[:n]
	}
	return q
}
