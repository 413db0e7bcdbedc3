package imaging

import (
	"fmt"
	"math"
)

// Footprint says which pixels are taken together. The zero Footprint is
// Square(9).
type Footprint struct {
	kind footprintKind
	h, w int // of a disk: 2r+1
}

type footprintKind int

const (
	unset footprintKind = iota // so that Square(0) is not the zero Footprint
	rectangle
	disk
	tile
)

// Rect is a sliding window of h rows and w columns. The window of an even side
// s reaches from y−s/2 to y+s/2−1.
func Rect(h, w int) Footprint { return Footprint{rectangle, h, w} }

// Square is a sliding window of n × n pixels.
func Square(n int) Footprint { return Rect(n, n) }

// Disk is the sliding window of all pixels at a distance of at most r from its
// centre: dx² + dy² ≤ r².
func Disk(r int) Footprint { return Footprint{disk, 2*r + 1, 2*r + 1} }

// Tile divides the image into blocks of h × w pixels that do not overlap and
// gives one value a block. Blocks at the right and lower edge keep the pixels
// that are left.
func Tile(h, w int) Footprint { return Footprint{tile, h, w} }

// maxWindow is the largest side of a window: beyond it a map is flat, and the
// tables of a reflecting border would not fit into memory.
const maxWindow = 4095

func (f Footprint) orDefault() Footprint {
	if f.kind == unset {
		return Square(9)
	}
	return f
}

func (f Footprint) validate() error {
	if f.h < 1 || f.w < 1 {
		return fmt.Errorf("a %s has no pixels: its sides must be at least 1", f)
	}
	if f.kind == tile && (f.h > maxSide || f.w > maxSide) {
		return fmt.Errorf("a %s is too large: a side may have %d pixels", f, maxSide)
	}
	if f.kind != tile && (f.h > maxWindow || f.w > maxWindow) {
		return fmt.Errorf("a %s is too large: a side may have %d pixels; use imaging.Tile for larger parts", f, maxWindow)
	}
	return nil
}

// reach returns for each row of the window how far it reaches to the left and
// right of the centre column.
func (f Footprint) reach() (left, right []int) {
	left, right = make([]int, f.h), make([]int, f.h)
	for j := range left {
		left[j], right[j] = f.w/2, f.w-1-f.w/2
		if f.kind == disk {
			dy := j - f.h/2
			r := f.h / 2
			half := int(math.Sqrt(float64(r*r - dy*dy))) // exact: both sides are below 2^53
			left[j], right[j] = half, half
		}
	}
	return left, right
}

// area is the number of pixels of a window that lies inside the image.
func (f Footprint) area() int {
	if f.kind != disk {
		return f.h * f.w
	}
	n := 0
	left, right := f.reach()
	for j := range left {
		n += left[j] + right[j] + 1
	}
	return n
}

func (f Footprint) String() string {
	switch f = f.orDefault(); f.kind {
	case disk:
		return fmt.Sprintf("disk of radius %d", (f.h-1)/2)
	case tile:
		return fmt.Sprintf("%d×%d tile", f.h, f.w)
	}
	return fmt.Sprintf("%d×%d window", f.h, f.w)
}

// Border says what a window sees beyond the edge of the image. The zero Border
// is Crop.
type Border int

const (
	Crop    Border = iota // only the pixels inside the image, fewer at the edges, as scikit-image's rank filters
	Reflect               // d c b a | a b c d | d c b a, as SciPy's "reflect"
	Mirror                // d c b | a b c d | c b a, as SciPy's "mirror"
	Valid                 // no window that reaches beyond the edge: the map is smaller than the image
)

func (b Border) String() string {
	switch b {
	case Crop:
		return "crop"
	case Reflect:
		return "reflect"
	case Mirror:
		return "mirror"
	case Valid:
		return "valid"
	}
	return fmt.Sprintf("Border(%d)", int(b))
}

// source returns the index inside [0, n) that index i shows, which may lie far
// outside for windows larger than the image.
func (b Border) source(i, n int) int {
	switch b {
	case Reflect:
		p := 2 * n
		if i = ((i % p) + p) % p; i >= n {
			i = p - 1 - i
		}
	case Mirror:
		if n == 1 {
			return 0
		}
		p := 2*n - 2
		if i = ((i % p) + p) % p; i >= n {
			i = p - i
		}
	}
	return i
}
