package transport

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"net"
	"os"
	"syscall"

	"surprisal/jupyter/wire"
)

// fault is a kind of trouble with a peer. None of them ends the server.
type fault int

const (
	acceptFailed fault = iota
	tooManyPeers
	handshakeFailed
	peerCut
	messageDropped
	outputMissed
	handlerPanic
	faults
)

// fault counts and logs. Only the 1st, 2nd, 4th, 8th … of a kind is logged:
// a stranger must not be able to fill a disk with complaints.
func (s *Server) fault(f fault, what string, ch wire.Channel, err error) {
	if n := s.faults[f].Add(1); bits.OnesCount64(n) == 1 {
		s.log.Warn(what, "channel", ch.String(), "error", err, "count", n)
	}
}

// hungUp reports whether err is how a connection usually ends.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, io.ErrUnexpectedEOF)
}

// guarded calls the handler: a panic in it is a fault of one message.
func (s *Server) guarded(ch wire.Channel, m *wire.Message) {
	defer func() {
		if v := recover(); v != nil {
			s.fault(handlerPanic, "handler panicked", ch, fmt.Errorf("%s: %v", m.Header.Type, v))
		}
	}()
	s.handle(ch, m)
}
