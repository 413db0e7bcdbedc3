package imaging_test

import (
	"context"
	"encoding/binary"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"encoding/csv"

	"pgregory.net/rapid"

	"surprisal/gpu/imaging"
	"surprisal/validation/oracle"
)

// drawn is an image with what is needed to count it by hand.
type drawn struct {
	img  *imaging.Gray
	rows [][]int
}

func drawImage(t *rapid.T, e *imaging.EntropyMap) drawn {
	w, h := rapid.IntRange(1, 26).Draw(t, "w"), rapid.IntRange(1, 26).Draw(t, "h")
	levels := rapid.SampledFrom([]int{1, 2, 5, 40, 256}).Draw(t, "levels")
	seed := rapid.Uint64().Draw(t, "seed")
	r := rand.New(rand.NewPCG(seed, 0))
	deep := rapid.Bool().Draw(t, "deep")
	e.Shift = 0
	if deep {
		e.Shift = rapid.IntRange(0, 8).Draw(t, "shift")
	}
	d := drawn{}
	pix8, pix16 := make([]uint8, w*h), make([]uint16, w*h)
	for y := range h {
		d.rows = append(d.rows, make([]int, w))
		for x := range w {
			v := r.IntN(levels) * 256 / levels
			if r.IntN(3) == 0 {
				v = (x + y) * 5 % 256 // even areas beside noise
			}
			pix8[y*w+x] = uint8(v)
			pix16[y*w+x] = uint16(v)<<e.Shift | uint16(r.IntN(1<<e.Shift))
			d.rows[y][x] = v
		}
	}
	var err error
	if deep {
		d.img, err = imaging.NewGray16(w, h, pix16)
	} else {
		d.img, err = imaging.NewGray8(w, h, pix8)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func drawWindow(t *rapid.T) (f imaging.Footprint, h, w int, keep func(dy, dx int) bool) {
	if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
		r := rapid.IntRange(0, 7).Draw(t, "radius")
		return imaging.Disk(r), 2*r + 1, 2*r + 1, func(dy, dx int) bool { return dy*dy+dx*dx <= r*r }
	}
	h, w = rapid.IntRange(1, 18).Draw(t, "wh"), rapid.IntRange(1, 18).Draw(t, "ww")
	return imaging.Rect(h, w), h, w, nil
}

func TestAgainstOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := imaging.EntropyMap{
			MillerMadow: rapid.Bool().Draw(t, "mm"), Occupied: true,
			Border:  rapid.SampledFrom([]imaging.Border{imaging.Crop, imaging.Reflect, imaging.Mirror, imaging.Valid}).Draw(t, "border"),
			Threads: rapid.IntRange(1, 3).Draw(t, "threads"),
		}
		d := drawImage(t, &e)
		f, h, w, keep := drawWindow(t)
		e.Window = f
		m, err := e.Of(context.Background(), d.img)
		H, W := d.img.Height(), d.img.Width()
		oy, ox, border := 0, 0, e.Border.String()
		if e.Border == imaging.Valid {
			if h > H || w > W {
				if err == nil {
					t.Fatal("a window larger than the image gave a map")
				}
				return
			}
			H, W, oy, ox, border = H-h+1, W-w+1, h/2, w/2, "crop"
		}
		if err != nil {
			t.Fatal(err)
		}
		if m.Height != H || m.Width != W {
			t.Fatalf("map %d×%d, want %d×%d", m.Width, m.Height, W, H)
		}
		for y := range H {
			for x := range W {
				seen := oracle.Window(d.rows, y+oy, x+ox, h, w, keep, border)
				want, distinct, mm := oracle.Entropy(seen)
				if e.MillerMadow {
					want = mm
				}
				got := m.Value(x, y)
				if !(math.Abs(got-want) <= 1e-12) || m.N(x, y) != len(seen) || int(m.Occupied[y*W+x]) != distinct {
					t.Fatalf("%s: column %d, row %d: %v bits, %d pixels, %d bins; want %v, %d, %d",
						m.Method(), x, y, got, m.N(x, y), m.Occupied[y*W+x], want, len(seen), distinct)
				}
				if bound := math.Log2(float64(min(len(seen), m.Bins))); !e.MillerMadow && !(got >= 0 && got <= bound+1e-12) {
					t.Fatalf("column %d, row %d: %v bits is outside 0…%v", x, y, got, bound)
				}
			}
		}
	})
}

