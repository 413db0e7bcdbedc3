package ptx_test

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// mistakes are made in every kernel that a pattern fits: those that come out of one
// template show each that it is found there, too.
var mistakes = []struct {
	kernels, name string
	edit          func(string) string
	kind          finding
}{
	{"joint_counts_*", "no barrier before the first tile is filled again", nth(1, `bar\.sync \t0;`, ""), fault(ptx.Race)},
	{"joint_counts_*", "no barrier behind the first tile", nth(2, `bar\.sync \t0;`, ""), fault(ptx.Race)},
	{"joint_counts_*", "no barrier before the second pass", nth(3, `bar\.sync \t0;`, ""), fault(ptx.Race)},
	{"joint_counts_*", "a count that is never written", nth(1, `st\.global\.u32 [^;]*;`, ""), unwritten},
	{"entropy_map_*", "no barrier behind the tile", nth(1, `bar\.sync \t0;`, ""), fault(ptx.Race)},
	{"entropy_map_*", "counters that are not zeroed", nth(1, `st\.shared\.u32 [^;]*;`, ""), fault(ptx.Uninitialised)},
	{"histogram_u8", "no barrier behind the pixels", nth(2, `bar\.sync \t0;`, ""), fault(ptx.Race)},
	{"histogram_u8", "counts of warps that are not zeroed", nth(1, `st\.shared\.u32 [^;]*;`, ""), fault(ptx.Uninitialised)},
	{"joint_boxes_pick", "a place behind the last", nth(1, `setp\.ge\.s32`, "setp.gt.s32"), fault(ptx.OutOfBounds)},
	{"joint_boxes_pick", "a value that is not written", nth(1, `st\.global\.f64 [^;]*;`, ""), unwritten},
	{"joint_boxes_gather", "a place behind the stride", nth(1, `setp\.ge\.s32`, "setp.gt.s32"), fault(ptx.Race)},
	{"joint_boxes_gather", "a row that is not written", nth(1, `st\.global\.u32 [^;]*;`, ""), fault(ptx.Uninitialised)},
	{"joint_boxes_lift", "the smallest for the largest", nth(1, `setp\.lt\.f64`, "setp.gt.f64"), fault(ptx.OutOfBounds)},
	{"joint_boxes_lift", "an end that is not written", nth(1, `st\.global\.f64 [^;]*;`, ""), fault(ptx.Uninitialised)},
	{"joint_boxes_line", "a row behind the last", nth(1, `setp\.ge\.s32`, "setp.gt.s32"), fault(ptx.OutOfBounds)},
	{"joint_boxes_line", "a count that is not written", nth(1, `st\.global\.u32 [^;]*;`, ""), differs},
	{"joint_boxes_near_d*", "a radius that is not written", nth(1, `st\.global\.[uf]64 [^;]*;`, ""), differs},
	{"joint_boxes_near_d*", "a vote without half of a warp", nth(1, `vote\.sync\.ballot\.b32 \t(%r\d+), (%p\d+), -1;`, "vote.sync.ballot.b32 $1, $2, 65535;"), fault(ptx.Divergence)},
	{"joint_triples_lay", "a place behind the last", nth(1, `setp\.ge\.s32`, "setp.gt.s32"), fault(ptx.Race)},
	{"joint_triples_lay", "a value that is not written", nth(1, `st\.global\.u64 [^;]*;`, ""), fault(ptx.Uninitialised)},
	{"joint_triples_k4_*", "no barrier behind the rows", nth(1, `bar\.sync \t0;`, ""), fault(ptx.Race)},
	{"joint_triples_k4_*", "a sum that is not added", nth(1, `atom\.global\.add\.u64 [^;]*;`, ""), differs},
	{"joint_windows_d*", "lists that are read before they are written", every("bar.warp.sync", "//"), fault(ptx.Race)},
	{"joint_windows_d*", "a sum that is not added", nth(1, `atom\.global\.add\.u64 [^;]*;`, ""), differs},
	{"joint_windows_gather", "a value that is not written", nth(1, `st\.global\.f64 [^;]*;`, ""), fault(ptx.Uninitialised)},
	{"joint_windows_gather", "ties that begin as anything", nth(1, `st\.global\.u32 [^;]*;`, ""), unwritten},
	{"joint_windows_line", "a row behind the last", nth(1, `setp\.ge\.s32`, "setp.gt.s32"), fault(ptx.OutOfBounds)},
	{"joint_windows_line", "a count that is not written", nth(1, `st\.global\.u32 [^;]*;`, ""), differs},
}

