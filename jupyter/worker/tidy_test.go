package worker

import (
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

// What a cell left behind is given back without waiting for the heap to double.
func TestTidierGivesBackWhatACellLeft(t *testing.T) {
	objects := func() uint64 {
		m := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(m)
		return m[0].Value.Uint64()
	}
	ballast := make([]byte, 512<<20) // the runtime's own next collection is half a gigabyte away
	runtime.GC()
	tidy := newTidier()
	defer close(tidy)
	for _, c := range []struct {
		size   int
		back   bool
		reason string
	}{{grown / 2, false, "little is left to the runtime"}, {2 * grown, true, "much is not"}} {
		before := objects()
		left := make([]byte, c.size)
		left[len(left)-1] = 1
		left = nil
		tidy.after()
		back := false
		for i := 0; i < 200 && !back; i++ {
			time.Sleep(time.Millisecond)
			back = objects() < before+uint64(c.size)/2
		}
		if back != c.back {
			t.Errorf("%d bytes left: given back is %v, want %v: %s", c.size, back, c.back, c.reason)
		}
	}
	runtime.KeepAlive(ballast)
}
