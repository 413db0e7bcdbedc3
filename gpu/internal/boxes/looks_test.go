package boxes

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// packedRows is rows of columns in slabs as the kernels have them, with the box of each
// leaf.
type packedRows struct {
	columns   [][]float64 // by place
	low, high [][]float64 // of each leaf
}

func pack(columns [][]float64) (p packedRows) {
	n := len(columns[0])
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	for c, s := range stretches(n, len(columns)) {
		for part := range slices.Chunk(rows, s.Rows()) {
			slices.SortStableFunc(part, func(a, b int) int { return cmp.Compare(columns[c][a], columns[c][b]) })
		}
	}
	for _, x := range columns {
		var y []float64
		for _, row := range rows {
			y = append(y, x[row])
		}
		p.columns = append(p.columns, y)
		var low, high []float64
		for leaf := range slices.Chunk(y, leafRows) {
			low, high = append(low, slices.Min(leaf)), append(high, slices.Max(leaf))
		}
		p.low, p.high = append(p.low, low), append(p.high, high)
	}
	return p
}

// looks is how many leaves are as near to a row as its k-th neighbour: no search looks
// at less.
func (p packedRows) looks(row, k int) (leaves int) {
	n := len(p.columns[0])
	distances := make([]float64, n)
	for j := range n {
		for _, x := range p.columns {
			distances[j] = max(distances[j], math.Abs(x[j]-x[row]))
		}
	}
	slices.Sort(distances)
	for leaf := range p.low[0] {
		gap := 0.0
		for c, x := range p.columns {
			gap = max(gap, p.low[c][leaf]-x[row], x[row]-p.high[c][leaf])
		}
		if gap <= distances[k] { // itself is the first
			leaves++
		}
	}
	return leaves
}

// How many of 100,000 rows have to be looked at for the fourth neighbour: of the first,
// some 55, 111, 133, 626 and 122 on the mean of 60 rows; of a million no more but for
// long tails, 780.
func TestRowsThatAreLookedAt(t *testing.T) {
	const n, asked = 100_000, 25
	for _, c := range []struct {
		name string
		d    int
		most float64 // rows on the mean
		of   func(r *rand.Rand) float64
	}{
		{"uniform, two columns", 2, 75, (*rand.Rand).Float64},
		{"uniform", 3, 160, (*rand.Rand).Float64},
		{"normal", 3, 190, (*rand.Rand).NormFloat64},
		{"long tails", 3, 1200, func(r *rand.Rand) float64 { return math.Exp(3 * r.NormFloat64()) }},
		{"clusters", 3, 190, func(r *rand.Rand) float64 { return 1e-4*r.NormFloat64() + math.Round(3*r.NormFloat64()) }},
	} {
		r := rand.New(rand.NewPCG(1, 2))
		columns := make([][]float64, c.d)
		for i := range columns {
			for range n {
				columns[i] = append(columns[i], c.of(r))
			}
		}
		p, sum := pack(columns), 0
		for range asked {
			sum += leafRows * p.looks(r.IntN(n), 4)
		}
		mean := float64(sum) / asked
		t.Logf("%s: %.0f rows", c.name, mean)
		if !(mean <= c.most) {
			t.Errorf("%s: %.0f rows are looked at, want at most %.0f", c.name, mean, c.most)
		}
	}
}
