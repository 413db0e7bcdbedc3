package transport

import (
	"fmt"
	"net"
	"time"

	"github.com/go-zeromq/zmq4"

	"surprisal/jupyter/quiet"
	"surprisal/jupyter/wire"
)

// Raw is one ZMTP connection to a kernel, below signatures and messages. It is
// what hostile tests use.
type Raw struct {
	peer *peer
	in   *reader
}

// DialRaw connects to one channel of c under an identity; an empty one lets
// the kernel make one up.
func DialRaw(c *wire.Connection, ch wire.Channel, identity string, o Options) (*Raw, error) {
	o = o.withDefaults()
	network, address := c.Endpoint(ch)
	conn, err := net.DialTimeout(network, address, o.Handshake)
	if err != nil {
		return nil, fmt.Errorf("transport: %v: %w; is the kernel running?", ch, err)
	}
	kind := zmq4.Dealer
	switch ch {
	case wire.IOPub:
		kind = zmq4.Sub
	case wire.Heartbeat:
		kind = zmq4.Req
	}
	if _, err := handshake(conn, kind, []byte(identity), false, o.Handshake); err != nil {
		return nil, err
	}
	r := &Raw{peer: newPeer(conn, o)}
	r.in = newReader(quiet.NewReader(conn), o.MaxMessage, nil, r.peer.answer)
	r.in.trusted = true
	return r, nil
}

// Send sends one multipart message as it is. It does not wait.
func (r *Raw) Send(frames ...[]byte) error { return r.peer.send(pack(frames)) }

// Recv waits for one multipart message.
func (r *Raw) Recv() ([][]byte, error) { return r.in.next(nil) }

// Conn returns the socket: for bytes that are no ZMTP, or to set a deadline.
// Bytes that were read ahead are not there any more.
func (r *Raw) Conn() net.Conn { return r.peer.conn }

// Close sends what is queued, at most for a second, and closes.
func (r *Raw) Close() error {
	r.peer.finish()
	select {
	case <-r.peer.done:
	case <-time.After(time.Second):
	}
	r.peer.close()
	return nil
}
