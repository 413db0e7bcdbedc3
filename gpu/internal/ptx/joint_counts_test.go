package ptx_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// neighbours is a case of joint counts: rows in columns, and what to count.
type neighbours struct {
	columns   [][]float64
	order     [][]int32
	barred    []int32
	k         int
	shuffled  uint32
	variables []uint32 // of each column, the columns of its variable
	marginals []uint32
	box       bool
}

// counted is what a device or the CPU finds.
type counted struct {
	counts []int32 // [ordering][marginal][row]
	tied   []uint32
}

// newNeighbours makes data of a seed: ties and all, with trials, windows and
// orderings.
func newNeighbours(r *rand.Rand, d, n, k int) neighbours {
	c := neighbours{columns: make([][]float64, d), k: k, barred: make([]int32, 2*n)}
	grain := []float64{0, 0, 4, 1}[r.IntN(4)]
	for j := range c.columns {
		c.columns[j] = make([]float64, n)
		for i := range c.columns[j] {
			v := float64(float32(r.NormFloat64()))
			if grain > 0 {
				v = math.Round(v*grain) / grain
			}
			c.columns[j][i] = v
		}
	}
	window := r.IntN(3)
	trial := n
	if n > 4*k+20 && r.IntN(2) == 0 {
		trial = n/2 - 1
	}
	for i := range n {
		lo, hi := 0, n-1
		if i < trial {
			hi = trial - 1
		} else {
			lo = trial
		}
		w := window
		if n < k+2*window+1 {
			w = 0
		}
		c.barred[2*i], c.barred[2*i+1] = int32(max(lo, i-w)), int32(min(hi, i+w))
	}
	for range r.IntN(3) {
		order := make([]int32, n)
		for i, v := range r.Perm(n) {
			order[i] = int32(v)
		}
		c.order = append(c.order, order)
	}
	c.shuffled = uint32(r.IntN(1 << d))
	// The first columns are one variable, the others one each.
	first := uint32(1)<<(1+r.IntN(d)) - 1
	for j := range d {
		c.variables = append(c.variables, 1<<j)
		if first>>j&1 == 1 {
			c.variables[j] = first
		}
	}
	for range 1 + r.IntN(3) {
		c.marginals = append(c.marginals, uint32(1+r.IntN(1<<d-1)))
	}
	return c
}

// count is what the contract says, in as many words. single says that values and
// distances are float32.
func (c neighbours) count(single bool) counted {
	n := len(c.columns[0])
	orders := max(1, len(c.order))
	out := counted{make([]int32, orders*len(c.marginals)*n), make([]uint32, orders)}
	for s := range orders {
		rows := make([][]float64, n) // of this ordering
		for i := range rows {
			rows[i] = make([]float64, len(c.columns))
			for j := range rows[i] {
				from := i
				if len(c.order) > 0 && c.shuffled>>j&1 == 1 {
					from = int(c.order[s][i])
				}
				rows[i][j] = c.columns[j][from]
			}
		}
		for i := range rows {
			free := func(j int) bool { return int32(j) < c.barred[2*i] || int32(j) > c.barred[2*i+1] }
			var joint []neighbour
			for j := range rows {
				if free(j) {
					joint = append(joint, neighbour{distance(rows[i], rows[j], ^uint32(0), single), j})
				}
			}
			slices.SortStableFunc(joint, func(a, b neighbour) int { return cmp.Compare(a.distance, b.distance) })
			last := joint[c.k-1].distance
			if len(joint) > c.k && joint[c.k].distance == last {
				out.tied[s]++
			}
			near := func(j int, set uint32) bool { return distance(rows[i], rows[j], set, single) < last }
			if c.box {
				near = func(j int, set uint32) bool {
					for v, columns := range c.variables {
						side := 0.0
						for _, n := range joint[:c.k] {
							side = max(side, distance(rows[i], rows[n.row], columns, single))
						}
						if set>>v&1 == 1 && distance(rows[i], rows[j], 1<<v, single) > side {
							return false
						}
					}
					return true
				}
			}
			for m, set := range c.marginals {
				for j := range rows {
					if free(j) && near(j, set) {
						out.counts[(s*len(c.marginals)+m)*n+i]++
					}
				}
			}
		}
	}
	return out
}

