package raster

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"slices"
)

// PNG encodes what was painted in at most 256 colours. Pictures of more lose
// differences between their rarest colours, the edges of letters and lines,
// which nobody sees: no colour moves by more than the few steps that make the
// rest fit. The file is a third of, and takes a third of the time of, one in
// true colour.
func (c *Canvas) PNG() ([]byte, error) {
	m := reduce(c.img)
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(&b, m); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// reduce returns img in 256 colours.
func reduce(img *image.RGBA) *image.Paletted {
	var all shades
	all.grow()
	pix := img.Pix
	last := all.of(binary.LittleEndian.Uint32(pix))
	n := 0
	for i := 0; i+4 <= len(pix); {
		if two := uint64(last.rgb) * (1<<32 + 1); i+8 <= len(pix) && binary.LittleEndian.Uint64(pix[i:]) == two {
			n, i = n+2, i+8
			continue
		}
		if rgb := binary.LittleEndian.Uint32(pix[i:]); rgb != last.rgb {
			last.count += n
			last, n = all.of(rgb), 0
		}
		n, i = n+1, i+4
	}
	last.count += n
	out := image.NewPaletted(img.Rect, all.choose())
	last = all.of(binary.LittleEndian.Uint32(pix))
	for i := 0; i < len(out.Pix); {
		if two := uint64(last.rgb) * (1<<32 + 1); i+2 <= len(out.Pix) && binary.LittleEndian.Uint64(pix[4*i:]) == two {
			out.Pix[i], out.Pix[i+1] = last.entry, last.entry
			i += 2
			continue
		}
		if rgb := binary.LittleEndian.Uint32(pix[4*i:]); rgb != last.rgb {
			last = all.of(rgb)
		}
		out.Pix[i] = last.entry
		i++
	}
	return out
}

// shade is a colour, how many pixels have it, and its entry of the palette.
// Its bytes are those of image.RGBA, the first one lowest; no pixel is 0,
// because all are opaque.
type shade struct {
	rgb   uint32
	count int
	entry uint8
}

// shades is a hash table of colours, because Go's maps take half of the time
// of the whole file.
type shades struct {
	table []shade
	used  int
}

func (s *shades) grow() {
	old := s.table
	s.table = make([]shade, max(1<<12, 4*len(old)))
	for _, k := range old {
		if k.rgb != 0 {
			*s.slot(k.rgb) = k
		}
	}
}

// slot is where rgb is, or would be.
func (s *shades) slot(rgb uint32) *shade {
	mask := uint32(len(s.table) - 1)
	for i := rgb * 0x9E3779B1 >> 12; ; i++ {
		if k := &s.table[i&mask]; k.rgb == rgb || k.rgb == 0 {
			return k
		}
	}
}

// of returns the shade of rgb, a new one if it was not there. It is valid until
// the next call.
func (s *shades) of(rgb uint32) *shade {
	k := s.slot(rgb)
	if k.rgb == 0 {
		if s.used++; 2*s.used > len(s.table) {
			s.grow()
			k = s.slot(rgb)
		}
		k.rgb = rgb
	}
	return k
}

// choose picks the palette, common colours first, and the entry of each shade.
func (s *shades) choose() color.Palette {
	var order []*shade
	for i := range s.table {
		if s.table[i].rgb != 0 {
			order = append(order, &s.table[i])
		}
	}
	slices.SortFunc(order, func(a, b *shade) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.rgb, b.rgb))
	})
	kept := []uint32(nil)
	for apart := int32(0); ; apart = max(4, apart*3/2) {
		if kept = spaced(order, apart); kept != nil {
			break
		}
	}
	palette := make(color.Palette, len(kept))
	for i, rgb := range kept {
		palette[i] = color.RGBA{uint8(rgb), uint8(rgb >> 8), uint8(rgb >> 16), 255}
	}
	for _, k := range order {
		k.entry = nearest(kept, k.rgb)
	}
	return palette
}

// spaced returns colours of which no two are within apart, so that each shade
// is within apart of one; nil if they are more than 256.
func spaced(order []*shade, apart int32) []uint32 {
	var kept []uint32
	for _, k := range order {
		if slices.ContainsFunc(kept, func(rgb uint32) bool { return distance(rgb, k.rgb) <= apart }) {
			continue
		}
		if len(kept) == 256 {
			return nil
		}
		kept = append(kept, k.rgb)
	}
	return kept
}

// nearest returns the entry of kept next to rgb.
func nearest(kept []uint32, rgb uint32) uint8 {
	best, at := int32(256), 0
	for i, k := range kept {
		if d := distance(k, rgb); d < best {
			if best, at = d, i; d == 0 {
				break
			}
		}
	}
	return uint8(at)
}

// distance is that of the component that differs most.
func distance(a, b uint32) int32 {
	r, g, c := int32(a&255)-int32(b&255), int32(a>>8&255)-int32(b>>8&255), int32(a>>16&255)-int32(b>>16&255)
	return max(r, -r, g, -g, c, -c)
}
