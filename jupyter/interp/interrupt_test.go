package interp

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

// waits are the forms of looping and waiting. Each announces itself by
// started(), so that the interrupt finds it there.
var waits = []struct{ name, code string }{
	{"empty loop", "started(); for {}"},
	{"int loop", "started(); for i := 0; ; i++ { n = i }"},
	{"condition loop", "started(); for n < 1<<60 { n++ }"},
	{"float loop", "started(); for f := 1.0; f > 0; f += 1 {}"},
	{"nested loops", "started(); for { for i := 0; i < 10; i++ { n++ } }"},
	{"range over a large int", "started(); for i := range 1 << 60 { n = i }"},
	{"range over slices", "started(); for { for _, v := range xs { n += v } }"},
	{"range over a map", "started(); for { for k := range m { n += k } }"},
	{"range over a string", "started(); for { for range \"abc\" { n++ } }"},
	{"range over a function", "started(); for v := range forever { n += v }"},
	{"labelled loops", "started()\nouter:\nfor { for { continue outer } }"},
	{"goto", "started()\nagain:\nn++\ngoto again"},
	{"function calls", "started(); for { g() }"},
	{"closure calls", "h := func() { n++ }; started(); for { h() }"},
	{"method calls", "started(); for { p.Inc() }"},
	{"interface calls", "var i Incer = &p; started(); for { i.Inc() }"},
	{"recursion without end", "started(); for { down(200) }"},
	{"callback of native code", "started(); for { sort.Slice(xs, func(i, j int) bool { return xs[i] < xs[j] }) }"},
	{"endless callback", "started(); strings.Map(func(r rune) rune { for {} }, \"a\")"},
	{"a template that loops", "import \"text/template\"\nt := template.Must(template.New(\"\").Parse(\"{{range .}}{{end}}\"))\nstarted(); t.Execute(io.Discard, 1<<60)"},
	{"reflection that loops", "started(); for { reflect.ValueOf(g).Call(nil) }"},
	{"printing", "started(); for { fmt.Print(\"\") }"},
	{"allocating", "started(); for { _ = make([]byte, 1000) }"},
	{"recovering", "started(); for { func() { defer func() { recover() }(); panic(1) }() }"},
	{"deferring", "started(); for { func() { defer g() }() }"},
	{"select with default", "started(); for { select { case <-never: default: } }"},
	{"receive", "started(); <-never"},
	{"receive of two values", "started(); v, ok := <-never; _, _ = v, ok"},
	{"receive in an expression", "started(); n = 1 + <-never"},
	{"send", "started(); never <- 1"},
	{"range over a channel", "started(); for v := range never { n = v }"},
	{"sends and receives that do not wait", "c := make(chan int, 1); started(); for { c <- 1; <-c }"},
	{"those of structs", "c := make(chan P, 1); started(); for { c <- p; p, _ = <-c }"},
	{"selects that do not wait", "c := make(chan P, 1); started(); for { select { case c <- p: case <-c: } }"},
	{"receive of a struct", "c := make(chan P); started(); p = <-c"},
	{"send of a struct", "c := make(chan P); started(); c <- p"},
	{"range over a channel of functions", "c := make(chan func()); started(); for f := range c { f() }"},
	{"receive from nil", "var c chan int; started(); <-c"},
	{"send to nil", "var c chan P; started(); c <- p"},
	{"receive in a closure of an earlier cell", "started(); n = hold()"},
	{"receive by goroutines of an earlier cell's closure", "for range 4 { go hold() }; started(); hold()"},
	{"select", "started(); select { case <-never: case never <- 1: }"},
	{"select without cases", "started(); select {}"},
	{"time.After", "started(); <-time.After(time.Hour)"},
	{"ticker", "t := time.NewTicker(time.Hour); started(); <-t.C"},
	{"Sleep", "started(); time.Sleep(time.Hour)"},
	{"ctx.Done", "started(); <-ctx.Done(); select {}"},
	{"locked mutex", "mu := sync.Mutex{}; mu.Lock(); started(); mu.Lock()"},
	{"WaitGroup", "var wg sync.WaitGroup; wg.Add(1); started(); wg.Wait()"},
	{"condition variable", "cond = sync.NewCond(&sync.Mutex{}); cond.L.Lock(); go func() { cond.L.Lock(); cond.L.Unlock(); started() }(); cond.Wait()"}, // the lock is free once the wait has begun
	{"busy goroutines", "for range 4 { go func() { for {} }() }; started(); select {}"},
	{"goroutines that wait", "for range 4 { go func() { <-never }() }; started(); for {}"},
}

