// Package display turns values into what a notebook can show.
//
// A Bundle holds one value in several MIME types; the front end picks the
// richest one that it knows. Of makes the bundle of any value. In a cell, Show
// puts a value on the screen at once and returns a Handle that can replace it
// later:
//
//	h := display.Show(display.HTML("<b>0 %</b>"))
//	h.Update(display.HTML("<b>50 %</b>"))
//
// Types elsewhere render without importing this package: Of looks for the
// methods HTML() string, SVG() string, PNG() ([]byte, error) and String()
// string.
package display

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"maps"
	"reflect"
)

// Bundle is a value in one or more MIME types. A value of Data is a string for
// text types, []byte for binary ones, and anything that encoding/json marshals
// for JSON types. Metadata is by MIME type too, but for the keys that Jupyter
// reads at the top level.
type Bundle struct {
	Data     map[string]any
	Metadata map[string]any
}

// Bundler is implemented by values that know all their MIME types themselves.
type Bundler interface {
	Bundle() (Bundle, error)
}

// Bundle implements Bundler.
func (b Bundle) Bundle() (Bundle, error) { return b, nil }

// Of returns the bundle of v. It always holds text/plain, long values
// abbreviated. What a rendering method reports as an error, or panics with,
// becomes the text; a nil pointer whose methods cannot bear it is <nil>.
func Of(v any) (b Bundle) {
	defer func() {
		if r := recover(); r != nil {
			if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && p.IsNil() {
				b = text("<nil>")
				return
			}
			b = text(fmt.Sprintf("display: %T could not be rendered: it panicked: %v", v, r))
		}
	}()
	b, err := of(v)
	if err != nil {
		return text(fmt.Sprintf("display: %T could not be rendered: %v", v, err))
	}
	if _, ok := b.Data["text/plain"]; !ok {
		b.Data["text/plain"] = plain(v)
	}
	return b
}

func of(v any) (Bundle, error) {
	if x, ok := v.(Bundler); ok {
		b, err := x.Bundle()
		// Its maps are the value's own: text/plain is added to a copy.
		b.Data = maps.Clone(b.Data)
		if b.Data == nil {
			b.Data = map[string]any{}
		}
		return b, err
	}
	b := Bundle{Data: map[string]any{}}
	if x, ok := v.(interface{ HTML() string }); ok {
		b.Data["text/html"] = x.HTML()
	}
	if x, ok := v.(interface{ SVG() string }); ok {
		b.Data["image/svg+xml"] = x.SVG()
	}
	switch x := v.(type) {
	case interface{ PNG() ([]byte, error) }:
		p, err := x.PNG()
		if err != nil {
			return b, err
		}
		b.Data["image/png"] = p
	case image.Image:
		var buf bytes.Buffer
		if err := png.Encode(&buf, x); err != nil {
			return b, err
		}
		b.Data["image/png"] = buf.Bytes()
	}
	return b, nil
}

func text(s string) Bundle { return Bundle{Data: map[string]any{"text/plain": s}} }

// JSON returns the bundle's data and metadata as Jupyter's messages carry them:
// text as strings, bytes in base64. It returns an error if a value cannot be
// marshalled; then neither map is usable.
func (b Bundle) JSON() (data, metadata map[string]json.RawMessage, err error) {
	if data, err = encode(b.Data); err != nil {
		return nil, nil, err
	}
	if metadata, err = encode(b.Metadata); err != nil {
		return nil, nil, err
	}
	return data, metadata, nil
}

func encode(in map[string]any) (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(in))
	for k, v := range in {
		if p, ok := v.([]byte); ok {
			v = base64.StdEncoding.EncodeToString(p)
		}
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false) // HTML and SVG stay readable in the notebook file
		if err := enc.Encode(v); err != nil {
			return nil, fmt.Errorf("display: %s: %w", k, err)
		}
		out[k] = bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	}
	return out, nil
}
