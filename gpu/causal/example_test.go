package causal_test

import (
	"context"
	"fmt"

	"surprisal/gpu/causal"
	"surprisal/gpu/series"
)

func ExamplePairwise_Of() {
	x, y := make([]float64, 150), make([]float64, 150)
	a, b := 0.3, 0.6
	for i := range x { // a chaotic map drives another
		x[i], y[i] = a, b
		a, b = 3.98*a*(1-a), 3.98*(0.7*b*(1-b)+0.3*a*(1-a))
	}
	rec, err := series.New(series.Column{Name: "x", Values: x}, series.Column{Name: "y", Values: y})
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := causal.Pairwise{Surrogates: 99}.Of(context.Background(), rec)
	fmt.Println(g, err)
	// Output: causal graph of 2 series, transfer entropy by KSG algorithm 1, k = 4, maximum norm, histories of 1 and 1, 99 circular shifts: 1 of 2 arrows are significant at a false discovery rate of 5 %: x → y (lag 1 sample, 0.504 nats, q = 0.04) <nil>
}

func ExampleBenjaminiHochberg() {
	fmt.Println(causal.BenjaminiHochberg([]float64{0.01, 0.04, 0.03, 0.5}))
	// Output: [0.04 0.05333333333333334 0.05333333333333334 0.5]
}
