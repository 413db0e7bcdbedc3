package rt

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"reflect"
)

// A value that is handed to native code for display must answer to String,
// HTML, SVG and PNG, and only to those that its type has: display asks by type
// assertion. Hence one type for each combination. The text is there always,
// because native code would print the value wrongly.
type (
	view struct {
		r *Runtime
		x any
	}
	withHTML struct{ f func() string }
	withSVG  struct{ f func() string }
	withPNG  struct{ f func() ([]byte, error) }

	viewHTML struct {
		view
		withHTML
	}
	viewSVG struct {
		view
		withSVG
	}
	viewPNG struct {
		view
		withPNG
	}
	viewHTMLSVG struct {
		view
		withHTML
		withSVG
	}
	viewHTMLPNG struct {
		view
		withHTML
		withPNG
	}
	viewSVGPNG struct {
		view
		withSVG
		withPNG
	}
	viewAll struct {
		view
		withHTML
		withSVG
		withPNG
	}
)

func (v view) String() string                { return fmt.Sprintf("%v", shown(v)) }
func (v view) Format(s fmt.State, verb rune) { v.r.format(s, verb, v.x) }

// MarshalJSON gives the value as an encoder must see it: display.JSON and comms
// take values of any type.
func (v view) MarshalJSON() (b []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return json.Marshal(v.r.Raw(v.x))
}

func (h withHTML) HTML() string        { return h.f() }
func (s withSVG) SVG() string          { return s.f() }
func (p withPNG) PNG() ([]byte, error) { return p.f() }

// picture is a value that is an image.Image.
type picture struct {
	view
	model  func() color.Model
	bounds func() image.Rectangle
	at     func(x, y int) color.Color
}

func (p picture) ColorModel() color.Model { return p.model() }
func (p picture) Bounds() image.Rectangle { return p.bounds() }
func (p picture) At(x, y int) color.Color { return p.at(x, y) }

// picture is x as an image.Image, if it is one and does not say itself how it
// is to be shown.
func (r *Runtime) picture(x any) (picture, bool) {
	for _, m := range [...]string{"HTML", "SVG", "PNG"} {
		if r.bound(x, m) != nil {
			return picture{}, false
		}
	}
	p := picture{view: view{r, x}}
	var a, b, c bool
	p.model, a = r.bound(x, "ColorModel").(func() color.Model)
	p.bounds, b = r.bound(x, "Bounds").(func() image.Rectangle)
	p.at, c = r.bound(x, "At").(func(x, y int) color.Color)
	return p, a && b && c
}

// View is what native code that displays values gets to see.
func (r *Runtime) View(x any) any {
	if !r.special(x) {
		return x
	}
	if r.speaks(x) {
		return x
	}
	if v, ok := x.(reflect.Value); ok { // shown as fmt prints it
		return label(r.Sprint([]any{v}))
	}
	if text := r.opaque(x); text != "" {
		return label(text)
	}
	v := view{r, x}
	if p, ok := r.picture(x); ok {
		return p
	}
	html, hasHTML := r.bound(x, "HTML").(func() string)
	svg, hasSVG := r.bound(x, "SVG").(func() string)
	png, hasPNG := r.bound(x, "PNG").(func() ([]byte, error))
	switch {
	case hasHTML && hasSVG && hasPNG:
		return viewAll{v, withHTML{html}, withSVG{svg}, withPNG{png}}
	case hasHTML && hasSVG:
		return viewHTMLSVG{v, withHTML{html}, withSVG{svg}}
	case hasHTML && hasPNG:
		return viewHTMLPNG{v, withHTML{html}, withPNG{png}}
	case hasSVG && hasPNG:
		return viewSVGPNG{v, withSVG{svg}, withPNG{png}}
	case hasHTML:
		return viewHTML{v, withHTML{html}}
	case hasSVG:
		return viewSVG{v, withSVG{svg}}
	case hasPNG:
		return viewPNG{v, withPNG{png}}
	}
	return v
}

// speaks tells whether a value is of a package that may say itself how it is shown
// or encoded.
func (r *Runtime) speaks(x any) bool {
	switch x.(type) {
	case reflect.Value, reflect.Type:
		return false
	}
	t := reflect.TypeOf(x)
	return r.of(x) == nil && t.NumMethod() > 0 && !isContext(t)
}

// label is a text that displays as it is.
type label string

func (l label) String() string { return string(l) }

// opaque says what a type of the notebook, a function or a channel is, whose
// address tells nobody anything; "" for other values, nil ones, and ones with methods.
func (r *Runtime) opaque(x any) string {
	if t, ok := x.(reflect.Type); ok { // a notebook type, or View would not ask
		return r.descs.Load().byType[t].Name
	}
	d := r.of(x)
	v := reflect.ValueOf(V(r.Un(x)))
	if d == nil || len(d.Methods) > 0 {
		return ""
	}
	switch {
	case v.Kind() == reflect.Func && !v.IsNil():
		return d.Name
	case v.Kind() == reflect.Chan && !v.IsNil():
		return fmt.Sprintf("%s, %d of %d in it", d.Name, v.Len(), v.Cap())
	}
	return ""
}

// show hands the values of a cell's last expression to the session.
func (r *Runtime) show(xs []any) {
	out := make([]any, len(xs))
	for i, x := range xs {
		out[i] = r.View(x)
	}
	r.Config.Show(out)
}
