package raster

import (
	"image"
	"image/color"
	"math"
)

// coverage holds, for each pixel, by how much the covered area changes from
// its left neighbour to it: the running sum along a row is the share of each
// pixel that is covered, times how often the outline winds around it.
type coverage struct {
	w, h        int
	change      []float32 // (w+2) a row
	lo, hi      []int32   // the columns of a row that hold something; lo > hi: none
	top, bottom int
}

type point struct{ x, y float64 }

func (c *coverage) init(w, h int) {
	c.w, c.h = w, h
	c.change = make([]float32, (w+2)*h)
	c.lo, c.hi = make([]int32, h), make([]int32, h)
	for y := range c.lo {
		c.lo[y], c.hi[y] = math.MaxInt32, -1
	}
	c.top, c.bottom = h, 0
}

// area adds a polygon.
func (c *coverage) area(p []point) {
	for i, q := range p {
		c.edge(q, p[(i+1)%len(p)])
	}
}

// edge adds one side of a polygon. Beyond the left and right border it runs
// along the border, so that what it encloses stays enclosed.
func (c *coverage) edge(p, q point) {
	sign := 1.0
	if p.y > q.y {
		p, q, sign = q, p, -1
	}
	if !(p.y < q.y && q.y > 0 && p.y < float64(c.h)) { // NaN as well
		return
	}
	slope := (q.x - p.x) / (q.y - p.y)
	x, top := p.x, p.y
	if top < 0 {
		x, top = x-top*slope, 0
	}
	first, last := int(top), int(math.Ceil(min(q.y, float64(c.h))))
	c.top, c.bottom = min(c.top, first), max(c.bottom, last)
	for y := first; y < last; y++ {
		until := min(float64(y+1), q.y)
		next := x + (until-top)*slope
		c.row(y, x, next, sign*(until-top))
		x, top = next, until
	}
}

// row adds the part of an edge that lies in row y, from x0 to x1, d high.
func (c *coverage) row(y int, x0, x1, d float64) {
	if x1 < x0 {
		x0, x1 = x1, x0
	}
	w := float64(c.w)
	x0, x1 = max(0, min(w, x0)), max(0, min(w, x1))
	a := c.change[y*(c.w+2):][:c.w+2]
	i, end := int(x0), int(math.Ceil(x1))
	c.lo[y], c.hi[y] = min(c.lo[y], int32(i)), max(c.hi[y], int32(max(end, i+1)))
	left := x0 - float64(i)
	if end <= i+1 { // inside of one pixel: the mean of both ends
		part := d * ((left + x1 - float64(i)) / 2)
		a[i] += float32(d - part)
		a[i+1] += float32(part)
		return
	}
	s := d / (x1 - x0) // the height of one pixel's width
	right := x1 - float64(end-1)
	a[i] += float32(s * (1 - left) * (1 - left) / 2)
	a[end] += float32(s * right * right / 2)
	if end == i+2 {
		a[i+1] += float32(d - s*(1-left)*(1-left)/2 - s*right*right/2)
		return
	}
	a[i+1] += float32(s * (1.5 - left - (1-left)*(1-left)/2))
	for k := i + 2; k < end-1; k++ {
		a[k] += float32(s)
	}
	a[end-1] += float32(s * (0.5 + right - right*right/2))
}

// paint colours what is covered, and forgets it.
func (c *coverage) paint(img *image.RGBA, k color.NRGBA) {
	for y := c.top; y < c.bottom; y++ {
		lo, hi := int(c.lo[y]), min(int(c.hi[y]), c.w+1)
		if lo > hi {
			continue
		}
		a := c.change[y*(c.w+2):][:c.w+2]
		pix := img.Pix[y*img.Stride:]
		sum, m := float32(0), int32(0)
		for x := lo; x <= hi; x++ {
			if a[x] != 0 {
				sum += a[x]
				a[x] = 0
				m = opacity(min(1, max(sum, -sum)), k.A)
			}
			switch {
			case m == 0 || x >= c.w:
			case m == 255:
				p := pix[4*x : 4*x+4 : 4*x+4]
				p[0], p[1], p[2] = k.R, k.G, k.B
			default:
				blend(pix[4*x:4*x+4:4*x+4], k, m)
			}
		}
		c.lo[y], c.hi[y] = math.MaxInt32, -1
	}
	c.top, c.bottom = c.h, 0
}

// levels is how many steps of coverage are told apart: as many as the eye sees
// at an edge, and few enough for most pictures to need 256 colours.
const levels = 16

// opacity is the share, of 255, that a colour of alpha a has where share of the
// pixel is covered.
func opacity(share float32, a uint8) int32 {
	return (int32(share*levels+0.5)*int32(a) + levels/2) / levels
}

// blend lays m of 255 of k over an opaque pixel.
func blend(px []uint8, k color.NRGBA, m int32) {
	px[0] = uint8((int32(k.R)*m + int32(px[0])*(255-m) + 127) / 255)
	px[1] = uint8((int32(k.G)*m + int32(px[1])*(255-m) + 127) / 255)
	px[2] = uint8((int32(k.B)*m + int32(px[2])*(255-m) + 127) / 255)
}