func TestPixelReference(t *testing.T) {
	file, err := os.Open("../../validation/data/pixel/pixel.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	records = records[1:]
	const w, h = 40, 24
	if len(records) != w*h {
		t.Fatalf("%d pixels, want %d", len(records), w*h)
	}
	pix := make([]uint8, w*h)
	for i, r := range records {
		v, err := strconv.Atoi(r[2])
		if err != nil {
			t.Fatal(err)
		}
		pix[i] = uint8(v)
	}
	img := gray8(t, w, h, pix)
	for k, f := range []imaging.Footprint{imaging.Disk(5), imaging.Square(9)} {
		plain := mustMap(t, imaging.EntropyMap{Window: f, Occupied: true}, img)
		corrected := mustMap(t, imaging.EntropyMap{Window: f, MillerMadow: true}, img)
		for i, r := range records {
			var want [4]float64 // n, m, bits, corrected bits
			for j := range want {
				if want[j], err = strconv.ParseFloat(r[3+4*k+j], 64); err != nil {
					t.Fatal(err)
				}
			}
			got := [4]float64{float64(plain.N(i%w, i/w)), float64(plain.Occupied[i]), plain.Bits[i], corrected.Bits[i]}
			for j, tol := range []float64{0, 0, 1e-12, 1e-12} {
				if !(math.Abs(got[j]-want[j]) <= tol) {
					t.Fatalf("%s, pixel %d: %v, want %v", f, i, got, want)
				}
			}
		}
	}
}

func TestThreadsDoNotMatter(t *testing.T) {
	img := noise(t, 211, 173, 1)
	for _, e := range []imaging.EntropyMap{
		{}, {MillerMadow: true, Border: imaging.Reflect}, {Window: imaging.Disk(6)}, {Window: imaging.Rect(21, 14), Border: imaging.Mirror},
		{Window: imaging.Rect(7, 13), Border: imaging.Valid}, {Window: imaging.Tile(9, 5)},
	} {
		e.Threads = 1
		one := mustMap(t, e, img)
		for _, n := range []int{2, 3, 7, 0} {
			e.Threads = n
			for i, h := range mustMap(t, e, img).Bits {
				if h != one.Bits[i] {
					t.Fatalf("%s: value %d is %v with %d threads and %v with one", one.Method(), i, h, n, one.Bits[i])
				}
			}
		}
	}
}

func TestNamesOfValuesDoNotMatter(t *testing.T) {
	img := noise(t, 64, 50, 2)
	pix, perm := make([]uint8, 64*50), rand.New(rand.NewPCG(3, 3)).Perm(256)
	for i := range pix {
		pix[i] = uint8(perm[img.Value(i%64, i/64)])
	}
	for _, e := range []imaging.EntropyMap{{}, {Window: imaging.Disk(4), MillerMadow: true}, {Window: imaging.Tile(16, 16)}} {
		a, b := mustMap(t, e, img), mustMap(t, e, gray8(t, 64, 50, pix))
		compare(t, a.Method()+", values renamed", b.Bits, a.Bits, 0)
	}
}

func TestOrderInWindowDoesNotMatter(t *testing.T) {
	img := noise(t, 12, 10, 4)
	pix := make([]uint8, 120)
	for i, j := range rand.New(rand.NewPCG(5, 5)).Perm(120) {
		pix[i] = uint8(img.Value(j%12, j/12))
	}
	e := imaging.EntropyMap{Window: imaging.Square(25)} // every window is the whole image
	compare(t, "pixels in another order", mustMap(t, e, gray8(t, 12, 10, pix)).Bits, mustMap(t, e, img).Bits, 0)
}

func TestTileIsWindowAroundItsCentre(t *testing.T) {
	img := noise(t, 54, 45, 6)
	tiles := mustMap(t, imaging.EntropyMap{Window: imaging.Tile(9, 9)}, img)
	sliding := mustMap(t, imaging.EntropyMap{}, img)
	for y := range tiles.Height {
		for x := range tiles.Width {
			if a, b := tiles.Value(x, y), sliding.Value(9*x+4, 9*y+4); !(math.Abs(a-b) <= 1e-14) {
				t.Errorf("tile %d,%d has %v bits, the window around its centre %v", x, y, a, b)
			}
		}
	}
}

func TestLargeTilesAndGlobalAgree(t *testing.T) {
	img := noise(t, 400, 300, 7) // 120,000 pixels: beyond the scale 2^44
	e := imaging.EntropyMap{Window: imaging.Tile(1000, 1000), MillerMadow: true}
	g, err := e.Global(context.Background(), img)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]int, 0, 120000)
	for i := range 120000 {
		values = append(values, img.Value(i%400, i/400))
	}
	_, distinct, want := oracle.Entropy(values)
	got := mustMap(t, e, img).Bits
	compare(t, "tile", got, []float64{want}, 1e-12)
	compare(t, "global", []float64{g.Bits}, []float64{want}, 1e-12)
	if g.N != 120000 || g.Occupied != distinct {
		t.Errorf("got %v, want 120000 pixels in %d bins", g, distinct)
	}
}

