package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"surprisal/jupyter/wire"
)

// lane says when a request that came on shell is handled.
type lane int

const (
	inOrder lane = iota // after all that came before it
	aside               // in order, but it does not wait for a busy cell (see patience)
	atOnce              // before anything that waits
)

// handler is one row of the dispatch table. reply is empty for messages that
// have no reply; onControl says that the type is served on control too.
type handler struct {
	run       func(*Kernel, *request) (any, error)
	reply     wire.Type
	lane      lane
	onControl bool
	begins    bool // run publishes busy, with what comes first
}

// handlers is never written. A type that is missing gets busy and idle and no
// reply, as the protocol asks.
var handlers = map[wire.Type]handler{
	wire.ExecuteRequest:    {(*Kernel).execute, wire.ExecuteReply, inOrder, false, true},
	wire.CompleteRequest:   {(*Kernel).complete, wire.CompleteReply, aside, true, false},
	wire.InspectRequest:    {(*Kernel).inspect, wire.InspectReply, aside, true, false},
	wire.IsCompleteRequest: {(*Kernel).isComplete, wire.IsCompleteReply, aside, true, false},
	wire.HistoryRequest:    {(*Kernel).historyRequest, wire.HistoryReply, aside, true, false},
	wire.CommInfoRequest:   {(*Kernel).commInfo, wire.CommInfoReply, aside, true, false},
	wire.KernelInfoRequest: {(*Kernel).kernelInfo, wire.KernelInfoReply, aside, true, false},
	wire.CommOpen:          {(*Kernel).commOpen, "", inOrder, false, false},
	wire.CommMsg:           {(*Kernel).commMsg, "", inOrder, false, false},
	wire.CommClose:         {(*Kernel).commClose, "", inOrder, false, false},
	wire.InterruptRequest:  {(*Kernel).interruptRequest, wire.InterruptReply, atOnce, true, false},
	wire.ShutdownRequest:   {(*Kernel).shutdownRequest, wire.ShutdownReply, atOnce, true, false},
}

// request is one message from a client and what is needed to answer it.
type request struct {
	ch       wire.Channel
	m        *wire.Message
	parent   json.RawMessage // the client's header, byte for byte
	received time.Time
	seq      uint64
	claimed  atomic.Bool
	busy     bool // has been published; under Kernel.state

	ctx      context.Context
	cancel   context.CancelFunc // what an interrupt calls; nil while it may not be interrupted
	metadata any                // of the reply
	after    func()             // runs between the reply and idle
	finally  func()             // runs after idle
}

// claim takes the request for the caller; false if somebody else has it.
func (r *request) claim() bool { return r.claimed.CompareAndSwap(false, true) }

func (k *Kernel) serveShell() {
	for r := k.shell.take(); r != nil; r = k.shell.take() {
		ctx, cancel := context.WithCancel(k.ctx)
		r.ctx, r.cancel = ctx, cancel
		k.serve(r, handlers[r.m.Header.Type], true)
		cancel()
	}
}

func (k *Kernel) serveControl() {
	for r := k.control.take(); r != nil; r = k.control.take() {
		r.ctx = k.ctx
		h := handlers[r.m.Header.Type]
		switch {
		case !h.onControl:
			k.serve(r, handler{}, false)
		case h.lane == aside: // may ask the evaluator, which takes its time
			go k.serve(r, h, false)
		default:
			k.serve(r, h, false)
		}
	}
}

// putAside queues a question, and answers it out of turn when its patience is
// over. Its own header is the parent of everything it sends, so that order
// does not matter to clients.
func (k *Kernel) putAside(r *request) {
	wait, busy := k.shell.putPatient(r)
	if !busy {
		return
	}
	time.AfterFunc(wait, func() {
		if k.ctx.Err() == nil && r.claim() {
			r.ctx = k.ctx
			k.serve(r, handlers[r.m.Header.Type], false)
		}
	})
}

// serve handles one request between busy and idle. turn says that it runs on
// the shell goroutine.
func (k *Kernel) serve(r *request, h handler, turn bool) {
	if turn {
		k.enter(r)
	}
	if !h.begins {
		k.busy(r)
	}
	defer func() {
		k.idle(r, turn)
		if r.finally != nil {
			r.finally()
		}
	}()
	if h.run == nil {
		k.Logger.Debug("message type is not served", "type", r.m.Header.Type, "channel", r.ch)
		return
	}
	content, err := k.guarded(r, h)
	k.busy(r) // if run has not come so far
	if err != nil {
		k.Logger.Warn("request failed", "type", r.m.Header.Type, "error", err)
		content = k.failure(h.reply, err)
	}
	if h.reply != "" {
		k.send(r.ch, &wire.Message{
			Identities: r.m.Identities, Header: wire.Header{Type: h.reply}, Parent: r.parent,
			Metadata: encode(r.metadata), Content: encode(content),
		})
	}
	if r.after != nil {
		r.after()
	}
}

// guarded runs the handler; its panic is an error of the request.
func (k *Kernel) guarded(r *request, h handler) (content any, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("kernel: internal error: %v", v)
			k.Logger.Error("panic in a handler", "type", r.m.Header.Type, "panic", v, "stack", string(debug.Stack()))
		}
	}()
	return h.run(k, r)
}

// enter makes r what an interrupt ends.
func (k *Kernel) enter(r *request) {
	k.state.Lock()
	defer k.state.Unlock()
	k.current = r
}

// busy publishes that r is served, once, and with it what comes first: many
// clients are woken once in place of twice.
func (k *Kernel) busy(r *request, first ...*wire.Message) {
	k.state.Lock()
	defer k.state.Unlock()
	if r.busy {
		return
	}
	r.busy = true
	k.send(wire.IOPub, append([]*wire.Message{onIOPub(wire.Status, r.parent, statusContent{"busy"})}, first...)...)
}

// idle ends a request. Front ends show the newest status, whatever its parent:
// where a cell is still running, idle is followed by another busy of the cell.
func (k *Kernel) idle(r *request, turn bool) {
	k.state.Lock()
	defer k.state.Unlock()
	if turn {
		k.current = nil
		k.pace.refill()
	}
	k.publish(wire.Status, r.parent, statusContent{"idle"})
	if k.current != nil && k.current.busy {
		k.publish(wire.Status, k.current.parent, statusContent{"busy"})
	}
}

// publish sends one message to all subscribers.
func (k *Kernel) publish(t wire.Type, parent json.RawMessage, content any) {
	k.send(wire.IOPub, onIOPub(t, parent, content))
}

// onIOPub is a message for all subscribers. The topic is the type alone: an
// identity in it would tell every subscriber who asked.
func onIOPub(t wire.Type, parent json.RawMessage, content any) *wire.Message {
	return &wire.Message{
		Identities: [][]byte{[]byte(t)}, Header: wire.Header{Type: t}, Parent: parent, Metadata: emptyObject, Content: encode(content),
	}
}

func (k *Kernel) send(ch wire.Channel, ms ...*wire.Message) error {
	err := k.Out.Send(ch, ms...)
	if err != nil {
		k.Logger.Debug("message was not sent", "type", ms[0].Header.Type, "channel", ch, "error", err)
	}
	return err
}
