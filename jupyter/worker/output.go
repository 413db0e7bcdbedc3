package worker

import (
	"io"
	"sync"
	"sync/atomic"
)

// Unacknowledged frames that a worker may have on the way. With few of them an
// interrupted flood of displays ends soon although the front paces it.
const (
	windowFrames = 64
	windowBytes  = 16 << 20
	ackFrames    = 16
	ackBytes     = 4 << 20
)

// output owns the worker's stdout and stderr pipes and puts markers into them.
type output struct {
	link  *link
	token []byte
	owns  atomic.Pointer[func() uint64]
	flush func() // of C's stdout

	mu    sync.Mutex
	more  *sync.Cond // the window has opened
	fg    uint64     // the cell that runs; 0 between cells
	last  uint64     // the cell that runs or ran last
	seq   uint64
	acked uint64
	bytes int
	sizes [windowFrames]int
	fds   [2]int
}

func newOutput(l *link, token []byte, fds [2]int) *output {
	o := &output{link: l, token: token, flush: func() {}, fds: fds}
	o.more = sync.NewCond(&o.mu)
	return o
}

// owner returns the cell of the calling goroutine, or 0.
func (o *output) owner() uint64 {
	if f := o.owns.Load(); f != nil {
		return (*f)()
	}
	return 0
}

// cell returns the owner of the calling goroutine, else the cell that runs or
// ran last.
func (o *output) cell() uint64 {
	if id := o.owner(); id != 0 {
		return id
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last
}

// foreground notes that cell runs. The front knows it: it gives text without a
// mark to the cell that it has sent last.
func (o *output) foreground(cell uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fg, o.last = cell, cell
}

// done sends the end of a request behind everything that was printed before,
// without a barrier: what is printed later may come out before it, and nobody
// can tell. That spares the front two readers that wake up for each cell. With
// cell, no cell runs any more: what goroutines print from now on is marked.
func (o *output) done(f outgoing, cell bool) error {
	if f.size() > maxFrame {
		return errTooLong
	}
	b, err := f.encode()
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush()
	if cell {
		o.fg = 0
	}
	return o.link.write(b, f.Buffers)
}

// ordered sends a frame behind everything that was printed before it.
func (o *output) ordered(f outgoing) error {
	n := f.size()
	if n > maxFrame {
		return errTooLong
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.seq-o.acked >= windowFrames || o.bytes > windowBytes {
		o.more.Wait()
	}
	f.Seq = o.seq + 1
	b, err := f.encode() // before the marker is written: a barrier without its frame would hold for ever
	if err != nil {
		return err
	}
	o.flush()
	o.seq = f.Seq
	o.sizes[o.seq%windowFrames] = n
	o.bytes += n
	m := appendMark(make([]byte, 0, markLen), o.token, markBarrier, f.Cell, o.seq)
	for _, fd := range o.fds {
		writeAll(fd, m)
	}
	return o.link.write(b, f.Buffers)
}

// ack opens the window: frames up to seq have been shown.
func (o *output) ack(seq uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.acked < min(seq, o.seq) {
		o.acked++
		o.bytes -= o.sizes[o.acked%windowFrames]
	}
	o.more.Broadcast()
}

// writer is what fmt.Print and its kin write to: it knows its caller's cell.
type writer struct {
	o *output
	i int // 0 stdout, 1 stderr
}

var _ io.Writer = writer{}

// Write writes p for the cell of the calling goroutine. Text of a cell that is
// not the running one goes as owner mark, text, mark back (to cell 0) in one
// write, so that raw output in between keeps its owner; long text in pieces of
// that form.
func (w writer) Write(p []byte) (int, error) {
	owner := w.o.owner()
	w.o.mu.Lock()
	defer w.o.mu.Unlock()
	fd, fg := w.o.fds[w.i], w.o.fg
	if owner == 0 || owner == fg {
		return writeAll(fd, p)
	}
	const room = pipeBuf - 2*markLen
	buf := make([]byte, 0, min(len(p), room)+2*markLen)
	done := 0
	for done < len(p) {
		n := min(len(p)-done, room)
		b := appendMark(buf[:0], w.o.token, markOwner, owner, 0)
		b = append(b, p[done:done+n]...)
		b = appendMark(b, w.o.token, markOwner, 0, 0)
		if _, err := writeAll(fd, b); err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}
