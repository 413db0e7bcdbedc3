// Package check says what of our kernels a device would use, and whether they find
// on it what the CPU finds.
//
//	for _, f := range check.Families(d) { fmt.Println(f) }
//	for _, t := range check.Run(ctx, d) { fmt.Println(t) }
package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"surprisal/cuda"
	"surprisal/gpu"
	"surprisal/gpu/imaging"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/sorted"
	"surprisal/gpu/internal/trial"
	"surprisal/gpu/prim"
)

// Family is a family of kernels and the image of it that a device would load.
type Family struct {
	Name    string         `json:"name"`
	Kernels int            `json:"kernels"`
	Arch    string         `json:"arch,omitempty"` // "" for the CPU, or with Why
	PTX     string         `json:"ptx,omitempty"`  // version
	SHA256  string         `json:"sha256,omitempty"`
	Proofs  map[string]int `json:"proofs,omitempty"` // cases that agreed with the CPU, by where
	Why     string         `json:"why,omitempty"`    // there is no image
}

// String is a line without the name.
func (f Family) String() string {
	switch {
	case f.Why != "":
		return fmt.Sprintf("%d kernels, none chosen: %s", f.Kernels, f.Why)
	case f.Arch == "":
		return fmt.Sprintf("%d kernels, not used on the CPU", f.Kernels)
	}
	var by []string
	for _, where := range slices.Sorted(maps.Keys(f.Proofs)) {
		by = append(by, fmt.Sprintf("%d cases on %s", f.Proofs[where], strings.Replace(where, "simulator", "the simulator", 1)))
	}
	return fmt.Sprintf("%d kernels, image for %s (PTX %s), proven by %s", f.Kernels, f.Arch, f.PTX, cmp.Or(strings.Join(by, ", "), "nothing"))
}

// Families are all there are, by name.
func Families(d gpu.Device) ([]Family, error) {
	m, err := cuda.Load()
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	for _, k := range m.Kernels {
		count[k.Family]++
	}
	var all []Family
	for _, name := range slices.Sorted(maps.Keys(count)) {
		all = append(all, Family{Name: name, Kernels: count[name]})
	}
	if d.Place == gpu.CPU {
		return all, nil
	}
	return all, d.Do(func(t *device.Thread) error {
		for i := range all {
			f := &all[i]
			image, err := t.Device().Image(f.Name)
			if err != nil {
				f.Why = err.Error()
				continue
			}
			f.Arch, f.PTX, f.SHA256, f.Proofs = image.Arch, image.Version, image.SHA256, image.Proofs
		}
		return nil
	})
}

// Result is how a self-test ended.
type Result struct {
	Family string        `json:"family"`
	What   string        `json:"what"`
	Took   time.Duration `json:"took_ns"`
	Error  string        `json:"error,omitempty"`
}

// String is a line without the name.
func (r Result) String() string {
	if r.Error != "" {
		return r.What + ": FAILED: " + r.Error
	}
	return fmt.Sprintf("%s: the same as on the CPU (%v)", r.What, r.Took.Round(time.Millisecond))
}

// test is a small case of a family.
type test struct {
	what string
	run  func(context.Context, gpu.Device, *device.Thread) error
}

func tests() map[string]test {
	return map[string]test{
		"entropy_map":   {"a map of 64×24 pixels", entropyMap},
		"histogram":     {"histograms of 5000 values and of two images", histograms},
		"joint_counts":  {"transfer entropy counts of 200 samples", jointCounts},
		"joint_sums":    {"the sum of what those counts stand for", jointSums},
		"joint_boxes":   {"the same counts in boxes", jointBoxes},
		"joint_triples": {"the same counts by one block", jointTriples},
		"joint_windows": {"the same counts in windows of sorted samples", jointWindows},
		"sort":          {"the sorting of those samples", jointWindows},
		"sort_pairs":    {"the sorting of 5000 values in stretches", sortPairs},
	}
}

// Run runs a small case of every family on a device and compares with the CPU by
// ==. It takes about a second, the simulator included. On the CPU there is nothing
// to run.
func Run(ctx context.Context, d gpu.Device) ([]Result, error) { return run(ctx, d, tests()) }

func run(ctx context.Context, d gpu.Device, tests map[string]test) ([]Result, error) {
	families, err := Families(d)
	if err != nil || d.Place == gpu.CPU {
		return nil, err
	}
	var all []Result
	for _, f := range families {
		test, ok := tests[f.Name]
		if !ok {
			all = append(all, Result{Family: f.Name, What: "no case", Error: "package check has none for this family"})
			continue
		}
		begin := time.Now()
		err := d.Do(func(t *device.Thread) error { return test.run(ctx, d, t) })
		r := Result{Family: f.Name, What: test.what, Took: time.Since(begin)}
		if err != nil {
			r.Error = err.Error()
		}
		all = append(all, r)
	}
	return all, nil
}

func entropyMap(ctx context.Context, _ gpu.Device, t *device.Thread) error {
	r := rand.New(rand.NewPCG(1, 1))
	m := trial.Map{Frames: 1, Height: 24, Width: 64}
	for i := range m.Height * m.Width {
		m.Pixels = append(m.Pixels, uint8(r.IntN(1+i%256)))
	}
	bits, err := m.Of(ctx, t)
	if err != nil {
		return err
	}
	if i := m.Differs(bits, 1); i >= 0 {
		return fmt.Errorf("value %d of the map is %v: not what the CPU finds", i, bits[i])
	}
	return nil
}

