package figure

import "image/color"

// shades are the colours of effects on a ground: those of Viridis that are
// told from it, or, where effects have signs, of one in blues below 0 and reds
// above.
type shades struct {
	scale
	colours []color.NRGBA
}

const shadeCount = 64

func newShades(l look, s scale, signed bool) (shades, error) {
	out := shades{scale: s}
	if signed {
		low, high := rgb(0x0b55a5), rgb(0xb5202f)
		if l.theme == Dark {
			low, high = rgb(0x6fb4ff), rgb(0xff8a6e)
		}
		for i := range shadeCount {
			t := 2*float64(i)/(shadeCount-1) - 1
			if t < 0 {
				out.colours = append(out.colours, mix(low, l.ground, 0.35-0.65*t))
			} else {
				out.colours = append(out.colours, mix(high, l.ground, 0.35+0.65*t))
			}
		}
		return out, nil
	}
	all, err := Viridis.colours(256)
	if err != nil {
		return out, err
	}
	for i := range shadeCount {
		t := l.lo + (l.hi-l.lo)*float64(i)/(shadeCount-1)
		c, _ := color.NRGBAModel.Convert(all[int(t*255+0.5)]).(color.NRGBA)
		out.colours = append(out.colours, c)
	}
	return out, nil
}

// of returns the colour of v; what lies beyond the ends has theirs.
func (s shades) of(v float64) color.NRGBA {
	return s.colours[int(max(0, min(shadeCount-1, s.share(v)*(shadeCount-1)+0.5)))]
}
