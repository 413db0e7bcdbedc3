// Package figure draws pictures of results for a notebook.
//
//	figure.Image(m)                                     // an entropy map, an image, a matrix
//	figure.Image(relief, figure.Options{Unit: "m", Palette: figure.Cividis})
//
// A Figure is shown as the last expression of a cell or by display.Show. It
// renders as PNG with two dots a screen pixel, and as a sentence with the
// numbers that the picture shows, for readers that do not see it. The same
// values give the same bytes in every run.
package figure

import (
	"fmt"
	"sync"

	"surprisal/jupyter/display"
)

// Figure is a picture that draws itself when it is first asked for.
type Figure struct {
	render func() (rendered, error)
	once   sync.Once
	done   rendered
	err    error
}

// rendered is a drawn figure. Width and height are in screen pixels, which are
// fewer than those of the PNG.
type rendered struct {
	png           []byte
	width, height int
	sentence      string
}

var _ display.Bundler = (*Figure)(nil)

func (f *Figure) draw() (rendered, error) {
	f.once.Do(func() {
		if f.render == nil {
			f.err = fmt.Errorf("figure: an empty Figure: make one with figure.Image")
			return
		}
		if f.done, f.err = f.render(); f.err != nil {
			f.err = fmt.Errorf("figure: %w", f.err)
		}
	})
	return f.done, f.err
}

// PNG returns the picture as a PNG file.
func (f *Figure) PNG() ([]byte, error) {
	r, err := f.draw()
	return r.png, err
}

// String is one sentence with the numbers, or with what is wrong.
func (f *Figure) String() string {
	r, err := f.draw()
	if err != nil {
		return err.Error()
	}
	return r.sentence
}

// Bundle implements display.Bundler: image/png and text/plain. The metadata
// gives the size on the screen, and asks for a light ground in both places
// where readers look for that.
func (f *Figure) Bundle() (display.Bundle, error) {
	r, err := f.draw()
	if err != nil {
		return display.Bundle{}, err
	}
	return display.Bundle{
		Data: map[string]any{"image/png": r.png, "text/plain": r.sentence},
		Metadata: map[string]any{
			"image/png":        map[string]any{"width": r.width, "height": r.height, "needs_background": "light"},
			"needs_background": "light",
		},
	}, nil
}
