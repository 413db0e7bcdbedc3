package interp

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// Where readers ask, in a notebook of three cells: members of packages, of
// values, of results; names; literals; open functions; a cell of 120 lines; the
// largest packages.
var asked = []string{
	"fmt.‸", "fmt.Printl‸", "strings.Spl‸", "math.‸", "plot.‸", "mat.‸", "http.‸", "http.Client{‸", "syscall.‸", "os.‸",
	"pl.‸", "pl.Title.‸", "pl.Title.TextStyle.‸", "pts[0].‸", "y := pts[0]\ny.X‸", "pp.Move(1, 2).‸",
	"table[\"a\"].‸", "both.‸", "must(os.Open(\"x\")).‸", "slices.Sorted(maps.Keys(table))[0]‸",
	"po‸", "m‸", "s‸", "x := ‸", "", "‸", "point{‸", "[]point{{X: 1, ‸", "var v ‸", "mean(‸", "info.KSG{‸",
	"for i, p := range pts {\n\tp.‸", "func f(alpha int) {\n\tbeta := 2\n\t_ = al‸", "func (p *point) Twice() {\n\tp.‸",
	"http.HandleFunc(\"/\", func(w http.ResponseWriter, r *http.Request) {\n\tr.‸", "import \"net/ht‸", "import \"‸",
	"outer:\nfor {\n\tbreak ‸", "fmt.Println(\"a\"\npp.‸\n) ] }",
	strings.Repeat("for i, p := range pts {\n\tq := p\n\tif i > 3 {\n\t\tfmt.Println(q.X, mean(nil))\n\t}\n}\n", 20) + "pl.‸",
}

// What a session has to load before it can answer.
var firstAsked = []string{"http.‸", "plot.‸", "mat.‸", "types.‸", "tls.‸", "figure.‸", "info.‸", "runtime.‸", "fmt.‸", "gonum‸"}

const benchCells = earlier + `
func doubled(xs []float64) []float64 { ys := make([]float64, len(xs)); for i, x := range xs { ys[i] = 2 * x }; return ys }
`

// BenchmarkCompleteLatency asks at many places in turn, idle and beside a cell
// of the same session with eight busy goroutines, and prints quantiles over all
// answers. One question in twenty is the first in its session about one of the
// ten largest packages.
func BenchmarkCompleteLatency(b *testing.B) {
	for _, busy := range []int{0, 8} {
		b.Run(fmt.Sprintf("busy=%d", busy), func(b *testing.B) { benchLatency(b, busy, askComplete) })
	}
}

// BenchmarkInspectLatency is the same for inspection.
func BenchmarkInspectLatency(b *testing.B) {
	for _, busy := range []int{0, 8} {
		b.Run(fmt.Sprintf("busy=%d", busy), func(b *testing.B) {
			benchLatency(b, busy, askInspect)
		})
	}
}

// askInspect asks about the name before the period, the bracket or the place.
func askInspect(s *Session, code string, cursor int) {
	for cursor > 0 && strings.ContainsAny(code[cursor-1:cursor], ".([{ \n\t\"") {
		cursor--
	}
	s.Inspect(code, cursor, 1)
}

func askComplete(s *Session, code string, cursor int) { s.Complete(code, cursor) }

func benchLatency(b *testing.B, busy int, ask func(s *Session, code string, cursor int)) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(max(16, 4*runtime.NumCPU()))) // as the worker has it
	s := product(b)
	s.mustRun(b, 1, benchCells)
	if busy > 0 {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan bool)
		go func() {
			defer close(ended)
			s.Run(ctx, Cell{ID: 2, Count: 2, Code: fmt.Sprintf("for range %d {\n\tgo func() { s := 1.0; for { s = math.Sqrt(s) + float64(len(pts)) } }()\n}\nfor { _ = len(pts) }", busy-1)})
		}()
		defer func() { cancel(); <-ended }()
		time.Sleep(50 * time.Millisecond)
	}
	var all, first []time.Duration
	for b.Loop() {
		for range 5 {
			for _, a := range asked {
				all = append(all, timed(ask, s, a))
			}
		}
		fresh := product(b)
		for _, a := range firstAsked {
			d := timed(ask, fresh, a)
			all, first = append(all, d), append(first, d)
		}
	}
	b.ReportMetric(ms(quantile(all, 0.5)), "p50-ms")
	b.ReportMetric(ms(quantile(all, 0.99)), "p99-ms")
	b.ReportMetric(ms(quantile(all, 1)), "max-ms")
	b.ReportMetric(ms(quantile(first, 0.5)), "first-p50-ms")
	b.ReportMetric(0, "ns/op")
}

func timed(ask func(s *Session, code string, cursor int), s *Session, marked string) time.Duration {
	before, after, _ := strings.Cut(marked, "‸")
	code, cursor := before+after, points(before)
	start := time.Now()
	ask(s, code, cursor)
	return time.Since(start)
}

func quantile(ds []time.Duration, q float64) time.Duration {
	slices.Sort(ds)
	return ds[min(int(q*float64(len(ds))), len(ds)-1)]
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }
