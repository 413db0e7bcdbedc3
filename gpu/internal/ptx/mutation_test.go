package ptx_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"surprisal/gpu/internal/ptx"
)

// nth replaces the nth match of a pattern, from 1.
func nth(n int, pattern, by string) func(string) string {
	re := regexp.MustCompile(pattern)
	return func(body string) string {
		count := 0
		return re.ReplaceAllStringFunc(body, func(match string) string {
			if count++; count == n {
				return re.ReplaceAllString(match, by)
			}
			return match
		})
	}
}

// every replaces all of a text.
func every(text, by string) func(string) string {
	return func(body string) string { return strings.ReplaceAll(body, text, by) }
}

// trial is a kernel with data that show a mistake.
type trial struct {
	family, kernel string
	agrees         func(t *testing.T, p *ptx.Program) (bool, error)
}

func trials() []trial {
	c := newNeighbours(rand.New(rand.NewPCG(3, 3)), 3, 303, 4)
	order := rand.New(rand.NewPCG(4, 4)).Perm(303)
	c.order = [][]int32{nil}
	for _, i := range order {
		c.order[0] = append(c.order[0], int32(i))
	}
	c.shuffled, c.marginals = 1, []uint32{5, 6, 4}
	c.variables = []uint32{1, 2, 4}
	want := c.count()
	r := rand.New(rand.NewPCG(6, 6))
	// Pixels by fours and one by one, windows inside and beyond the edge, all forms.
	var views []view
	var inViews [][]float32
	var occupiedInViews [][]uint16
	for form, planeW := range []int{131, 132, 140} {
		v := newView(rand.New(rand.NewPCG(5, 5)), true, 64, 9, 9)
		v.form, v.codes, v.frames, v.planeW, v.planeH, v.outW, v.outH, v.ox, v.oy = form, 70, 2-form%2, planeW, 19, planeW, 19, -4, -4
		if form == 2 {
			v.planeH, v.outW, v.outH, v.ox, v.oy = 27, planeW-8, 19, 0, 0
		}
		v.pixels = make([]int, v.frames*v.planeW*v.planeH)
		for i := range v.pixels {
			v.pixels[i] = r.IntN(64) << v.shift >> (i / planeW % 5)
		}
		views = append(views, v)
		bits, occupied := v.entropies()
		inViews, occupiedInViews = append(inViews, bits), append(occupiedInViews, occupied)
	}
	w := newWindowed(rand.New(rand.NewPCG(3, 9)), 3, 303, 4)
	w.order, w.shuffled, w.marginals = c.order, 2, []uint32{1, 3, 5}
	w.table = make([]int64, 3*304)
	for i := range w.table {
		w.table[i] = r.Int64()
	}
	// Sets that no path is for, ties, almost ties, and barred rows beside a row's own.
	other := w
	other.marginals, other.columns, other.barred = []uint32{3, 7, 5}, nil, slices.Clone(w.barred)
	for _, x := range w.columns {
		rounded := slices.Clone(x)
		for i := range rounded {
			if rounded[i] = math.Round(4*rounded[i]) / 4; i%3 == 0 {
				rounded[i] += 1e-9 * x[i] // float32 takes it for a tie
			}
		}
		other.columns = append(other.columns, rounded)
	}
	for i := range 303 {
		other.barred[2*i], other.barred[2*i+1] = int32(max(0, i-2)), int32(min(302, i+2))
	}
	// Long tails, so that windows are wide, and more rows than a block looks at.
	wide := newWindowed(rand.New(rand.NewPCG(3, 13)), 3, 700, 12)
	wide.marginals = []uint32{1, 3, 5, 2}
	for _, x := range wide.columns {
		for i := range x {
			x[i] *= x[i] * x[i]
		}
	}
	wide.table = make([]int64, 4*701)
	for i := range wide.table {
		wide.table[i] = r.Int64()
	}
	w.box, other.box, wide.box = false, false, false
	inWindows, barredInWindows, inWideOnes := w.count(), other.count(), wide.count()
	// By algorithm 2: with ties and two columns as one variable, and with long tails.
	inSides, inWideSides := other, wide
	inSides.box, inSides.variables, inWideSides.box, inWideSides.variables = true, []uint32{1, 6, 6}, true, []uint32{1, 2, 4}
	counted, countedWide := inSides.count(), inWideSides.count()
	// Of 1,100 rows in boxes of boxes, with ties and barred rows, 32 are asked for. It
	// takes some 127,200 steps and 21,200: who needs more looks at what boxes exclude.
	b := newPacked(rand.New(rand.NewPCG(3, 12)), 3, 1100, 16).part(32, 3, 1)
	b.each, b.steps = 8, 21_700
	for i := range 1100 {
		b.barred[2*i], b.barred[2*i+1] = int32(max(0, i-1)), int32(min(1099, i+2))
		b.columns[2][i] *= 4 // so that boxes of the others lie inside
		for c := range b.columns {
			if i%3 == 0 {
				b.columns[c][i] = math.Round(8*b.columns[c][i]) / 8
			}
		}
	}
	b.box = false
	inBoxes := b.count()
	// By algorithm 2 rows decide: two columns of few values are one variable.
	sides := b
	sides.box, sides.variables, sides.columns, sides.steps = true, []uint32{1, 6, 6}, nil, 0
	for c, x := range b.columns {
		sides.columns = append(sides.columns, slices.Clone(x))
		for i, v := range x {
			sides.columns[c][i] = math.Round(float64(2-c/2)*v) / float64(2-c/2)
		}
	}
	inSidedBoxes := sides.count()
	// By one block: as they come, with ties and barred rows, and with long tails. The
	// sums of rows that are together, too.
	three := []tripled{newTripled(rand.New(rand.NewPCG(3, 14)), 303, 4), newTripled(rand.New(rand.NewPCG(3, 14)), 303, 3), newTripled(rand.New(rand.NewPCG(3, 14)), 303, 4)}
	inBlocks := make([]triples, len(three))
	for i := range three {
		b := &three[i]
		b.order, b.marginals, b.table = c.order, []uint32{5, 1, 3}, wide.table[:3*304]
		b.columns, b.barred = w.columns, w.barred
		if i == 1 {
			b.order, b.columns, b.barred = nil, other.columns, other.barred
		} else {
			b.columns, b.barred = nil, slices.Clone(b.barred)
			for j := range 303 {
				b.barred[2*j], b.barred[2*j+1] = int32(j), int32(j)
			}
			for _, x := range wide.columns {
				b.columns = append(b.columns, slices.Clone(x[:303]))
				for j, v := range x[:303] {
					if i == 0 {
						b.columns[len(b.columns)-1][j] = math.Cbrt(v)
					}
					if i == 0 && j%5 == 0 { // far away, where float32 sees no difference
						b.columns[len(b.columns)-1][j] = 1000 + 1e-4*math.Cbrt(v)
					}
				}
			}
		}
		inBlocks[i] = b.count()
	}
	few := newSorting(rand.New(rand.NewPCG(3, 10)), 1, 10_400, 0, 0) // 40 other tiles: all searches at once
	many := newSorting(rand.New(rand.NewPCG(3, 10)), 1, 4700, 2304, 2)
	inOrder, inStretches := few.rows(), many.rows()
	added := newSumming(rand.New(rand.NewPCG(3, 11)), 2, 2, 3, 2100)
	sums := added.sums()
	// As many bins as a block holds nearly, and more, all edges among the values, two
	// blocks of these, some outside, and two that are no number.
	spread := []binned{{bins: 2040, low: -0.7, high: 1.3}, {bins: 2500, low: -0.7, high: 1.3}}
	var inBins [][]int64
	var noNumber []uint32
	for i := range spread {
		c := &spread[i]
		for i := range 8800 {
			v := c.edge(i % (c.bins + 1))
			if i%3 == 0 {
				v = math.Nextafter(v, c.low)
			}
			if i%50 == 49 {
				v = 5 * float64(i%4-2)
			}
			c.column = append(c.column, v)
		}
		c.column[8300], c.column[8700] = math.NaN(), math.NaN()
		counts, first := c.count()
		inBins, noNumber = append(inBins, counts), append(noNumber, first)
	}
	// Two images of two blocks, four pixels at a time, and some pixels one by one.
	shades := []pixels{{images: 2, n: 17_000, shift: 4, wide: true}, {images: 2, n: 701, shift: 4, wide: true}}
	var inShades [][]int64
	for i := range shades {
		for range 2 * shades[i].n {
			shades[i].values = append(shades[i].values, r.IntN(1<<16))
		}
		inShades = append(inShades, shades[i].count())
	}
	return []trial{
		{"joint_counts", "joint_counts_ball_max_d3_k4", func(t *testing.T, p *ptx.Program) (bool, error) {
			got, err := c.launch(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 20}}, p, 3, 4, 100)
			if err != nil || !slices.Equal(got.counts, want.counts) || !slices.Equal(got.tied, want.tied) {
				return false, err
			}
			return c.leaves(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 20}}, p, 3)
		}},
		{"entropy_map", "entropy_map_u16_64_9x9", func(t *testing.T, p *ptx.Program) (bool, error) {
			for i, v := range views {
				bits, occupied, err := v.launch(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 20}}, p, true)
				if err != nil || !slices.Equal(bits, inViews[i]) || !slices.Equal(occupied, occupiedInViews[i]) {
					return false, err
				}
			}
			return true, nil
		}},
		{"joint_windows", "joint_windows_d0_box", func(t *testing.T, p *ptx.Program) (bool, error) {
			k := joint(t, "sm_80", 3, true)
			k.count = p
			got, err := k.run(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1_649_000}}, inSides)
			if err != nil || !got.equal(counted) {
				return false, err
			}
			got, err = k.run(&device{TB: t, Machine: ptx.Machine{MaxSteps: 2_043_000}}, inWideSides)
			return err == nil && got.equal(countedWide), err
		}},
		{"joint_windows", "joint_windows_d3", func(t *testing.T, p *ptx.Program) (bool, error) {
			k := joint(t, "sm_80", 3, false)
			k.count = p
			for _, c := range []struct {
				windowed
				steps uint64 // a thousandth more than it takes: a mistake may look too far
				want  windows
			}{{w, 664_000, inWindows}, {other, 794_000, barredInWindows}, {wide, 1_237_000, inWideOnes}} {
				got, err := k.run(&device{TB: t, Machine: ptx.Machine{MaxSteps: c.steps}}, c.windowed)
				if err != nil || !got.equal(c.want) {
					return false, err
				}
			}
			return true, nil
		}},
		{"sort", "sort_tiles", func(t *testing.T, p *ptx.Program) (bool, error) {
			s := newSorters(t, "sm_80")
			s.tiles = p
			got, err := few.sort(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 22}}, s)
			return err == nil && slices.Equal(got, inOrder), err
		}},
		{"joint_sums", "joint_sums", func(t *testing.T, p *ptx.Program) (bool, error) {
			got, err := added.launch(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 20}}, p)
			return err == nil && slices.Equal(got, sums), err
		}},
		{"joint_boxes", "joint_boxes_near_d3", func(t *testing.T, p *ptx.Program) (bool, error) {
			k := packing(t, "sm_80", 3, false)
			k.near = p
			got, err := k.run(&device{TB: t, Machine: ptx.Machine{MaxSteps: 128_000}}, b)
			return err == nil && got.equal(inBoxes), err
		}},
		{"joint_boxes", "joint_boxes_count_d2", func(t *testing.T, p *ptx.Program) (bool, error) {
			k := packing(t, "sm_80", 3, false)
			k.count = p
			got, err := k.run(&device{TB: t, Machine: ptx.Machine{MaxSteps: 128_000}}, b)
			return err == nil && got.equal(inBoxes), err
		}},
		{"joint_triples", "joint_triples_k4_1024", func(t *testing.T, p *ptx.Program) (bool, error) {
			k := tripling(t, "sm_80", 1024)
			k.count = p
			for i, c := range three {
				d := &device{TB: t, Machine: ptx.Machine{MaxSteps: []uint64{216_800, 934_000, 262_300}[i]}} // a thousandth or two more than it takes
				got, err := k.run(d, c, 160)
				if err != nil || !got.equal(inBlocks[i]) {
					return false, err
				}
			}
			return true, nil
		}},
		{"joint_boxes", "joint_boxes_near_d3_box", func(t *testing.T, p *ptx.Program) (bool, error) {
			k := packing(t, "sm_80", 3, true)
			k.near = p
			got, err := k.run(&device{TB: t, Machine: ptx.Machine{MaxSteps: 303_000}}, sides)
			return err == nil && got.equal(inSidedBoxes), err
		}},
		{"histogram", "histogram_u16", func(t *testing.T, p *ptx.Program) (bool, error) {
			for i, c := range shades {
				got, err := c.launch(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 20}}, p)
				if err != nil || !slices.Equal(got, inShades[i]) {
					return false, err
				}
			}
			c := shades[0]
			c.flag = up
			got, err := c.launch(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 20}}, p)
			return err == nil && slices.Max(got) == 0, err
		}},
		{"histogram", "histogram_f64", func(t *testing.T, p *ptx.Program) (bool, error) {
			for i, c := range spread {
				got, first, err := c.launch(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 20}}, p)
				if err != nil || first != noNumber[i] || !slices.Equal(got, inBins[i]) {
					return false, err
				}
			}
			c := spread[0]
			c.flag = up
			got, _, err := c.launch(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 20}}, p)
			return err == nil && slices.Max(got) == 0, err
		}},
		{"sort", "sort_join", func(t *testing.T, p *ptx.Program) (bool, error) {
			s := newSorters(t, "sm_80")
			s.join = p
			got, err := few.sort(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 22}}, s)
			return err == nil && slices.Equal(got, inOrder), err
		}},
		{"sort_pairs", "sort_pieces", func(t *testing.T, p *ptx.Program) (bool, error) {
			s := newSorters(t, "sm_80")
			s.pieces = p
			got, err := many.sort(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 22}}, s)
			return err == nil && slices.Equal(got, inStretches), err
		}},
		{"sort_pairs", "sort_merge", func(t *testing.T, p *ptx.Program) (bool, error) {
			s := newSorters(t, "sm_80")
			s.merge = p
			got, err := many.sort(&device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 22}}, s)
			return err == nil && slices.Equal(got, inStretches), err
		}},
	}
}

