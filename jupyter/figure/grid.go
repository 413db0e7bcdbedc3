package figure

import (
	"errors"
	"fmt"
	"image"
	"math"
	"reflect"
	"slices"

	"surprisal/gpu/dataset"
	"surprisal/gpu/imaging"
)

// grid is what Image draws: rows of values, or a picture with colours of its
// own.
type grid struct {
	w, h     int
	v        []float64
	colour   image.Image // instead of v
	unit     string
	grey     bool
	sentence string // what the value says of itself; empty: made from the numbers
}

// Matrix is any table of numbers; those of gonum's mat are.
type Matrix interface {
	Dims() (rows, columns int)
	At(row, column int) float64
}

const maxPixels = 1 << 27

func gridOf(v any) (*grid, error) {
	if r := reflect.ValueOf(v); v == nil || r.Kind() == reflect.Pointer && r.IsNil() {
		return nil, errors.New("nothing to draw: nil was given")
	}
	switch x := v.(type) {
	case *imaging.Map:
		return sized(&grid{w: x.Width, h: x.Height, v: x.Bits, unit: x.Unit(), sentence: x.String()})
	case *imaging.Gray:
		return greyGrid(x, x.String())
	case *image.Gray, *image.Gray16:
		g, err := imaging.GrayOf(x.(image.Image))
		if err != nil {
			return nil, err
		}
		return greyGrid(g, g.String())
	case image.Image:
		r := x.Bounds()
		return sized(&grid{w: r.Dx(), h: r.Dy(), colour: x, sentence: fmt.Sprintf("colour image, %d×%d pixels", r.Dx(), r.Dy())})
	case *dataset.Array:
		if len(x.Shape) != 2 {
			return nil, fmt.Errorf("an array of %d dimensions is not an image: it needs 2", len(x.Shape))
		}
		f, err := x.Floats()
		if err != nil {
			return nil, err
		}
		return sized(&grid{w: x.Shape[1], h: x.Shape[0], v: f})
	case [][]float64:
		return rows(x)
	case Matrix:
		h, w := x.Dims()
		g, err := sized(&grid{w: w, h: h})
		if err != nil {
			return nil, err
		}
		g.v = make([]float64, w*h)
		for i := range g.v {
			g.v[i] = x.At(i/w, i%w)
		}
		return g, nil
	}
	return nil, fmt.Errorf("%T cannot be drawn as an image: give an entropy map, an image, [][]float64 or a matrix", v)
}

func greyGrid(x *imaging.Gray, sentence string) (*grid, error) {
	g, err := sized(&grid{w: x.Width(), h: x.Height(), grey: true, sentence: sentence})
	if err != nil {
		return nil, err
	}
	g.v = make([]float64, g.w*g.h)
	for i := range g.v {
		g.v[i] = float64(x.Value(i%g.w, i/g.w))
	}
	return g, nil
}

func rows(x [][]float64) (*grid, error) {
	if len(x) == 0 {
		return nil, errors.New("nothing to draw: no rows")
	}
	g := &grid{w: len(x[0]), h: len(x)}
	for y, row := range x {
		if len(row) != g.w {
			return nil, fmt.Errorf("row %d has %d values, row 0 has %d: all rows of an image are equally long", y, len(row), g.w)
		}
		g.v = append(g.v, row...)
	}
	return sized(g)
}

func sized(g *grid) (*grid, error) {
	switch {
	case g.w < 1 || g.h < 1:
		return nil, fmt.Errorf("nothing to draw: %d×%d values", g.w, g.h)
	case g.w > maxPixels/g.h:
		return nil, fmt.Errorf("%d×%d values are too many to draw: at most %d", g.w, g.h, maxPixels)
	case g.v != nil && len(g.v) != g.w*g.h:
		return nil, fmt.Errorf("%d values for an image of %d×%d", len(g.v), g.w, g.h)
	}
	return g, nil
}

// numbers are the range and the median of the finite values, and how many
// there are and are not.
type numbers struct {
	lo, median, hi float64
	finite         int
	nan, inf       int
}

func (g *grid) numbers() numbers {
	finite := make([]float64, 0, len(g.v))
	var n numbers
	for _, x := range g.v {
		switch {
		case math.IsNaN(x):
			n.nan++
		case math.IsInf(x, 0):
			n.inf++
		default:
			finite = append(finite, x)
		}
	}
	if n.finite = len(finite); n.finite == 0 {
		return n
	}
	n.lo, n.hi = slices.Min(finite), slices.Max(finite)
	if g.sentence == "" { // else nobody asks for it, and sorting takes a third of the time
		slices.Sort(finite)
		n.median = finite[(n.finite-1)/2]/2 + finite[n.finite/2]/2
	}
	return n
}

// shrink returns the grid of means of k × k values, NaN left out.
func (g *grid) shrink(k int) *grid {
	if k == 1 {
		return g
	}
	s := *g
	s.w, s.h = (g.w+k-1)/k, (g.h+k-1)/k
	if g.colour != nil {
		return &s // drawn from every k-th pixel
	}
	s.v = make([]float64, s.w*s.h)
	for y := range s.h {
		for x := range s.w {
			sum, n := 0.0, 0
			for j := y * k; j < min(g.h, (y+1)*k); j++ {
				for _, v := range g.v[j*g.w+x*k : j*g.w+min(g.w, (x+1)*k)] {
					if !math.IsNaN(v) {
						sum += v
						n++
					}
				}
			}
			s.v[y*s.w+x] = sum / float64(n) // 0/0 is NaN, as it should be
		}
	}
	return &s
}
