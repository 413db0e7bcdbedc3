package symbols

import (
	"errors"
	"math"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// errEnded ends an optimisation whose function did not come back.
var errEnded = errors.New("optimize: the function ended its cell")

// bindOptimize guards the functions that Minimize calls on goroutines of its
// own. There a panic would end the process, and a stop would leave Minimize
// waiting for ever.
func (t *Table) bindOptimize(b bindings) {
	wrap := t.opt.Wrap
	if wrap == nil {
		return
	}
	b.set("gonum.org/v1/gonum/optimize", "Minimize", func(p optimize.Problem, x []float64, s *optimize.Settings, m optimize.Method) (*optimize.Result, error) {
		var ended atomic.Bool
		// call runs f on a goroutine that a stop may end without the caller's.
		call := func(f func()) {
			whole, done := false, make(chan struct{})
			go func() {
				defer close(done)
				wrap(func() { f(); whole = true })()
			}()
			<-done
			if !whole {
				ended.Store(true)
			}
		}
		if f := p.Func; f != nil {
			p.Func = func(x []float64) float64 {
				y := math.NaN()
				call(func() { y = f(x) })
				return y
			}
		}
		if f := p.Grad; f != nil {
			p.Grad = func(grad, x []float64) { call(func() { f(grad, x) }) }
		}
		if f := p.Hess; f != nil {
			p.Hess = func(hess *mat.SymDense, x []float64) { call(func() { f(hess, x) }) }
		}
		status := p.Status
		p.Status = func() (st optimize.Status, err error) {
			if status != nil && !ended.Load() {
				call(func() { st, err = status() })
			}
			if ended.Load() {
				return optimize.Failure, errEnded
			}
			return st, err
		}
		return optimize.Minimize(p, x, s, m)
	})
}
