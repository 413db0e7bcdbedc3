package device

import (
	"context"
	"errors"
	"sync"
)

// Split runs problems 0 to n−1 on several devices, each taking the next when it is
// free. run leaves the result of problem i where i says, so results do not depend
// on who computed them. A problem whose device is lost is run again on another. It
// returns the error of the lowest problem that failed, or ctx's cause.
func Split(ctx context.Context, devices []*Device, n int, run func(ctx context.Context, t *Thread, i int) error) error {
	if len(devices) == 0 {
		return ErrNoDevice
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	q := &queue{n: n, failed: n, stop: cancel}
	q.cond.L = &q.mu
	var all sync.WaitGroup
	lost := make([]error, len(devices))
	for k, d := range devices {
		all.Go(func() {
			lost[k] = d.Do(func(t *Thread) error { return q.work(inner, t, run) })
		})
	}
	all.Wait()
	switch {
	case q.err != nil:
		return q.err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case q.done < n:
		return errors.Join(lost...)
	}
	return nil
}

// queue hands problems out.
type queue struct {
	mu      sync.Mutex
	cond    sync.Cond
	n, next int
	again   []int // of devices that were lost
	running int
	done    int
	failed  int // lowest problem that failed
	err     error
	stop    func()
}

// take is the next problem; it waits while there is none but one that runs may
// come back.
func (q *queue) take() (int, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		switch {
		case q.err != nil:
			return 0, false
		case len(q.again) > 0:
			i := q.again[0]
			q.again = q.again[1:]
			q.running++
			return i, true
		case q.next < q.n:
			q.next++
			q.running++
			return q.next - 1, true
		case q.running == 0:
			return 0, false
		}
		q.cond.Wait()
	}
}

// put says how a problem ended.
func (q *queue) put(i int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	switch {
	case errors.Is(err, ErrDeviceLost):
		q.again = append(q.again, i)
	case err == nil:
		q.done++
	case q.err != nil && errors.Is(err, context.Canceled): // by the failure of another
	case i < q.failed:
		q.failed, q.err = i, err
		q.stop()
	}
	q.cond.Broadcast()
}

func (q *queue) work(ctx context.Context, t *Thread, run func(ctx context.Context, t *Thread, i int) error) error {
	for {
		i, ok := q.take()
		if !ok || ctx.Err() != nil {
			if ok {
				q.put(i, context.Cause(ctx))
			}
			return nil
		}
		err := run(ctx, t, i)
		q.put(i, err)
		if errors.Is(err, ErrDeviceLost) {
			return err
		}
	}
}
