package guard

import (
	"context"
	"errors"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// within fails the test if c does not deliver soon; nothing here waits for
// more than a scheduler's whim.
func within[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: nothing in 20 s", what)
		panic("unreachable")
	}
}

func TestOwnerIsInherited(t *testing.T) {
	g, other := New(), New()
	got := make(chan uint64, 8)
	g.Run(7, func() {
		got <- g.Owner()
		got <- other.Owner()
		done := make(chan struct{})
		go func() { // as native code does
			defer close(done)
			got <- g.Owner()
		}()
		<-done
		g.Run(8, func() { got <- g.Owner() })
		got <- g.Owner()
	})
	got <- g.Owner()
	close(got)
	want := []uint64{7, 0, 7, 8, 7, 0} // own, another guard's, child, nested, back, outside
	var all []uint64
	for v := range got {
		all = append(all, v)
	}
	if !slices.Equal(all, want) {
		t.Errorf("owners %v, want %v", all, want)
	}
	if l := g.Live(); len(l) != 0 {
		t.Errorf("live after the end: %v", l)
	}
}

func TestForeignLabels(t *testing.T) {
	g := New()
	pprof.Do(context.Background(), pprof.Labels("surprisal.cell", "7"), func(context.Context) {
		if o := g.Owner(); o != 0 {
			t.Errorf("owner %d from a label of pprof.Do with our key's text", o)
		}
		g.Run(3, func() {
			if o := g.Owner(); o != 3 {
				t.Errorf("owner %d, want 3", o)
			}
		})
		if p := getProfLabel(); p == nil {
			t.Error("Run did not put the foreign label back")
		}
	})
}

func TestLabelIsReadByProfiles(t *testing.T) {
	g := New()
	block := make(chan struct{})
	in := make(chan struct{})
	go g.Run(42, func() { close(in); <-block })
	<-in
	defer close(block)
	var b strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `"surprisal.cell":"42"`) {
		t.Errorf("no label in the goroutine profile:\n%s", b.String())
	}
}

// poll is what lowered code does at a loop head, without the unsynchronised
// read that the race detector would report.
func poll(g *Guard) { g.Check(); runtime.Gosched() }

func TestStopEndsOnlyItsCell(t *testing.T) {
	g := New()
	deferred := make(chan string, 4)
	loop := func(name string) func() {
		return func() {
			defer func() { deferred <- name }()
			defer func() {
				if recover() != nil {
					deferred <- "recovered"
				}
			}()
			for {
				poll(g)
			}
		}
	}
	start := make(chan struct{})
	go g.Run(1, func() { g.Go(loop("child")); close(start); loop("main")() })
	other := make(chan struct{})
	go g.Run(2, func() { close(other); loop("other")() })
	<-start
	<-other
	if !slices.Equal(g.Live(), []uint64{1, 2}) {
		t.Errorf("live %v", g.Live())
	}
	g.Stop(1)
	two := []string{within(t, "first", deferred), within(t, "second", deferred)}
	slices.Sort(two)
	if !slices.Equal(two, []string{"child", "main"}) {
		t.Errorf("ended: %v", two)
	}
	for len(g.Live()) != 1 {
		runtime.Gosched()
	}
	g.mu.Lock()
	if *g.flag || *g.stuck {
		t.Error("the stop flag is still up after the last goroutine of the stopped cell")
	}
	g.mu.Unlock()
	g.Stop(2)
	if s := within(t, "other", deferred); s != "other" {
		t.Errorf("ended: %v", s)
	}
	g.Stop(2) // idle, twice: nothing
	g.Stop(99)
}

func TestCellBeginsAnew(t *testing.T) {
	g := New()
	end := make(chan bool, 1)
	run := func() {
		ended := true
		defer func() { end <- ended }()
		g.Run(1, func() { g.Stop(1); poll(g); ended = false })
	}
	go run()
	if !within(t, "stopped run", end) {
		t.Error("Check went on in a stopped cell")
	}
	again := make(chan bool, 1)
	go func() {
		ok := false
		defer func() { again <- ok }()
		g.Run(1, func() { poll(g); ok = true })
	}()
	if !within(t, "second run", again) {
		t.Error("the next run of a stopped cell was stopped")
	}
}

