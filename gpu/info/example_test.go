package info_test

import (
	"context"
	"fmt"

	"surprisal/gpu/info"
	"surprisal/gpu/series"
)

// driven returns a chaotic map and what follows it by one row.
func driven(n int) (x, y []float64) {
	x, y = make([]float64, n), make([]float64, n)
	a, b := 0.3, 0.6
	for i := range n {
		x[i], y[i] = a, b
		a, b = 3.98*a*(1-a), 3.98*(0.8*b*(1-b)+0.2*a*(1-a))
	}
	return x, y
}

func ExampleKSG_TransferEntropy() {
	x, y := driven(400)
	te, err := info.KSG{K: 4}.TransferEntropy(context.Background(), x, y)
	fmt.Println(te, err)
	// Output: transfer entropy 0.7215 nats: KSG algorithm 1, k = 4, maximum norm, 399 samples, on the CPU; not tested against surrogates <nil>
}

func ExampleTest() {
	x, y := driven(200)
	te, err := info.KSG{Test: info.Test{Surrogates: 99, Seed: 1}}.TransferEntropy(context.Background(), y, x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f nats above chance, p = %.2f\n", te.Effective(), te.Null.P)
	// Output: -0.03 nats above chance, p = 0.89
}

// Variables of several columns are estimated from samples.
func ExampleKSG_Of() {
	x, y := driven(300)
	rec, err := series.New(series.Column{Name: "x", Values: x}, series.Column{Name: "y", Values: y})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := rec.Lagged(1, []string{"x", "y"}, []string{"y"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	mi, err := info.KSG{}.Of(context.Background(), s)
	fmt.Println(mi, err)
	// Output: mutual information 1.9023 nats: KSG algorithm 1, k = 4, maximum norm, 299 samples, on the CPU; not tested against surrogates <nil>
}

func ExamplePlugin_MutualInformation() {
	mi, err := info.Plugin{}.MutualInformation([]int{0, 0, 1, 1}, []int{0, 0, 0, 1})
	fmt.Println(mi, err)
	// Output: mutual information 0.3113 bits: plug-in, 4 samples, on the CPU <nil>
}
