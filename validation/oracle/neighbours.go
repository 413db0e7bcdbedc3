package oracle

import "math"

// Neighbours counts near rows by the definitions of Kraskov, Stögbauer and
// Grassberger (2004), comparing every row with every other one. Distances are
// kept as they fall; nothing is sorted.
type Neighbours struct {
	Rows    [][][]float64 // row, variable, component
	Trial   []int         // of each row; nil: all of one
	Exclude int           // rows of one trial so many apart or fewer are no neighbours
	K       int
	Box     bool // algorithm 2: the box of all K neighbours, its border within
	Squared bool // the squared Euclidean distance inside a variable
}

// Order returns rows in which one variable is taken from other rows.
func Order(rows [][][]float64, variable int, order []int32) [][][]float64 {
	out := make([][][]float64, len(rows))
	for i, row := range rows {
		out[i] = append([][]float64(nil), row...)
		out[i][variable] = rows[order[i]][variable]
	}
	return out
}

// Count returns for each set of variables the number of near rows of each row,
// and how many rows could as well have had another Kth neighbour.
func (n Neighbours) Count(sets ...[]int) (counts [][]int, tied int) {
	counts = make([][]int, len(sets))
	for s := range counts {
		counts[s] = make([]int, len(n.Rows))
	}
	for i := range n.Rows {
		radius, arbitrary := n.radii(i)
		if arbitrary {
			tied++
		}
		for s, set := range sets {
			for j := range n.Rows {
				if !n.barred(i, j) && n.near(i, j, set, radius) {
					counts[s][i]++
				}
			}
		}
	}
	return counts, tied
}

// radii returns the radius in each variable.
func (n Neighbours) radii(i int) (radius []float64, arbitrary bool) {
	radius = make([]float64, len(n.Rows[i]))
	distance := make([]float64, len(n.Rows))
	for j := range n.Rows {
		distance[j] = n.joint(i, j)
	}
	for j, d := range distance {
		if n.barred(i, j) {
			continue
		}
		// Row j is one of the K neighbours if fewer than K come before it.
		before, level := 0, 0
		for other, e := range distance {
			if n.barred(i, other) || other == j {
				continue
			}
			if e < d || e == d && other < j {
				before++
			}
			if e == d && other > j {
				level++
			}
		}
		if before >= n.K {
			continue
		}
		arbitrary = arbitrary || before == n.K-1 && level > 0
		for v := range radius {
			if n.Box {
				radius[v] = math.Max(radius[v], n.distance(i, j, v))
			} else {
				radius[v] = math.Max(radius[v], d)
			}
		}
	}
	return radius, arbitrary
}

func (n Neighbours) near(i, j int, set []int, radius []float64) bool {
	for _, v := range set {
		d := n.distance(i, j, v)
		if n.Box && d > radius[v] || !n.Box && d >= radius[v] {
			return false
		}
	}
	return true
}

func (n Neighbours) barred(i, j int) bool {
	if i == j {
		return true
	}
	same := n.Trial == nil || n.Trial[i] == n.Trial[j]
	return same && i-j <= n.Exclude && j-i <= n.Exclude
}

func (n Neighbours) joint(i, j int) float64 {
	d := 0.0
	for v := range n.Rows[i] {
		d = math.Max(d, n.distance(i, j, v))
	}
	return d
}

func (n Neighbours) distance(i, j, v int) float64 {
	d := 0.0
	for c, a := range n.Rows[i][v] {
		diff := a - n.Rows[j][v][c]
		if n.Squared {
			d += float64(diff * diff)
		} else {
			d = math.Max(d, math.Abs(diff))
		}
	}
	return d
}
