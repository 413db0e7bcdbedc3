package figure_test

import (
	"fmt"
	"math"
	"time"

	"surprisal/gpu/causal"
	"surprisal/gpu/forecast"
	"surprisal/jupyter/figure"
)

func ExampleLines() {
	start := time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC)
	days := []time.Time{start, start.AddDate(0, 0, 1), start.AddDate(0, 0, 2), start.AddDate(0, 0, 5)}
	f := figure.Lines([]figure.Line{
		{Name: "warmest", Unit: "°C", Y: []float64{11.5, 14, math.NaN(), 12}, Times: days},
		{Name: "wind", Unit: "m/s", Y: []float64{4, 2.5, 3, 6}, Times: days},
	}, figure.Options{Title: "Weather", Theme: figure.Dark})
	fmt.Println(f)
	// Output:
	// Weather: 2 lines of 4 values from 2026-03-28 to 2026-04-02; warmest: 11.50 to 14 °C, mean 12.50; wind: 2.50 to 6 m/s, mean 3.88; 1 value is missing
}

func ExampleGraph() {
	f := figure.Graph(&causal.Graph{
		Nodes: []string{"rain", "river", "wind"}, Unit: "nats", Level: 0.05, Step: 1, StepUnit: "d",
		Edges: []causal.Edge{
			{From: 0, To: 1, Lag: 2, Effect: 0.11, P: 0.001, Q: 0.002, Significant: true},
			{From: 2, To: 1, Lag: 1, Effect: 0.01, P: 0.3, Q: 0.3},
		},
	})
	svg, err := f.SVG()
	fmt.Println(f)
	fmt.Println(len(svg) > 5000, err)
	// Output:
	// causal graph of 3 nodes: 1 of 2 tested links significant at FDR 5 %; the strongest, rain → river at lag 2 d, has 0.11 nats (p = 0.001, q = 0.002)
	// true <nil>
}

func ExampleFan() {
	f := figure.Fan(&forecast.Forecast{
		History: []float64{3, 5, 4, 6}, Mean: []float64{5, 5.5}, Actual: []float64{5.2, 7.1},
		Intervals: []forecast.Interval{{Level: 0.95, Lo: []float64{4, 4}, Hi: []float64{6, 7}}},
		Name:      "load", Unit: "kW", Method: "AR(1)",
	})
	fmt.Println(f)
	// Output:
	// forecast of 2 steps after 4 values of load, AR(1); step 2: 5.50 kW, 95 % between 4 and 7; of 2 steps what happened lies in the 95 % interval in 1; the intervals do not hold the doubt about the parameters
}
