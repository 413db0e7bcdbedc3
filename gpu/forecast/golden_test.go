package forecast_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"surprisal/gpu/dataset"
	"surprisal/gpu/forecast"
)

const goldenDir = "../../validation/data/golden-ar"

type goldenCase struct {
	ID, Op string
	Params struct {
		Order, Lags, H, M, PMax int
		Method, Trend           string
		Sigma2                  float64
		Levels, Quantiles       []float64
	}
	Inputs  map[string]string
	Outputs map[string]struct {
		File string
		Tol  map[string][2]float64
	}
}

// golden compares by the rule of the golden cases and counts the outputs that
// were looked at.
type golden struct {
	t    *testing.T
	c    goldenCase
	seen map[string]bool
}

func (g *golden) in(name string) []float64 { return g.read(g.c.Inputs[name]) }

func (g *golden) read(file string) []float64 {
	g.t.Helper()
	a, err := dataset.NPY(filepath.Join(goldenDir, file))
	if err != nil {
		g.t.Fatal(err)
	}
	v, err := a.Floats()
	if err != nil {
		g.t.Fatal(err)
	}
	return v
}

func (g *golden) check(name string, got ...float64) {
	g.t.Helper()
	out, ok := g.c.Outputs[name]
	if !ok {
		g.t.Fatalf("the case has no %s", name)
	}
	g.seen[name] = true
	want, tol := g.read(out.File), out.Tol["f64"]
	if len(got) != len(want) {
		g.t.Fatalf("%s: %d values, want %d", name, len(got), len(want))
	}
	var used float64
	for i := range got {
		allowed := tol[0] + tol[1]*math.Abs(want[i])
		diff := math.Abs(got[i] - want[i])
		if !(diff <= allowed) {
			g.t.Errorf("%s: value %d is %v, want %v (difference %.3g, allowed %.3g)", name, i, got[i], want[i], diff, allowed)
			return
		}
		if allowed > 0 {
			used = max(used, diff/allowed)
		}
	}
	g.t.Logf("%s: worst difference is %.2g of the tolerance", name, used)
}

func TestGolden(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(goldenDir, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []goldenCase }
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	judge := map[string]func(*golden){
		"ar_burg": judgeBurg, "ar_yule_walker": judgeYuleWalker, "ar_ols": judgeLeastSquares, "ar_order": judgeOrder,
		"ar_burg_forecast_batch": judgeBatch, "forecast_metrics": judgeScores, "ar_forecast_variance": judgeVariance,
	}
	for _, c := range all.Cases {
		count[c.Op]++
		t.Run(c.ID, func(t *testing.T) {
			g := &golden{t: t, c: c, seen: map[string]bool{}}
			judge[c.Op](g)
			for name := range c.Outputs {
				if !g.seen[name] {
					t.Errorf("output %s was not compared", name)
				}
			}
		})
	}
	want := map[string]int{"ar_burg": 7, "ar_yule_walker": 14, "ar_ols": 15, "ar_order": 7, "ar_burg_forecast_batch": 1, "forecast_metrics": 2, "ar_forecast_variance": 3}
	if fmt.Sprint(count) != fmt.Sprint(want) {
		t.Errorf("cases by operation %v, want %v", count, want)
	}
}

func (g *golden) fit(a forecast.AR, y []float64) *forecast.Model {
	g.t.Helper()
	m, err := a.Fit(context.Background(), y)
	if err != nil {
		g.t.Fatal(err)
	}
	return m
}

func (g *golden) forecast(m *forecast.Model, levels ...float64) *forecast.Forecast {
	g.t.Helper()
	f, err := m.Forecast(g.c.Params.H, levels...)
	if err != nil {
		g.t.Fatal(err)
	}
	return f
}

func judgeBurg(g *golden) {
	a := forecast.AR{Method: forecast.Burg, Order: g.c.Params.Order}
	m := g.fit(a, g.in("y"))
	var s2, aicc []float64
	for _, c := range m.Orders {
		s2, aicc = append(s2, c.Sigma*c.Sigma), append(aicc, c.AICc)
	}
	g.check("ar", m.Coefficients...)
	g.check("sigma2", m.Sigma*m.Sigma)
	g.check("pacf", m.Reflection...)
	g.check("sigma2_by_order", s2...)
	g.check("aicc_by_order", aicc...)
	a.Order, a.MaxOrder = 0, g.c.Params.Order
	g.check("order_aicc", float64(g.fit(a, g.in("y")).Order))
}

func judgeYuleWalker(g *golden) {
	m := g.fit(forecast.AR{Method: forecast.YuleWalker, Order: g.c.Params.Order, Adjusted: g.c.Params.Method == "adjusted"}, g.in("y"))
	g.check("ar", m.Coefficients...)
	g.check("sigma", m.Sigma)
	g.check("acov", m.Autocovariances...)
}

var trends = map[string]forecast.Trend{"n": forecast.NoTrend, "c": forecast.Constant, "ct": forecast.Linear}

