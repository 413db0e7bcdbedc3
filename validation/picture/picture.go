// Package picture draws the pictures of the README from generated data: noise in
// which nothing can be read and its entropy map, in which it can; a graph of
// series whose arrows are known; a forecast and what happened.
package picture

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"surprisal/gpu/imaging"
	"surprisal/jupyter/figure"
)

const width, height = 260, 120

// PNG draws noise on the left and its entropy map on the right.
func PNG() ([]byte, error) {
	shape, err := letters("−log p")
	if err != nil {
		return nil, err
	}
	hidden, err := imaging.NewGray8(width, height, noise(shape))
	if err != nil {
		return nil, err
	}
	m, err := imaging.EntropyMap{Window: imaging.Square(9)}.Of(context.Background(), hidden)
	if err != nil {
		return nil, err
	}
	left, err := drawn(figure.Image(hidden, figure.Options{Title: "Noise", NoText: true, Lo: 0, Hi: 255, Unit: "grey"}))
	if err != nil {
		return nil, err
	}
	right, err := drawn(figure.Image(m, figure.Options{Title: "Its entropy in 9×9 windows", NoText: true}))
	if err != nil {
		return nil, err
	}
	return beside(left, right)
}

// noise has the same mean (128) and spread (±30) everywhere, so that the eye
// sees an even grey: of two values outside the shape, of 104 inside.
func noise(shape *image.Alpha) []uint8 {
	r := rand.New(rand.NewPCG(20261124, 1))
	pix := make([]uint8, 0, width*height)
	for y := range height {
		for x := range width {
			v := 98 + 60*r.IntN(2)
			if shape.AlphaAt(x, y).A > 127 {
				v = 76 + r.IntN(104)
			}
			pix = append(pix, uint8(v))
		}
	}
	return pix
}

// letters draws text in the middle.
func letters(text string) (*image.Alpha, error) {
	f, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 72, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	shape := image.NewAlpha(image.Rect(0, 0, width, height))
	d := font.Drawer{Dst: shape, Src: image.NewUniform(color.Alpha{A: 255}), Face: face}
	d.Dot = fixed.Point26_6{X: (fixed.I(width) - d.MeasureString(text)) / 2, Y: fixed.I(height/2 + 20)}
	d.DrawString(text)
	return shape, nil
}

func drawn(f *figure.Figure) (image.Image, error) {
	b, err := f.PNG()
	if err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(b))
}

func beside(left, right image.Image) ([]byte, error) {
	l, r := left.Bounds(), right.Bounds()
	both := image.NewRGBA(image.Rect(0, 0, l.Dx()+r.Dx(), max(l.Dy(), r.Dy())))
	draw.Draw(both, both.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(both, image.Rect(0, 0, l.Dx(), l.Dy()), left, l.Min, draw.Src)
	draw.Draw(both, image.Rect(l.Dx(), 0, l.Dx()+r.Dx(), r.Dy()), right, r.Min, draw.Src)
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(&out, both); err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return out.Bytes(), nil
}