type neighbour struct {
	distance float64
	row      int
}

func distance(a, b []float64, set uint32, single bool) float64 {
	d := 0.0
	for j := range a {
		if set>>j&1 == 0 {
			continue
		}
		if single {
			d = math.Max(d, math.Abs(float64(float32(a[j])-float32(b[j]))))
		} else {
			d = math.Max(d, math.Abs(a[j]-b[j]))
		}
	}
	return d
}

func (c neighbours) launch(d *device, p *ptx.Program, single bool) (counted, error) {
	n, orders := len(c.columns[0]), max(1, len(c.order))
	params := cuda.JointCounts{Barred: d.put("barred", c.barred), N: int32(n), K: int32(c.k), Shuffled: c.shuffled,
		Marginals: int32(len(c.marginals))}
	flat := slices.Concat(c.columns...)
	if single {
		short := make([]float32, len(flat))
		for i, v := range flat {
			short[i] = float32(v)
		}
		params.Columns = d.put("columns", short)
	} else {
		params.Columns = d.put("columns", flat)
	}
	if len(c.order) > 0 {
		params.Order = d.put("order", slices.Concat(c.order...))
	}
	for column, set := range c.variables {
		params.Variables |= set << (4 * column)
	}
	for m, to := range []*uint32{&params.Marginal0, &params.Marginal1, &params.Marginal2}[:len(c.marginals)] {
		*to = c.marginals[m]
	}
	params.Counts = d.Alloc("counts", 4*n*orders*len(c.marginals))
	params.Tied = d.put("tied", make([]uint32, orders))
	err := d.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: ceil(n, 128), Y: orders}, Block: ptx.Dim{X: 128}, Params: params.Params()})
	if err != nil {
		return counted{}, err
	}
	out := counted{}
	if out.counts, err = get[int32](d, params.Counts, n*orders*len(c.marginals)); err == nil {
		out.tied, err = get[uint32](d, params.Tied, orders)
	}
	return out, err
}

// counter is a kernel of the family.
type counter struct {
	box     bool
	typ     string
	d, most int
}

func (k counter) name() string {
	algorithm := "ball"
	if k.box {
		algorithm = "box"
	}
	return fmt.Sprintf("joint_counts_%s_%s_d%d_k%d", algorithm, k.typ, k.d, k.most)
}

func counters() (all []counter) {
	for d := 2; d <= 4; d++ {
		for _, most := range []int{4, 16} {
			all = append(all, counter{false, "f32", d, most}, counter{false, "f64", d, most}, counter{true, "f64", d, most})
		}
	}
	return all
}

// proveJointCounts runs cases on all kernels of an image and returns how many.
func proveJointCounts(t *testing.T, arch string, cases int) (ran int) {
	for _, of := range counters() {
		p := kernel(t, arch, "joint_counts", of.name())
		for seed := range cases {
			r := rand.New(rand.NewPCG(uint64(seed), uint64(100*of.d+of.most)))
			k := 1 + r.IntN(of.most)
			// As few rows as can be, a few more, and around one and two tiles.
			n := []int{k + 1, k + 1 + r.IntN(20), 127 + r.IntN(4), 255 + r.IntN(6)}[seed%4]
			c := newNeighbours(r, of.d, n, k)
			c.box = of.box
			got, err := c.launch(&device{TB: t}, p, of.typ == "f32")
			if err != nil {
				t.Fatalf("%s seed %d: %v", of.name(), seed, err)
			}
			want := c.count(of.typ == "f32")
			if !slices.Equal(got.counts, want.counts) || !slices.Equal(got.tied, want.tied) {
				t.Fatalf("%s %s seed %d: n %d, k %d: the kernel and the CPU count differently", arch, of.name(), seed, n, k)
			}
			ran++
		}
	}
	return ran
}
