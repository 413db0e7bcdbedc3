package worker

import (
	"bytes"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"surprisal/jupyter/kernel"
	"surprisal/jupyter/quiet"
)

// merger puts what comes through the link and through the two pipes of one
// worker into one order. A frame with a barrier is delivered when both pipes
// have been read up to it, and a pipe is not read beyond it before. A frame
// without one is delivered when what was in the pipes has been read. Whoever
// learns of something new, a readable pipe or a frame, calls advance: nothing
// waits for another goroutine to be woken.
type merger struct {
	token   []byte
	emit    func(kernel.CellID, kernel.Output)
	deliver func(*frame) // an ordered frame at its place
	ack     func(seq uint64)
	current atomic.Uint64 // the cell that text without a mark belongs to

	qmu   sync.Mutex
	queue []*frame
	news  chan struct{}

	mu      sync.Mutex // held while delivering: that is what keeps the order
	pipes   [2]*pipe
	passed  uint64 // the highest barrier whose frame has been delivered
	acked   uint64
	unacked int
	ended   bool // the process is gone: barriers hold nothing any more
}

// pipe is one of the two pipes. What it has read and not yet handed on is
// buf[lo:hi].
type pipe struct {
	name   string
	fd     uintptr
	buf    []byte
	lo, hi int
	got    int    // bytes read, since drain began
	owner  uint64 // the cell of the last mark; 0: the current one
	at     uint64 // the barrier that it stands at
	eof    bool
	held   []byte // last words, perhaps
	timer  *time.Timer
}

func newMerger(token []byte) *merger {
	return &merger{token: token, news: make(chan struct{}, 1), pipes: [2]*pipe{
		{name: "stdout", buf: make([]byte, 64<<10)}, {name: "stderr", buf: make([]byte, 64<<10)}}}
}

// push queues an ordered frame. It never blocks: answers come through the same
// link and must not wait for a paced output. The worker's window bounds the queue.
func (m *merger) push(f *frame) {
	m.qmu.Lock()
	m.queue = append(m.queue, f)
	m.qmu.Unlock()
	select {
	case m.news <- struct{}{}:
	default:
	}
}

func (m *merger) peek() *frame {
	m.qmu.Lock()
	defer m.qmu.Unlock()
	if len(m.queue) == 0 {
		return nil
	}
	return m.queue[0]
}

func (m *merger) pop() {
	m.qmu.Lock()
	defer m.qmu.Unlock()
	m.queue[0] = nil
	m.queue = m.queue[1:]
}

// run delivers frames until gone.
func (m *merger) run(gone <-chan struct{}) {
	for {
		select {
		case <-gone:
			return
		case <-m.news:
			m.advance()
		}
	}
}

// take makes f the pipe to read.
func (m *merger) take(i int, f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	return c.Control(func(fd uintptr) { m.pipes[i].fd = fd })
}

// follow reads a pipe whenever there is something in it, to its end.
func (m *merger) follow(i int, f *os.File) {
	c, err := f.SyscallConn()
	if err != nil {
		return
	}
	c.Read(func(uintptr) bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.advanceLocked()
		return m.pipes[i].eof
	})
}

func (m *merger) advance() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advanceLocked()
}

// advanceLocked hands on what can be. It ends when both pipes have been found
// empty, or stand at a barrier, since the last frame: whoever writes more then
// makes a pipe readable anew.
func (m *merger) advanceLocked() {
	for {
		f := m.peek() // before the pipes are read: what was printed before it is in them
		found := false
		for _, p := range m.pipes {
			found = m.step(p) || found
		}
		if f == nil || !m.reached(f.Seq) {
			if !found {
				return
			}
			continue
		}
		if f.Seq == 0 {
			if found {
				m.drain()
			}
			m.release(m.pipes[1]) // it lives on
		}
		m.pop()
		m.pass(f)
		if f.Seq == 0 && !found && m.peek() == nil {
			return
		}
	}
}

func (m *merger) reached(seq uint64) bool {
	for _, p := range m.pipes {
		if p.at < seq && !p.eof && !m.ended {
			return false
		}
	}
	return true
}

