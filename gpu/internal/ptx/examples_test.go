package ptx_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"surprisal/gpu/internal/ptx"
)

// example is a kernel of testdata, with the text of its body changed.
func example(t testing.TB, file, name string, edits ...func(string) string) *ptx.Program {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	at := strings.Index(text, ".entry "+name+"(")
	body := text[at:]
	for _, edit := range edits {
		edited := edit(body)
		if edited == body {
			t.Fatal("the edit changes nothing")
		}
		body = edited
	}
	m, err := ptx.Parse(text[:at] + body)
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.Entry(name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Program()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// float16s are small multiples of 1/8 as float16 and as numbers: products and sums
// of them are exact.
func float16s(r *rand.Rand, n int) (bits []uint16, values []float64) {
	for range n {
		v := r.IntN(33) - 16
		values = append(values, float64(v)/8)
		b := uint16(0)
		if v != 0 {
			f, e := math.Frexp(math.Abs(float64(v)) / 8)
			b = uint16(e+14)<<10 | uint16(f*2048)&0x3ff
			if v < 0 {
				b |= 0x8000
			}
		}
		bits = append(bits, b)
	}
	return bits, values
}

// The kernel makes its own fragments through cp.async and ldmatrix, so that a
// wrong layout of any of the three shows.
func tiles(t testing.TB, p *ptx.Program, m, n, k int, machine ptx.Machine) error {
	d := &device{t, machine}
	r := rand.New(rand.NewPCG(1, uint64(k)))
	a, left := float16s(r, m*k)
	b, right := float16s(r, k*n)
	c := d.Alloc("c", 4*m*n)
	params := le64(le64(le64(nil, d.put("a", a)), d.put("b", b)), c)
	params = append(params, byte(n), byte(n>>8), 0, 0, byte(k), byte(k>>8), 0, 0)
	err := d.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: n / 32, Y: m / 32}, Block: ptx.Dim{X: 128}, Params: params})
	if err != nil {
		return err
	}
	got, err := get[float32](d, c, m*n)
	if err != nil {
		return err
	}
	for i := range m {
		for j := range n {
			want := 0.0
			for q := range k {
				want += left[i*k+q] * right[q*n+j]
			}
			tolerance := float64(machine.Ulps) * float64(k/16) * 0x1p-23 * float64(4*k)
			if !(math.Abs(float64(got[i*n+j])-want) <= tolerance) {
				return errDiffer
			}
		}
	}
	return nil
}

var errDiffer = errors.New("results differ")

func TestTensorCores(t *testing.T) {
	for _, c := range []struct{ m, n, k, ulps int }{{32, 32, 16, 0}, {32, 64, 32, 0}, {64, 32, 112, 0}, {32, 32, 80, 2}} {
		if err := tiles(t, example(t, "tiles.ptx", "tiles"), c.m, c.n, c.k, ptx.Machine{Ulps: c.ulps}); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// mistake is an edit of an example and how it must be found.
type mistake struct {
	name   string
	kernel string
	edit   func(string) string
	kind   ptx.Kind // 0: results differ
	says   string
	reason string
}

func (m mistake) found(t *testing.T, err error) {
	t.Helper()
	var f *ptx.Fault
	switch {
	case err == nil:
		t.Errorf("%s: not found: %s", m.name, m.reason)
	case m.kind == 0 && err != errDiffer, m.kind != 0 && (!errors.As(err, &f) || f.Kind != m.kind || !strings.Contains(f.Error(), m.says)):
		t.Errorf("%s: found as %v: %s", m.name, err, m.reason)
	}
}

func TestMistakesWithTiles(t *testing.T) {
	for _, m := range []mistake{
		{"waits for too few", "", nth(1, `cp\.async\.wait_group 1;`, "cp.async.wait_group 2;"), ptx.Race, "which cp.async still copies to: thread ", "the oldest of three groups may be on its way"},
		{"waits for nothing", "", nth(1, `cp\.async\.wait_group 1;`, ""), ptx.Race, "which cp.async still copies to", "nobody knows when copies land"},
		{"a group for every copy but one", "", nth(1, `cp\.async\.commit_group;`, ""), ptx.Race, "which cp.async still copies to", "the first copies are of the second group, which is not waited for"},
		{"no barrier behind the wait", "", nth(1, `bar\.sync \t0;`, ""), ptx.Race, "", "each thread waits for its own copies alone"},
		{"a matrix that is not transposed", "", nth(1, `x4\.trans\.shared`, "x4.shared"), 0, "", "rows of B for columns"},
		{"a product of the wrong type", "", nth(1, `f32\.f16\.f16\.f32`, "f32.bf16.bf16.f32"), 0, "", "the bits mean other numbers"},
		{"an accumulator forgotten", "", nth(1, `mov\.f32 \t%f\d+, 0f00000000;`, ""), ptx.Uninitialised, "", "sums begin as anything"},
	} {
		p := example(t, "tiles.ptx", "tiles", m.edit)
		m.found(t, tiles(t, p, 32, 32, 112, ptx.Machine{MaxSteps: 1 << 20}))
	}
}

func ring(t testing.TB, p *ptx.Program, blocks, rounds int, cooperative bool) error {
	d := &device{t, ptx.Machine{MaxSteps: 1 << 22}}
	n := 64 * blocks
	start := make([]uint32, n)
	for i := range start {
		start[i] = uint32(1000 * i)
	}
	a, b, arrived := d.put("a", start), d.put("b", make([]uint32, n)), d.put("arrived", []uint32{0})
	params := append(le64(le64(le64(nil, a), b), arrived), byte(rounds), 0, 0, 0)
	err := d.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: blocks}, Block: ptx.Dim{X: 64}, Params: params, Cooperative: cooperative})
	if err != nil {
		return err
	}
	out := a
	if rounds%2 == 1 {
		out = b
	}
	got, err := get[uint32](d, out, n)
	if err != nil {
		return err
	}
	for i, v := range got {
		if from := ((i-64*rounds)%n + n) % n; v != uint32(1000*from+rounds) {
			return errDiffer
		}
	}
	return nil
}

