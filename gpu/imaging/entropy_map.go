package imaging

import (
	"context"
	"errors"
	"fmt"
	"image"
	"runtime"

	"surprisal/gpu"
)

// EntropyMap estimates the Shannon entropy, in bits, of the grey values around
// each pixel:
//
//	H = log2 N − (1/N) Σ n_b log2 n_b
//
// where n_b of the N pixels of the window fall into bin b (Shannon 1948; the
// plug-in estimate). With MillerMadow it adds (m−1)/(2N ln 2), m being the
// number of occupied bins (Miller 1955), which corrects most of the bias of
// small windows and may exceed both log2 N and the number of bits of a value;
// nothing is clamped.
//
// The zero value is ready: a 9×9 window, cropped at the edges, 256 bins, no
// correction, all cores. An image of one value has exactly 0 bits everywhere.
// A window of N pixels cannot show more than log2 N bits: 6.34 for 9×9.
//
// The sums Σ n log2 n are integers, in units of 2^-44 bit for windows and tiles
// of up to 65,535 pixels and in larger units beyond, so results do not depend
// on the order of summation or the number of threads.
type EntropyMap struct {
	Window      Footprint // default Square(9); Tile gives one value a block
	Border      Border    // default Crop
	Bins        int       // 16, 64 or 256; default 256
	Shift       int       // a value v falls into bin v >> Shift; AutoShift takes the smallest that fits
	MillerMadow bool
	Occupied    bool // keep the number of occupied bins of each window
	Threads     int  // of the CPU; default: one a core

	// On is the device that computes; default: the CPU. Maps of a GPU and of the
	// simulator are float32, and right to 1.5e-6 bits, or to 3.1e-5 bits with
	// MillerMadow or Occupied; occupied bins are exact. An error if it is not there,
	// or if the window is larger than 15×15 or no rectangle (NoKernelError).
	On *gpu.Device
}

// AutoShift, as EntropyMap.Shift, takes the smallest shift with which every
// value of the image falls into a bin.
const AutoShift = -1

var errNoContext = errors.New("no context: nil was given; pass ctx or context.Background()")

// Of returns the entropy map of img, which must be grey: see GrayOf. It does
// not modify img. It returns an error if values do not fit into the bins, if
// no window fits (Valid), and ctx's error soon after ctx is cancelled.
func (e EntropyMap) Of(ctx context.Context, img image.Image) (*Map, error) {
	p, err := e.plan(img)
	if err == nil && ctx == nil {
		err = errNoContext
	}
	b := batch{e: e, limit: groupPixels, maps: make([]*Map, 1), alike: []*plan{p}}
	if err == nil {
		err = b.flush(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("imaging: entropy map: %w", err)
	}
	return b.maps[0], nil
}

// mapOf puts a map together, in m if that is not nil.
func (e EntropyMap) mapOf(p *plan, whole *part, at gpu.Place, m *Map) *Map {
	if m == nil {
		m = new(Map)
	}
	*m = Map{
		Width: p.outW, Height: p.outH, Bits: whole.bits, Occupied: whole.occupied,
		Bins: p.bins, Shift: p.shift, MillerMadow: p.correct, Place: at,
		foot: p.foot, border: p.border, imageW: p.img.w, imageH: p.img.h,
	}
	return m
}

// plan is an EntropyMap with its defaults filled in and laid out over an
// image. The plane is what windows slide over: the image itself, or the image
// continued beyond its edges. The window of output pixel (x, y) starts at
// plane column x+ox, row y+oy, and is cut where the plane ends.
type plan struct {
	img            *Gray
	foot           Footprint
	border         Border
	bins, shift    int
	correct        bool
	threads        int
	outW, outH     int
	planeW, planeH int
	ox, oy         int
}

func (e EntropyMap) plan(img image.Image) (*plan, error) {
	g, err := grayOf(img)
	if err != nil {
		return nil, err
	}
	p := &plan{img: g, foot: e.Window.orDefault(), border: e.Border, bins: e.Bins, shift: e.Shift, correct: e.MillerMadow, threads: e.Threads}
	if p.bins == 0 {
		p.bins = 256
	}
	if p.threads == 0 {
		p.threads = runtime.NumCPU() // not GOMAXPROCS, which a notebook's worker sets above the cores
	}
	if err := p.validate(); err != nil {
		return nil, err
	}
	p.layOut()
	if p.outW < 1 || p.outH < 1 {
		return nil, fmt.Errorf("border valid: no %s fits into an image of %d×%d pixels; take a smaller window or another border", p.foot, g.w, g.h)
	}
	return p, p.fitShift()
}

func (p *plan) validate() error {
	if err := p.foot.validate(); err != nil {
		return err
	}
	switch {
	case p.bins != 16 && p.bins != 64 && p.bins != 256:
		return fmt.Errorf("%d bins: only 16, 64 or 256 are possible", p.bins)
	case p.shift < AutoShift || p.shift > 15:
		return fmt.Errorf("shift %d: it must be from 0 to 15, or imaging.AutoShift", p.shift)
	case p.threads < 0:
		return fmt.Errorf("%d threads: it must be at least 1, or 0 for one a core", p.threads)
	case p.border < Crop || p.border > Valid:
		return fmt.Errorf("border %d: it must be Crop, Reflect, Mirror or Valid", int(p.border))
	case p.foot.kind == tile && p.border != Crop:
		return fmt.Errorf("border %s: tiles have no border; leave it out", p.border)
	}
	return nil
}

func (p *plan) layOut() {
	w, h, f := p.img.w, p.img.h, p.foot
	p.outW, p.outH, p.planeW, p.planeH = w, h, w, h
	switch {
	case f.kind == tile:
		p.outW, p.outH = (w-1)/f.w+1, (h-1)/f.h+1
	case p.border == Crop:
		p.ox, p.oy = -(f.w / 2), -(f.h / 2)
	case p.border == Valid:
		p.outW, p.outH = w-f.w+1, h-f.h+1
	default:
		p.planeW, p.planeH = w+f.w-1, h+f.h-1
	}
}

// fitShift settles AutoShift and reports values that do not fit.
func (p *plan) fitShift() error {
	full := 1 << max(0, p.img.Depth()-max(p.shift, 0))
	if full <= p.bins {
		p.shift = max(p.shift, 0)
		return nil // no value can fail to fit, and the image need not be read
	}
	_, hi := p.img.Range()
	need := 0
	for hi>>need >= p.bins {
		need++
	}
	switch {
	case p.shift == AutoShift:
		p.shift = need
	case p.shift < need:
		return fmt.Errorf("value %d does not fit into %d bins with shift %d: set Shift to %d, or to imaging.AutoShift", hi, p.bins, p.shift, need)
	}
	return nil
}

// maxArea is the largest number of pixels that a window or tile can hold.
func (p *plan) maxArea() int {
	f, w, h := p.foot, p.planeW, p.planeH
	if f.kind == disk {
		return min(f.area(), w*h)
	}
	return min(f.h, h) * min(f.w, w)
}
