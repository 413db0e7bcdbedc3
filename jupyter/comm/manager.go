package comm

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Kind says what a Packet does.
type Kind int

// Kinds of packets, numbered as on the link to the front.
const (
	KindOpen    Kind = iota + 1 // comm_open
	KindMessage                 // comm_msg
	KindClose                   // comm_close
)

// Packet is a comm message as it travels. Data and Metadata are JSON objects
// or nil, which means an empty one; Target is set in KindOpen only.
type Packet struct {
	Kind     Kind
	ID       string
	Target   string
	Data     json.RawMessage
	Metadata json.RawMessage
	Buffers  [][]byte
}

// Sender takes packets to the front end, in order. It must not keep the
// buffers after it has returned.
type Sender interface {
	SendComm(Packet) error
}

// Owner runs callbacks in the name of the cell that set them. The zero Owner
// runs them as they are.
type Owner struct {
	Current func() uint64             // the cell that owns the calling goroutine
	Run     func(id uint64, f func()) // f on this goroutine, as the cell's own, its panics caught
}

// Manager holds one session's targets and open comms.
type Manager struct {
	out   Sender
	owner Owner

	mu      sync.Mutex
	targets map[string]func(*Comm, Message)
	comms   map[string]*Comm
}

// New returns a Manager that sends through out.
func New(out Sender, owner Owner) *Manager {
	return &Manager{out: out, owner: owner, targets: map[string]func(*Comm, Message){}, comms: map[string]*Comm{}}
}

// Register makes f be called for every comm that the front end opens to
// target, in place of the function registered before; a nil f forgets the
// target. If f panics or is interrupted, nobody serves the comm: it is closed.
func (m *Manager) Register(target string, f func(c *Comm, open Message)) {
	var owned func(*Comm, Message)
	if f != nil {
		run := m.runner()
		owned = func(c *Comm, open Message) {
			served := false
			defer func() {
				if !served {
					_ = c.Close() // or f has closed it itself
				}
			}()
			run(func() { f(c, open); served = true })
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if owned == nil {
		delete(m.targets, target)
		return
	}
	m.targets[target] = owned
}

// Open opens a comm to a target of the front end.
func (m *Manager) Open(target string, data any, buffers ...[]byte) (*Comm, error) {
	return m.OpenWith(target, data, nil, buffers...)
}

// OpenWith is Open with metadata.
func (m *Manager) OpenWith(target string, data any, metadata map[string]any, buffers ...[]byte) (*Comm, error) {
	var id [16]byte
	rand.Read(id[:]) // never fails
	c := &Comm{id: hex.EncodeToString(id[:]), target: target, man: m}
	m.add(c) // before the packet leaves: an answer may be back at once
	if err := m.send(Packet{Kind: KindOpen, ID: c.id, Target: target, Buffers: buffers}, data, metadata); err != nil {
		c.shut()
		m.forget(c.id)
		return nil, err
	}
	return c, nil
}

// Comms returns the open comms, sorted by identity.
func (m *Manager) Comms() []*Comm {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]*Comm, 0, len(m.comms))
	for _, c := range m.comms {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *Comm) int { return strings.Compare(a.id, b.id) })
	return out
}

// Handle takes a packet from the front end and returns when its callback has.
// Packets of one comm must be given in their order. A comm that is opened to a
// target that nobody registered is closed at once; a message to an unknown
// comm is an error, for the log.
func (m *Manager) Handle(p Packet) error {
	msg := message(p)
	switch p.Kind {
	case KindOpen:
		return m.handleOpen(p, msg)
	case KindMessage:
		if c := m.comm(p.ID); c != nil {
			return c.deliver(msg)
		}
	case KindClose:
		if c := m.comm(p.ID); c != nil {
			m.forget(p.ID)
			if c.shut() {
				c.mu.Lock()
				f := c.onClose
				c.mu.Unlock()
				if f != nil {
					f(msg)
				}
			}
			return nil
		}
	default:
		return fmt.Errorf("comm: packet of unknown kind %d", p.Kind)
	}
	return fmt.Errorf("comm: no open comm %q: it was closed, or opened in a session that has ended", p.ID)
}

func (m *Manager) handleOpen(p Packet, msg Message) error {
	m.mu.Lock()
	f := m.targets[p.Target]
	taken := m.comms[p.ID] != nil
	m.mu.Unlock()
	if taken {
		return fmt.Errorf("comm: comm %q is open already", p.ID)
	}
	if f == nil {
		if err := m.send(Packet{Kind: KindClose, ID: p.ID}, nil, nil); err != nil {
			return err
		}
		return fmt.Errorf("comm: no target %q: closed comm %q; a cell registers targets with comm.Register", p.Target, p.ID)
	}
	c := &Comm{id: p.ID, target: p.Target, man: m}
	m.add(c)
	f(c, msg)
	return nil
}

func (m *Manager) add(c *Comm) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.comms[c.id] = c
}

func (m *Manager) forget(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.comms, id)
}

func (m *Manager) comm(id string) *Comm {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.comms[id]
}

func (m *Manager) send(p Packet, data any, metadata map[string]any) error {
	if m.out == nil {
		return ErrNoNotebook
	}
	var err error
	if p.Data, err = object(data); err != nil {
		return err
	}
	if metadata != nil {
		if p.Metadata, err = object(metadata); err != nil {
			return err
		}
	}
	return m.out.SendComm(p)
}

func object(v any) (json.RawMessage, error) {
	if v == nil {
		return json.RawMessage("{}"), nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("comm: data cannot be sent: %w", err)
	}
	if string(raw) == "null" { // a nil map
		return json.RawMessage("{}"), nil
	}
	return raw, nil
}

func message(p Packet) Message {
	m := Message{Buffers: p.Buffers, raw: p.Data}
	// What is no JSON object leaves Data nil; Decode reports it.
	if json.Unmarshal(p.Data, &m.Data) != nil {
		m.Data = nil
	}
	if json.Unmarshal(p.Metadata, &m.Metadata) != nil {
		m.Metadata = nil
	}
	return m
}

// runner returns what runs a callback in the name of the calling cell.
func (m *Manager) runner() func(func()) {
	if m.owner.Current == nil || m.owner.Run == nil {
		return func(f func()) { f() }
	}
	id := m.owner.Current()
	return func(f func()) { m.owner.Run(id, f) }
}

func own(m *Manager, f func(Message)) func(Message) {
	if f == nil {
		return nil
	}
	run := m.runner()
	return func(msg Message) { run(func() { f(msg) }) }
}
