package main

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"time"

	yaegi "github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib"
)

// loops runs each program in a cell and in yaegi alone, in turns.
func (b *bench) loops() error {
	var ratios []float64
	for _, p := range programs {
		r, err := b.program(p, plain)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		ratios = append(ratios, r)
	}
	b.report.ratio(fmt.Sprintf("geometric mean of the %d programs", len(programs)), 0, 0, geometric(ratios), 1.25)
	if _, err := b.program(stoppedChannels(), stoppable); err != nil {
		return err
	}
	_, err := b.program(interfaceCalls, plain)
	return err
}

// peer is a yaegi that runs programs beside ours.
type peer func(raw *yaegi.Interpreter, code string) (reflect.Value, error)

// plain is what loops are compared with. What waits at a channel in it waits
// for ever.
func plain(raw *yaegi.Interpreter, code string) (reflect.Value, error) { return raw.Eval(code) }

// stoppable is yaegi whose channel operations can be ended, if only those of
// the whole interpreter.
func stoppable(raw *yaegi.Interpreter, code string) (reflect.Value, error) {
	return raw.EvalWithContext(context.Background(), code)
}

// program measures one program and returns how much longer it takes here.
func (b *bench) program(p program, peer peer) (float64, error) {
	book, err := open()
	if err != nil {
		return 0, err
	}
	ctx := context.Background()
	if _, err := book.run(ctx, p.imports()+p.code); err != nil {
		return 0, err
	}
	raw := yaegi.New(yaegi.Options{})
	if err := raw.Use(stdlib.Symbols); err != nil {
		return 0, err
	}
	if _, err := peer(raw, "package main\n"+p.imports()+p.code); err != nil {
		return 0, err
	}
	ours := func() (any, error) { return book.run(ctx, "run()") }
	theirs := func() (any, error) {
		v, err := peer(raw, "run()")
		if err != nil {
			return nil, err
		}
		return v.Interface(), nil
	}
	var here, there []time.Duration
	var ratios []float64
	for i := range b.rounds + 1 {
		turns := []func() (any, error){ours, theirs}
		var took [2]time.Duration
		var got [2]any
		for k := range turns {
			if i%2 == 1 {
				k = 1 - k
			}
			runtime.GC()
			start := time.Now()
			if got[k], err = turns[k](); err != nil {
				return 0, err
			}
			took[k] = time.Since(start)
		}
		if got[0] != got[1] {
			return 0, fmt.Errorf("gives %v in a cell and %v in yaegi: a ratio of speeds means nothing", got[0], got[1])
		}
		if i > 0 { // the first warms up
			here, there = append(here, took[0]), append(there, took[1])
			ratios = append(ratios, took[0].Seconds()/took[1].Seconds())
		}
	}
	r := median(ratios)
	b.report.ratio(p.name+": "+p.why, quantile(here, 0.5), quantile(there, 0.5), r, p.most)
	return r, nil
}

// sort measures slices.Sort of a million numbers in a cell and compiled.
func (b *bench) sort() error {
	book, err := open()
	if err != nil {
		return err
	}
	ctx := context.Background()
	v, err := book.run(ctx, "src, xs := make([]float64, 1000000), make([]float64, 1000000)\nfor i := range src {\n\tsrc[i] = rand.NormFloat64()\n}\nsrc")
	if err != nil {
		return err
	}
	src, ok := v.([]float64)
	if !ok {
		return fmt.Errorf("the numbers are a %T", v)
	}
	xs := make([]float64, len(src))
	var here, there []time.Duration
	var ratios []float64
	for range b.rounds {
		if _, err := book.run(ctx, "copy(xs, src)"); err != nil {
			return err
		}
		start := time.Now()
		if _, err := book.run(ctx, "slices.Sort(xs)"); err != nil {
			return err
		}
		here = append(here, time.Since(start))
		copy(xs, src)
		start = time.Now()
		slices.Sort(xs)
		there = append(there, time.Since(start))
		ratios = append(ratios, here[len(here)-1].Seconds()/there[len(there)-1].Seconds())
	}
	if v, err := book.run(ctx, "xs"); err != nil || !slices.Equal(v.([]float64), xs) {
		return fmt.Errorf("a cell sorts otherwise (%v)", err)
	}
	b.report.ratio("slices.Sort of 1,000,000 float64", quantile(here, 0.5), quantile(there, 0.5), median(ratios), 2)
	return nil
}
