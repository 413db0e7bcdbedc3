package forecast_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"surprisal/gpu/forecast"
)

// drawSeries draws a series that some order can be fitted to: of several kinds,
// lengths and places.
func drawSeries(t *rapid.T) []float64 {
	n := rapid.IntRange(30, 200).Draw(t, "n")
	r := seeded(rapid.Uint64().Draw(t, "seed"))
	mean := rapid.SampledFrom([]float64{0, 3, -1e4}).Draw(t, "mean")
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return simulate(r, n, mean, 0.9, -0.5)
	case 1: // a random walk
		return simulate(r, n, mean, 1)
	case 2: // almost a sine
		y := sine(n, 11)
		for i := range y {
			y[i] += mean + 1e-3*r.NormFloat64()
		}
		return y
	default: // few values, many of them equal
		y := make([]float64, n)
		for i := range y {
			y[i] = mean + float64(r.IntN(3))
		}
		y[0], y[1] = mean, mean+1
		return y
	}
}

func drawAR(t *rapid.T) forecast.AR {
	a := forecast.AR{Method: forecast.Method(rapid.IntRange(0, 2).Draw(t, "method")), Order: rapid.IntRange(0, 8).Draw(t, "order")}
	a.Criterion = forecast.Criterion(rapid.IntRange(0, 1).Draw(t, "criterion"))
	a.Trend = rapid.SampledFrom([]forecast.Trend{forecast.Constant, forecast.NoTrend}).Draw(t, "trend")
	if a.Method == forecast.LeastSquares && rapid.Bool().Draw(t, "linear") {
		a.Trend = forecast.Linear
	}
	return a
}

func numbers(m *forecast.Model) []float64 {
	v := []float64{m.Intercept, m.InterceptError, m.Slope, m.SlopeError, m.Mean, m.Sigma}
	for _, c := range m.Orders {
		v = append(v, c.AICc, c.BIC, c.Sigma)
	}
	return slices.Concat(v, m.Coefficients, m.CoefficientErrors, m.Reflection, m.Autocovariances)
}

func TestInputsAreNotModified(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, a := drawSeries(t), drawAR(t)
		before := slices.Clone(y)
		m := must(a.Fit(context.Background(), y))(t)
		must(m.Forecast(3))(t)
		must(forecast.SeasonalNaive{Period: 4}.Forecast(context.Background(), y, 6))(t)
		if !slices.Equal(before, y) {
			t.Fatal("the series was changed")
		}
		y[len(y)-1] += 100
		if slices.Equal(m.History, y) {
			t.Fatal("the model shares the caller's memory")
		}
	})
}

func must[T any](v T, err error) func(*rapid.T) T {
	return func(t *rapid.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Burg and Yule–Walker forget the unit: a series in other units has the same
// coefficients and another noise. A power of two changes no bit.
func TestScaleAndShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, a := drawSeries(t), drawAR(t)
		a.MaxOrder = 8
		if a.Order > 0 {
			a.MaxOrder = a.Order
		}
		m := must(a.Fit(context.Background(), y))(t)
		z := make([]float64, len(y))
		exp := rapid.SampledFrom([]int{1, -7, 600, -400}).Draw(t, "exponent")
		for i, v := range y {
			z[i] = math.Ldexp(v, exp)
		}
		s := must(a.Fit(context.Background(), z))(t)
		if !slices.Equal(m.Coefficients, s.Coefficients) || s.Sigma != math.Ldexp(m.Sigma, exp) || s.Intercept != math.Ldexp(m.Intercept, exp) {
			t.Fatalf("times 2^%d: %v\nwas %v", exp, s, m)
		}
		if s.InterceptError != math.Ldexp(m.InterceptError, exp) || s.SlopeError != math.Ldexp(m.SlopeError, exp) || !slices.Equal(s.CoefficientErrors, m.CoefficientErrors) {
			t.Fatalf("times 2^%d: errors %v %v %v\nwere %v %v %v", exp, s.InterceptError, s.SlopeError, s.CoefficientErrors, m.InterceptError, m.SlopeError, m.CoefficientErrors)
		}
		for k, c := range s.Orders { // N·ln σ², N what the criteria are taken over
			n := float64(len(y))
			if a.Method == forecast.LeastSquares {
				n -= float64(a.MaxOrder)
			}
			if m.Orders[k].Sigma > 0 {
				near(t, "likelihood", []float64{m.Orders[k].LogLikelihood - c.LogLikelihood}, []float64{n * float64(exp) * math.Ln2}, 1e-8*n*math.Abs(float64(exp)))
			}
		}
		if a.Trend == forecast.NoTrend || m.Sigma < 0.1 {
			return
		}
		for i, v := range y {
			z[i] = v + 1000
		}
		s = must(a.Fit(context.Background(), z))(t)
		near(t, "shifted coefficients", s.Coefficients, m.Coefficients, 1e-6)
		f, g := must(m.Forecast(4))(t), must(s.Forecast(4))(t)
		for i := range f.Mean {
			f.Mean[i] += 1000
		}
		near(t, "shifted forecast", g.Mean, f.Mean, 1e-5)
		near(t, "its errors", g.SE, f.SE, 1e-6)
	})
}

