package forecast_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"surprisal/gpu/forecast"
)

// tide is a made-up record: a cycle of 12 values that wanders.
func tide(n int) []float64 {
	r := rand.New(rand.NewPCG(4, 2))
	y := make([]float64, n)
	a, b := 2*0.98*math.Cos(2*math.Pi/12), -0.98*0.98
	for t := 2; t < n; t++ {
		y[t] = a*y[t-1] + b*y[t-2] + 0.5*r.NormFloat64()
	}
	for t := range y {
		y[t] += 20
	}
	return y
}

func Example() {
	ctx := context.Background()
	y := tide(300)
	past, future := y[:288], y[288:]

	m, err := forecast.AR{Unit: "cm"}.Fit(ctx, past)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m)
	f, _ := m.Forecast(12)
	f.Actual = future
	fmt.Println(f.Scores(12))

	naive, _ := forecast.SeasonalNaive{Period: 12, Unit: "cm"}.Forecast(ctx, past, 12)
	naive.Actual = future
	fmt.Println(naive.Scores(12))
	// Output:
	// AR(2) by Burg, order by AICc among 0 to 24, from 288 values: φ1 = 1.687 ± 0.017, φ2 = -0.959 ± 0.017, noise of standard deviation 0.5003 cm around a mean of 19.95; largest root 0.9794: stationary
	// AR(2) by Burg, order by AICc among 0 to 24, 12 steps scored: MASE 0.652 (period 12), sMAPE 6.1 %, CRPS 0.7759 cm, log score 1.715 nats; 6 of 12 in the 50 % interval, 10 of 12 in the 80 % interval, 12 of 12 in the 95 % interval <nil>
	// seasonal naive with a period of 12, 12 steps scored: MASE 1.020 (period 12), sMAPE 10.4 %, CRPS 1.301 cm, log score 2.253 nats; 7 of 12 in the 50 % interval, 8 of 12 in the 80 % interval, 11 of 12 in the 95 % interval <nil>
}

func ExampleAR_Fit() {
	y := tide(200)
	for _, a := range []forecast.AR{
		{Order: 2},
		{Order: 2, Method: forecast.YuleWalker},
		{Order: 2, Method: forecast.LeastSquares, Trend: forecast.Linear},
		{Criterion: forecast.BIC},
	} {
		m, err := a.Fit(context.Background(), y)
		fmt.Println(m, err)
	}
	// Output:
	// AR(2) by Burg from 200 values: φ1 = 1.679 ± 0.021, φ2 = -0.955 ± 0.021, noise of standard deviation 0.4894 around a mean of 20.01; largest root 0.9772: stationary <nil>
	// AR(2) by Yule–Walker from 200 values: φ1 = 1.665 ± 0.023, φ2 = -0.945 ± 0.023, noise of standard deviation 0.5449 around a mean of 20.01; largest root 0.9720: stationary <nil>
	// AR(2) by least squares with linear trend from 200 values: φ1 = 1.684 ± 0.021, φ2 = -0.966 ± 0.021, noise of standard deviation 0.4892, intercept 5.706 ± 0.2376 and slope -0.0007721 ± 0.0006089 a step; largest root 0.9827: stationary <nil>
	// AR(2) by Burg, order by BIC among 0 to 23, from 200 values: φ1 = 1.679 ± 0.021, φ2 = -0.955 ± 0.021, noise of standard deviation 0.4894 around a mean of 20.01; largest root 0.9772: stationary <nil>
}

func ExampleModel_Forecast() {
	m := &forecast.Model{Coefficients: []float64{0.5}, Sigma: 2, Intercept: 1, History: []float64{6}, Unit: "m"}
	f, _ := m.Forecast(2)
	fmt.Println(f)
	for _, v := range f.Intervals {
		fmt.Printf("%.2f: %.2f to %.2f\n", v.Level, v.Lo[0], v.Hi[0])
	}
	// Output:
	// forecast of 2 steps after 1 value, AR(1): 4 (95 %: 0.08007 to 7.92), … 3 (95 %: -1.383 to 7.383) m; the intervals do not hold the doubt about the parameters
	// 0.50: 2.65 to 5.35
	// 0.80: 1.44 to 6.56
	// 0.95: 0.08 to 7.92
}

func ExampleAR_FitAll() {
	models, err := forecast.AR{Order: 1}.FitAll(context.Background(), [][]float64{{1, 2, 1, 3, 1, 2}, {5, 4, 6, 3, 7, 2}})
	for _, m := range models {
		fmt.Printf("%.3f\n", m.Coefficients)
	}
	fmt.Println(err)
	// Output:
	// [-0.800]
	// [-0.930]
	// <nil>
}

func ExampleCRPSGaussian() {
	fmt.Printf("sharp and right %.2f, vague %.2f, sharp and wrong %.2f\n",
		forecast.CRPSGaussian(10, 0.1, 10.05), forecast.CRPSGaussian(10, 5, 10.05), forecast.CRPSGaussian(12, 0.1, 10.05))
	// Output:
	// sharp and right 0.03, vague 1.17, sharp and wrong 1.89
}

func ExampleBacktest() {
	y := tide(600)
	b := forecast.Backtest{Steps: 12, First: 240, Period: 12}
	ar, _ := b.Of(context.Background(), y, forecast.AR{Unit: "cm"})
	naive, _ := b.Of(context.Background(), y, forecast.SeasonalNaive{Period: 12, Unit: "cm"})
	fmt.Println(ar)
	fmt.Println(naive)
	fmt.Println(ar.Over(naive))
	// Output:
	// 30 origins: AR by Burg, order by AICc, 360 steps scored: MASE 0.745 (period 12), sMAPE 7.1 %, CRPS 0.9486 cm, log score 1.875 nats; 177 of 360 in the 50 % interval, 284 of 360 in the 80 % interval, 343 of 360 in the 95 % interval
	// 30 origins: seasonal naive with a period of 12, 360 steps scored: MASE 1.050 (period 12), sMAPE 9.8 %, CRPS 1.362 cm, log score 2.319 nats; 184 of 360 in the 50 % interval, 279 of 360 in the 80 % interval, 335 of 360 in the 95 % interval
	// CRPS lower by 0.4133 ± 0.08074 cm, in 26 of 30 origins: more than two standard errors <nil>
}
