package transport

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// Flags of a ZMTP frame.
const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
	flagsKnown  = flagMore | flagLong | flagCommand
)

const (
	maxFrames    = 4096     // of one message: six and its buffers
	maxCommand   = 4 << 10  // PING, SUBSCRIBE, CANCEL
	readBuffer   = 64 << 10 // one system call for most messages
	firstStep    = 4 << 20  // allocated at once for a peer that has proved nothing
	shortMax     = 255      // longest body with a one-byte length
	gatherAbove  = 32 << 10 // bodies above are sent from where they are
	frameHeaders = 9
)

var errFrame = errors.New("transport: not a ZMTP frame")

// budget bounds bytes over many readers.
type budget struct {
	limit int64
	used  atomic.Int64
}

func (b *budget) take(n int) bool {
	if b.used.Add(int64(n)) > b.limit {
		b.used.Add(int64(-n))
		return false
	}
	return true
}

func (b *budget) give(n int) { b.used.Add(int64(-n)) }

// reader takes messages off a connection after its handshake.
type reader struct {
	br       *bufio.Reader
	max      int     // bytes of one message
	unsigned *budget // nil: no bound
	held     int     // of unsigned, by the message that was read last
	trusted  bool    // the peer has sent a good signature: lengths are believed
	command  func(body []byte) error
}

func newReader(r io.Reader, max int, unsigned *budget, command func([]byte) error) *reader {
	return &reader{br: bufio.NewReaderSize(r, readBuffer), max: max, unsigned: unsigned, command: command}
}

// next appends the frames of one message to frames. Commands on the way go to
// r.command. The caller calls release when the message is verified or gone.
func (r *reader) next(frames [][]byte) ([][]byte, error) {
	total := 0
	for n := 0; ; n++ {
		flags, size, err := r.header()
		if err != nil {
			return nil, err
		}
		if flags&flagCommand != 0 {
			if err := r.doCommand(flags, size); err != nil {
				return nil, err
			}
			n--
			continue
		}
		if size > uint64(r.max-total) {
			return nil, fmt.Errorf("transport: message of more than %d bytes: the limit; send less at once", r.max)
		}
		if n >= maxFrames {
			return nil, fmt.Errorf("transport: message of more than %d frames: the limit; send fewer buffers", maxFrames)
		}
		total += int(size)
		body, err := r.body(int(size))
		if err != nil {
			return nil, err
		}
		frames = append(frames, body)
		if flags&flagMore == 0 {
			return frames, nil
		}
	}
}

// release gives back what the last message took of the shared budget.
func (r *reader) release() {
	if r.held > 0 {
		r.unsigned.give(r.held)
		r.held = 0
	}
}

func (r *reader) header() (flags byte, size uint64, err error) {
	h, err := r.br.Peek(2)
	if err != nil {
		return 0, 0, err
	}
	flags = h[0]
	if flags&^byte(flagsKnown) != 0 {
		return 0, 0, errFrame
	}
	if flags&flagLong == 0 {
		size = uint64(h[1])
		r.br.Discard(2)
		return flags, size, nil
	}
	if h, err = r.br.Peek(frameHeaders); err != nil {
		return 0, 0, err
	}
	size = binary.BigEndian.Uint64(h[1:])
	r.br.Discard(frameHeaders)
	return flags, size, nil
}

func (r *reader) doCommand(flags byte, size uint64) error {
	if flags&flagMore != 0 || size > maxCommand {
		return errFrame
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r.br, body); err != nil {
		return err
	}
	return r.command(body)
}

// body reads size bytes. What is allocated for a stranger grows with what has
// really arrived, so that announcing much costs the sender as much.
func (r *reader) body(size int) ([]byte, error) {
	step := size
	if size > firstStep && !r.trusted {
		step = firstStep
	}
	if err := r.hold(step); err != nil {
		return nil, err
	}
	b := make([]byte, step)
	if _, err := io.ReadFull(r.br, b); err != nil {
		return nil, err
	}
	for len(b) < size {
		have := len(b)
		step = min(have, size-have)
		if err := r.hold(step); err != nil {
			return nil, err
		}
		grown := make([]byte, have+step)
		copy(grown, b)
		b = grown
		if _, err := io.ReadFull(r.br, b[have:]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (r *reader) hold(n int) error {
	if r.unsigned == nil || n < readBuffer {
		return nil // bounded by maxFrames and MaxPeers
	}
	if !r.unsigned.take(n) {
		return fmt.Errorf("transport: %d bytes of unverified messages: the limit of all connections together; try again", r.unsigned.limit)
	}
	r.held += n
	return nil
}

// packet is a message in the form that goes over the wire. Its bytes never
// change, so that many peers can share them.
type packet struct {
	pieces [][]byte
	size   int
	off    int  // bytes of it that one peer has taken already
	keep   bool // a status: never dropped for a slow subscriber
}

// pack lays frames out for the wire. Small bodies are copied into one piece,
// so that a usual message is one write; large ones are referred to.
func pack(frames [][]byte) packet {
	copied := 0
	for _, f := range frames {
		copied += frameHeaders
		if len(f) <= gatherAbove {
			copied += len(f)
		}
	}
	var p packet
	buf := make([]byte, 0, copied)
	start := 0
	for i, f := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = flagMore
		}
		buf = appendHeader(buf, flags, len(f))
		if len(f) <= gatherAbove {
			buf = append(buf, f...)
			continue
		}
		p.pieces = append(p.pieces, buf[start:len(buf):len(buf)], f)
		p.size += len(f)
		start = len(buf)
	}
	if start < len(buf) {
		p.pieces = append(p.pieces, buf[start:])
	}
	p.size += len(buf)
	return p
}

func appendHeader(buf []byte, flags byte, size int) []byte {
	if size <= shortMax {
		return append(buf, flags, byte(size))
	}
	return binary.BigEndian.AppendUint64(append(buf, flags|flagLong), uint64(size))
}

// command lays out a ZMTP command such as PONG.
func command(name string, body []byte) []byte {
	buf := appendHeader(nil, flagCommand, 1+len(name)+len(body))
	buf = append(buf, byte(len(name)))
	buf = append(buf, name...)
	return append(buf, body...)
}
