// Package comm is the kernel's side of Jupyter's comms: channels of JSON
// objects and raw buffers between a cell and the front end.
//
// A front end opens a comm to a target that a cell has registered:
//
//	comm.Register("echo", func(c *comm.Comm, open comm.Message) {
//		c.OnMessage(func(m comm.Message) { c.Send(m.Data, m.Buffers...) })
//	})
//
// or a cell opens one to a target that the front end knows. Every callback
// belongs to the cell that set it: what it prints goes there, and what it
// panics with is that cell's error.
package comm

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// ErrNoNotebook is returned where there is no front end to talk to.
var ErrNoNotebook = errors.New("comm: nobody to talk to: this program does not run in a notebook; open comms from a cell")

// ErrClosed is returned by Send and Close of a comm that either side closed.
var ErrClosed = errors.New("comm: the comm is closed: open a new one")

// maxPending bounds what waits for a comm whose cell has not set OnMessage.
const maxPending = 256

// Message is what one side sends to the other. Data is nil if the sender sent
// something else than a JSON object; Decode reads that too.
type Message struct {
	Data     map[string]any
	Metadata map[string]any
	Buffers  [][]byte

	raw json.RawMessage
}

// Decode stores the message's data in the value that v points to, as
// json.Unmarshal does. Large integers keep all their digits this way; in Data
// they are float64.
func (m Message) Decode(v any) error {
	if m.raw == nil {
		raw, err := json.Marshal(m.Data)
		if err != nil {
			return fmt.Errorf("comm: data of a message: %w", err)
		}
		return json.Unmarshal(raw, v)
	}
	return json.Unmarshal(m.raw, v)
}

// Comm is one open channel. Its methods may be called from any goroutine.
type Comm struct {
	id     string
	target string
	man    *Manager

	mu        sync.Mutex
	closed    bool
	onMessage func(Message)
	onClose   func(Message)
	pending   []Message
}

// ID returns the comm's identity, which both sides share.
func (c *Comm) ID() string { return c.id }

// Target returns the name that the comm was opened to.
func (c *Comm) Target() string { return c.target }

// Send sends data, which must marshal to JSON, and buffers to the front end.
// Jupyter wants a JSON object: a map or a struct.
func (c *Comm) Send(data any, buffers ...[]byte) error { return c.SendWith(data, nil, buffers...) }

// SendWith is Send with metadata.
func (c *Comm) SendWith(data any, metadata map[string]any, buffers ...[]byte) error {
	if c.isClosed() {
		return ErrClosed
	}
	return c.man.send(Packet{Kind: KindMessage, ID: c.id, Buffers: buffers}, data, metadata)
}

// OnMessage sets what is called for every message from the front end, in
// place of the function set before. Messages that arrived while there was none
// are delivered first.
func (c *Comm) OnMessage(f func(Message)) {
	owned := own(c.man, f)
	for {
		c.mu.Lock()
		waiting := c.pending
		if len(waiting) == 0 || owned == nil {
			c.onMessage = owned
			c.mu.Unlock()
			return
		}
		c.pending = nil
		c.mu.Unlock()
		for _, m := range waiting {
			owned(m)
		}
	}
}

// OnClose sets what is called when the front end closes the comm.
func (c *Comm) OnClose(f func(Message)) {
	owned := own(c.man, f)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onClose = owned
}

// Close closes the comm on both sides. It does not call OnClose.
func (c *Comm) Close() error {
	if !c.shut() {
		return ErrClosed
	}
	c.man.forget(c.id)
	return c.man.send(Packet{Kind: KindClose, ID: c.id}, nil, nil)
}

func (c *Comm) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// shut marks the comm as closed and says whether it was open.
func (c *Comm) shut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.closed
	c.closed = true
	return !was
}

func (c *Comm) deliver(m Message) error {
	c.mu.Lock()
	f := c.onMessage
	if f == nil {
		defer c.mu.Unlock()
		if len(c.pending) >= maxPending {
			return fmt.Errorf("comm: message to %q dropped: %d wait already; set OnMessage in the cell that opened it", c.id, maxPending)
		}
		c.pending = append(c.pending, m)
		return nil
	}
	c.mu.Unlock()
	f(m)
	return nil
}

// Register makes f be called for every comm that the front end opens to
// target. Outside of a notebook no front end ever does.
func Register(target string, f func(c *Comm, open Message)) {}

// Open opens a comm to a target of the front end, with data for its opening.
// Outside of a notebook it returns ErrNoNotebook.
func Open(target string, data any, buffers ...[]byte) (*Comm, error) { return nil, ErrNoNotebook }