func TestDeferredFunctionsMayPoll(t *testing.T) {
	g := New()
	end := make(chan string, 2)
	go g.Run(1, func() {
		defer func() { end <- "first" }()
		defer func() {
			for range 10 {
				poll(g)
			}
			g.Sleep(time.Millisecond)
			end <- "cleaned"
		}()
		g.Stop(1)
		poll(g)
		end <- "went on"
	})
	if a, b := within(t, "deferred", end), within(t, "deferred", end); a != "cleaned" || b != "first" {
		t.Errorf("order %q, %q", a, b)
	}
}

func TestEndlessDeferredFunctionEnds(t *testing.T) {
	g := New()
	end := make(chan struct{})
	go func() {
		defer close(end)
		g.Run(1, func() {
			defer func() {
				for {
					poll(g)
				}
			}()
			g.Stop(1)
			poll(g)
		})
	}()
	within(t, "end after the grace", end)
}

func TestPanicStopsItsCell(t *testing.T) {
	g := New()
	type fault struct {
		id uint64
		v  any
	}
	heard := make(chan fault, 4)
	g.OnPanic(func(id uint64, v any, stack []byte) {
		if len(stack) == 0 {
			t.Error("no stack")
		}
		heard <- fault{id, v}
	})
	boom := errors.New("boom")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		g.Run(5, func() {
			g.Go(func() { panic(boom) })
			for {
				poll(g)
			}
		})
	}()
	if f := within(t, "panic", heard); f.id != 5 || f.v != any(boom) {
		t.Errorf("heard %v", f)
	}
	within(t, "end of the cell", ended)
}

func TestWrap(t *testing.T) {
	g := New()
	heard := make(chan any, 4)
	g.OnPanic(func(id uint64, v any, _ []byte) { heard <- v })
	var late, child func()
	owner := make(chan uint64, 2)
	g.Run(3, func() {
		late = g.Wrap(func() { owner <- g.Owner(); panic("late") })
		child = g.Wrap(func() { panic("child") })
		var wg sync.WaitGroup
		wg.Add(1)
		go func() { defer wg.Done(); child() }()
		wg.Wait()
	})
	if v := within(t, "child's panic", heard); v != "child" {
		t.Errorf("heard %v", v)
	}
	late() // the cell is stopped: no statement of it runs
	select {
	case o := <-owner:
		t.Errorf("callback of a stopped cell ran, owner %d", o)
	default:
	}
	g.Run(4, func() { late = g.Wrap(func() { owner <- g.Owner(); panic("late") }) })
	time.AfterFunc(0, late)
	if o := within(t, "owner", owner); o != 4 {
		t.Errorf("owner of the callback %d, want 4", o)
	}
	if v := within(t, "late panic", heard); v != "late" {
		t.Errorf("heard %v", v)
	}
	if g.Wrap(nil) != nil {
		t.Error("Wrap(nil) is a function")
	}
}

func TestWrapSparesTheCallersGoroutine(t *testing.T) {
	g := New()
	var f func()
	in := make(chan struct{})
	g.Run(1, func() {
		f = g.Wrap(func() {
			close(in)
			for {
				poll(g)
			}
		})
	})
	back := make(chan struct{})
	go func() { f(); close(back) }() // Goexit here would leave back open
	<-in
	g.Stop(1)
	within(t, "native caller", back)
}

func TestSleepEndsAtStop(t *testing.T) {
	g := New()
	in, end := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(end)
		g.Run(1, func() { close(in); g.Sleep(time.Hour) })
	}()
	<-in
	done := g.Done(1)
	waiting, there := make(chan struct{}), make(chan struct{})
	go g.Run(1, func() {
		defer close(waiting)
		defer func() {
			if g.Stopping() != nil {
				t.Error("a deferred function of a stopped goroutine would not wait")
			}
		}()
		stop := g.Stopping()
		close(there)
		<-stop
		g.Check()
	})
	within(t, "second goroutine", there)
	g.Stop(1)
	within(t, "sleeper", end)
	within(t, "waiter", waiting)
	within(t, "Done", done)
	if g.Done(1) != nil {
		t.Error("Done of a cell without goroutines")
	}
	g.Sleep(0) // no cell
	if g.Stopping() != nil {
		t.Error("Stopping outside of cells")
	}
}