const waitPrelude = `
keep := 42
count := func() func() int { k := 0; return func() int { k++; return k } }()
n := 0
xs := []int{3, 1, 2}
m := map[int]int{1: 1, 2: 2}
never := make(chan int)
var cond *sync.Cond
hold := func() int { return <-never }
func g() { n++ }
func down(k int) int { if k == 0 { return 0 }; return down(k-1) + 1 }
func forever(yield func(int) bool) { for yield(1) {} }
type P struct{ X int }
func (p *P) Inc() { p.X++ }
type Incer interface{ Inc() }
var p P
func started() { runtime.GC() }
`

func TestInterrupts(t *testing.T) {
	b := newNotebook(t)
	b.ok(waitPrelude)
	b.ok("ticks := 0\ngo func() { for { ticks++; time.Sleep(time.Millisecond) } }()")
	for _, w := range waits {
		t.Run(w.name, func(t *testing.T) {
			b.t = t
			b.ok("deferred := 0")
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			type end struct {
				e    *Error
				took time.Duration
			}
			done := make(chan end, 1)
			var at time.Time
			go func() {
				_, e := b.run(ctx, "defer func() { deferred++ }()\n"+w.code+"\nn = -1")
				done <- end{e, time.Since(at)}
			}()
			select {
			case <-b.ping:
			case x := <-done:
				t.Fatalf("ended before the interrupt: %v\n%s", x.e, plain(x.e))
			case <-time.After(20 * time.Second):
				t.Fatal("did not start")
			}
			at = time.Now()
			cancel()
			x := within(t, "end", done)
			if x.e == nil || x.e.Name != "Interrupted" {
				t.Fatalf("ended with %v", x.e)
			}
			id := b.n
			if w.name == "condition variable" { // the one wait that no stop ends
				if !strings.Contains(x.e.Value, "native call") {
					t.Errorf("says %q", x.e.Value)
				}
				b.ok("cond.Signal()")
			}
			// On a busy machine a cell may end later than Run waits for it.
			for end := time.Now().Add(20 * time.Second); slices.Contains(b.guard.Live(), id); time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("the cell's goroutines are still there")
				}
			}
			b.shows("deferred", "1")
			b.shows("n == -1", "false")
			b.shows("keep", "42")
		})
	}
	b.t = t
	b.ok("before := count()")
	b.shows("count() - before", "1") // closures of earlier cells live
	b.shows("p.X > 0", "true")
	b.ok("t0 := ticks\nfor i := 0; ticks == t0 && i < 1000; i++ { time.Sleep(20 * time.Millisecond) }")
	b.shows("ticks > t0", "true") // so do goroutines of earlier cells
}

// An interrupt ends its own cell's waiting, at the same channels and in the same
// closure as that of a goroutine of an earlier cell, and takes no value with it.
func TestInterruptBesideAnEarlierCell(t *testing.T) {
	b := newNotebook(t)
	b.ok(`type job struct{ n int }
in, out, jobs, squares := make(chan int), make(chan int), make(chan job), make(chan job, 1)
serve := func() {
	for v := range in { out <- v + 1 }
}
work := func() {
	for { select { case j := <-jobs: squares <- job{j.n * j.n} } }
}
go serve()
go work()`)
	for i := range 20 {
		code := "runtime.GC()\nserve()"
		if i%2 == 1 {
			code = "go serve()\nruntime.GC()\nwork()"
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan *Error, 1)
		go func() {
			_, e := b.run(ctx, code)
			done <- e
		}()
		within(t, "start", b.ping)
		cancel()
		if e := within(t, "end", done); e == nil || e.Name != "Interrupted" {
			t.Fatalf("ended with %v", e)
		}
		b.ok("in <- 1\na := <-out\nin <- 2\nb := <-out\njobs <- job{7}\nc := (<-squares).n")
		b.shows("fmt.Sprint(a, b, c)", "2 3 49")
	}
}

