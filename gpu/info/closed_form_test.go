package info

import (
	"math"
	"math/rand/v2"
	"testing"

	"surprisal/gpu/series"
)

// gauss returns n rows of d independent pairs of correlation rho.
func gauss(seed uint64, n, d int, rho float64) (x, y [][]float64) {
	r := rand.New(rand.NewPCG(seed, 1))
	for range d {
		a, b := make([]float64, n), make([]float64, n)
		for i := range n {
			a[i] = r.NormFloat64()
			b[i] = rho*a[i] + math.Sqrt(1-rho*rho)*r.NormFloat64()
		}
		x, y = append(x, a), append(y, b)
	}
	return x, y
}

// coupled returns x[t] = a·x[t−1] + noise, y[t] = b·y[t−1] + c·x[t−1] + noise.
func coupled(seed uint64, n int, a, b, c float64) (x, y []float64) {
	r := rand.New(rand.NewPCG(seed, 2))
	x, y = make([]float64, n), make([]float64, n)
	px, py := 0.0, 0.0
	for i := -200; i < n; i++ {
		px, py = a*px+r.NormFloat64(), b*py+c*px+r.NormFloat64()
		if i >= 0 {
			x[i], y[i] = px, py
		}
	}
	return x, y
}

// transferTruth is the transfer entropy of coupled with histories of one row,
// ½ ln of the ratio of the variances of y[t] given y[t−1] without and with
// x[t−1], from the stationary covariances.
func transferTruth(a, b, c float64) float64 {
	vx := 1 / (1 - a*a)
	xy := a * c * vx / (1 - a*b)
	vy := (c*c*vx + 2*b*c*xy + 1) / (1 - b*b)
	return math.Log(1+c*c*(vx-xy*xy/vy)) / 2
}

func TestTransferTruth(t *testing.T) {
	// From determinants of the process's covariance matrices, computed in Python.
	if got := transferTruth(0.5, 0.5, 0.5); !(math.Abs(got-0.13483178347455121) <= 1e-15) {
		t.Errorf("%v", got)
	}
}

// The mean of several runs must lie within four standard errors, as their
// scatter gives them, and the bias that the estimator is known to have in so
// few samples: about −0.5 % of the value a column at k = 4, more for algorithm
// 2, whose rectangles shrink.
func TestGaussianMutualInformation(t *testing.T) {
	for _, c := range []struct {
		n, d      int
		rho, bias float64
		algorithm int
	}{
		{400, 1, 0, 0.005, 1}, {400, 1, 0.3, 0.005, 1}, {400, 1, 0.6, 0.008, 1}, {400, 1, 0.9, 0.015, 1},
		{100, 1, 0.6, 0.02, 1}, {1000, 1, 0.6, 0.005, 1}, {4000, 1, 0.6, 0.002, 1}, {4000, 1, 0.99, 0.01, 1},
		{400, 2, 0.6, 0.04, 1}, {400, 3, 0.6, 0.12, 1}, {4000, 2, 0.3, 0.005, 1}, {4000, 3, 0.6, 0.05, 1},
		{400, 1, 0.6, 0.02, 2}, {400, 1, 0, 0.02, 2},
	} {
		truth := -float64(c.d) / 2 * math.Log(1-c.rho*c.rho)
		mean, err := repeat(12, func(seed uint64) float64 {
			x, y := gauss(seed, c.n, c.d, c.rho)
			s, err := series.Lagged([]int{c.n}, 0, x, y, nil)
			if err != nil {
				t.Fatal(err)
			}
			return must(t)(KSG{Algorithm: c.algorithm}.Of(ctx, s)).Value
		})
		if !(math.Abs(mean-truth) <= c.bias+4*err) {
			t.Errorf("N %d, %d pairs, rho %v, algorithm %d: mean %.4f ± %.4f nats, truth %.4f", c.n, c.d, c.rho, c.algorithm, mean, err, truth)
		}
	}
}

func TestGaussianTransferEntropy(t *testing.T) {
	for _, c := range []struct {
		n             int
		a, b, c, bias float64
		back          bool // from y to x, where nothing flows
	}{
		{500, 0.5, 0.5, 0.5, 0.03, false}, {1000, 0.5, 0.5, 0.5, 0.02, false}, {4000, 0.5, 0.5, 0.5, 0.01, false}, {500, 0.3, 0.4, 0.8, 0.05, false},
		{500, 0.5, 0.5, 0, 0.005, false}, {500, 0.5, 0.5, 0.5, 0.005, true},
	} {
		truth := transferTruth(c.a, c.b, c.c)
		if c.back {
			truth = 0
		}
		mean, err := repeat(12, func(seed uint64) float64 {
			x, y := coupled(seed, c.n, c.a, c.b, c.c)
			if c.back {
				x, y = y, x
			}
			return must(t)(KSG{}.TransferEntropy(ctx, x, y)).Value
		})
		if !(math.Abs(mean-truth) <= c.bias+4*err) {
			t.Errorf("%+v: mean %.4f ± %.4f nats, truth %.4f", c, mean, err, truth)
		}
	}
}

// y = z + c·x + noise, x = b·z + noise: given z, x says ½ ln(1 + c²) about y.
func TestGaussianConditionalMutualInformation(t *testing.T) {
	for _, c := range []struct {
		n          int
		b, c, bias float64
		algorithm  int
	}{{400, 1, 0.5, 0.02, 1}, {2000, 1, 0.5, 0.01, 1}, {2000, 0, 1, 0.02, 1}, {1000, 2, 0, 0.005, 1}, {1000, 1, 0.5, 0.03, 2}} {
		truth := math.Log(1+c.c*c.c) / 2
		mean, err := repeat(8, func(seed uint64) float64 {
			r := rand.New(rand.NewPCG(seed, 5))
			x, y, z := make([]float64, c.n), make([]float64, c.n), make([]float64, c.n)
			for i := range c.n {
				z[i] = r.NormFloat64()
				x[i] = c.b*z[i] + r.NormFloat64()
				y[i] = z[i] + c.c*x[i] + r.NormFloat64()
			}
			return must(t)(KSG{Algorithm: c.algorithm}.ConditionalMutualInformation(ctx, x, y, z)).Value
		})
		if !(math.Abs(mean-truth) <= c.bias+4*err) {
			t.Errorf("%+v: mean %.4f ± %.4f nats, truth %.4f", c, mean, err, truth)
		}
	}
}

// y[t] = z[t−1] + c·x[t−1] + noise, all else independent: ½ ln(1 + c²) flows
// from x given z, and ½ ln(1 + c²/2) without, where z is noise of y.
func TestGaussianConditionalTransferEntropy(t *testing.T) {
	const n, c = 1000, 0.8
	for _, given := range []bool{true, false} {
		truth := math.Log(1+c*c/2) / 2
		if given {
			truth = math.Log(1+c*c) / 2
		}
		mean, err := repeat(8, func(seed uint64) float64 {
			r := rand.New(rand.NewPCG(seed, 6))
			x, y, z := make([]float64, n), make([]float64, n), make([]float64, n)
			for i := range n {
				x[i], z[i], y[i] = r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
				if i > 0 {
					y[i] += z[i-1] + c*x[i-1]
				}
			}
			if given {
				return must(t)(KSG{}.ConditionalTransferEntropy(ctx, x, y, z)).Value
			}
			return must(t)(KSG{}.TransferEntropy(ctx, x, y)).Value
		})
		if !(math.Abs(mean-truth) <= 0.03+4*err) {
			t.Errorf("given z %v: mean %.4f ± %.4f nats, truth %.4f", given, mean, err, truth)
		}
	}
}

// A driver of both is the cause of what one seems to say about the other: given
// it, nothing is left.
func TestConditionalTransferEntropyExplainsAway(t *testing.T) {
	const n = 800
	r := rand.New(rand.NewPCG(7, 7))
	x, y, z := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		z[i] = r.NormFloat64()
		if i > 0 {
			x[i] = z[i-1] + 0.3*r.NormFloat64()
		}
		if i > 1 {
			y[i] = z[i-2] + 0.3*r.NormFloat64()
		}
	}
	plain := must(t)(KSG{}.TransferEntropy(ctx, x, y))
	given := must(t)(KSG{ConditionHistory: 2}.ConditionalTransferEntropy(ctx, x, y, z))
	if !(plain.Value >= 0.5) || !(math.Abs(given.Value) <= 0.05) {
		t.Errorf("%v\n%v", plain, given)
	}
}

func repeat(n int, f func(seed uint64) float64) (mean, standardError float64) {
	v := make([]float64, n)
	for i := range v {
		v[i] = f(uint64(i))
		mean += v[i] / float64(n)
	}
	for _, x := range v {
		standardError += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(standardError / float64(n-1) / float64(n))
}
