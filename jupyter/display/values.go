package display

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"math"
)

// value is a string or bytes that render as one MIME type.
type value struct {
	mime string
	data any
	text string
}

// Bundle implements Bundler.
func (v value) Bundle() (Bundle, error) {
	b := Bundle{Data: map[string]any{v.mime: v.data}}
	b.Data["text/plain"] = v.text
	return b, nil
}

// HTML returns a value that renders as HTML. Its text form is the source.
func HTML(s string) Bundler { return value{"text/html", s, s} }

// Markdown returns a value that renders as Markdown.
func Markdown(s string) Bundler { return value{"text/markdown", s, s} }

// SVG returns a value that renders as the SVG document s.
func SVG(s string) Bundler { return value{"image/svg+xml", s, "SVG image"} }

// PNG returns a value that renders as the PNG file b.
func PNG(b []byte) Bundler { return value{"image/png", b, "PNG image"} }

// PNGAt is PNG for a file of scale pixels to each pixel of the page: at scale 2
// it is drawn at half its size, sharp on a dense screen. It renders an error if
// b is no PNG file or scale is not positive.
func PNGAt(b []byte, scale float64) Bundler { return scaled{b, scale} }

type scaled struct {
	png   []byte
	scale float64
}

// Bundle implements Bundler.
func (s scaled) Bundle() (Bundle, error) {
	c, err := png.DecodeConfig(bytes.NewReader(s.png))
	if err != nil {
		return Bundle{}, err
	}
	if !(s.scale > 0) {
		return Bundle{}, fmt.Errorf("scale %v: it must be positive", s.scale)
	}
	size := map[string]any{"width": math.Round(float64(c.Width) / s.scale), "height": math.Round(float64(c.Height) / s.scale)}
	return Bundle{
		Data:     map[string]any{"image/png": s.png, "text/plain": "PNG image"},
		Metadata: map[string]any{"image/png": size},
	}, nil
}

// JPEG returns a value that renders as the JPEG file b.
func JPEG(b []byte) Bundler { return value{"image/jpeg", b, "JPEG image"} }

// Latex returns a value that renders as LaTeX, "$e = mc^2$".
func Latex(s string) Bundler { return value{"text/latex", s, s} }

// Text returns a value that renders as s itself, without quotes.
func Text(s string) Bundler { return value{"text/plain", s, s} }

// JSON returns a value that renders as the JSON form of v. JSON has no NaN and
// no infinity: a v that holds one renders as an error.
func JSON(v any) Bundler { return jsonValue{v} }

type jsonValue struct{ v any }

// Bundle implements Bundler.
func (j jsonValue) Bundle() (Bundle, error) {
	raw, err := json.Marshal(j.v)
	if err != nil {
		return Bundle{}, err
	}
	return Bundle{Data: map[string]any{"application/json": json.RawMessage(raw), "text/plain": string(raw)}}, nil
}
