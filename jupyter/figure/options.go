package figure

import (
	"fmt"
	"math"
)

// Options of a figure. The zero value is ready.
type Options struct {
	Title string
	Unit  string // of the values, where they do not bring their own
	Theme Theme  // default: Light

	// Lo and Hi are the values of the first and the last colour of an Image or
	// of the matrix of a Graph, and the ends of the value axis of Lines and of a
	// Fan. Both 0: the range of the values.
	Lo, Hi float64

	X string // Lines and Fan: what the horizontal axis counts, such as "time (s)"

	Palette Palette // Image: default Viridis, Grey for grey images
	Factor  int     // Image: screen pixels a value; 0: 1, or more if the image is small
	NoText  bool    // leave out the line with the numbers below the picture
}

// newFigure is a figure of one kind, drawn with the options given, if any.
func newFigure(kind string, options []Options, draw func(Options) (rendered, error)) *Figure {
	return &Figure{kind: kind, render: func() (rendered, error) {
		switch len(options) {
		case 0:
			return draw(Options{})
		case 1:
			return draw(options[0])
		}
		return rendered{}, fmt.Errorf("%d Options were given: give one", len(options))
	}}
}

// checkRange says what is wrong with Lo and Hi.
func (o Options) checkRange() error {
	if math.IsNaN(o.Lo) || math.IsNaN(o.Hi) || math.IsInf(o.Lo, 0) || math.IsInf(o.Hi, 0) || o.Hi < o.Lo {
		return fmt.Errorf("a range from %v to %v: Lo must be a number below Hi", o.Lo, o.Hi)
	}
	return nil
}

// axis is the range of an axis for values from lo to hi; lo > hi: there are
// none.
func (o Options) axis(lo, hi float64) (float64, float64) {
	switch {
	case o.Lo != o.Hi:
		return o.Lo, o.Hi
	case lo > hi:
		return 0, 1
	}
	return roomy(lo, hi)
}
