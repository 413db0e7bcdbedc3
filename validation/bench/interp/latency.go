package main

import (
	"context"
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