func TestBurgAndYuleWalkerAreStationary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := drawSeries(t)
		for _, method := range []forecast.Method{forecast.Burg, forecast.YuleWalker} {
			m := must(forecast.AR{Method: method, Order: rapid.IntRange(1, 12).Draw(t, "p")}.Fit(context.Background(), y))(t)
			if r := m.Root(); !(r < 1) {
				t.Fatalf("%v: largest root %v", method, r)
			}
			for _, r := range m.Reflection {
				if !(math.Abs(r) <= 1) {
					t.Fatalf("%v: a partial autocorrelation of %v", method, r)
				}
			}
		}
	})
}

// plainBurg is Burg by its definition, with fresh slices for everything. It
// returns the coefficients and the variance of the noise.
func plainBurg(y []float64, p int) (phi []float64, s2 float64) {
	f, b := slices.Clone(y), slices.Clone(y)
	for range p {
		f, b = f[1:], b[:len(b)-1]
		var num, den float64
		for i := range f {
			num += 2 * f[i] * b[i]
			den += f[i]*f[i] + b[i]*b[i]
		}
		r := num / den
		s2 = (1 - r*r) * den / float64(2*len(f))
		next := append(slices.Clone(phi), r)
		for i := range phi {
			next[i] -= r * phi[len(phi)-1-i]
		}
		phi = next
		u, v := make([]float64, len(f)), make([]float64, len(f))
		for i := range f {
			u[i], v[i] = f[i]-r*b[i], b[i]-r*f[i]
		}
		f, b = u, v
	}
	return phi, s2
}

func TestBurgIsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := drawSeries(t)
		p := rapid.IntRange(1, 9).Draw(t, "p")
		m := must(forecast.AR{Order: p, Trend: forecast.NoTrend}.Fit(context.Background(), y))(t)
		phi, s2 := plainBurg(y, p)
		near(t, "coefficients", m.Coefficients, phi, 1e-6)
		near(t, "noise", []float64{m.Sigma / math.Sqrt(s2)}, []float64{1}, 1e-6)
	})
}

// Long series are worked on in blocks of 2^20, between which ctx is looked at.
func TestBlocksJoin(t *testing.T) {
	for _, n := range []int{1 << 20, 1<<20 + 1, 1<<20 + 2} {
		y := simulate(seeded(14), n, 0, 0.5, -0.3)
		m := fit(t, forecast.AR{Order: 3, Trend: forecast.NoTrend}, y)
		phi, s2 := plainBurg(y, 3)
		near(t, "Burg", append(m.Coefficients, m.Sigma*m.Sigma), append(phi, s2), 1e-12)
		m = fit(t, forecast.AR{Method: forecast.YuleWalker, Order: 2, Trend: forecast.NoTrend}, y)
		r := make([]float64, 3)
		for k := range r {
			for i := range n - k {
				r[k] += y[i] * y[i+k] / float64(n)
			}
		}
		near(t, "autocovariances", m.Autocovariances, r, 1e-12)
		if !slices.Equal(m.History, y) {
			t.Errorf("%d values: the history is not the series", n)
		}
	}
}

// Levinson–Durbin solves the Toeplitz system, and Siddiqui's formula is the
// diagonal of its inverse.
func TestYuleWalkerSolvesItsEquations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := simulate(seeded(rapid.Uint64().Draw(t, "seed")), rapid.IntRange(50, 200).Draw(t, "n"), 3, 0.9, -0.5)
		p := rapid.IntRange(1, 8).Draw(t, "p")
		m := must(forecast.AR{Method: forecast.YuleWalker, Order: p}.Fit(context.Background(), y))(t)
		r := m.Autocovariances
		gamma := mat.NewDense(p, p, nil)
		for i := range p {
			for j := range p {
				gamma.Set(i, j, r[max(i-j, j-i)])
			}
		}
		var phi mat.VecDense
		if err := phi.SolveVec(gamma, mat.NewVecDense(p, slices.Clone(r[1:]))); err != nil {
			t.Fatal(err)
		}
		near(t, "coefficients", m.Coefficients, phi.RawVector().Data, 1e-10)
		var inverse mat.Dense
		if err := inverse.Inverse(gamma); err != nil {
			t.Fatal(err)
		}
		for i, e := range m.CoefficientErrors {
			near(t, "standard error", []float64{e}, []float64{m.Sigma * math.Sqrt(inverse.At(i, i)/float64(len(y)))}, 1e-9)
		}
	})
}