// seeded is a case that shows mistakes in a kernel: whether a program in its place
// finds what the CPU finds.
func seeded(t testing.TB, name string) func(*ptx.Program) (bool, error) {
	r := rand.New(rand.NewPCG(17, 17))
	dev := func() *device { return &device{TB: t, Machine: ptx.Machine{MaxSteps: 1 << 21}} }
	box := strings.HasSuffix(name, "_box")
	switch {
	case strings.HasPrefix(name, "joint_counts_"):
		all := counters()
		of := all[slices.IndexFunc(all, func(c counter) bool { return c.name() == name })]
		c := newNeighbours(r, of.d, of.tile()+20, of.most)
		c.box, c.euclid, c.order, c.marginals = of.box, of.euclid, nil, []uint32{c.ends()}
		want := c.count()
		return func(p *ptx.Program) (bool, error) {
			got, err := c.launch(dev(), p, of.d, 4, 60)
			return err == nil && slices.Equal(got.counts, want.counts) && slices.Equal(got.tied, want.tied), err
		}
	case strings.HasPrefix(name, "entropy_map_"):
		var bins int
		wide := strings.HasPrefix(name, "entropy_map_u16")
		if _, err := fmt.Sscanf(strings.TrimPrefix(strings.TrimPrefix(name, "entropy_map_u8_"), "entropy_map_u16_"), "%d", &bins); err != nil {
			t.Fatal(err)
		}
		v := newView(r, wide, bins, 9, 9)
		bits, occupied := v.entropies()
		return func(p *ptx.Program) (bool, error) {
			got, gotOccupied, err := v.launch(dev(), p, wide)
			return err == nil && slices.Equal(got, bits) && slices.Equal(gotOccupied, occupied), err
		}
	case strings.HasPrefix(name, "histogram_u"):
		c := newPixels(r, name == "histogram_u16")
		want := c.count()
		return func(p *ptx.Program) (bool, error) {
			got, err := c.launch(dev(), p)
			return err == nil && slices.Equal(got, want), err
		}
	case strings.HasPrefix(name, "joint_boxes_"):
		d := 3
		if strings.Contains(name, "near_d2") {
			d = 2
		}
		c := newPacked(r, d, 120, 5)
		c.box, c.marginals, c.table = box, []uint32{1, 3}, make([]int64, 2*121)
		if name == "joint_boxes_lift" { // boxes of boxes
			c = newPacked(r, d, 1100, 5).part(32, 3, 1)
			c.box = false
		}
		want := c.count()
		return func(p *ptx.Program) (bool, error) {
			k := packing(t, "sm_80", d, box)
			for _, q := range []**ptx.Program{&k.pick, &k.gather, &k.lift, &k.near, &k.line} {
				if (*q).Name == name {
					*q = p
				}
			}
			got, err := k.run(dev(), c)
			return err == nil && got.equal(want), err
		}
	case strings.HasPrefix(name, "joint_triples_"):
		c := newTripled(r, 120, 4)
		want := c.count()
		most := 1024
		if name == tripleKernel(2048) {
			most = 2048
		}
		return func(p *ptx.Program) (bool, error) {
			k := tripling(t, "sm_80", most)
			for _, q := range []**ptx.Program{&k.lay, &k.count} {
				if (*q).Name == name {
					*q = p
				}
			}
			got, err := k.run(dev(), c, 64)
			return err == nil && got.equal(want), err
		}
	case strings.HasPrefix(name, "joint_windows_"):
		d := map[string]int{windowKernel(2, false): 2, windowKernel(4, false): 4}[name]
		if d == 0 {
			d = 3
		}
		c := newWindowed(r, d, 120, 5)
		c.box, c.marginals, c.table = box, []uint32{1, 3, 2}, make([]int64, 3*121)
		for i := range c.table {
			c.table[i] = r.Int64N(1 << 40)
		}
		want := c.count()
		return func(p *ptx.Program) (bool, error) {
			k := joint(t, "sm_80", d, box)
			for _, q := range []**ptx.Program{&k.gather, &k.count, &k.line} {
				if (*q).Name == name {
					*q = p
				}
			}
			got, err := k.run(dev(), c)
			return err == nil && got.equal(want), err
		}
	}
	t.Fatalf("%s: no case shows mistakes", name)
	return nil
}

func TestMistakesInEveryKernel(t *testing.T) {
	t.Parallel()
	manifest, err := cuda.Load()
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]int{}
	for _, of := range mistakesOfTrials() {
		made[of]++
	}
	for _, k := range manifest.Kernels {
		var run func(*ptx.Program) (bool, error)
		t.Run(k.Name, func(t *testing.T) {
			for _, m := range mistakes {
				if fits, err := path.Match(m.kernels, k.Name); !fits || err != nil {
					continue
				}
				if made[k.Name]++; run == nil {
					run = seeded(t, k.Name)
					if ok, err := run(kernel(t, "sm_80", k.Family, k.Name)); !ok {
						t.Fatalf("as it is: %v", err)
					}
				}
				same := true
				p := changed(t, k.Family, k.Name, func(body string) string {
					edited := m.edit(body)
					same = edited == body
					return edited
				})
				if same {
					t.Errorf("%s: the edit changes nothing", m.name)
					continue
				}
				if ok, err := run(p); foundAs(ok, err) != m.kind {
					t.Errorf("%s: found as %s, want %s: %v", m.name, foundAs(ok, err), m.kind, err)
				}
			}
		})
		if made[k.Name] < 2 {
			t.Errorf("%s: %d mistakes are made in it, and two are wanted: add them to mistakes, or to TestSeededMistakes", k.Name, made[k.Name])
		}
	}
}
