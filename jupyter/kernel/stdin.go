package kernel

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"surprisal/jupyter/wire"
)

// ErrNoInput is what Input returns where nobody can answer.
var ErrNoInput = errors.New("input is not possible: the front end that runs this cell cannot be asked; run it where a person can answer")

type inputRequest struct {
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}

// stdin waits for one answer at a time. A reply that comes while nothing is
// asked is stale (its question was interrupted) and dropped.
type stdin struct {
	asking chan struct{} // full during a question

	mu    sync.Mutex
	id    string      // msg_id of the open question; empty: none
	reply chan answer // of the open question
}

type answer struct {
	text string
	err  error
}

func (s *stdin) open(id string) <-chan answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.reply = id, make(chan answer, 1)
	return s.reply
}

func (s *stdin) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id, s.reply = "", nil
}

// deliver takes a message of the stdin channel. Clients that name the question
// in their reply's parent are held to it; old ones do not name it.
func (s *stdin) deliver(m *wire.Message) {
	if m.Header.Type != wire.InputReply {
		return
	}
	var parent struct {
		ID string `json:"msg_id"`
	}
	var content struct {
		Value  string `json:"value"`
		Status string `json:"status"`
	}
	_ = json.Unmarshal(m.Parent, &parent)
	err := json.Unmarshal(m.Content, &content)
	if err == nil && content.Status == "error" {
		err = errors.New("the front end says that it failed")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id == "" || (parent.ID != "" && parent.ID != s.id) {
		return
	}
	if err != nil {
		err = fmt.Errorf("input failed: the reply cannot be used: %w", err)
	}
	s.id = ""
	s.reply <- answer{content.Value, err}
}

// Input asks the client that sent the cell. It ends with ctx and with the
// cell.
func (k *Kernel) Input(ctx context.Context, from CellID, prompt string, password bool) (string, error) {
	c := k.cells.get(from)
	c.announce()
	if c == nil || c.id != from || !c.stdin || c.hasEnded() {
		return "", ErrNoInput
	}
	if err := c.ctx.Err(); err != nil {
		return "", err
	}
	select {
	case k.stdin.asking <- struct{}{}:
		defer func() { <-k.stdin.asking }()
	case <-ctx.Done():
		return "", ctx.Err()
	case <-c.ctx.Done():
		return "", c.ctx.Err()
	}
	id := rand.Text()
	reply := k.stdin.open(id)
	defer k.stdin.close()

	c.flush(k) // what was printed stands above the prompt
	if err := k.put(ctx, c, id, inputRequest{prompt, password}); err != nil {
		return "", err
	}
	select {
	case a := <-reply:
		return a.text, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	case <-c.ctx.Done():
		return "", c.ctx.Err()
	}
}

// connectWithin is how long the stdin connection of a client may lag behind
// its shell connection: they are two sockets, opened at about the same time.
const connectWithin = 2 * time.Second

// put sends the question. Without a connection there is nobody who could
// answer, and waiting would hang the cell.
func (k *Kernel) put(ctx context.Context, c *cell, id string, q inputRequest) error {
	for begin := time.Now(); ; {
		err := k.send(wire.Stdin, &wire.Message{
			Identities: c.idents, Header: wire.Header{ID: id, Type: wire.InputRequest}, Parent: c.parent,
			Metadata: emptyObject, Content: encode(q),
		})
		if err == nil {
			return nil
		}
		if time.Since(begin) > connectWithin {
			return fmt.Errorf("input is not possible: the front end that runs this cell is not connected: %w; run the cell again", err)
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		case <-c.ctx.Done():
			return c.ctx.Err()
		}
	}
}
