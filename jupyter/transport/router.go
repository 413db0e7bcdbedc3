package transport

import (
	"encoding/binary"
	"fmt"
	"sync"

	"surprisal/jupyter/quiet"
	"surprisal/jupyter/wire"
)

// router finds peers by identity, as a ROUTER socket with ZMQ_ROUTER_HANDOVER.
type router struct {
	mu    sync.Mutex
	peers map[string]*peer
	last  uint32
}

// add enters p under its own identity or a made-up one and returns the name.
// Another connection of the same identity is closed: after a lost network the
// client comes back while its old connection still looks alive.
func (r *router) add(id string, p *peer) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id == "" || id[0] == 0 { // those that start with 0 are the router's own
		r.last++
		id = string(binary.BigEndian.AppendUint32([]byte{0}, r.last))
	}
	if old := r.peers[id]; old != nil {
		old.close()
	}
	r.peers[id] = p
	return id
}

func (r *router) remove(id string, p *peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.peers[id] == p {
		delete(r.peers, id)
	}
}

// send gives k to the peer of that name. A peer that lets replies pile up to
// the limit is cut: half a conversation is worth nothing to it.
func (r *router) send(id string, k packet) error {
	r.mu.Lock()
	p := r.peers[id]
	r.mu.Unlock()
	if p == nil {
		return fmt.Errorf("%w: no connection has the identity %x", errGone, id)
	}
	err := p.send(k)
	if err == errOverflow {
		p.close()
	}
	return err
}

// serveDealer reads requests of one client and hands them on.
func (s *Server) serveDealer(ch wire.Channel, p *peer, id string) error {
	r := s.routers[ch]
	id = r.add(id, p)
	defer r.remove(id, p)
	in := newReader(quiet.NewReader(p.conn), s.options.MaxMessage, &s.unsigned, p.answer)
	defer in.release()
	for {
		frames := make([][]byte, 1, 8)
		frames[0] = []byte(id)
		frames, err := in.next(frames)
		if err != nil {
			return err
		}
		m, err := s.codec.Decode(frames)
		in.release()
		switch {
		case s.closing.Load():
			// Read on, so that the connection ends in order.
		case err != nil:
			s.fault(messageDropped, "message dropped", ch, err)
		default:
			in.trusted = true
			s.guarded(ch, m)
		}
	}
}
