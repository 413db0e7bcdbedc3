package worker

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"surprisal/jupyter/quiet"
)

// kind says what a frame is.
type kind string

const (
	// front to worker
	kindHello      kind = "hello" // first frame: the marker token
	kindExecute    kind = "execute"
	kindComplete   kind = "complete"
	kindInspect    kind = "inspect"
	kindIsComplete kind = "is_complete"
	kindInterrupt  kind = "interrupt" // of the request with the same ID
	kindInputReply kind = "input_reply"
	kindAck        kind = "ack" // ordered frames up to Seq have been shown

	// worker to front
	kindReady   kind = "ready"
	kindDone    kind = "done" // of an execute or a comm
	kindAnswer  kind = "answer"
	kindDisplay kind = "display"
	kindUpdate  kind = "update"
	kindClear   kind = "clear"
	kindError   kind = "error"
	kindInput   kind = "input"

	// both ways
	kindComm    kind = "comm"
	kindMonitor kind = "monitor" // start the monitor; answered with the same ID
)

// head is the part of a frame that both ends read in the same way. ID numbers
// requests, in each direction for itself. Seq > 0 says that barrier Seq lies
// in both pipes: the frame counts only when both have been read up to there.
type head struct {
	Kind  kind   `json:"k"`
	Seq   uint64 `json:"q,omitempty"`
	ID    uint64 `json:"i,omitempty"`
	Cell  uint64 `json:"c,omitempty"`
	Sizes []int  `json:"n,omitempty"` // of the buffers
}

// frame is a frame as it arrived.
type frame struct {
	head
	Body    json.RawMessage `json:"b,omitempty"`
	Buffers [][]byte        `json:"-"`
	done    doneBody        // of a done frame, once it is at its place
}

func (f *frame) question() bool {
	return f.Kind == kindComplete || f.Kind == kindInspect || f.Kind == kindIsComplete
}

// outgoing is a frame to send. What is large goes into the buffers: they are
// neither quoted nor scanned.
type outgoing struct {
	head
	Body    any      `json:"b,omitempty"`
	Buffers [][]byte `json:"-"`
}

func (o *outgoing) size() int {
	n := 0
	for _, b := range o.Buffers {
		n += len(b)
	}
	return n
}

// maxFrame is the limit for the header and for all buffers of one frame.
const maxFrame = 1 << 30

var errTooLong = fmt.Errorf("worker: frame over %d MiB: too long for the link; show or send less at once", maxFrame>>20)

// encode returns the frame without its buffers: two lengths and the header.
func (o *outgoing) encode() ([]byte, error) {
	o.Sizes = nil
	for _, b := range o.Buffers {
		o.Sizes = append(o.Sizes, len(b))
	}
	var buf bytes.Buffer
	buf.Write(make([]byte, 8))
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(o); err != nil {
		return nil, fmt.Errorf("worker: %s frame: %w", o.Kind, err)
	}
	b, raw := buf.Bytes(), o.size()
	if len(b) > maxFrame || raw > maxFrame {
		return nil, errTooLong
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)-8))
	binary.LittleEndian.PutUint32(b[4:], uint32(raw))
	return b, nil
}

// readFrame reads one frame. Memory grows with what has arrived, not with
// what the lengths announce.
func readFrame(r io.Reader) (*frame, error) {
	var l [8]byte
	if _, err := io.ReadFull(r, l[:]); err != nil {
		return nil, err
	}
	nh, nr := binary.LittleEndian.Uint32(l[:]), binary.LittleEndian.Uint32(l[4:])
	if nh > maxFrame || nr > maxFrame {
		return nil, errTooLong
	}
	h, err := readN(r, int(nh))
	if err != nil {
		return nil, err
	}
	f := new(frame)
	if err := json.Unmarshal(h, f); err != nil {
		return nil, fmt.Errorf("worker: frame header: %w", err)
	}
	raw, err := readN(r, int(nr))
	if err != nil {
		return nil, err
	}
	for _, n := range f.Sizes {
		if n < 0 || n > len(raw) {
			return nil, errors.New("worker: frame buffers: sizes do not match")
		}
		f.Buffers = append(f.Buffers, raw[:n:n])
		raw = raw[n:]
	}
	if len(raw) != 0 {
		return nil, errors.New("worker: frame buffers: sizes do not match")
	}
	return f, nil
}

func readN(r io.Reader, n int) ([]byte, error) {
	if n <= 64<<10 {
		b := make([]byte, n)
		_, err := io.ReadFull(r, b)
		return b, noEOF(err)
	}
	var buf bytes.Buffer
	if _, err := io.CopyN(&buf, r, int64(n)); err != nil {
		return nil, noEOF(err)
	}
	return buf.Bytes(), nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// link is one end of the socket pair. send may be called by many goroutines,
// recv by one at a time.
type link struct {
	mu     sync.Mutex
	conn   net.Conn
	raw    syscall.RawConn
	r      *bufio.Reader
	inside bool // recv is inside a frame
}

func newLink(c net.Conn) *link {
	l := &link{conn: c}
	l.r = bufio.NewReaderSize(whole{l, quiet.NewReader(c)}, 64<<10)
	if sc, ok := c.(syscall.Conn); ok {
		l.raw, _ = sc.SyscallConn()
	}
	return l
}

// smallFrame is the size below which copying a frame's buffers behind its
// header is cheaper than to list them for the system.
const smallFrame = 16 << 10

func (l *link) send(o outgoing) error {
	b, err := o.encode()
	if err != nil {
		return err
	}
	return l.write(b, o.Buffers)
}

func (l *link) write(b []byte, buffers [][]byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	small := len(b)
	for _, p := range buffers {
		small += len(p)
	}
	if small <= smallFrame { // the usual case: one write, and no buffers to list
		for _, p := range buffers {
			b = append(b, p...)
		}
		buffers = nil
	}
	b = b[quiet.Write(l.raw, b):]
	if len(b) == 0 && len(buffers) == 0 {
		return nil
	}
	v := append(net.Buffers{b}, buffers...)
	_, err := v.WriteTo(l.conn)
	return err
}

// recv returns the next frame. A read deadline of conn ends the wait for a
// frame, never one that has begun.
func (l *link) recv() (*frame, error) {
	if _, err := l.r.Peek(1); err != nil {
		return nil, err
	}
	l.inside = true
	defer func() { l.inside = false }()
	return readFrame(l.r)
}

// whole reads for a link, and goes on where a deadline would tear a frame.
type whole struct {
	*link
	from io.Reader
}

func (w whole) Read(b []byte) (int, error) {
	n, err := w.from.Read(b)
	for w.inside && errors.Is(err, os.ErrDeadlineExceeded) {
		w.conn.SetReadDeadline(time.Time{})
		n, err = w.from.Read(b)
	}
	return n, err
}

func (l *link) close() error { return l.conn.Close() }