func TestInterruptTwiceAndIdle(t *testing.T) {
	b := newNotebook(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	cancel()
	if _, e := b.run(ctx, "for {}"); e == nil || e.Name != "Interrupted" {
		t.Errorf("a cell that was interrupted before it began: %v", e)
	}
	b.shows("1+1", "2")
}

func TestNoZombies(t *testing.T) {
	b := newNotebook(t)
	b.ok("x := 0\nrelease := make(chan bool)")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan *Error, 1)
	go func() {
		_, e := b.run(ctx, "var wg sync.WaitGroup\nwg.Add(1)\ngo func() { <-release; wg.Done() }()\nruntime.GC()\nwg.Wait()\nfor { x++ }")
		done <- e
	}()
	within(t, "start", b.ping)
	cancel()
	if e := within(t, "end", done); e == nil || e.Name != "Interrupted" {
		t.Fatalf("ended with %v", e)
	}
	b.ok("close(release)\ntime.Sleep(30 * time.Millisecond)")
	b.shows("x", "0")
}

func TestStopFromOutside(t *testing.T) {
	b := newNotebook(t)
	done := make(chan *Error, 1)
	go func() {
		_, e := b.run(context.Background(), "runtime.GC()\nfor {}")
		done <- e
	}()
	within(t, "start", b.ping)
	b.guard.Stop(1)
	if e := within(t, "end", done); e == nil || e.Name != "Interrupted" {
		t.Errorf("ended with %v", e)
	}
}

func TestPanicEndsTheCellsGoroutines(t *testing.T) {
	b := newNotebook(t)
	b.ok("n := 0")
	b.bad("go func() { for { n++ } }()\npanic(\"main\")", "Panic", "main")
	for end := time.Now().Add(20 * time.Second); len(b.guard.Live()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a goroutine outlives the panic of its cell")
		}
	}
}

// Questions about code may come while a cell runs.
func TestQuestionsWhileACellRuns(t *testing.T) {
	b := newNotebook(t)
	b.ok("type P struct{ X int }\np := P{1}\nn := 0")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan *Error, 1)
	go func() {
		_, e := b.run(ctx, "runtime.GC()\nfor { n++ }")
		done <- e
	}()
	within(t, "start", b.ping)
	for range 20 {
		if c := b.Complete("p.", 2); len(c.Matches) == 0 {
			t.Error("no completion")
		}
		if i := b.Inspect("p", 1, 0); !i.Found {
			t.Error("no inspection")
		}
		if b.IsComplete("for {").Status != "incomplete" {
			t.Error("completeness")
		}
		if vs := b.Vars(); len(vs) != 2 || vs[1].Name != "p" || vs[1].Value != "{1}" || vs[1].Type != "P" {
			t.Errorf("variables %v", vs)
		}
	}
	cancel()
	within(t, "end", done)
}

// Reading a map that a cell is writing ends the process, and a question is not
// worth that.
func TestQuestionsDoNotReadWhatIsChanged(t *testing.T) {
	b := newNotebook(t)
	b.ok("m := map[int]int{1: 1}\nn := 7\nstop := make(chan bool)")
	if i := b.Inspect("m", 1, 0); !strings.Contains(i.Text, "map[1:1]") {
		t.Errorf("while nothing runs: %q", i.Text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan *Error, 1)
	go func() {
		_, e := b.run(ctx, "runtime.GC()\nfor i := 0; ; i++ { m[i%1000] = i }")
		done <- e
	}()
	within(t, "start", b.ping)
	for range 200 {
		if i := b.Inspect("m", 1, 0); !strings.Contains(i.Text, inMotion) {
			t.Fatalf("while a cell runs: %q", i.Text)
		}
	}
	if i := b.Inspect("n", 1, 0); !strings.Contains(i.Text, "7") {
		t.Errorf("a number: %q", i.Text)
	}
	cancel()
	within(t, "end", done)
	b.ok("go func() { for { select { case <-stop: return; default: m[1]++ } } }()")
	if i := b.Inspect("m", 1, 0); !strings.Contains(i.Text, inMotion) {
		t.Errorf("while a goroutine of an earlier cell runs: %q", i.Text)
	}
	b.ok("stop <- true")
}

func TestValuesThatContainThemselves(t *testing.T) {
	b := newNotebook(t)
	b.ok("m := map[string]any{}\nm[\"a\"] = []any{m}\ntype node struct{ next any }\nn := node{}\nn.next = []node{n}")
	if i := b.Inspect("m", 1, 0); !strings.Contains(i.Text, "contains itself") {
		t.Errorf("%q", i.Text)
	}
	if i := b.Inspect("n", 1, 0); strings.Contains(i.Text, "contains itself") {
		t.Errorf("%q", i.Text)
	}
}
