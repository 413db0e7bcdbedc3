package imaging_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"surprisal/gpu/dataset"
	"surprisal/gpu/imaging"
)

const goldenDir = "../../validation/data/golden-entropy"

type goldenCase struct {
	ID     string
	Op     string
	Params struct {
		Footprint struct {
			Rect []int `json:"rect_h_w"`
			Disk int
		}
		Mode               string
		Block, Shift, Bins int
	}
	Inputs  map[string]string
	Outputs map[string]struct {
		File string
		Tol  map[string][2]float64
	}
}

func goldenCases(t *testing.T) []goldenCase {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(goldenDir, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []goldenCase }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Cases) != 22 {
		t.Fatalf("%d golden cases, want 22", len(all.Cases))
	}
	return all.Cases
}

func (c goldenCase) estimator() imaging.EntropyMap {
	e := imaging.EntropyMap{Shift: c.Params.Shift, Bins: c.Params.Bins}
	switch p := c.Params; {
	case p.Block > 0:
		e.Window = imaging.Tile(p.Block, p.Block)
	case p.Footprint.Disk > 0:
		e.Window = imaging.Disk(p.Footprint.Disk)
	default:
		e.Window = imaging.Rect(p.Footprint.Rect[0], p.Footprint.Rect[1])
	}
	e.Border = map[string]imaging.Border{"": imaging.Crop, "rank": imaging.Crop, "reflect": imaging.Reflect, "mirror": imaging.Mirror, "valid": imaging.Valid}[c.Params.Mode]
	return e
}

// compare fails unless got and want agree as the rule of the golden cases says.
func compare(t *testing.T, what string, got, want []float64, atol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= atol) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestGolden(t *testing.T) {
	ctx := context.Background()
	for _, c := range goldenCases(t) {
		t.Run(c.ID, func(t *testing.T) {
			array := func(file string) []float64 {
				a, err := dataset.NPY(filepath.Join(goldenDir, file))
				if err != nil {
					t.Fatal(err)
				}
				v, err := a.Floats()
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			a, err := dataset.NPY(filepath.Join(goldenDir, c.Inputs["img"]))
			if err != nil {
				t.Fatal(err)
			}
			img, err := a.Gray()
			if err != nil {
				t.Fatal(err)
			}
			e := c.estimator()
			for name, out := range c.Outputs {
				e.MillerMadow = strings.HasSuffix(name, "_mm")
				want, atol := array(out.File), out.Tol["f64"][0]
				if strings.HasPrefix(name, "global") {
					g, err := e.Global(ctx, img)
					if err != nil {
						t.Fatal(err)
					}
					compare(t, name, []float64{g.Bits}, want, atol)
					continue
				}
				m, err := e.Of(ctx, img)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, name, m.Bits, want, atol)
			}
		})
	}
}

func TestConstantIsExactlyZero(t *testing.T) {
	for _, e := range []imaging.EntropyMap{
		{}, {MillerMadow: true}, {Window: imaging.Disk(4)}, {Window: imaging.Rect(17, 16)}, {Window: imaging.Square(300)}, {Border: imaging.Reflect, Window: imaging.Square(40)},
		{Window: imaging.Tile(7, 13)}, {Window: imaging.Tile(1000, 1000), MillerMadow: true},
	} {
		for _, v := range []uint8{0, 91, 255} {
			pix := make([]uint8, 310*270)
			for i := range pix {
				pix[i] = v
			}
			m := mustMap(t, e, gray8(t, 310, 270, pix))
			for i, h := range m.Bits {
				if h != 0 {
					t.Fatalf("%s, value %d: pixel %d has %v bits, want exactly 0", m.Method(), v, i, h)
				}
			}
		}
	}
}

