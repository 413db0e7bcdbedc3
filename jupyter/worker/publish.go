package worker

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"surprisal/jupyter/comm"
	"surprisal/jupyter/display"
	"surprisal/jupyter/interp"
	"surprisal/jupyter/kernel"
)

var (
	_ display.Publisher = (*Server)(nil)
	_ comm.Sender       = (*Server)(nil)
)

// order sends a frame at its place between the prints. What cannot be sent
// becomes an error of its cell.
func (s *Server) order(o outgoing) {
	err := s.out.ordered(o)
	if err == nil {
		return
	}
	o = outgoing{head: head{Kind: kindError, Cell: o.Cell}, Body: shown("OutputError", err.Error())}
	if err := s.out.ordered(o); err != nil {
		slog.Error("worker: output", "err", err)
	}
}

// end sends the end of a request. A request always gets its end: with an error
// if what it ended with cannot be sent.
func (s *Server) end(j job, o outgoing, cell bool) {
	o.head = head{Kind: kindDone, ID: j.f.ID, Cell: j.f.Cell}
	err := s.out.done(o, cell)
	if err == nil {
		return
	}
	o.Buffers = nil
	o.Body = doneBody{Outcome: kernel.Outcome{Err: shown("OutputError", err.Error())}, Text: err.Error()}
	if err := s.out.done(o, cell); err != nil {
		slog.Error("worker: end of a request", "err", err)
	}
}

func withCell(o outgoing, cell uint64) outgoing { o.Cell = cell; return o }

// Display implements display.Publisher.
func (s *Server) Display(id string, b display.Bundle) { s.show(kindDisplay, id, b) }

// Update implements display.Publisher.
func (s *Server) Update(id string, b display.Bundle) { s.show(kindUpdate, id, b) }

func (s *Server) show(k kind, id string, b display.Bundle) {
	s.order(withCell(bundleFrame(k, id, toKernel(b)), s.out.cell()))
}

// Clear implements display.Publisher.
func (s *Server) Clear(wait bool) {
	s.order(outgoing{head: head{Kind: kindClear, Cell: s.out.cell()}, Body: kernel.Clear{Wait: wait}})
}

// Fail shows an error that is not the end of a running cell: a goroutine of
// the cell panicked.
func (s *Server) Fail(cell uint64, e *interp.Error) {
	s.order(outgoing{head: head{Kind: kindError, Cell: cell}, Body: kernelError(e)})
}

// SendComm implements comm.Sender. The message keeps its place between the
// prints of the cell that sends it. One that answers a message on the same comm
// belongs to that, as front ends expect; what the handler prints belongs to the
// cell of the handler all the same.
func (s *Server) SendComm(p comm.Packet) error {
	m := kernel.CommMessage{Kind: kernel.CommKind(p.Kind), ID: p.ID, Target: p.Target, Data: p.Data, Metadata: p.Metadata, Buffers: p.Buffers}
	cell := s.out.cell()
	s.mu.Lock()
	if s.serving.id == p.ID && s.serving.cell != 0 {
		cell = s.serving.cell
	}
	s.mu.Unlock()
	return s.out.ordered(withCell(commFrame(m), cell))
}

// setServing notes which comm a message is being handled for, and its number.
func (s *Server) setServing(id string, cell uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serving.id, s.serving.cell = id, cell
}

// Input asks the user of the notebook. It returns an error where nobody can
// answer, and when the cell is interrupted.
func (s *Server) Input(prompt string, password bool) (string, error) {
	answer := make(chan inputAnswer, 1)
	s.mu.Lock()
	s.lastIn++
	id := s.lastIn
	s.inputs[id] = answer
	s.mu.Unlock()
	err := s.out.ordered(outgoing{head: head{Kind: kindInput, ID: id, Cell: s.out.cell()}, Body: inputQuestion{prompt, password}})
	if err != nil {
		s.mu.Lock()
		delete(s.inputs, id)
		s.mu.Unlock()
		return "", err
	}
	a := <-answer
	if a.Interrupted { // the stop of the cell is on its way: no statement may run before it
		s.Owners.Sleep(stopTime)
	}
	if a.Err != "" {
		return "", errors.New(a.Err)
	}
	return a.Text, nil
}

// stopTime is far above what a stop takes; a goroutine of another cell than the
// interrupted one goes on after it.
const stopTime = time.Second

func (s *Server) answered(f *frame) {
	var a inputAnswer
	if err := json.Unmarshal(f.Body, &a); err != nil {
		a.Err = fmt.Sprintf("worker: input: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.inputs[f.ID]; c != nil {
		delete(s.inputs, f.ID)
		c <- a
	}
}

// Page shows a bundle in the pager when the cell has ended.
func (s *Server) Page(b display.Bundle) {
	s.pay(map[string]any{"source": "page", "data": toKernel(b).Data, "start": 0})
}

// NextInput makes code the content of the next cell.
func (s *Server) NextInput(code string) {
	s.pay(map[string]any{"source": "set_next_input", "text": code, "replace": false})
}

// pay adds to what the reply of the running cell carries.
func (s *Server) pay(v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		return // a map of strings and checked JSON
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.payload = append(s.payload, raw)
}

// toKernel returns the bundle as it travels. What has no JSON form is replaced
// by a text that says so.
func toKernel(b display.Bundle) kernel.Bundle {
	data, meta, err := b.JSON()
	if err != nil {
		text, _ := json.Marshal(err.Error())
		return kernel.Bundle{Data: map[string]json.RawMessage{"text/plain": text}}
	}
	return kernel.Bundle{Data: data, Metadata: meta}
}

// bundleOf returns what is shown of the values of a cell's last expression: of
// one value all its forms, of several their texts. A nil error at the end, as
// many functions return it, is not shown beside values.
func bundleOf(values []any) (kernel.Bundle, bool) {
	if n := len(values); n > 1 && values[n-1] == nil {
		values = values[:n-1]
	}
	switch len(values) {
	case 0:
		return kernel.Bundle{}, false
	case 1:
		if v, ok := values[0].(display.OnScreen); ok && v.OnScreen() {
			return kernel.Bundle{}, false
		}
		return toKernel(display.Of(values[0])), true
	}
	var texts []string
	for _, v := range values {
		text, _ := display.Of(v).Data["text/plain"].(string)
		texts = append(texts, text)
	}
	return toKernel(display.Bundle{Data: map[string]any{"text/plain": strings.Join(texts, " ")}}), true
}
