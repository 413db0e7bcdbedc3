package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"surprisal/jupyter/wire"
)

const asked = `type point struct{ X, Y int }
func (p point) Norm() float64 { return math.Hypot(float64(p.X), float64(p.Y)) }
pts := []point{{1, 2}}
xs := make([]float64, 1000)`

// busy has eight goroutines at work, the cell's own among them.
const busy = `for range 7 {
	go func() { s := 1.0; for { s = math.Sqrt(s) + 1 } }()
}
for { _ = len(xs) }`

// What is asked; the cursor is at ‸.
var often = []string{"pts[0].‸", "xs‸", "strings.Spl‸", "point{‸", "for _, p := range pts {\n\tp.‸", "m‸", "import \"net/ht‸", "fmt.Pri‸", "mean := func(a []float64) float64 { ret‸"}

// Packages that no question has named before are loaded for it.
var seldom = []string{"http.‸", "plot.‸", "mat.‸", "tls.‸", "figure.‸", "types.‸", "info.‸", "runtime.‸"}

// questions times completion and inspection as a front end sees them, one after
// the other, while nothing runs and beside a cell with eight busy goroutines.
func (b *bench) questions() error {
	for _, c := range []struct{ how, beside string }{{"idle", ""}, {"eight goroutines busy", busy}} {
		times, err := b.ask(c.beside)
		if err != nil {
			return fmt.Errorf("%s: %w", c.how, err)
		}
		b.report.limit("complete and inspect, "+c.how+", median", quantile(times, 0.5).Seconds()*1e3, 1, "ms")
		b.report.limit("complete and inspect, "+c.how+", 99th percentile", quantile(times, 0.99).Seconds()*1e3, 15, "ms")
	}
	return nil
}

// ask asks a kernel of its own 500 questions, one in five an inspection.
func (b *bench) ask(beside string) ([]time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	k, err := start(ctx, b.kernel)
	if err != nil {
		return nil, err
	}
	defer k.close()
	if err := k.cell(ctx, asked); err != nil {
		return nil, err
	}
	if beside != "" {
		if err := k.send(wire.ExecuteRequest, execute(beside)); err != nil {
			return nil, err
		}
		time.Sleep(500 * time.Millisecond)
	}
	var times []time.Duration
	for i := range 500 {
		text := often[i%len(often)]
		if i%10 == 9 {
			text = seldom[i/10%len(seldom)]
		}
		start := time.Now()
		if err := k.question(ctx, text, i%5 == 4); err != nil {
			return nil, err
		}
		times = append(times, time.Since(start))
	}
	return times, nil
}

func (k *kernel) question(ctx context.Context, marked string, inspect bool) error {
	before, after, _ := strings.Cut(marked, "‸")
	content := map[string]any{"code": before + after, "cursor_pos": len([]rune(before)), "detail_level": 1}
	if inspect {
		if err := k.send(wire.InspectRequest, content); err != nil {
			return err
		}
		return k.answer(ctx, wire.InspectReply, &struct{}{})
	}
	if err := k.send(wire.CompleteRequest, content); err != nil {
		return err
	}
	var r struct{ Matches []string }
	if err := k.answer(ctx, wire.CompleteReply, &r); err != nil {
		return err
	}
	if len(r.Matches) == 0 {
		return errors.New("no completion of " + marked)
	}
	return nil
}
