package forecast

import (
	"context"
	"fmt"
	"math"
)

// AR is an autoregression to be fitted: each value is a sum of the values
// before it, a trend and noise,
//
//	y(t) = c + s·t + φ1·y(t−1) + … + φp·y(t−p) + e(t),  t = 1, 2, …
//
// with e of standard deviation σ. The zero value is a good start: Burg's
// method around the mean, order by AICc.
type AR struct {
	Method    Method
	Order     int       // p; 0: the order of 0 to MaxOrder that Criterion likes best
	MaxOrder  int       // 0: the smaller of 10·log10(N) and N/4, but at least 1; not used if Order is given
	Criterion Criterion // what chooses the order
	Trend     Trend
	Adjusted  bool   // YuleWalker: divide the sums of lag k by N−k, not N: less bias, but no promise that the model is stationary
	Threads   int    // of FitAll; 0: one a core
	Unit      string // of the values, for what is printed
}

// Method is a way to estimate an autoregression.
type Method int

const (
	// Burg minimises the sum of the forward and backward errors, order after
	// order (Burg 1975). The noise is that of Brockwell and Davis (1991, §8.2):
	// σ²(k) = (1−r²)·(Σf²+Σb²) / (2(N−k)). Always stationary.
	Burg Method = iota
	// YuleWalker solves the Yule–Walker equations of the autocovariances
	// (Brockwell and Davis 1991, §8.1) by the Levinson–Durbin recursion. Always
	// stationary, unless Adjusted.
	YuleWalker
	// LeastSquares is ordinary least squares given the first p values, with
	// σ² = SSR/n. It alone fits trends, and it alone may be explosive.
	LeastSquares
)

func (m Method) String() string {
	switch m {
	case Burg:
		return "Burg"
	case YuleWalker:
		return "Yule–Walker"
	case LeastSquares:
		return "least squares"
	}
	return fmt.Sprintf("Method(%d)", int(m))
}

// Criterion chooses an order: the smallest value wins, and the lower order of
// two that are equal. L is the logarithm of the likelihood and k the number of
// parameters, the noise among them.
type Criterion int

const (
	AICc Criterion = iota // −2L + 2k·n/(n−k−1), Hurvich and Tsai (1989)
	BIC                   // −2L + k·ln n, Schwarz (1978): fewer lags
)

func (c Criterion) String() string {
	switch c {
	case AICc:
		return "AICc"
	case BIC:
		return "BIC"
	}
	return fmt.Sprintf("Criterion(%d)", int(c))
}

// Trend is what the lags do not explain.
type Trend int

const (
	Constant Trend = iota // a mean
	Linear                // a mean and a slope; LeastSquares alone
	NoTrend               // nothing: the series is around zero
)

func (t Trend) String() string {
	switch t {
	case Constant:
		return "constant"
	case Linear:
		return "linear trend"
	case NoTrend:
		return "no trend"
	}
	return fmt.Sprintf("Trend(%d)", int(t))
}

// terms is the number of columns that a trend has in least squares.
func (t Trend) terms() int { return [...]int{Constant: 1, Linear: 2, NoTrend: 0}[t] }

// Fit estimates the model from y, oldest value first. y is not modified, and
// the model keeps a copy.
//
// It returns a *TooShortError if y has less than p+3 values (least squares:
// 2p+3 and those of the trend), a *ValueError for NaN and infinities,
// ErrConstant for a series without variation, and for least squares a
// *DependentError. A series that lags explain without rest has σ = 0.
func (a AR) Fit(ctx context.Context, y []float64) (*Model, error) {
	if err := a.validate(ctx); err != nil {
		return nil, fmt.Errorf("forecast: fit: %w", err)
	}
	m, err := new(fitter).fit(ctx, a, y)
	if err != nil {
		return nil, fmt.Errorf("forecast: fit: %w", err)
	}
	return m, nil
}

// String names the model to be fitted.
func (a AR) String() string {
	if a.Order == 0 {
		return a.name("AR") + fmt.Sprintf(", order by %v", a.Criterion)
	}
	return a.name(fmt.Sprintf("AR(%d)", a.Order))
}

// name is what with the way that it is fitted.
func (a AR) name(what string) string {
	what += fmt.Sprintf(" by %v", a.Method)
	if a.Adjusted {
		what += " (adjusted)"
	}
	if a.Trend != Constant {
		what += fmt.Sprintf(" with %v", a.Trend)
	}
	return what
}

func (a AR) validate(ctx context.Context) error {
	switch {
	case ctx == nil:
		return errNoContext
	case a.Method < Burg || a.Method > LeastSquares:
		return fmt.Errorf("%v is not known: use Burg, YuleWalker or LeastSquares", a.Method)
	case a.Criterion < AICc || a.Criterion > BIC:
		return fmt.Errorf("%v is not known: use AICc or BIC", a.Criterion)
	case a.Trend < Constant || a.Trend > NoTrend:
		return fmt.Errorf("%v is not known: use Constant, Linear or NoTrend", a.Trend)
	case a.Trend == Linear && a.Method != LeastSquares:
		return fmt.Errorf("%v fits no linear trend; use LeastSquares", a.Method)
	case a.Adjusted && a.Method != YuleWalker:
		return fmt.Errorf("the field Adjusted is about YuleWalker, the method is %v", a.Method)
	case a.Order < 0:
		return fmt.Errorf("order %d, need 1 or more (0 chooses one)", a.Order)
	case a.MaxOrder < 0:
		return fmt.Errorf("a MaxOrder of %d, need 1 or more (0 is the default)", a.MaxOrder)
	case a.Threads < 0:
		return fmt.Errorf("%d threads, need 1 or more (0 is one a core)", a.Threads)
	}
	return nil
}

// need is the number of values that order p needs: enough for AICc to exist.
func (a AR) need(p int) int {
	if a.Method == LeastSquares {
		return 2*p + a.Trend.terms() + 3
	}
	return p + 3
}

// most is the highest order that n values allow.
func (a AR) most(n int) int {
	if a.Method == LeastSquares {
		return (n - 3 - a.Trend.terms()) / 2
	}
	return n - 3
}

// orders returns the highest order to fit to n values.
func (a AR) orders(n int) (int, error) {
	p := a.Order
	if p == 0 {
		p = a.MaxOrder
	}
	if p == 0 {
		p = max(1, min(int(10*math.Log10(float64(max(n, 1)))), n/4, a.most(n)))
	}
	if need := a.need(p); n < need {
		e := &TooShortError{Have: n, Need: need, What: fmt.Sprintf("AR(%d) by %v", p, a.Method)}
		if most := a.most(n); most > 0 {
			e.Hint = fmt.Sprintf("the highest order for so many is %d", most)
		}
		return 0, e
	}
	return p, nil
}