// transferEntropy is the counts of 200 samples, with ties, and what the CPU finds.
func transferEntropy(ctx context.Context) (prim.JointCounts, prim.Counts, error) {
	r := rand.New(rand.NewPCG(2, 2))
	cpu := gpu.Open(gpu.CPU)
	b := prim.JointCounts{K: 4, On: &cpu, Problems: []prim.Problem{{Variables: [][]int{{0}, {1}, {2}}, Marginals: []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}}}}
	for c := range 3 {
		column := make([]float64, 200)
		for i := range column {
			column[i] = r.NormFloat64()
			if c == 2 {
				column[i] = float64(r.IntN(50)) // ties
			}
		}
		b.Columns = append(b.Columns, column)
	}
	want, err := b.Counts(ctx)
	if err != nil {
		return b, prim.Counts{}, err
	}
	return b, want[0][0], nil
}

func jointCounts(ctx context.Context, _ gpu.Device, t *device.Thread) error {
	b, want, err := transferEntropy(ctx)
	if err != nil {
		return err
	}
	got, err := trial.Counts(ctx, t, b)
	if err != nil {
		return err
	}
	return same(got[0], want)
}

// histograms goes the way of a count and of entropies of images.
func histograms(ctx context.Context, d gpu.Device, _ *device.Thread) error {
	cpu := gpu.Open(gpu.CPU)
	h := prim.Histogram{Bins: 50, Min: -1, Max: 1, On: &cpu}
	x := make([]float64, 5000)
	narrow, wide := make([]uint8, len(x)), make([]uint16, len(x))
	for i := range x {
		x[i] = math.Sin(float64(i))
		narrow[i], wide[i] = uint8(100+100*x[i]), uint16(1000+1000*x[i])
	}
	want, err := h.Count(ctx, x)
	if err != nil {
		return err
	}
	h.On = &d
	got, err := h.Count(ctx, x)
	if err == nil && !slices.Equal(got.N, want.N) {
		err = errors.New("the counts are not what the CPU finds")
	}
	if err != nil {
		return err
	}
	for _, img := range []func() (*imaging.Gray, error){
		func() (*imaging.Gray, error) { return imaging.NewGray8(100, 50, narrow) },
		func() (*imaging.Gray, error) { return imaging.NewGray16(100, 50, wide) },
	} {
		g, err := img()
		if err != nil {
			return err
		}
		e := imaging.EntropyMap{Shift: imaging.AutoShift}
		want, err := e.Global(ctx, g)
		if err != nil {
			return err
		}
		e.On = &d
		got, err := e.Global(ctx, g)
		if want.Place = got.Place; err != nil || got != want {
			return fmt.Errorf("an entropy is %v, and %v on the CPU (%v)", got, want, err)
		}
	}
	return nil
}

// jointSums goes the way of an estimate, which has sums alone come back.
func jointSums(ctx context.Context, d gpu.Device, _ *device.Thread) error {
	b, want, err := transferEntropy(ctx)
	if err != nil {
		return err
	}
	b.On = &d
	psi := prim.PsiFixed(len(b.Columns[0]) + 1)[1:]
	got, err := b.Sums(ctx, [][]int64{psi, psi, psi})
	if err != nil {
		return err
	}
	sum := int64(0)
	for _, counts := range want.N {
		for _, n := range counts {
			sum += psi[n]
		}
	}
	if v, ok := got[0][0].Int64(); !ok || v != sum {
		return fmt.Errorf("the sum is not that of the counts which the CPU finds")
	}
	return nil
}

func jointBoxes(ctx context.Context, _ gpu.Device, t *device.Thread) error {
	b, want, err := transferEntropy(ctx)
	if err != nil {
		return err
	}
	got, err := trial.BoxCounts(ctx, t, b)
	if err != nil {
		return err
	}
	return same(got, want)
}

func jointTriples(ctx context.Context, _ gpu.Device, t *device.Thread) error {
	b, want, err := transferEntropy(ctx)
	if err != nil {
		return err
	}
	got, err := trial.TripleCounts(ctx, t, b)
	if err != nil {
		return err
	}
	return same(got, want)
}

// jointWindows needs the kernels of both families.
func jointWindows(ctx context.Context, _ gpu.Device, t *device.Thread) error {
	b, want, err := transferEntropy(ctx)
	if err != nil {
		return err
	}
	got, err := trial.WindowCounts(ctx, t, b)
	if err != nil {
		return err
	}
	return same(got, want)
}

// sortPairs sorts pieces of half a stretch, and merges two.
func sortPairs(ctx context.Context, _ gpu.Device, t *device.Thread) error {
	a, err := t.Arena("check")
	if err != nil {
		return err
	}
	defer a.Close()
	r := rand.New(rand.NewPCG(3, 3))
	values, want := make([]float64, 5000), make([]int32, 5000)
	for i := range values {
		values[i], want[i] = math.Round(1000*r.NormFloat64()), int32(i)
	}
	by := sorted.About(3000, 1)
	for stretch := range slices.Chunk(want, by.Rows()) {
		slices.SortStableFunc(stretch, func(a, b int32) int { return cmp.Compare(values[a], values[b]) })
	}
	need := &device.Needs{T: t, A: a}
	launches, order := sorted.New(need, len(values), 1).Launches(need, device.Put(need, values).Address(), device.Put(need, []int32{0}), by)
	for _, l := range launches {
		need.Launch(l.Kernel, l.Grid, l.Params)
	}
	got := make([]int32, len(values))
	if need.Err == nil {
		need.Err = device.Download(ctx, t, a.Stream, got, order.Rows)
	}
	if need.Err == nil && !slices.Equal(got, want) {
		return errors.New("the order is not what the CPU finds")
	}
	return need.Err
}

func same(got, want prim.Counts) error {
	if got.Tied != want.Tied || !slices.EqualFunc(got.N, want.N, slices.Equal) {
		return fmt.Errorf("the counts are not what the CPU finds")
	}
	return nil
}
