package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const tenLines = `xs := []float64{2.1, 3.4, 1.9, 5.6, 4.4, 3.8}
var sum float64
for _, x := range xs {
	sum += x
}
mean := sum / float64(len(xs))
counts := map[string]int{}
for i, w := range strings.Fields("a b a c") {
	counts[w] += i
}
fmt.Sprint(mean, counts)`

// quarter defines four of a notebook's objects.
func quarter(i int) string {
	return fmt.Sprintf(`type T%[1]d struct{ n int }
func (t T%[1]d) String() string { return fmt.Sprint(t.n) }
func f%[1]d(x float64) T%[1]d { return T%[1]d{int(x)} }
var v%[1]d = f%[1]d(%[1]d)
const c%[1]d = %[1]d`, i)
}

// compile measures the check and the lowering of a cell of ten lines, in an
// empty notebook and in one of 1,000 objects, and the whole of such a cell.
func (b *bench) compile() error {
	for _, c := range []struct {
		what    string
		objects int
		most    float64
	}{{"check and lower ten lines", 0, 0.3}, {"check and lower ten lines among 1,000 objects", 1000, 1}} {
		k := newCompiler()
		for i := range c.objects / 4 {
			if _, err := k.cell(quarter(i)); err != nil {
				return err
			}
		}
		times, err := timed(300, func() error { _, err := k.cell(tenLines); return err })
		if err != nil {
			return err
		}
		b.report.limit(c.what, quantile(times, 0.5).Seconds()*1e3, c.most, "ms")
	}
	book, err := open()
	if err != nil {
		return err
	}
	times, err := timed(300, func() error { _, err := book.run(context.Background(), tenLines); return err })
	if err != nil {
		return err
	}
	b.report.Rows = append(b.report.Rows, row{What: "the whole of that cell: checked, lowered, compiled by yaegi, run", Result: ms(quantile(times, 0.5)), OK: true})
	return nil
}

// timed calls f, the first tenth of the calls to warm up.
func timed(n int, f func() error) ([]time.Duration, error) {
	times := make([]time.Duration, 0, n)
	for i := range n + n/10 {
		start := time.Now()
		if err := f(); err != nil {
			return nil, err
		}
		if i >= n/10 {
			times = append(times, time.Since(start))
		}
	}
	return times, nil
}

// places are what a reader completes: the text before the cursor.
var places = []string{"strings.", "math.S", "pts[0].", "pt.", "ke", "fmt.Pr", "y := pt\ny.X", "for _, p := range pts {\n\tp.", "sort.Slice(pts, func(i, j int) bool { return pts[i]."}

// complete measures completion in an idle notebook and in one whose cell keeps
// eight goroutines busy.
func (b *bench) complete() error {
	book, err := open()
	if err != nil {
		return err
	}
	if _, err := book.run(context.Background(), "type point struct{ X, Y float64 }\nfunc (p point) norm() float64 { return p.X*p.X + p.Y*p.Y }\npts := []point{{1, 2}, {3, 4}}\npt := pts[0]\nkeep := map[string][]float64{}"); err != nil {
		return err
	}
	i := 0
	one := func() error {
		code := places[i%len(places)]
		i++
		if c := book.Complete(code, len([]rune(code))); len(c.Matches) == 0 {
			return fmt.Errorf("nothing completes %q", code)
		}
		return nil
	}
	measure := func(how string) error {
		times, err := timed(100*len(places), one)
		if err != nil {
			return err
		}
		b.report.limit("complete, "+how+", median", quantile(times, 0.5).Seconds()*1e3, 1, "ms")
		b.report.limit("complete, "+how+", 99th percentile", quantile(times, 0.99).Seconds()*1e3, 15, "ms")
		return nil
	}
	if err := measure("idle"); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		_, err := book.run(ctx, "var wg sync.WaitGroup\nfor g := 0; g < 8; g++ {\n\twg.Add(1)\n\tgo func() {\n\t\tdefer wg.Done()\n\t\tfor x := 0; ; x++ {\n\t\t}\n\t}()\n}\nwg.Wait()")
		ended <- err
	}()
	time.Sleep(300 * time.Millisecond)
	err = measure("eight goroutines busy")
	select {
	case e := <-ended:
		err = errors.Join(err, fmt.Errorf("the busy cell ended by itself: %w", e))
	default:
	}
	cancel()
	return err
}
