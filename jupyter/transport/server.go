package transport

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"

	"surprisal/jupyter/wire"
)

// ErrClosed is returned by what is called after Close.
var ErrClosed = errors.New("transport: closed")

// drainTime is how long Close waits for peers to hang up after the last
// message went out; libzmq does so within a millisecond.
const drainTime = 100 * time.Millisecond

// Server is the kernel's side of the five sockets.
type Server struct {
	conn      wire.Connection
	codec     *wire.Codec
	options   Options
	log       *slog.Logger
	listeners [len(wire.Channels)]net.Listener
	routers   [wire.IOPub]*router // shell, control, stdin
	publisher publisher
	unsigned  budget
	handle    func(wire.Channel, *wire.Message)
	faults    [faults]atomic.Uint64

	mu      sync.Mutex
	peers   map[*peer]struct{}
	silent  map[net.Conn]arrival // in their handshake
	arrived uint64
	serving bool
	closing atomic.Bool
	done    chan struct{}
	working sync.WaitGroup // accept loops and connections
}

// Listen binds the five sockets of c. Nobody is answered before Serve. Port 0
// takes a free port, which Connection tells.
func Listen(c *wire.Connection, codec *wire.Codec, o Options) (*Server, error) {
	s := &Server{
		conn:    *c,
		codec:   codec,
		options: o.withDefaults(),
		peers:   make(map[*peer]struct{}),
		silent:  make(map[net.Conn]arrival),
		done:    make(chan struct{}),
	}
	s.log = s.options.Logger
	s.unsigned.limit = int64(s.options.MaxUnsigned)
	s.publisher.subs = make(map[*peer]map[string]int)
	for i := range s.routers {
		s.routers[i] = &router{peers: make(map[string]*peer)}
	}
	for _, ch := range wire.Channels {
		l, err := listen(&s.conn, ch)
		if err != nil {
			s.closeListeners()
			return nil, err
		}
		s.listeners[ch] = l
	}
	return s, nil
}

// Connection returns the connection with the ports that were bound.
func (s *Server) Connection() *wire.Connection {
	c := s.conn
	return &c
}

// Serve answers connections until Close and returns ErrClosed then. It gives
// each verified message of shell, control and stdin to handle, which must
// return soon: while it runs, the next message of the same peer waits. handle
// is called from many goroutines, for one peer and channel in order. The
// heartbeat and iopub subscriptions are answered without it.
func (s *Server) Serve(handle func(wire.Channel, *wire.Message)) error {
	s.mu.Lock()
	if s.serving || s.closing.Load() {
		s.mu.Unlock()
		return ErrClosed
	}
	s.serving = true
	s.handle = handle
	s.working.Add(len(s.listeners))
	s.mu.Unlock()
	for ch, l := range s.listeners {
		go s.accept(wire.Channel(ch), l)
	}
	<-s.done
	return ErrClosed
}

// accept takes connections. Each has its own goroutine from the start, so one
// that says nothing keeps nobody waiting.
func (s *Server) accept(ch wire.Channel, l net.Listener) {
	defer s.working.Done()
	var open atomic.Int64
	for wait := time.Millisecond; ; {
		conn, err := l.Accept()
		if s.closing.Load() {
			if err == nil {
				conn.Close()
			}
			return
		}
		if err != nil {
			// Out of file descriptors, or a connection that ended before it
			// was accepted: both pass.
			s.fault(acceptFailed, "accept", ch, err)
			time.Sleep(wait)
			wait = min(2*wait, time.Second)
			continue
		}
		wait = time.Millisecond
		if open.Add(1) > int64(s.options.MaxPeers) && !s.makeRoom(ch) {
			open.Add(-1)
			conn.Close()
			s.fault(tooManyPeers, "connection refused", ch, fmt.Errorf("%d connections are open: the limit", s.options.MaxPeers))
			continue
		}
		if !s.arrive(ch, conn) {
			conn.Close()
			return
		}
		s.working.Add(1)
		go func() {
			defer s.working.Done()
			defer open.Add(-1)
			s.serve(ch, conn)
		}()
	}
}

