package figure

import (
	"fmt"
	"image/color"
	"math"
)

// Theme is the ground that a figure is made for.
type Theme int

const (
	Light Theme = iota // dark on white
	Dark               // light on the near-black of dark notebooks
)

func (t Theme) String() string {
	switch t {
	case Light:
		return "light"
	case Dark:
		return "dark"
	}
	return fmt.Sprintf("Theme(%d)", int(t))
}

// look is a theme in colours. Each colour of a series has a contrast of at
// least 3:1 against the ground, letters have at least 4.5:1 (WCAG 2.1).
type look struct {
	theme  Theme
	ground color.NRGBA
	ink    color.NRGBA // names and titles
	soft   color.NRGBA // what explains: tick labels, the sentence
	axis   color.NRGBA
	grid   color.NRGBA // seen through, because it lies over areas
	blank  color.NRGBA // what was not tested
	series []color.NRGBA
	// lo and hi are the part of Viridis that is told from the ground, from the
	// end next to it to the other: the more ink, the more effect.
	lo, hi float64
}

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 255}
}

// look returns the colours of t. Series have those of Okabe and Ito (2008),
// without the ones that vanish on the ground; on white orange and sky blue are
// a little darker than theirs.
func (t Theme) look() (look, error) {
	switch t {
	case Light:
		return look{
			theme: t, ground: rgb(0xffffff), ink: rgb(0x1a1a1a), soft: rgb(0x555555), axis: rgb(0x6b6b6b), grid: color.NRGBA{0x1a, 0x1a, 0x1a, 26}, blank: rgb(0xd9d9d9),
			series: []color.NRGBA{rgb(0x0072b2), rgb(0xd55e00), rgb(0x008f68), rgb(0xc0649a), rgb(0x1a1a1a), rgb(0xb87f00), rgb(0x2f8fc4), rgb(0x7a7a7a)},
			lo:     0.58, hi: 0,
		}, nil
	case Dark:
		return look{
			theme: t, ground: rgb(0x111111), ink: rgb(0xf0f0f0), soft: rgb(0xb4b4b4), axis: rgb(0x8f8f8f), grid: color.NRGBA{0xf0, 0xf0, 0xf0, 32}, blank: rgb(0x3f3f3f),
			series: []color.NRGBA{rgb(0x56b4e9), rgb(0xe69f00), rgb(0x00b386), rgb(0xd98cb5), rgb(0xf0f0f0), rgb(0xe8702a), rgb(0xf0e442), rgb(0x9a9a9a)},
			lo:     0.38, hi: 1,
		}, nil
	}
	return look{}, fmt.Errorf("%s: there are Light and Dark", t)
}

// mix is share of a laid over b.
func mix(a, b color.NRGBA, share float64) color.NRGBA {
	part := func(x, y uint8) uint8 { return uint8(share*float64(x) + (1-share)*float64(y) + 0.5) }
	return color.NRGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 255}
}

// luminance is the relative luminance of WCAG 2.1, from 0 to 1.
func luminance(c color.NRGBA) float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// contrast is that of WCAG 2.1, from 1 to 21.
func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// linear undoes the gamma of sRGB.
func linear(v uint8) float64 {
	x := float64(v) / 255
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}