func judgeLeastSquares(g *golden) {
	p := g.c.Params
	m := g.fit(forecast.AR{Method: forecast.LeastSquares, Order: p.Lags, Trend: trends[p.Trend]}, g.in("y"))
	var params, bse []float64
	if p.Trend != "n" {
		params, bse = append(params, m.Intercept), append(bse, m.InterceptError)
	}
	if p.Trend == "ct" {
		params, bse = append(params, m.Slope), append(bse, m.SlopeError)
	}
	g.check("params", append(params, m.Coefficients...)...)
	g.check("bse", append(bse, m.CoefficientErrors...)...)
	g.check("sigma2", m.Sigma*m.Sigma)
	g.check("llf", m.Criteria.LogLikelihood)
	g.check("aic", m.Criteria.AIC)
	g.check("aicc", m.Criteria.AICc)
	g.check("bic", m.Criteria.BIC)
	f := g.forecast(m, p.Levels...)
	g.check("mean", f.Mean...)
	g.check("se", f.SE...)
	for _, v := range f.Intervals {
		g.check(fmt.Sprintf("lo%.0f", 100*v.Level), v.Lo...)
		g.check(fmt.Sprintf("hi%.0f", 100*v.Level), v.Hi...)
	}
}

func judgeOrder(g *golden) {
	a := forecast.AR{Method: forecast.LeastSquares, MaxOrder: g.c.Params.PMax, Trend: trends[g.c.Params.Trend]}
	m := g.fit(a, g.in("y"))
	var aicc, bic []float64
	for _, c := range m.Orders {
		aicc, bic = append(aicc, c.AICc), append(bic, c.BIC)
	}
	g.check("aicc", aicc...)
	g.check("bic", bic...)
	g.check("p_aicc", float64(m.Order))
	a.Criterion = forecast.BIC
	g.check("p_bic", float64(g.fit(a, g.in("y")).Order))
}

func judgeBatch(g *golden) {
	flat, n := g.in("y"), 120
	series := slices.Collect(slices.Chunk(flat, n))
	models, err := forecast.AR{Order: g.c.Params.Order}.FitAll(context.Background(), series)
	if err != nil {
		g.t.Fatal(err)
	}
	var ar, s2, mean, se []float64
	for _, m := range models {
		f := g.forecast(m)
		ar, s2 = append(ar, m.Coefficients...), append(s2, m.Sigma*m.Sigma)
		mean, se = append(mean, f.Mean...), append(se, f.SE...)
	}
	g.check("ar", ar...)
	g.check("sigma2", s2...)
	g.check("mean", mean...)
	g.check("se", se...)
}

func judgeScores(g *golden) {
	ctx, p := context.Background(), g.c.Params
	must := func(v float64, err error) float64 {
		if err != nil {
			g.t.Fatal(err)
		}
		return v
	}
	train, actual, mean, sd := g.in("train"), g.in("actual"), g.in("mean"), g.in("sd")
	naive := func(period int) []float64 {
		f, err := forecast.SeasonalNaive{Period: period}.Forecast(ctx, train, p.H)
		if err != nil {
			g.t.Fatal(err)
		}
		return f.Mean
	}
	g.check("seasonal_naive", naive(p.M)...)
	g.check("naive", naive(1)...)
	g.check("mase", must(forecast.MASE(train, actual, mean, p.M)))
	g.check("mase_seasonal_naive", must(forecast.MASE(train, actual, naive(p.M), p.M)))
	g.check("smape", must(forecast.SMAPE(actual, mean)))
	var gauss, ensemble, pinball, lo, hi []float64
	members, quantiles := g.in("ensemble"), g.in("quantile_forecast")
	k, q := len(members)/p.H, len(p.Quantiles)
	for i, y := range actual {
		gauss = append(gauss, forecast.CRPSGaussian(mean[i], sd[i], y))
		ensemble = append(ensemble, must(forecast.CRPSEnsemble(members[i*k:(i+1)*k], y)))
		for j, level := range p.Quantiles {
			pinball = append(pinball, forecast.Pinball(level, quantiles[i*q+j], y))
		}
		lo, hi = append(lo, mean[i]-1.959963984540054*sd[i]), append(hi, mean[i]+1.959963984540054*sd[i])
	}
	g.check("crps_gaussian", gauss...)
	g.check("crps_ensemble", ensemble...)
	g.check("pinball", pinball...)
	g.check("coverage", must(forecast.Coverage(lo, hi, actual)))
}

func judgeVariance(g *golden) {
	m := &forecast.Model{Coefficients: g.in("ar"), Sigma: math.Sqrt(g.c.Params.Sigma2), History: []float64{0}}
	var variance, ideal []float64
	for _, sd := range g.forecast(m).SE {
		variance, ideal = append(variance, sd*sd), append(ideal, sd/math.Sqrt(math.Pi))
	}
	g.check("var", variance...)
	g.check("crps_ideal", ideal...)
}
