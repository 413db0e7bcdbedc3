package device

import (
	"context"
	"time"
)

// Chunks cuts long work into pieces that end soon, since nothing stops a kernel
// that runs.
type Chunks struct {
	First int // items of the first chunk, of which surely no more than 25 ms come; 0: one
}

// aim is what a chunk is to take. Two are under way at a time, so that the device
// never idles, and both are waited for when ctx ends.
const aim = 25 * time.Millisecond

// Run has launch give items [from, to) to the stream, chunk by chunk, and returns
// when all are done, or when those that have begun are done after ctx has ended
// or launch has failed.
func (c Chunks) Run(ctx context.Context, t *Thread, s *Stream, total int, launch func(from, to int) error) (err error) {
	type chunk struct {
		passed func() error
		items  int
	}
	var ahead []chunk
	size, last := max(1, c.First), time.Now()
	land := func() error {
		k := ahead[0]
		ahead = ahead[1:]
		if err := k.passed(); err != nil {
			return err
		}
		now := time.Now()
		size = next(size, k.items, now.Sub(last))
		last = now
		return nil
	}
	for from := 0; from < total && err == nil; {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
			break
		}
		to := min(total, from+size)
		if err = launch(from, to); err != nil {
			break
		}
		e, failed := t.mark(s)
		if err = failed; err != nil {
			break
		}
		ahead = append(ahead, chunk{func() error {
			defer t.d.events.put(false, e)
			return t.passed(e)
		}, to - from})
		from = to
		if len(ahead) == 2 {
			err = land()
		}
	}
	for len(ahead) > 0 {
		if e := land(); err == nil {
			err = e
		}
	}
	t.d.stats.harvest(t)
	return err
}

// next is the size of a chunk after one of n items took d: at most twice the last.
func next(size, n int, d time.Duration) int {
	fits := float64(n) * float64(aim) / float64(max(d, time.Microsecond))
	return max(1, min(2*size, int(min(fits, 1<<30))))
}