// The model of a chosen order is that of the same order when given.
func TestChosenIsGiven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, a := drawSeries(t), drawAR(t)
		a.Order = 0
		chosen := must(a.Fit(context.Background(), y))(t)
		if chosen.Order == 0 {
			return // cannot be given
		}
		a.Order = chosen.Order
		given := must(a.Fit(context.Background(), y))(t)
		chosen.Orders, given.Orders = nil, nil // of other samples
		if !slices.Equal(numbers(chosen), numbers(given)) || chosen.Criteria != given.Criteria {
			t.Fatalf("%v\ngiven: %v", chosen, given)
		}
	})
}

// Least squares by blocks is least squares, errors too; series longer than a
// block are drawn.
func TestLeastSquaresIsLeastSquares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, p := rapid.SampledFrom([]int{30, 512, 515, 1030, 1700}).Draw(t, "n"), rapid.IntRange(1, 6).Draw(t, "p")
		trend := rapid.SampledFrom([]forecast.Trend{forecast.NoTrend, forecast.Constant, forecast.Linear}).Draw(t, "trend")
		y := simulate(seeded(rapid.Uint64().Draw(t, "seed")), n, 2, 0.6, -0.4)
		m := must(forecast.AR{Method: forecast.LeastSquares, Order: p, Trend: trend}.Fit(context.Background(), y))(t)
		terms := map[forecast.Trend]int{forecast.Constant: 1, forecast.Linear: 2}[trend]
		x := mat.NewDense(n-p, terms+p, nil)
		for i := range n - p {
			row := []float64{1, float64(i + p + 1)}[:terms]
			for j := range p {
				row = append(row, y[i+p-1-j])
			}
			x.SetRow(i, row)
		}
		want := mat.NewVecDense(n-p, y[p:])
		var c, rest mat.VecDense
		if err := c.SolveVec(x, want); err != nil {
			t.Fatal(err)
		}
		rest.MulVec(x, &c)
		rest.SubVec(want, &rest)
		sigma := math.Sqrt(mat.Dot(&rest, &rest) / float64(n-p))
		var normal, inverse mat.Dense
		normal.Mul(x.T(), x)
		if err := inverse.Inverse(&normal); err != nil {
			t.Fatal(err)
		}
		got := slices.Concat([]float64{m.Intercept, m.Slope}[:terms], m.Coefficients)
		se := slices.Concat([]float64{m.InterceptError, m.SlopeError}[:terms], m.CoefficientErrors)
		near(t, "coefficients", got, c.RawVector().Data, 1e-8)
		near(t, "noise", []float64{m.Sigma}, []float64{sigma}, 1e-10)
		for i, e := range se {
			near(t, "standard errors", []float64{e}, []float64{sigma * math.Sqrt(inverse.At(i, i))}, 1e-7)
		}
	})
}

// A batch gives the models of single fits, bit for bit, for any number of
// threads.
func TestBatchIsSingle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAR(t)
		series := make([][]float64, rapid.IntRange(0, 14).Draw(t, "series"))
		for i := range series {
			series[i] = drawSeries(t)
		}
		for _, a.Threads = range []int{0, 1, 2, 5} {
			models := must(a.FitAll(context.Background(), series))(t)
			for i, m := range models {
				one := must(a.Fit(context.Background(), series[i]))(t)
				if !slices.Equal(numbers(m), numbers(one)) {
					t.Fatalf("%d threads, series %d: %v, alone %v", a.Threads, i, m, one)
				}
			}
		}
	})
}

func TestCRPSOfAnEnsembleIsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float64Range(-10, 10), 1, 20).Draw(t, "members")
		y := rapid.Float64Range(-12, 12).Draw(t, "y")
		var s, spread float64
		for _, v := range x {
			s += math.Abs(v-y) / float64(len(x))
			for _, w := range x {
				spread += math.Abs(v-w) / float64(len(x)*len(x))
			}
		}
		near(t, "CRPS", []float64{must(forecast.CRPSEnsemble(x, y))(t)}, []float64{s - spread/2}, 1e-12)
	})
}
