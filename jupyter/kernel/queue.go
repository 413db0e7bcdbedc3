package kernel

import (
	"sync"
	"time"
)

// patience is how long a question waits its turn behind a busy cell. Within
// it, a client that sends a short cell and at once a question about what the
// cell defines gets the answer it expects; beyond it, completion and
// inspection answer while the cell goes on.
const patience = 100 * time.Millisecond

// queue is an unbounded queue of requests with one consumer: transport must
// never be held up by a busy cell, or the stop button would not get through.
type queue struct {
	mu     sync.Mutex
	filled sync.Cond
	list   []*request
	last   uint64    // sequence number of the newest request
	taken  time.Time // when the consumer took what it works on; zero while it waits
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.filled.L = &q.mu
	return q
}

func (q *queue) put(r *request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.add(r)
}

func (q *queue) add(r *request) {
	q.last++
	r.seq = q.last
	q.list = append(q.list, r)
	q.filled.Signal()
}

// putPatient adds r and says how long it may wait for its turn; 0 and false
// mean that it is next.
func (q *queue) putPatient(r *request) (time.Duration, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	next := q.taken.IsZero() && len(q.list) == 0
	q.add(r)
	if next {
		return 0, false
	}
	if q.taken.IsZero() {
		return patience, true
	}
	return max(0, patience-time.Since(q.taken)), true
}

// take waits for the next request that nobody else has claimed; nil when the
// queue is closed.
func (q *queue) take() *request {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.taken = time.Time{}
	for {
		for len(q.list) == 0 && !q.closed {
			q.filled.Wait()
		}
		if q.closed {
			return nil
		}
		r := q.list[0]
		q.list[0] = nil
		q.list = q.list[1:]
		if r.claim() {
			q.taken = time.Now()
			return r
		}
	}
}

// newest is the sequence number of the newest request so far.
func (q *queue) newest() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.last
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Broadcast()
}