func TestBadRequests(t *testing.T) {
	small := gray8(t, 8, 6, make([]uint8, 48))
	deep, err := imaging.NewGray16(2, 1, []uint16{236, 1076})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		e    imaging.EntropyMap
		img  image.Image
		want string
	}{
		{"values too large", imaging.EntropyMap{}, deep, "value 1076 does not fit into 256 bins with shift 0: set Shift to 3"},
		{"few bins", imaging.EntropyMap{Bins: 16}, gray8(t, 2, 1, []uint8{3, 200}), "value 200 does not fit into 16 bins with shift 0: set Shift to 4"},
		{"no such bins", imaging.EntropyMap{Bins: 100}, small, "only 16, 64 or 256"},
		{"negative shift", imaging.EntropyMap{Shift: -2}, small, "from 0 to 15"},
		{"large shift", imaging.EntropyMap{Shift: 16}, small, "from 0 to 15"},
		{"threads", imaging.EntropyMap{Threads: -1}, small, "-1 threads"},
		{"border", imaging.EntropyMap{Border: 9}, small, "must be Crop"},
		{"valid, window too large", imaging.EntropyMap{Border: imaging.Valid}, small, "no 9×9 window fits into an image of 8×6 pixels"},
		{"tiles with border", imaging.EntropyMap{Window: imaging.Tile(4, 4), Border: imaging.Mirror}, small, "tiles have no border"},
		{"empty window", imaging.EntropyMap{Window: imaging.Rect(0, 3)}, small, "has no pixels"},
		{"window without sides, which is not the default", imaging.EntropyMap{Window: imaging.Square(0)}, small, "a 0×0 window has no pixels"},
		{"huge window", imaging.EntropyMap{Window: imaging.Rect(1<<40, 3)}, small, "too large"},
		{"huge tile", imaging.EntropyMap{Window: imaging.Tile(1<<62, 3)}, small, "too large"},
		{"negative disk", imaging.EntropyMap{Window: imaging.Disk(-1)}, small, "a disk of radius -1 has no pixels"},
		{"nil image", imaging.EntropyMap{}, nil, "nil"},
		{"nil gray", imaging.EntropyMap{}, (*imaging.Gray)(nil), "nil"},
		{"nil standard gray", imaging.EntropyMap{}, (*image.Gray)(nil), "nil"},
		{"nil standard gray16", imaging.EntropyMap{}, (*image.Gray16)(nil), "nil"},
		{"zero Gray", imaging.EntropyMap{}, &imaging.Gray{}, "empty"},
		{"empty", imaging.EntropyMap{}, image.NewGray(image.Rect(3, 3, 3, 9)), "empty"},
		{"no pixels", imaging.EntropyMap{}, &image.Gray{Stride: 3, Rect: image.Rect(0, 0, 3, 3)}, "0 bytes in rows of 3 do not hold 3×3 pixels"},
		{"rows that overlap", imaging.EntropyMap{}, &image.Gray{Pix: make([]uint8, 9), Stride: 2, Rect: image.Rect(0, 0, 3, 3)}, "do not hold"},
		{"rows backwards", imaging.EntropyMap{}, &image.Gray{Pix: make([]uint8, 9), Stride: -3, Rect: image.Rect(0, 0, 3, 3)}, "do not hold"},
		{"a stride that overflows", imaging.EntropyMap{}, &image.Gray{Pix: make([]uint8, 9), Stride: 1 << 62, Rect: image.Rect(0, 0, 3, 3)}, "do not hold"},
		{"half the pixels of 16 bits", imaging.EntropyMap{}, &image.Gray16{Pix: make([]uint8, 9), Stride: 3, Rect: image.Rect(0, 0, 3, 3)}, "do not hold"},
		{"colour", imaging.EntropyMap{}, image.NewRGBA(image.Rect(0, 0, 3, 3)), "imaging.Luma"},
	} {
		m, err := c.e.Of(context.Background(), c.img)
		if err == nil || m != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got map %v, error %v; want no map and an error with %q", c.name, m != nil, err, c.want)
		}
		if err != nil && !strings.HasPrefix(err.Error(), "imaging: ") {
			t.Errorf("%s: the error %q does not name its package", c.name, err)
		}
		if err != nil && strings.Count(err.Error(), "imaging: ") != 1 {
			t.Errorf("%s: the error %q names its package again and again", c.name, err)
		}
	}
}

func TestShiftBeyondDepth(t *testing.T) {
	m := mustMap(t, imaging.EntropyMap{Shift: 15}, gray8(t, 2, 1, []uint8{1, 255}))
	compare(t, "all values in bin 0", m.Bits, []float64{0, 0}, 0)
}

func TestAutoShift(t *testing.T) {
	g, err := imaging.NewGray16(2, 1, []uint16{236, 1076})
	if err != nil {
		t.Fatal(err)
	}
	m := mustMap(t, imaging.EntropyMap{Shift: imaging.AutoShift}, g)
	if m.Shift != 3 || !strings.Contains(m.String(), "256 bins (shift 3)") {
		t.Errorf("got %s, want shift 3", m)
	}
}

// broken is a context that a cell may have written.
type broken struct{ context.Context }

func (broken) Err() error { panic("broken context") }

