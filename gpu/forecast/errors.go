package forecast

import (
	"errors"
	"fmt"
)

// ErrConstant is wrapped by errors about a series, or the part of one that is
// to be fitted, whose values are all the same.
var ErrConstant = errors.New("all values are the same")

var errNoContext = errors.New("the context is nil; in a cell it is called ctx")

// TooShortError says that a series has fewer values than a method needs.
type TooShortError struct {
	Have, Need int
	What       string // what needs them: "AR(4) by Burg"
	Hint       string // what to do, if there is more to do than to bring a longer series
}

func (e *TooShortError) Error() string {
	s := fmt.Sprintf("%s, %s needs at least %d", count(e.Have, "value"), e.What, e.Need)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// ValueError says that a value is not a finite number.
type ValueError struct {
	Index int // from 0
	Value float64
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("value %d (from 0) is %v: values must be finite and equally spaced, without gaps; fill the gap, or fit the longest part without one", e.Index, e.Value)
}

// DependentError says that a lag of a least-squares fit is, to rounding, a sum
// of the trend and the lags before it, so that its coefficient has no value.
type DependentError struct{ Lag int }

func (e *DependentError) Error() string {
	if e.Lag == 0 {
		return "the columns of the trend depend on each other"
	}
	return fmt.Sprintf("lag %d depends linearly on the trend and the lags before it; ask for an order below %d, or use Burg", e.Lag, e.Lag)
}
