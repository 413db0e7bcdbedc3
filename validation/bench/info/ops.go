package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"runtime"
	"time"

	"surprisal/gpu/forecast"
	"surprisal/gpu/info"
	"surprisal/gpu/series"
	"surprisal/jupyter/figure"
)

// op is a call to be timed. It leaves what it found in the answer.
type op func(*answer) error

func (a *answer) serve(r request) error {
	call, err := r.op()
	if err != nil {
		return err
	}
	for range r.Repeat {
		watch := func() uint64 { return 0 }
		if r.Memory {
			watch = watchHeap()
		}
		start := time.Now()
		err := call(a)
		a.Nanoseconds = append(a.Nanoseconds, time.Since(start).Nanoseconds())
		a.PeakBytes = max(a.PeakBytes, watch())
		if err != nil {
			return err
		}
	}
	return nil
}

func (r request) op() (op, error) {
	ctx := context.Background()
	switch r.Op {
	case "te", "mi":
		x, err := read(r.X)
		if err != nil {
			return nil, err
		}
		y, err := read(r.Y)
		if err != nil {
			return nil, err
		}
		e := info.KSG{K: 4, Threads: r.Threads, Test: info.Test{Surrogates: r.Surrogates, Kind: series.Permutation}}
		return func(a *answer) error {
			estimate := e.TransferEntropy
			if r.Op == "mi" {
				estimate = e.MutualInformation
			}
			v, err := estimate(ctx, x, y)
			a.Value = v.Value
			return err
		}, nil
	case "ar":
		all, err := read(r.X)
		if err != nil {
			return nil, err
		}
		ys := make([][]float64, r.Series)
		for i := range ys {
			n := len(all) / r.Series
			ys[i] = all[i*n : (i+1)*n]
		}
		return func(a *answer) error {
			models, err := forecast.AR{Method: forecast.Burg, Order: 4, Threads: r.Threads}.FitAll(ctx, ys)
			if err == nil {
				a.Values = models[len(models)-1].Coefficients
			}
			return err
		}, nil
	case "graph":
		g := network(30)
		return drawing(func() *figure.Figure { return figure.Graph(g) }), nil
	case "fan":
		f := cycles(300, 11)
		return drawing(func() *figure.Figure { return figure.Fan(f) }), nil
	}
	return nil, fmt.Errorf("no op %q", r.Op)
}

// read returns the values of a file of raw little-endian float64.
func read(name string) ([]float64, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(b)/8)
	for i := range out {
		out[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	return out, nil
}

// watchHeap looks at the heap every 200 µs until what it returns is called,
// which says how far it rose, garbage that nobody has collected yet and all.
func watchHeap() func() uint64 {
	var m runtime.MemStats
	heap := func() uint64 {
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	runtime.GC()
	base := heap()
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		top := base
		for {
			select {
			case <-done:
				peak <- max(top, heap()) - base
				return
			case <-time.After(200 * time.Microsecond):
				top = max(top, heap())
			}
		}
	}()
	return func() uint64 {
		close(done)
		return <-peak
	}
}