// Threads of the map must not take the process along.
func TestBadContexts(t *testing.T) {
	img := gray8(t, 8, 6, make([]uint8, 48))
	var none context.Context
	if _, err := (imaging.EntropyMap{}).Of(none, img); err == nil || !strings.Contains(err.Error(), "no context") {
		t.Errorf("nil: %v", err)
	}
	if _, err := (imaging.EntropyMap{}).Global(none, img); err == nil || !strings.Contains(err.Error(), "no context") {
		t.Errorf("nil: %v", err)
	}
	for _, threads := range []int{1, 2} {
		func() {
			defer func() {
				if v := recover(); v != "broken context" {
					t.Errorf("%d threads: recovered %v", threads, v)
				}
			}()
			imaging.EntropyMap{Window: imaging.Tile(1, 1), Threads: threads}.Of(broken{}, img)
		}()
	}
}

// Maps that are written over come out as new ones.
func TestMapsAreReused(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var images []image.Image
	for range 3 {
		pix := make([]uint8, 30*20)
		for i := range pix {
			pix[i] = uint8(r.IntN(9))
		}
		images = append(images, gray8(t, 30, 20, pix))
	}
	for _, threads := range []int{1, 3} {
		e := imaging.EntropyMap{Threads: threads, Occupied: true}
		want, err := e.All(t.Context(), images)
		if err != nil {
			t.Fatal(err)
		}
		large, err := imaging.EntropyMap{}.Of(t.Context(), gray8(t, 50, 40, make([]uint8, 2000)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Into(t.Context(), []*imaging.Map{nil, large}, images)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if !slices.Equal(got[i].Bits, want[i].Bits) || !slices.Equal(got[i].Occupied, want[i].Occupied) {
				t.Errorf("%d threads: map %d comes out otherwise", threads, i)
			}
		}
		if got[1] != large {
			t.Error("the map that was given is not the one that comes back")
		}
		if _, err := e.Into(t.Context(), []*imaging.Map{large, nil, large}, images); err == nil {
			t.Error("one map for two images is no error")
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, w := range []imaging.Footprint{imaging.Square(9), imaging.Disk(3), imaging.Tile(8, 8)} {
		m, err := imaging.EntropyMap{Window: w}.Of(ctx, gray8(t, 300, 300, make([]uint8, 90000)))
		if m != nil || err == nil || !strings.Contains(err.Error(), "cancel") {
			t.Errorf("%s: got %v, %v; want no map and an error that says cancelled", w, m, err)
		}
	}
}

// endsSoon is a context that is cancelled when it is looked at for the third
// time: in the middle of a map.
type endsSoon struct {
	context.Context
	looks atomic.Int32
}

func (c *endsSoon) Err() error {
	if c.looks.Add(1) > 2 {
		return context.Canceled
	}
	return nil
}

func TestCancelledMidway(t *testing.T) {
	img := gray8(t, 300, 300, make([]uint8, 90000))
	for _, w := range []imaging.Footprint{imaging.Square(9), imaging.Disk(3), imaging.Tile(8, 8)} {
		ctx := &endsSoon{Context: context.Background()}
		m, err := imaging.EntropyMap{Window: w, Threads: 1}.Of(ctx, img)
		if m != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, %v; want no map and context.Canceled", w, m, err)
		}
	}
}

func mustMap(t testing.TB, e imaging.EntropyMap, img image.Image) *imaging.Map {
	t.Helper()
	m, err := e.Of(context.Background(), img)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func gray8(t testing.TB, w, h int, pix []uint8) *imaging.Gray {
	t.Helper()
	g, err := imaging.NewGray8(w, h, pix)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func ExampleEntropyMap() {
	// Three columns of one grey, three of another: only windows that see both
	// have entropy.
	img, err := imaging.NewGray8(6, 1, []uint8{10, 10, 10, 200, 200, 200})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := imaging.EntropyMap{Window: imaging.Rect(1, 2)}.Of(context.Background(), img)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Bits)
	fmt.Println(m)
	// Output:
	// [0 0 0 1 0 0]
	// entropy map 6×1, 1×2 window, border crop, 256 bins: 0.00–1.00 bits, median 0.00
}

func ExampleEntropyMap_Global() {
	img, err := imaging.NewGray8(4, 2, []uint8{0, 0, 0, 0, 1, 1, 2, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := imaging.EntropyMap{}.Global(context.Background(), img)
	fmt.Println(e, err)
	// Output: 1.7500 bits, 8 pixels in 4 bins, on the CPU <nil>
}

func ExampleEntropyMap_Coded() {
	// Two pixels show one bit at most, which is white.
	img, err := imaging.NewGray8(6, 1, []uint8{10, 10, 10, 200, 200, 200})
	if err != nil {
		fmt.Println(err)
		return
	}
	codes, err := imaging.EntropyMap{Window: imaging.Rect(1, 2)}.Coded(context.Background(), imaging.Byte, img)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(codes[0].Bytes, codes[0].Value(3, 0))
	// Output: [0 0 0 255 0 0] 1
}
