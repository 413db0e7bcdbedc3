package transport

import (
	"encoding/binary"
	"fmt"
	"net"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

const (
	greetingBytes  = 64
	maxReady       = 8 << 10  // a READY command: two properties and some of the peer's own
	maxIdentity    = 255      // ZMTP: 0*255OCTET
	handshakeBytes = 64 << 10 // everything before the first message
)

// handshake makes a ZMTP connection of conn within the deadline and returns
// the identity that the peer gave itself. After an error conn is closed.
func handshake(conn net.Conn, kind zmq4.SocketType, id []byte, server bool, limit time.Duration) (identity string, err error) {
	defer func() {
		// zmq4 slices with lengths that the peer sent, and panics for a
		// socket type that it does not know.
		if v := recover(); v != nil {
			err = fmt.Errorf("transport: handshake with %v: %v; not a ZMTP peer?", conn.RemoteAddr(), v)
		}
		if err != nil {
			conn.Close()
		}
	}()
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return "", err
	}
	z, err := zmq4.Open(&guard{Conn: conn}, null.Security(), kind, id, server, nil)
	if err != nil {
		return "", fmt.Errorf("transport: handshake with %v: %w", conn.RemoteAddr(), err)
	}
	identity = z.Peer.Meta["Identity"]
	if len(identity) > maxIdentity {
		return "", fmt.Errorf("transport: handshake with %v: identity of %d bytes: ZMTP allows %d", conn.RemoteAddr(), len(identity), maxIdentity)
	}
	return identity, conn.SetDeadline(time.Time{})
}

// guard reads ahead of zmq4 during the handshake: it follows the frame headers
// that pass by and fails before zmq4 would allocate what one of them announces.
// It relies on zmq4 reading a header before its body and no further.
type guard struct {
	net.Conn
	total  int
	header [9]byte
	have   int // bytes of header seen
	body   int // bytes left of the current frame
}

// Read implements net.Conn.
func (g *guard) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if e := g.follow(p[:n]); e != nil {
		return 0, e
	}
	return n, err
}

func (g *guard) follow(p []byte) error {
	for _, b := range p {
		g.total++
		switch {
		case g.total > handshakeBytes:
			return fmt.Errorf("more than %d bytes before the first message", handshakeBytes)
		case g.total <= greetingBytes:
		case g.body > 0:
			g.body--
		default:
			g.header[g.have] = b
			g.have++
			size, ok := g.announced()
			if size > maxReady {
				return fmt.Errorf("a frame of %d bytes, at most %d are allowed here", size, maxReady)
			}
			if ok {
				g.body, g.have = int(size), 0
			}
		}
	}
	return nil
}

func (g *guard) announced() (size uint64, complete bool) {
	switch long := g.header[0]&flagLong != 0; {
	case !long && g.have == 2:
		return uint64(g.header[1]), true
	case long && g.have == 9:
		return binary.BigEndian.Uint64(g.header[1:]), true
	}
	return 0, false
}
