package forecast

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Model is a fitted autoregression. One that is put together by hand needs
// Coefficients, Sigma and History, and Intercept if the series is not around
// zero.
type Model struct {
	Method Method
	Trend  Trend
	Order  int // p
	N      int // values of the series

	Coefficients []float64 // φ1 … φp
	Intercept    float64   // c, in the unit of the series
	Slope        float64   // s, a step
	Mean         float64   // of the series; 0 with NoTrend
	Sigma        float64   // standard deviation of the noise, in the unit of the series

	// Standard errors: least squares, or the asymptotic ones of Burg and
	// Yule–Walker, which have none for the trend.
	CoefficientErrors          []float64
	InterceptError, SlopeError float64

	Criteria Criteria   // of this model on its own sample
	Orders   []Criteria // of the orders from 0 on, on one sample

	Reflection      []float64 // Burg and Yule–Walker: partial autocorrelations of lags 1 … p
	Autocovariances []float64 // Yule–Walker: of lags 0 … p, in the square of the unit
	History         []float64 // a copy of the series
	Unit            string

	chosenBy string // the criterion that chose the order, if one did
	adjusted bool
}

// Root returns the largest modulus of the roots of z^p − φ1·z^(p−1) − … − φp,
// 0 for order 0. Below 1 the model is stationary: what happened is forgotten at
// the rate of Root a step. Above 1 it explodes.
func (m *Model) Root() float64 {
	p := len(m.Coefficients)
	if p == 0 {
		return 0
	}
	companion := mat.NewDense(p, p, nil)
	companion.SetRow(0, m.Coefficients)
	for i := 1; i < p; i++ {
		companion.Set(i, i-1, 1)
	}
	var e mat.Eigen
	if !e.Factorize(companion, mat.EigenNone) {
		return math.NaN() // no convergence; LAPACK knows of no such companion matrix
	}
	var most float64
	for _, v := range e.Values(nil) {
		most = max(most, math.Hypot(real(v), imag(v)))
	}
	return most
}

// unitRoot is how close to 1 a root counts as 1: four roots that coincide
// there come out of the eigenvalues within 1e-4, two within 1e-8.
const unitRoot = 1e-8

// Stationary says whether Root is below 1.
func (m *Model) Stationary() bool { return m.Root() < 1-unitRoot }

// String is one sentence with coefficients, their standard errors, the noise
// and the largest root.
func (m *Model) String() string {
	var b strings.Builder
	b.WriteString(m.name())
	if m.chosenBy != "" {
		b.WriteString(",")
	}
	if m.N > 0 {
		fmt.Fprintf(&b, " from %s", count(m.N, "value"))
	}
	b.WriteString(": ")
	const shown = 3
	for i, v := range m.Coefficients {
		if i == shown && len(m.Coefficients) > shown+1 {
			fmt.Fprintf(&b, "and %d more, ", len(m.Coefficients)-shown)
			break
		}
		fmt.Fprintf(&b, "φ%d = %.3f", i+1, v)
		if i < len(m.CoefficientErrors) {
			fmt.Fprintf(&b, " ± %.3f", m.CoefficientErrors[i])
		}
		b.WriteString(", ")
	}
	fmt.Fprintf(&b, "noise of standard deviation %s", withUnit(number(m.Sigma), m.Unit))
	switch {
	case m.Method == LeastSquares && m.Trend == Linear:
		fmt.Fprintf(&b, ", intercept %s ± %s and slope %s ± %s a step", number(m.Intercept), number(m.InterceptError), number(m.Slope), number(m.SlopeError))
	case m.Method == LeastSquares && m.Trend == Constant:
		fmt.Fprintf(&b, ", intercept %s ± %s", number(m.Intercept), number(m.InterceptError))
	case m.Trend == Constant && m.N > 0:
		fmt.Fprintf(&b, " around a mean of %s", number(m.Mean))
	}
	b.WriteString("; ")
	b.WriteString(m.stability())
	return b.String()
}

// name is the model without its numbers.
func (m *Model) name() string {
	s := fmt.Sprintf("AR(%d)", len(m.Coefficients))
	if m.N == 0 { // not fitted
		return s
	}
	s = AR{Method: m.Method, Trend: m.Trend, Adjusted: m.adjusted}.name(s)
	if m.chosenBy != "" {
		s += fmt.Sprintf(", order by %s among 0 to %d", m.chosenBy, len(m.Orders)-1)
	}
	return s
}

func (m *Model) stability() string {
	switch r := m.Root(); {
	case r < 1-unitRoot:
		return fmt.Sprintf("largest root %.4f: stationary", r)
	case r <= 1+unitRoot:
		return "largest root 1: shocks never fade"
	default:
		return fmt.Sprintf("largest root %.4f: explosive, forecasts grow without bound", r)
	}
}

func withUnit(s, unit string) string {
	if unit == "" {
		return s
	}
	return s + " " + unit
}