func TestLargeWindow(t *testing.T) {
	img := noise(t, 300, 280, 8)
	m := mustMap(t, imaging.EntropyMap{Window: imaging.Rect(275, 290), Occupied: true}, img)
	for _, p := range [][2]int{{0, 0}, {150, 140}, {299, 279}} {
		rows := make([][]int, 280)
		for y := range rows {
			for x := range 300 {
				rows[y] = append(rows[y], img.Value(x, y))
			}
		}
		seen := oracle.Window(rows, p[1], p[0], 275, 290, nil, "crop")
		want, _, _ := oracle.Entropy(seen)
		if !(math.Abs(m.Value(p[0], p[1])-want) <= 1e-12) || m.N(p[0], p[1]) != len(seen) {
			t.Errorf("column %d, row %d: %v bits of %d pixels, want %v of %d", p[0], p[1], m.Value(p[0], p[1]), m.N(p[0], p[1]), want, len(seen))
		}
	}
}

// Parts of larger images must be read with their own offset and stride, and no
// pixel outside them may matter.
func TestPartsOfImages(t *testing.T) {
	const w, h = 60, 50
	big := noise(t, w, h, 9)
	gray, gray16 := image.NewGray(image.Rect(-3, 5, w-3, h+5)), image.NewGray16(image.Rect(-3, 5, w-3, h+5))
	for i := range w * h {
		gray.Pix[i] = uint8(big.Value(i%w, i/w))
		binary.BigEndian.PutUint16(gray16.Pix[2*i:], uint16(big.Value(i%w, i/w)))
	}
	part := image.Rect(4, 11, 41, 47) // column 7, row 6, 37×36 pixels of the pixels above
	crop, err := big.Crop(7, 6, 37, 36)
	if err != nil {
		t.Fatal(err)
	}
	own := make([]uint8, 37*36)
	for i := range own {
		own[i] = uint8(big.Value(7+i%37, 6+i/37))
	}
	for _, e := range []imaging.EntropyMap{{}, {Border: imaging.Mirror}, {Window: imaging.Disk(3)}, {Window: imaging.Tile(8, 8)}} {
		want := mustMap(t, e, gray8(t, 37, 36, own)).Bits
		for name, img := range map[string]image.Image{"Gray.Crop": crop, "image.Gray": gray.SubImage(part), "image.Gray16": gray16.SubImage(part)} {
			compare(t, name, mustMap(t, e, img).Bits, want, 0)
		}
	}
	if _, err := big.Crop(30, 0, 31, 1); err == nil || !strings.Contains(err.Error(), "not inside") {
		t.Errorf("a part beyond the edge gave %v", err)
	}
}

func noise(t testing.TB, w, h int, seed uint64) *imaging.Gray {
	r := rand.New(rand.NewPCG(seed, seed))
	pix := make([]uint8, w*h)
	for i := range pix {
		pix[i] = uint8(math.Max(0, math.Min(255, 128+40*r.NormFloat64())))
	}
	return gray8(t, w, h, pix)
}