// drain reads what is in the pipes, which is no more than they can hold, but
// not beyond a barrier: that stands behind what it was called for.
func (m *merger) drain() {
	for _, p := range m.pipes {
		for p.got = 0; p.got <= pipeSize && m.step(p); {
		}
	}
}

func (m *merger) pass(f *frame) {
	m.deliver(f)
	if f.Seq == 0 {
		return
	}
	m.passed = f.Seq
	for _, b := range f.Buffers {
		m.unacked += len(b)
	}
	if m.passed-m.acked >= ackFrames || m.unacked >= ackBytes {
		m.acked, m.unacked = m.passed, 0
		m.ack(m.acked)
	}
}

// step reads a pipe once and hands on what is in it up to the next barrier that
// has not been passed. It reports whether it found anything.
func (m *merger) step(p *pipe) bool {
	if p.at > m.passed && !m.ended || p.eof {
		return false
	}
	if m.handOn(p) {
		return true // at a barrier
	}
	if p.lo > 0 {
		copy(p.buf, p.buf[p.lo:p.hi])
		p.lo, p.hi = 0, p.hi-p.lo
	}
	n, err := quiet.Read(p.fd, p.buf[p.hi:])
	switch {
	case err == syscall.EAGAIN:
		return false
	case err != nil || n == 0:
		m.text(p, p.buf[p.lo:p.hi])
		p.lo, p.hi, p.eof = 0, 0, true
		return true
	}
	p.hi += n
	p.got += n
	if n == len(p.buf)-(p.hi-n) && len(p.buf) < 1<<20 {
		p.buf = append(p.buf, make([]byte, len(p.buf))...) // a flood: larger bites
	}
	m.handOn(p)
	return true
}

// handOn emits text up to a barrier, which it reports.
func (m *merger) handOn(p *pipe) bool {
	for p.lo < p.hi {
		text, k, rest, found := cut(p.buf[p.lo:p.hi], m.token)
		m.text(p, text)
		p.lo = p.hi - len(rest)
		if !found {
			return false
		}
		switch k.kind {
		case markOwner:
			if m.ended {
				break
			}
			p.owner = k.cell
		case markBarrier:
			m.release(p)
			p.at = max(p.at, k.seq)
			if p.at > m.passed && !m.ended {
				return true
			}
		}
	}
	return false
}

func (m *merger) text(p *pipe, b []byte) {
	if len(b) == 0 {
		return
	}
	if p.name == "stderr" {
		if p.held == nil {
			var held []byte
			if b, held = splitWords(b); held != nil {
				p.hold(held, m)
			}
		} else {
			p.held = append(p.held, b...)
			b = nil
			if len(p.held) > holdBytes {
				m.release(p)
			}
		}
	}
	if len(b) > 0 {
		m.emit(m.owner(p), kernel.Stream{Name: p.name, Text: bytes.Clone(b)})
	}
}

func (m *merger) owner(p *pipe) kernel.CellID {
	if p.owner != 0 {
		return kernel.CellID(p.owner)
	}
	return kernel.CellID(m.current.Load())
}

func (p *pipe) hold(b []byte, m *merger) {
	p.held = bytes.Clone(b)
	p.timer = time.AfterFunc(patience(b), func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if !m.ended {
			m.release(p)
		}
	})
}

// release shows what was held: they were not last words.
func (m *merger) release(p *pipe) {
	if p.held == nil {
		return
	}
	p.timer.Stop()
	b := p.held
	p.held = nil
	m.emit(m.owner(p), kernel.Stream{Name: p.name, Text: b})
}

// drained says that both pipes have been read to their end.
func (m *merger) drained() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pipes[0].eof && m.pipes[1].eof
}

// end delivers what is left when the process is gone and returns its last words.
func (m *merger) end() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.advanceLocked() // still in order, as far as markers arrived
	m.ended = true
	m.advanceLocked()
	p := m.pipes[1]
	if p.timer != nil {
		p.timer.Stop()
	}
	words := p.held
	p.held = nil
	return words
}
