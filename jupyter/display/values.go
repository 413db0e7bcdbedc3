package display

import "encoding/json"

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

// JPEG returns a value that renders as the JPEG file b.
func JPEG(b []byte) Bundler { return value{"image/jpeg", b, "JPEG image"} }

// Text returns a value that renders as s itself, without quotes.
func Text(s string) Bundler { return value{"text/plain", s, s} }

// JSON returns a value that renders as the JSON form of v.
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