// serve owns one connection from its handshake to its end.
func (s *Server) serve(ch wire.Channel, conn net.Conn) {
	kind := zmq4.Router
	switch ch {
	case wire.IOPub:
		kind = zmq4.XPub
	case wire.Heartbeat:
		kind = zmq4.Rep
	}
	id, err := handshake(conn, kind, nil, true, s.options.Handshake)
	p := s.admit(conn, err == nil)
	if p == nil {
		conn.Close()
		if err != nil {
			s.fault(handshakeFailed, "handshake failed", ch, err)
		}
		return
	}
	defer s.dismiss(p)
	switch ch {
	case wire.IOPub:
		err = s.serveSubscriber(p)
	case wire.Heartbeat:
		err = s.serveHeartbeat(p)
	default:
		err = s.serveDealer(ch, p, id)
	}
	if err != nil && !hungUp(err) {
		s.fault(peerCut, "connection cut", ch, err)
	}
}

// arrival says on which channel a connection came, and which came before it.
type arrival struct {
	ch wire.Channel
	n  uint64
}

// makeRoom closes the connection that has been silent longest, so that a flood
// of connections that say nothing does not keep a client out until their time
// is over. It returns false if none is silent.
func (s *Server) makeRoom(ch wire.Channel) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	var longest net.Conn
	for conn, a := range s.silent {
		if a.ch == ch && (longest == nil || a.n < s.silent[longest].n) {
			longest = conn
		}
	}
	if longest == nil {
		return false
	}
	delete(s.silent, longest)
	longest.Close()
	return true
}

func (s *Server) arrive(ch wire.Channel, conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() {
		return false
	}
	s.arrived++
	s.silent[conn] = arrival{ch, s.arrived}
	return true
}

// admit makes a peer of a connection whose handshake is over, or returns nil.
func (s *Server) admit(conn net.Conn, ok bool) *peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.silent, conn)
	if !ok || s.closing.Load() {
		return nil
	}
	p := newPeer(conn, s.options)
	s.peers[p] = struct{}{}
	return p
}

func (s *Server) dismiss(p *peer) {
	p.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, p)
}

// Send sends each m: on iopub to every subscriber of its topic, m.Identities[0],
// else to the peer that m.Identities names. It never waits for a peer. It
// keeps the parts of m and changes only empty fields of m.Header. What is
// published by one call stays together and costs one write.
func (s *Server) Send(ch wire.Channel, ms ...*wire.Message) error {
	if s.closing.Load() {
		return ErrClosed
	}
	var room [2]publication
	list := room[:0]
	for _, m := range ms {
		frames, err := s.codec.Encode(m)
		if err != nil {
			return err
		}
		switch ch {
		case wire.IOPub:
			list = append(list, publicationOf(m, frames))
		case wire.Shell, wire.Control, wire.Stdin:
			if len(m.Identities) == 0 {
				return fmt.Errorf("transport: %s on %v has no identity: nobody to send it to; copy Identities from the request", m.Header.Type, ch)
			}
			if err := s.routers[ch].send(string(frames[0]), pack(frames[1:])); err != nil {
				return err
			}
		default:
			return fmt.Errorf("transport: nothing can be sent on %v", ch)
		}
	}
	if len(list) > 0 {
		s.publish(list)
	}
	return nil
}

// Close lets what is queued go out for at most Options.Linger, then closes
// every socket. It may be called again, and from a handler.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closing.Swap(true) {
		s.mu.Unlock()
		<-s.done
		return nil
	}
	peers := make([]*peer, 0, len(s.peers))
	for p := range s.peers {
		peers = append(peers, p)
	}
	for conn := range s.silent {
		conn.Close()
	}
	s.mu.Unlock()
	s.closeListeners()
	for _, p := range peers {
		p.finish()
	}
	linger := time.NewTimer(s.options.Linger)
	defer linger.Stop()
	expired := false
	for _, p := range peers {
		if expired {
			break
		}
		select {
		case <-p.done:
		case <-linger.C:
			expired = true
		}
	}
	s.hangUp(peers)
	close(s.done)
	return nil
}

// hangUp waits a moment for the peers to end their side, then closes.
func (s *Server) hangUp(peers []*peer) {
	gone := make(chan struct{})
	go func() {
		s.working.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(min(drainTime, s.options.Linger)):
	}
	for _, p := range peers {
		p.close()
	}
}

func (s *Server) closeListeners() {
	for _, l := range s.listeners {
		if l != nil {
			l.Close() // removes the file of an ipc socket
		}
	}
}
