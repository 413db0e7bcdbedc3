package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"surprisal/gpu/forecast"
)

// A record is read, fitted, forecast and scored in cells that import nothing,
// to the same last digit as in a program.
func TestProductForecasts(t *testing.T) {
	var y []float64
	var b []byte
	for i := range 120 {
		v := 10 + 3*math.Sin(float64(i)*0.6) + math.Sin(float64(i*i))
		y = append(y, v)
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(-v))
	}
	file := filepath.Join(t.TempDir(), "record.dat")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	m, err := forecast.AR{Unit: "mV"}.Fit(ctx, y[:110])
	if err != nil {
		t.Fatal(err)
	}
	f, err := m.Forecast(10)
	if err != nil {
		t.Fatal(err)
	}
	f.Actual = y[110:]
	s, err := f.Scores(10)
	if err != nil {
		t.Fatal(err)
	}

	n := newBook(t)
	for _, c := range []struct{ reason, code, want string }{
		{"raw values", fmt.Sprintf(`record := must(dataset.RawFloat64(%q, 120, 2))
y := must(record.Columns())[0]
len(y)`, file), "<result 120>"},
		{"fit", `m := must(forecast.AR{Unit: "mV"}.Fit(ctx, y[:110]))
m`, fmt.Sprintf("<result %v>", m)},
		{"forecast", `f := must(m.Forecast(10))
f.Actual = y[110:]
f`, fmt.Sprintf("<result %v>", f)},
		{"scores", `must(f.Scores(10))`, fmt.Sprintf("<result %v>", s)},
		{"the last digit", `fmt.Println(m.Coefficients, f.Mean, f.SE)`, fmt.Sprintln(m.Coefficients, f.Mean, f.SE)},
		{"levels, a batch and constants", `g := must(must(forecast.AR{Method: forecast.LeastSquares, Trend: forecast.Linear, Criterion: forecast.BIC, MaxOrder: 4}.FitAll(ctx, [][]float64{y, y[:60]}))[1].Forecast(2, 0.9))
len(g.Intervals)`, "<result 1>"},
		{"baseline", `b := must(forecast.SeasonalNaive{Period: 10}.Forecast(ctx, y[:110], 10))
b.Mean[0] == y[100]`, "<result true>"},
		{"an error is a sentence", `_, err := forecast.AR{Order: 9}.Fit(ctx, y[:10])
fmt.Println(err)`, "forecast: fit: 10 values, AR(9) by Burg needs at least 12; the highest order for so many is 7\n"},
		{"a truncated file", fmt.Sprintf(`_, err = dataset.RawFloat64(%q, 121, 2)
fmt.Println(err)`, file), "dataset: " + file + ": 1920 bytes, but 121×2 values of 8 bytes take 1936: the file ends in row 121; check rows and columns, or fetch the file again\n"},
	} {
		if r := n.run(c.code); strings.TrimSpace(r.lines) != strings.TrimSpace(c.want) {
			t.Errorf("%s: %s\nwant %s", c.reason, r.lines, c.want)
		}
	}
}
