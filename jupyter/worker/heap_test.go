package worker

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

func TestGCPercentCollectsAtTheFloor(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		reason             string
		floor, live, roots int64
		want               int
	}{
		{"nothing is known yet: 4 MiB·600/100 is the floor", 24 * mib, 0, 0, 600},
		{"5 + 5·380/100 is 24", 24 * mib, 5 * mib, 0, 380},
		{"roots count too: 4 + (4+1)·400/100 is 24", 24 * mib, 4 * mib, mib, 400},
		{"a tiny heap: more than 600 would raise the runtime's own floor above ours", 24 * mib, mib, 0, 600},
		{"half the floor is where GOGC=100 reaches it", 24 * mib, 12 * mib, 0, 100},
		{"a heap above the floor is collected as ever", 24 * mib, 400 * mib, 2 * mib, 100},
		{"a floor below the runtime's own asks for nothing", mib, 0, 0, 100},
	} {
		if got := gcPercent(c.floor, c.live, c.roots); got != c.want {
			t.Errorf("%s: gcPercent(%d, %d, %d) = %d, want %d", c.reason, c.floor, c.live, c.roots, got, c.want)
		}
	}
}

// The floor follows the heap: with much alive the collector runs at its usual
// pace again, and a setting of somebody else's stays.
func TestKeepHeapFollowsTheHeap(t *testing.T) {
	t.Setenv("GOGC", "")
	old := debug.SetGCPercent(100)
	defer debug.SetGCPercent(old)
	KeepHeap(64 << 20)
	percent := func() int {
		m := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(m)
		return int(m[0].Value.Uint64())
	}
	if p := percent(); p != 1600 {
		t.Fatalf("GOGC = %d, want 1600: 64 MiB of the runtime's 4", p)
	}
	ballast := make([]byte, 128<<20)
	for i := 0; i < 1000 && percent() != 100; i++ {
		runtime.GC() // the finalizer runs soon after
		time.Sleep(time.Millisecond)
	}
	if p := percent(); p != 100 {
		t.Fatalf("GOGC = %d with twice the floor alive, want 100", p)
	}
	runtime.KeepAlive(ballast)
	debug.SetGCPercent(321)
	for range 5 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if p := percent(); p != 321 {
		t.Fatalf("GOGC = %d, want the 321 that a cell has set", p)
	}
}
