package interp

import (
	"context"
	"math/rand"
	"testing"
	"time"
)

// TestInterruptAnywhere interrupts at random moments: in the compiler, before
// the first statement, in deferred functions, in the run time.
func TestInterruptAnywhere(t *testing.T) {
	b := newNotebook(t)
	b.ok(waitPrelude)
	rng := rand.New(rand.NewSource(1))
	codes := []string{
		"for { func() { defer func() { recover(); n++ }(); panic(n) }() }",
		"for { c := make(chan int, 1); go func() { c <- 1 }(); <-c }",
		"var i Incer = &p; for { i.Inc(); fmt.Sprint(p, i) }",
		"for { sort.Slice(xs, func(i, j int) bool { return xs[i] < xs[j] }); _ = strings.Map(func(r rune) rune { return r + 1 }, \"abc\") }",
		"var mu sync.Mutex; for { mu.Lock(); n++; mu.Unlock() }",
		"var wg sync.WaitGroup; for { wg.Add(1); go func() { defer wg.Done(); n++ }(); wg.Wait() }",
		"for { select { case <-time.After(time.Microsecond): case never <- 1: } }",
		"for v := range forever { n += v }",
		"for { down(100) }",
		"defer func() { for k := 0; k < 100; k++ { n++ } }(); for { m[1]++ }",
		"type Local struct{ a int }; func (l Local) String() string { return \"local\" }; for { fmt.Sprint([]any{Local{1}}) }",
	}
	end := time.Now().Add(4 * time.Second)
	rounds := 0
	for time.Now().Before(end) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rng.Intn(4000))*time.Microsecond)
		code := codes[rng.Intn(len(codes))]
		if _, e := b.run(ctx, code); e == nil || e.Name != "Interrupted" {
			t.Fatalf("%s\nended with %v", code, e)
		}
		cancel()
		b.shows("keep", "42")
		b.ok("n = 0\np.Inc()\nbefore := count()")
		b.shows("count() - before", "1")
		rounds++
	}
	t.Logf("%d interrupts", rounds)
	for end := time.Now().Add(20 * time.Second); len(b.guard.Live()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("goroutines of cells %v are left", b.guard.Live())
		}
	}
}
