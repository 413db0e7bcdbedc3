package interp

import (
	"context"
	"testing"
)

func BenchmarkOnePlusOne(b *testing.B) {
	k := newNotebook(b)
	k.ok("1+1")
	b.ReportAllocs()
	for b.Loop() {
		if _, e := k.run(context.Background(), "1+1"); e != nil {
			b.Fatal(e)
		}
	}
}

func BenchmarkTenLines(b *testing.B) {
	k := newNotebook(b)
	k.ok("x := []float64{1, 2, 3}\nfunc mean(v []float64) float64 { s := 0.0; for _, a := range v { s += a }; return s / float64(len(v)) }")
	code := "s := 0.0\nfor i, v := range x {\n\tif v > mean(x) {\n\t\ts += v * float64(i)\n\t}\n}\nm := mean(x)\nfmt.Sprint(s, m)\nvar r = math.Sqrt(m)\nr"
	k.ok(code)
	for b.Loop() {
		if _, e := k.run(context.Background(), code); e != nil {
			b.Fatal(e)
		}
	}
}
