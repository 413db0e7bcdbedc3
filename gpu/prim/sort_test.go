package prim

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSortIsStable(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 0))
	special := []float64{math.NaN(), math.Copysign(math.NaN(), -1), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), 5e-324, -5e-324, math.MaxFloat64, -math.MaxFloat64}
	for _, n := range []int{0, 1, 2, 100, 5000} {
		for _, levels := range []int{1, 3, 1 << 30} {
			x := make([]float64, n)
			for i := range x {
				if x[i] = float64(r.IntN(levels)-levels/2) / 7; r.IntN(10) == 0 {
					x[i] = special[r.IntN(len(special))]
				}
			}
			before := slices.Clone(x)
			got, err := Sort(context.Background(), x)
			if err != nil {
				t.Fatal(err)
			}
			want := make([]int32, n)
			for i := range want {
				want[i] = int32(i)
			}
			slices.SortStableFunc(want, func(a, b int32) int {
				switch u, v := x[a], x[b]; {
				case u < v, u == u && v != v:
					return -1
				case u > v, u != u && v == v:
					return 1
				}
				return 0
			})
			if !slices.Equal(got, want) {
				t.Errorf("%d values of %d levels: order %v, want %v", n, levels, got, want)
			}
			for i := range x {
				if math.Float64bits(x[i]) != math.Float64bits(before[i]) {
					t.Fatalf("Sort changed value %d", i)
				}
			}
		}
	}
}

func TestSortStops(t *testing.T) {
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(stop)
	if got, err := Sort(ctx, []float64{2, 1}); got != nil || !errors.Is(err, stop) {
		t.Errorf("Sort returned %v, %v, want the cause", got, err)
	}
}