func sum(t testing.TB, p *ptx.Program) error {
	d := &device{t, ptx.Machine{MaxSteps: 1 << 22}}
	x := make([]uint32, 1000)
	want := uint32(0)
	for i := range x {
		x[i] = uint32(i * i)
		want += x[i]
	}
	out := d.Alloc("out", 4)
	params := append(le64(nil, d.put("x", x)), 0xe8, 3, 0, 0, 0, 0, 0, 0)
	params = le64(le64(le64(params, d.Alloc("parts", 20)), d.put("came", []uint32{0})), out)
	if err := d.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: 5}, Block: ptx.Dim{X: 64}, Params: params}); err != nil {
		return err
	}
	got, err := get[uint32](d, out, 1)
	if err == nil && got[0] != want {
		err = errDiffer
	}
	return err
}

// Blocks that wait for one another come to an end if they run beside each other,
// and what fences order is no race.
func TestBarrierOfTheGrid(t *testing.T) {
	t.Parallel()
	if err := ring(t, example(t, "grid.ptx", "ring"), 7, 5, true); err != nil {
		t.Error(err)
	}
	if err := sum(t, example(t, "grid.ptx", "sum")); err != nil {
		t.Error(err)
	}
	var f *ptx.Fault
	if err := ring(t, example(t, "grid.ptx", "ring"), 3, 1, false); !errors.As(err, &f) || f.Kind != ptx.Endless {
		t.Errorf("got %v: the first block waits for blocks that do not run", err)
	}
}

func TestMistakesBetweenBlocks(t *testing.T) {
	const ordered = "nothing orders the two"
	for _, m := range []mistake{
		{"without the release", "ring", nth(1, `membar\.gl;`, ""), ptx.Race, ordered, "what other threads wrote is not published"},
		{"without the acquire", "ring", nth(2, `membar\.gl;`, ""), ptx.Race, ordered, "the others have published, nobody looks"},
		{"a fence for the block", "ring", nth(1, `membar\.gl;`, "membar.cta;"), ptx.Race, ordered, "it reaches no other block"},
		{"an atomic for the block", "ring", nth(1, `atom\.global\.add`, "atom.relaxed.cta.global.add"), ptx.Race, ordered, "another block adds to the same word"},
		{"without a barrier before", "ring", nth(1, `bar\.sync \t0;`, ""), ptx.Race, "", "thread 0 speaks for those who have not written yet"},
		{"without a barrier behind", "ring", nth(2, `bar\.sync \t0;`, ""), ptx.Race, "", "thread 0 alone knows that all have come"},
		{"a plain store for the atomic", "ring", nth(1, `atom\.global\.add\.u32 \t(%r\d+), (\[%rd\d+\]), 1;`, "ld.global.u32 $1, $2; add.s32 $1, $1, 1; st.global.u32 $2, $1;"), ptx.Race, "", "two blocks may read the same number"},
		{"parts without the release", "sum", nth(1, `membar\.gl;`, ""), ptx.Race, ordered, "parts are written and not published"},
		{"parts without the acquire", "sum", nth(2, `membar\.gl;`, ""), ptx.Race, ordered, "nobody looks"},
	} {
		p := example(t, "grid.ptx", m.kernel, m.edit)
		if m.kernel == "ring" {
			m.found(t, ring(t, p, 5, 4, true))
		} else {
			m.found(t, sum(t, p))
		}
	}
}
