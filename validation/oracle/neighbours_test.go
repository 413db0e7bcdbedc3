package oracle

import (
	"reflect"
	"testing"
)

// plane holds five points whose neighbours can be seen: four in a row along
// the first variable, and one apart in both.
func plane() [][][]float64 {
	return [][][]float64{{{0}, {0}}, {{1}, {0}}, {{3}, {0}}, {{6}, {0}}, {{10}, {7}}}
}

func TestNeighboursByHand(t *testing.T) {
	for _, c := range []struct {
		name   string
		n      Neighbours
		sets   [][]int
		want   [][]int
		tied   int
		reason string
	}{
		{"ball", Neighbours{Rows: plane(), K: 1}, [][]int{{0}, {1}, {0, 1}}, [][]int{{0, 0, 0, 0, 1}, {3, 3, 3, 3, 0}, {0, 0, 0, 0, 0}}, 1,
			"radii 1 1 2 3 7, borders outside; the last has two neighbours at 7"},
		{"box", Neighbours{Rows: plane(), K: 1, Box: true}, [][]int{{0}, {1}, {0, 1}}, [][]int{{1, 1, 1, 1, 2}, {3, 3, 3, 3, 4}, {1, 1, 1, 1, 2}}, 1,
			"borders inside; of the two at 7 the earlier is taken, 7 away in both variables"},
		{"two neighbours", Neighbours{Rows: plane(), K: 2}, [][]int{{0}}, [][]int{{1, 1, 1, 2, 1}}, 1,
			"radii 3 2 3 5 7; row 2 has rows 0 and 3 at 3, the two of the last are both taken"},
		{"window", Neighbours{Rows: plane(), K: 1, Exclude: 1}, [][]int{{0}, {1}}, [][]int{{0, 0, 0, 0, 0}, {2, 1, 1, 2, 0}}, 0,
			"radii 3 5 3 5 7 among the rows not beside"},
		{"window in trials", Neighbours{Rows: plane(), K: 1, Exclude: 1, Trial: []int{0, 0, 1, 1, 1}}, [][]int{{0}, {1}}, [][]int{{0, 0, 0, 0, 0}, {2, 2, 2, 2, 0}}, 0,
			"radii 3 2 2 5 7; rows 1 and 2 are neighbours in time but of two trials"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, tied := c.n.Count(c.sets...)
			if !reflect.DeepEqual(got, c.want) || tied != c.tied {
				t.Errorf("counted %v with %d tied, want %v with %d: %s", got, tied, c.want, c.tied, c.reason)
			}
		})
	}
}

func TestSquaredDistancesStayInsideAVariable(t *testing.T) {
	n := Neighbours{Rows: [][][]float64{{{0, 0}, {0}}, {{3, 4}, {5}}, {{1, 2}, {6}}}, Squared: true}
	for v, want := range []float64{25, 25} {
		if got := n.distance(0, 1, v); got != want {
			t.Errorf("squared distance in variable %d: %v, want %v", v, got, want)
		}
	}
	if got := n.joint(0, 2); got != 36 {
		t.Errorf("joint distance %v, want 36, that of the second variable", got)
	}
}

func TestOrderMovesOneVariable(t *testing.T) {
	got := Order(plane(), 1, []int32{4, 0, 1, 2, 3})
	want := [][][]float64{{{0}, {7}}, {{1}, {0}}, {{3}, {0}}, {{6}, {0}}, {{10}, {0}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("ordered rows %v, want %v", got, want)
	}
}
