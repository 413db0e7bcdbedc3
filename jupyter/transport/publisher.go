package transport

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"surprisal/jupyter/quiet"
	"surprisal/jupyter/wire"
)

// Bounds of what a subscriber may ask for; Jupyter clients subscribe to one
// topic, the empty one.
const (
	maxTopics = 256
	maxTopic  = 4 << 10
	// A welcome is 80 times as long as what asks for it. A peer with this
	// much unread gets none.
	welcomeRoom = 1 << 20
)

// publisher is an XPUB socket that sees every subscription (ZMQ_XPUB_VERBOSE).
type publisher struct {
	mu   sync.Mutex // held while a message is queued everywhere: all see one order
	subs map[*peer]map[string]int
}

// publication is a message for the subscribers of its topic.
type publication struct {
	topic string
	packet
}

func publicationOf(m *wire.Message, frames [][]byte) publication {
	p := publication{packet: pack(frames)}
	p.keep = m.Header.Type == wire.Status
	if len(m.Identities) > 0 {
		p.topic = string(m.Identities[0])
	}
	return p
}

func (s *Server) publish(list []publication) {
	missed := 0
	s.publisher.mu.Lock()
	var room [2]packet
	for p, topics := range s.publisher.subs {
		wanted := room[:0]
		for _, k := range list {
			if matches(topics, k.topic) {
				wanted = append(wanted, k.packet)
			}
		}
		for _, k := range p.sendAtOnce(wanted) {
			switch err := p.send(k); {
			case !errors.Is(err, errOverflow):
			case k.keep:
				p.close() // not even a status fits: it comes back with a new subscription
			default:
				missed++
			}
		}
	}
	s.publisher.mu.Unlock()
	if missed > 0 {
		s.fault(outputMissed, "output dropped", wire.IOPub, fmt.Errorf("%d subscribers do not read: their queues are full", missed))
	}
}

func matches(topics map[string]int, topic string) bool {
	for t := range topics {
		if strings.HasPrefix(topic, t) {
			return true
		}
	}
	return false
}

// serveSubscriber reads the subscriptions of one client.
func (s *Server) serveSubscriber(p *peer) error {
	s.publisher.mu.Lock()
	s.publisher.subs[p] = make(map[string]int)
	s.publisher.mu.Unlock()
	defer func() {
		s.publisher.mu.Lock()
		defer s.publisher.mu.Unlock()
		delete(s.publisher.subs, p)
	}()
	in := newReader(quiet.NewReader(p.conn), 1+maxTopic, nil, func(body []byte) error {
		// ZMTP 3.1 subscribes with commands.
		switch name, rest := splitCommand(body); name {
		case "SUBSCRIBE":
			return s.subscribe(p, string(rest))
		case "CANCEL":
			s.unsubscribe(p, string(rest))
			return nil
		}
		return p.answer(body)
	})
	for {
		frames, err := in.next(nil)
		if err != nil {
			return err
		}
		if len(frames) != 1 || len(frames[0]) == 0 {
			continue // an XSUB may send messages of its own; nobody wants them
		}
		switch topic := string(frames[0][1:]); frames[0][0] {
		case 0:
			s.unsubscribe(p, topic)
		case 1:
			if err := s.subscribe(p, topic); err != nil {
				return err
			}
		}
	}
}

// subscribe enters a subscription and welcomes it, before any message that is
// published later.
func (s *Server) subscribe(p *peer, topic string) error {
	s.publisher.mu.Lock()
	defer s.publisher.mu.Unlock()
	topics := s.publisher.subs[p]
	if _, ok := topics[topic]; !ok && len(topics) >= maxTopics {
		return fmt.Errorf("transport: more than %d subscriptions: the limit; subscribe to a common prefix", maxTopics)
	}
	topics[topic]++
	if p.waiting() > welcomeRoom {
		return nil
	}
	content, err := json.Marshal(map[string]string{"subscription": topic})
	if err != nil {
		return err
	}
	frames, err := s.codec.Encode(&wire.Message{
		Identities: [][]byte{[]byte(topic)},
		Header:     wire.Header{Type: wire.IopubWelcome},
		Content:    content,
	})
	if err != nil {
		return err
	}
	p.send(pack(frames)) // fails when the peer is gone, which its reader sees too
	return nil
}

func (s *Server) unsubscribe(p *peer, topic string) {
	s.publisher.mu.Lock()
	defer s.publisher.mu.Unlock()
	topics := s.publisher.subs[p]
	if topics[topic]--; topics[topic] <= 0 {
		delete(topics, topic)
	}
}
