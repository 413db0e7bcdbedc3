// Package figure draws pictures of results for a notebook.
//
//	figure.Image(m)                                     // an entropy map, an image, a matrix
//	figure.Image(relief, figure.Options{Unit: "m", Palette: figure.Cividis})
//	figure.Lines(recording)                             // series over an index or over time
//	figure.Graph(g)                                     // who drives whom, as graph and as matrix
//	figure.Fan(f, figure.Options{Theme: figure.Dark})   // a forecast with its intervals
//
// A Figure is shown as the last expression of a cell or by display.Show. It
// renders as PNG with two dots a screen pixel, all but Image and Plot as SVG
// too, and as a sentence with the numbers that the picture shows, for readers
// that do not see it. The same values give the same bytes in every run.
//
// Letters are those of Liberation Sans, which the PNG is drawn with. Scripts
// that it lacks are boxes there; browsers, which show the SVG, have them.
package figure

import (
	"errors"
	"sync"

	"surprisal/jupyter/display"
)

// Figure is a picture that draws itself when it is first asked for.
type Figure struct {
	kind   string // "image", "lines", …
	render func() (rendered, error)
	once   sync.Once
	done   rendered
	err    error
}

// rendered is a drawn figure. Width and height are in screen pixels, which are
// fewer than those of the PNG.
type rendered struct {
	png           []byte
	svg           string // empty: there is none
	theme         Theme
	width, height int
	sentence      string
}

var _ display.Bundler = (*Figure)(nil)

// Error says which figure cannot be drawn, and why.
type Error struct {
	Figure string // "image", "lines", "graph", "fan", "plot"
	Err    error
}

func (e *Error) Error() string { return "figure: " + e.Figure + ": " + e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

func (f *Figure) draw() (rendered, error) {
	f.once.Do(func() {
		if f.render == nil {
			f.err = errors.New("figure: an empty Figure: make one with figure.Image, Lines, Graph or Fan")
			return
		}
		done, err := f.render()
		if err != nil {
			f.err = &Error{f.kind, err}
			return
		}
		f.done = done
	})
	return f.done, f.err
}

// PNG returns the picture as a PNG file.
func (f *Figure) PNG() ([]byte, error) {
	r, err := f.draw()
	return r.png, err
}

// SVG returns the picture as an SVG document. Images and plots have none, nor
// have graphs whose document would have more than 2 MB.
func (f *Figure) SVG() (string, error) {
	r, err := f.draw()
	if err == nil && r.svg == "" {
		err = &Error{f.kind, errors.New("it has no SVG, being made of pixels or too large: ask for PNG")}
	}
	return r.svg, err
}

// String is one sentence with the numbers, or with what is wrong.
func (f *Figure) String() string {
	r, err := f.draw()
	if err != nil {
		return err.Error()
	}
	return r.sentence
}

// Bundle implements display.Bundler: image/png, text/plain and, of figures made
// of lines, image/svg+xml. The metadata gives the size on the screen, and asks
// for the ground of the theme in both places where readers look for that.
func (f *Figure) Bundle() (display.Bundle, error) {
	r, err := f.draw()
	if err != nil {
		return display.Bundle{}, err
	}
	ground := r.theme.String()
	size := map[string]any{"width": r.width, "height": r.height, "needs_background": ground}
	b := display.Bundle{
		Data:     map[string]any{"image/png": r.png, "text/plain": r.sentence},
		Metadata: map[string]any{"image/png": size, "needs_background": ground},
	}
	if r.svg != "" {
		b.Data["image/svg+xml"], b.Metadata["image/svg+xml"] = r.svg, size
	}
	return b, nil
}