// finding is how a mistake is found: as a Fault of a Kind, or in one of these ways.
type finding int

const (
	differs   finding = iota // from what the CPU finds
	unwritten                // the host reads what nobody wrote
	nothing                  // it is not
	otherwise                // an error of another sort
	faults                   // and the Kind
)

func fault(k ptx.Kind) finding { return faults + finding(k) }

func (f finding) String() string {
	if f > faults {
		return ptx.Kind(f - faults).String()
	}
	return []string{"results that differ", "unwritten results", "nothing", "an error"}[f]
}

func foundAs(agrees bool, err error) finding {
	var f *ptx.Fault
	switch {
	case errors.As(err, &f):
		return fault(f.Kind)
	case err != nil && strings.HasSuffix(err.Error(), "nothing was written to it"):
		return unwritten
	case err != nil:
		return otherwise
	case agrees:
		return nothing
	}
	return differs
}

// seededMistake is what goes wrong in real kernels, put into ours.
type seededMistake struct {
	trial  int
	name   string
	edit   func(string) string
	kind   finding
	reason string
}

func seededMistakes() []seededMistake {
	return []seededMistake{
		{0, "no barrier before the first tile is filled again", nth(1, `bar\.sync \t0;`, ""), fault(ptx.Race), "the slow warps still read it"},
		{0, "no barrier behind the first tile", nth(2, `bar\.sync \t0;`, ""), fault(ptx.Race), "the first instruction of a block to read it"},
		{0, "no barrier before the second pass", nth(3, `bar\.sync \t0;`, ""), fault(ptx.Race), "the slow warps still read the last tile"},
		{0, "no barrier behind a tile of the second pass", nth(4, `bar\.sync \t0;`, ""), fault(ptx.Race), "the tile is being filled"},
		{0, "a tile that reaches behind the rows", nth(1, `min\.s32 \t(%r\d+), (%r\d+), 256;`, "mov.u32 $1, 256;"), fault(ptx.OutOfBounds), "303 rows end within the second tile"},
		{0, "<= for <", nth(6, `setp\.geu\.f64`, "setp.gtu.f64"), differs, "rows on the sphere count"},
		{0, "a smaller distance wins no place", nth(2, `setp\.gt\.f64`, "setp.lt.f64"), differs, "the nearest are kept in the wrong order"},
		{0, "a count that is never written", nth(1, `st\.global\.u32 [^;]*;`, ""), unwritten, "the host reads what nobody wrote"},
		{0, "a vote without half of the warp", nth(1, `vote\.sync\.ballot\.b32 \t(%r\d+), (%p\d+), -1;`, "vote.sync.ballot.b32 $1, $2, 65535;"), fault(ptx.Divergence), "lanes vote that are not named"},
		{0, "a list that is not joined", nth(2, `shfl\.sync\.bfly\.b32\t(%r\d+), (%r\d+), [^;]*;`, "mov.u32 $1, $2;"), differs, "the rows of the other lane count as one's own"},
		{0, "counts that are not added up", nth(16, `shfl\.sync\.bfly\.b32\t(%r\d+), (%r\d+), [^;]*;`, "mov.u32 $1, 0;"), differs, "those of the other lanes are missing"},
		{0, "a flag that is not looked at", nth(1, `bar\.red\.or\.pred \t(%p\d+), 0, (%p\d+);`, "setp.ne.u32 $1, 0, 0;"), differs, "the kernel goes on"},
		{2, "of rows at the distance of the k-th any", nth(1, `setp\.le\.f64`, "setp.gt.f64"), fault(ptx.Endless), "those that come first count"},
		{2, "radii that are not looked for", nth(1, `setp\.leu\.f64`, "setp.gtu.f64"), differs, "they stay 0"},
		{2, "radii that are read before they are written", every("bar.warp.sync", "//"), fault(ptx.Race), "other lanes write them"},
		{3, "a sweep that ends while keys are near", every("setp.leu.f32", "setp.gtu.f32"), differs, "neighbours lie farther out"},
		{3, "a margin about the radius that is none", every("0f35800000", "0f00000000"), differs, "float32 is taken at its word"},
		{3, "rows that float32 leaves open", every("setp.neu.f32", "setp.nan.f32"), differs, "they count as a part of one"},
		{3, "a ramp that does not end", nth(1, `cvt\.sat\.f32\.f32`, "mov.f32"), fault(ptx.OutOfBounds), "rows outside count for less than nothing, and tables begin at 0"},
		{3, "blocks that do not lie together", nth(1, `div\.s32 \t(%r\d+), (%r\d+), (%r\d+);`, "mov.u32 \t$1, 0;"), fault(ptx.Race), "some are done twice"},
		{3, "<= for < in a window", every("setp.geu.f64", "setp.gtu.f64"), fault(ptx.OutOfBounds), "the k-th neighbour is not nearer than itself"},
		{3, "rows without a tie that count as tied", nth(1, `setp\.eq\.f64`, "setp.ne.f64"), differs, "the next is farther away"},
		{3, "lists that are read before they are written", every("bar.warp.sync", "//"), fault(ptx.Race), "other lanes write them"},
		{3, "a vote without half of a warp of windows", nth(1, `vote\.sync\.ballot\.b32 \t(%r\d+), (%p\d+), -1;`, "vote.sync.ballot.b32 $1, $2, 65535;"), fault(ptx.Divergence), "lanes vote that are not named"},
		{3, "a sum that is not added", nth(1, `atom\.global\.add\.u64 [^;]*;`, ""), differs, "each warp adds what its rows have"},
		{4, "keys of a warp that are read before they are written", every("bar.warp.sync", "//"), fault(ptx.Race), "other lanes write them"},
		{4, "no barrier behind the runs of warps", nth(1, `bar\.sync \t0;`, ""), fault(ptx.Race), "other warps write them"},
		{4, "no barrier behind the tile", nth(2, `bar\.sync \t0;`, ""), fault(ptx.Race), "keys come from other warps"},
		{4, "equal keys that change places", nth(1, `setp\.ne\.s32`, "setp.eq.s32"), fault(ptx.Race), "the sort is stable"},
		{5, "rows behind the last", nth(8, `setp\.lt\.s32`, "setp.le.s32"), differs, "the last counts twice"},
		{5, "lanes that add alone", nth(1, `shfl\.sync\.bfly\.b32\t(%r\d+), (%r\d+), [^;]*;`, "mov.u32 $1, 0;"), differs, "half of the warp is missing"},
		{5, "a sum that only one warp adds", nth(1, `and\.b32 +\t(%r\d+), (%r\d+), 31;`, "mov.u32 $1, $2;"), differs, "each warp adds its own"},
		{6, "boxes that are near left out", nth(6, `setp\.lt\.f64`, "setp.gt.f64"), differs, "neighbours are in them"},
		{6, "boxes that seem nearer than they are", nth(2, `setp\.lt\.f64`, "setp.gt.f64"), fault(ptx.Endless), "every leaf is looked at"},
		{6, "barred rows that are neighbours", nth(2, `setp\.gt\.u32`, "setp.ne.u32"), differs, "a row is the nearest to itself"},
		{6, "a list that keeps what is far", nth(2, `setp\.gt\.f64`, "setp.lt.f64"), fault(ptx.Endless), "nearer rows take the places of others"},
		{6, "a vote without half of a warp of boxes", nth(1, `vote\.sync\.ballot\.b32 \t(%r\d+), (%p\d+), -1;`, "vote.sync.ballot.b32 $1, $2, 65535;"), fault(ptx.Divergence), "lanes vote that are not named"},
		{7, "boxes that are partly inside counted whole", nth(9, `setp\.lt\.f64`, "setp.gt.f64"), fault(ptx.Endless), "half of their rows are too far"},
		{7, "<= for < in a leaf", nth(11, `setp\.lt\.f64`, "setp.le.f64"), differs, "rows at the radius do not count"},
		{7, "a last box that is full", nth(3, `min\.s32 \t(%r\d+), (%r\d+), (%r\d+);`, "mov.u32 $1, $3;"), differs, "it has the rows that are left"},
		{7, "boxes inside that are looked at", nth(5, `setp\.gt\.f64`, "setp.lt.f64"), fault(ptx.Endless), "what is inside is counted whole"},
		{8, "no barrier behind the rows", nth(1, `bar\.sync \t0;`, ""), fault(ptx.Race), "the first warp reads what nobody has written"},
		{8, "a sweep by one block that ends while keys are near", every("setp.leu.f32", "setp.gtu.f32"), fault(ptx.Endless), "neighbours lie farther out"},
		{8, "groups that are no more than k", nth(1, `setp\.ltu\.f32 \t(%p\d+), (%f\d+), (%f\d+);`, "setp.eq.f32 \t$1, $2, $2;"), differs, "one more may be as near"},
		{8, "a margin about the k-th that is none", every("0f35000000", "0f00000000"), differs, "float32 is taken at its word"},
		{8, "<= for < at the end of a stretch", nth(1, `setp\.geu\.f64`, "setp.gtu.f64"), differs, "the k-th neighbour is not nearer than itself"},
		{8, "barred rows of a group that are neighbours", nth(1, `setp\.gt\.u32`, "setp.ne.u32"), differs, "rows beside one are barred, too"},
		{8, "rows without a tie that count as tied by a block", nth(1, `setp\.eq\.f64`, "setp.ne.f64"), differs, "the next is farther away"},
		{8, "a part that is not cut", nth(1, `cvt\.sat\.f32\.f32`, "mov.f32"), fault(ptx.OutOfBounds), "rows outside count for less than nothing"},
		{8, "a sum that a block does not add", nth(1, `atom\.global\.add\.u64 [^;]*;`, ""), differs, "each warp adds what its rows have"},
		{8, "a vote without half of a warp of a block", nth(1, `vote\.sync\.ballot\.b32 \t(%r\d+), (%p\d+), -1;`, "vote.sync.ballot.b32 $1, $2, 65535;"), fault(ptx.Divergence), "lanes vote that are not named"},
		{9, "of rows at one distance the last first", nth(22, `setp\.lt\.u64`, "setp.gt.u64"), differs, "neighbours come by row"},
		{9, "a search that ends at the distance of the k-th", nth(8, `setp\.lt\.f64`, "setp.gt.f64"), differs, "rows at it may come before"},
		{10, "counts of warps that are not zeroed", nth(1, `st\.shared\.u32 [^;]*;`, ""), fault(ptx.Uninitialised), "shared memory begins as anything"},
		{10, "no barrier before pixels count", nth(1, `bar\.sync \t0;`, ""), fault(ptx.Uninitialised), "other warps zero what they count in"},
		{10, "no barrier behind the pixels", nth(2, `bar\.sync \t0;`, ""), fault(ptx.Race), "the others' counts are still made"},
		{11, "no barrier before rows count", nth(1, `bar\.sync \t0;`, ""), fault(ptx.Race), "other warps zero what they count in"},
		{11, "<= for < at an edge", every("setp.le.f64", "setp.lt.f64"), differs, "a bin begins at its edge"},
		{11, "the last row that is no number", every("atom.global.min.u32", "atom.global.max.u32"), differs, "the first is told of"},
		{12, "no barrier behind the searches", nth(1, `bar\.sync \t0;`, ""), fault(ptx.Uninitialised), "other warps search in other tiles"},
		{12, "equal keys of the next tile first", nth(1, `setp\.lt\.u32`, "setp.le.u32"), fault(ptx.Race), "the sort is stable"},
		{12, "a key that is looked for one place too far", nth(3, `setp\.lt\.u64`, "setp.le.u64"), fault(ptx.Race), "equal keys of a later tile come later"},
		{13, "no barrier behind the values", nth(1, `bar\.sync \t0;`, ""), fault(ptx.Race), "other warps read them"},
		{13, "no barrier before a merge", nth(3, `bar\.sync \t0;`, ""), fault(ptx.Race), "keys come from other warps"},
		{13, "equal neighbours that change places", nth(1, `setp\.lt\.u64`, "setp.le.u64"), differs, "the sort is stable"},
		{13, "equal keys of the second run first", nth(1, `setp\.le\.u64`, "setp.lt.u64"), differs, "the sort is stable"},
		{14, "no barrier behind the cuts", nth(1, `bar\.sync \t0;`, ""), fault(ptx.Uninitialised), "the first two warps look for them"},
		{14, "no barrier behind the keys", nth(2, `bar\.sync \t0;`, ""), fault(ptx.Race), "threads merge what others fetch"},
		{14, "a cut without half of a warp", nth(1, `vote\.sync\.ballot\.b32 \t(%r\d+), (%p\d+), -1;`, "vote.sync.ballot.b32 $1, $2, 65535;"), fault(ptx.Divergence), "lanes vote that are not named"},
		{14, "equal keys of the second run first by a warp", nth(1, `setp\.le\.u64`, "setp.lt.u64"), differs, "the sort is stable"},
		{1, "no barrier behind the tile", nth(1, `bar\.sync \t0;`, ""), fault(ptx.Race), "other lanes fill the tile and the table"},
		{1, "counters that are not zeroed", nth(1, `st\.shared\.u32 [^;]*;`, ""), fault(ptx.Uninitialised), "shared memory begins as anything"},
		{1, "a right edge that is not seen", nth(1, `setp\.lt\.s32`, "setp.ne.s32"), differs, "pixels behind the row are in the next one"},
		{1, "a bin that a pixel enters and another leaves, counted for the one alone", nth(1, `selp\.b32 \t(%r\d+), (%r\d+), (%r\d+), (%p\d+);`, "mov.u32 $1, $3;"), differs, "the word is read before the one is added"},
		{1, "pixels outside that count", nth(1, `setp\.eq\.s32 \t(%p\d+), (%r\d+), 81;`, "setp.ne.s32 \t$1, $2, -1;"), differs, "they lie in a bin of their own"},
		{1, "bytes that run over", nth(1, `min\.s32 \t(%r\d+), (%r\d+), 255;`, "mov.u32 $1, $2;"), differs, "some values are larger than a byte shows"},
		{1, "float16 that is cut off", nth(1, `cvt\.rn\.f16\.f32`, "cvt.rz.f16.f32"), differs, "the nearest is wanted"},
		{1, "rows below the image", nth(1, `setp\.ge\.s32`, "setp.ne.s32"), differs, "the map ends before the block does"},
	}
}

// mistakesOfTrials are the kernels of these, one for each mistake.
func mistakesOfTrials() (kernels []string) {
	all := trials()
	for _, m := range seededMistakes() {
		kernels = append(kernels, all[m.trial].kernel)
	}
	return kernels
}

func TestSeededMistakes(t *testing.T) {
	t.Parallel()
	all := trials()
	for _, c := range seededMistakes() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tr := all[c.trial]
			same := true
			p := changed(t, tr.family, tr.kernel, func(body string) string {
				edited := c.edit(body)
				same = edited == body
				return edited
			})
			if same {
				t.Fatal("the edit changes nothing")
			}
			ok, err := tr.agrees(t, p)
			if as := foundAs(ok, err); as != c.kind {
				t.Errorf("found as %s, want %s: %s: %v", as, c.kind, c.reason, err)
			}
		})
	}
}
