package worker

import (
	"context"
	"encoding/json"
	"errors"
)

// StartMonitor asks the front to start the process that reads devices, and
// returns when that serves.
func (s *Server) StartMonitor(ctx context.Context) error {
	answer := make(chan string, 1)
	s.mu.Lock()
	s.lastIn++
	id := s.lastIn
	s.starts[id] = answer
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.starts, id)
	}()
	if err := s.link.send(outgoing{head: head{Kind: kindMonitor, ID: id}}); err != nil {
		return err
	}
	select {
	case text := <-answer:
		if text != "" {
			return errors.New(text)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// started takes the front's word on a start.
func (s *Server) started(f *frame) {
	var d doneBody
	if err := json.Unmarshal(f.Body, &d); err != nil {
		d.Text = "worker: monitor: " + err.Error()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.starts[f.ID]; c != nil {
		delete(s.starts, f.ID)
		c <- d.Text
	}
}
