package transport

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"surprisal/jupyter/quiet"
)

// statusReserve is what a full queue still takes of status messages (about
// 400 bytes each).
const statusReserve = 4 << 20

// A batch is what one system call takes of the queue.
const (
	batchBytes  = 1 << 20
	batchPieces = 64
)

var (
	errGone     = errors.New("transport: the peer is gone")
	errOverflow = errors.New("transport: the peer does not read: its queue is full")
)

// peer is the sending half of a connection. send never blocks: what the socket
// does not take at once waits in a queue for the peer's own writer.
type peer struct {
	conn  net.Conn
	raw   syscall.RawConn
	limit int
	stall time.Duration

	mu      sync.Mutex
	wake    sync.Cond
	queue   []packet
	pong    []byte // goes out before the queue; a newer one replaces it
	pending int    // bytes in the queue or in the writer's hands
	writing bool
	closing bool // the writer ends when nothing is left
	gone    bool
	full    bool          // has missed a message since its queue was last empty
	done    chan struct{} // closed when the writer has ended
}

func newPeer(conn net.Conn, o Options) *peer {
	p := &peer{conn: conn, limit: o.QueueBytes, stall: o.Stall, done: make(chan struct{})}
	p.wake.L = &p.mu
	if sc, ok := conn.(syscall.Conn); ok {
		p.raw, _ = sc.SyscallConn()
	}
	go p.write()
	return p
}

// send queues a packet or writes it at once. It returns errOverflow if the
// packet does not fit; the peer then has missed it.
func (p *peer) send(k packet) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone || p.closing {
		return errGone
	}
	limit := p.limit
	if k.keep {
		limit += statusReserve
	}
	if p.pending > 0 && p.pending+k.size > limit {
		p.full = true
		return errOverflow
	}
	if p.idle() && len(k.pieces) == 1 {
		// The usual case: an idle socket takes a small message at once, and
		// no goroutine has to wake up for it.
		if k.off = quiet.Write(p.raw, k.pieces[0]); k.off == k.size {
			return nil
		}
	}
	p.enqueue(k)
	return nil
}

// sendAtOnce writes several small packets in one go if nothing waits before
// them, and returns those that are still to be sent.
func (p *peer) sendAtOnce(list []packet) []packet {
	if len(list) < 2 {
		return list
	}
	size := 0
	for _, k := range list {
		if size += k.size; len(k.pieces) != 1 || size > gatherAbove {
			return list
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone || p.closing || !p.idle() {
		return list
	}
	all := make([]byte, 0, size)
	for _, k := range list {
		all = append(all, k.pieces[0]...)
	}
	n := quiet.Write(p.raw, all)
	for len(list) > 0 && n >= list[0].size {
		n -= list[0].size
		list = list[1:]
	}
	if n > 0 { // the rest of this one must come next
		list[0].off = n
		p.enqueue(list[0])
		list = list[1:]
	}
	return list
}

// idle says that a packet may be written past the queue. The caller holds p.mu.
func (p *peer) idle() bool { return p.pending == 0 && p.pong == nil && !p.writing }

func (p *peer) enqueue(k packet) {
	p.queue = append(p.queue, k)
	p.pending += k.size - k.off
	p.wake.Signal()
}

// waiting returns how many bytes the peer has yet to take.
func (p *peer) waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pending
}

// sendPong answers a PING ahead of the queue, between two messages.
func (p *peer) sendPong(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pong = b
	p.wake.Signal()
}

// finish lets the writer end once the queue is empty.
func (p *peer) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closing = true
	p.wake.Signal()
}

// close ends the connection now.
func (p *peer) close() {
	p.mu.Lock()
	p.gone = true
	p.queue = nil
	p.wake.Signal()
	p.mu.Unlock()
	p.conn.Close()
}

func (p *peer) write() {
	defer close(p.done)
	var pieces [batchPieces][]byte
	for {
		buffers, size := p.batch(pieces[:0])
		if buffers == nil {
			break
		}
		if err := p.flush(buffers); err != nil {
			p.close()
			return
		}
		clear(pieces[:])
		p.mu.Lock()
		p.writing = false
		if p.pending -= size; p.pending == 0 {
			p.full = false
		}
		p.mu.Unlock()
	}
	// The peer sees an orderly end, and what it still sends is read and
	// dropped: closing with unread bytes would reset the connection and take
	// the last messages from the peer.
	if c, ok := p.conn.(interface{ CloseWrite() error }); ok {
		c.CloseWrite()
	}
}

// batch waits for something to write and returns it with its size in the
// queue; nil when there will be nothing more.
func (p *peer) batch(buffers net.Buffers) (net.Buffers, int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.queue) == 0 && p.pong == nil {
		if p.closing || p.gone {
			return nil, 0
		}
		p.wake.Wait()
	}
	if p.gone {
		return nil, 0
	}
	p.writing = true
	// A PONG may stand between messages only: not after the half of one.
	if p.pong != nil && (len(p.queue) == 0 || p.queue[0].off == 0) {
		buffers = append(buffers, p.pong)
		p.pong = nil
	}
	size, n := 0, 0
	for n < len(p.queue) && size < batchBytes && len(buffers)+len(p.queue[n].pieces) <= batchPieces {
		k := p.queue[n]
		buffers = append(buffers, k.pieces[0][k.off:]) // off is inside the only piece, or 0
		buffers = append(buffers, k.pieces[1:]...)
		size += k.size - k.off
		n++
	}
	if n == 0 && len(p.queue) > 0 {
		// One message of more pieces than a batch takes.
		k := p.queue[0]
		buffers = append(buffers, k.pieces...)
		size, n = k.size, 1
	}
	clear(p.queue[:n])
	if p.queue = p.queue[n:]; len(p.queue) == 0 {
		p.queue = nil
	}
	return buffers, size
}

// flush writes buffers. A peer that takes no byte for the stall time is given
// up if its queue is full, else waited for.
func (p *peer) flush(buffers net.Buffers) error {
	defer p.conn.SetWriteDeadline(time.Time{})
	for {
		if err := p.conn.SetWriteDeadline(time.Now().Add(p.stall)); err != nil {
			return err
		}
		n, err := buffers.WriteTo(p.conn)
		if err == nil {
			return nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		p.mu.Lock()
		full := p.full
		p.mu.Unlock()
		if n == 0 && full {
			return errOverflow
		}
	}
}