func TestWithoutCell(t *testing.T) {
	g := New()
	g.Check()
	done := make(chan uint64, 1)
	g.Go(func() { done <- g.Owner() })
	if o := within(t, "plain goroutine", done); o != 0 {
		t.Errorf("owner %d, want 0", o)
	}
}

func BenchmarkOwner(b *testing.B) {
	g := New()
	g.Run(1, func() {
		for b.Loop() {
			if g.Owner() != 1 {
				b.Fatal("owner")
			}
		}
	})
}

func TestExitEndsTheCell(t *testing.T) {
	g := New()
	heard := make(chan any, 4)
	g.OnPanic(func(_ uint64, v any, _ []byte) { heard <- v })
	end := make(chan string, 4)
	go func() {
		defer func() { end <- "end" }()
		g.Run(1, func() {
			defer func() {
				if recover() != nil {
					end <- "recovered"
				}
			}()
			g.Exit(3)
			end <- "went on"
		})
	}()
	if s := within(t, "end", end); s != "end" {
		t.Error(s)
	}
	if v := within(t, "status", heard); v != any(ExitStatus(3)) {
		t.Errorf("heard %v", v)
	}
	defer func() {
		if v := recover(); v != any(ExitStatus(4)) {
			t.Errorf("outside of a cell: %v", v)
		}
	}()
	g.Exit(4)
}

func TestLeaving(t *testing.T) {
	g := New()
	if g.Leaving() {
		t.Error("leaving outside of cells")
	}
	end := make(chan bool, 2)
	go g.Run(1, func() {
		end <- g.Leaving()
		g.Stop(1)
		leaving := g.Leaving()
		g.Check() // lets go on
		end <- leaving
	})
	if within(t, "first", end) {
		t.Error("leaving before the stop")
	}
	if !within(t, "second", end) {
		t.Error("not leaving after the stop")
	}
}

func TestFlagsOfAStuckGoroutine(t *testing.T) {
	g := New()
	native, in, end := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(end)
		g.Run(1, func() { close(in); <-native; g.Check(); t.Error("went on") })
	}()
	<-in
	g.Stop(1)
	g.mu.Lock()
	if !*g.flag || !*g.stuck {
		t.Error("flags are down after a stop")
	}
	for c := range g.halted {
		g.halted[c] = time.Now().Add(-2 * Patience)
	}
	g.settle()
	if *g.flag || !*g.stuck {
		t.Errorf("after a while: stop flag %v, stuck flag %v", *g.flag, *g.stuck)
	}
	g.mu.Unlock()
	// The cell's number may run again meanwhile.
	ran := make(chan bool, 1)
	go g.Run(1, func() { g.Check(); ran <- true })
	within(t, "another run", ran)
	close(native)
	within(t, "stuck goroutine", end)
	g.mu.Lock()
	defer g.mu.Unlock()
	if *g.flag || *g.stuck || len(g.halted) > 0 {
		t.Error("flags are up though nothing is stopped")
	}
}

// A stop right after Start must not miss the cell because its goroutine has not
// begun: here none can, since the test keeps the only processor.
func TestStartCountsAtOnce(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for range 100 {
		g := New()
		ended := make(chan uint64, 1)
		stopped, end := g.Start(7, func() {
			defer func() { ended <- g.Owner() }()
			g.Check()
			ended <- 0
		})
		g.Stop(7)
		select {
		case <-stopped:
		default:
			t.Fatal("the channel of a stopped cell is open")
		}
		if owner := <-ended; owner != 7 {
			t.Fatalf("the goroutine went on, or ran for cell %d", owner)
		}
		<-end
		if live := g.Live(); len(live) > 0 {
			t.Fatalf("cells %v count after their end", live)
		}
	}
}
