package forecast

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// FitAll is Fit for many series, side by side on a.Threads threads. The models
// are those of Fit, bit for bit. An error names the first series that has one,
// counted from 0, and no model is returned.
func (a AR) FitAll(ctx context.Context, series [][]float64) ([]*Model, error) {
	if err := a.validate(ctx); err != nil {
		return nil, fmt.Errorf("forecast: fit: %w", err)
	}
	models, errs := make([]*Model, len(series)), make([]error, len(series))
	const share = 4 // series taken at a time
	threads := a.Threads
	if threads == 0 {
		threads = runtime.NumCPU()
	}
	threads = min(threads, (len(series)+share-1)/share)
	var next atomic.Int64
	var wg sync.WaitGroup
	panics := make(chan any, threads)
	for range threads {
		wg.Go(func() {
			defer func() { // a panic here would end the process; it is the caller's
				if v := recover(); v != nil {
					panics <- v
				}
			}()
			var w fitter
			for {
				from := int(next.Add(share)) - share
				if from >= len(series) {
					return
				}
				for i := from; i < min(from+share, len(series)); i++ {
					models[i], errs[i] = w.fit(ctx, a, series[i])
				}
			}
		})
	}
	wg.Wait()
	select {
	case v := <-panics:
		panic(v)
	default:
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("forecast: fit: %w", context.Cause(ctx))
	}
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("forecast: fit: series %d (from 0): %w", i, err)
		}
	}
	return models, nil
}
