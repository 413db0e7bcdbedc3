package kernel

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"surprisal/jupyter/wire"
)

// OutputPolicy bounds what cells show. The zero value is what front ends live
// with: Jupyter's server drops what exceeds 1,000 messages or 1 MB of streams a
// second, averaged over three.
type OutputPolicy struct {
	All      bool          // no bound on bytes: everything is sent
	First    time.Duration // from the first byte to its message; 10 ms
	Interval time.Duration // between later messages of a stream; 50 ms
	Head     int           // JSON bytes of a cell's streams that are shown as they come; 2 MB
	Tail     int           // JSON bytes of the newest rest, shown at the end; 512 KB
	File     int64         // bytes of the rest that the file takes, so that no loop fills the disk; 1 GiB
	MaxRate  int           // messages a second; 900
}

func (p OutputPolicy) withDefaults() OutputPolicy {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&p.First, 10*time.Millisecond)
	def(&p.Interval, 50*time.Millisecond)
	if p.Head == 0 {
		p.Head = 2_000_000
	}
	if p.Tail == 0 {
		p.Tail = 512_000
	}
	if p.File == 0 {
		p.File = 1 << 30
	}
	if p.MaxRate == 0 {
		p.MaxRate = 900
	}
	return p
}

type transient struct {
	ID string `json:"display_id,omitempty"`
}

type displayContent struct {
	Bundle
	Transient transient `json:"transient"`
}

type resultContent struct {
	Count int `json:"execution_count"`
	Bundle
}

type clearContent struct {
	Wait bool `json:"wait"`
}

type streamContent struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Emit shows o under its cell. It blocks where messages come faster than front
// ends take them.
func (k *Kernel) Emit(from CellID, o Output) {
	c := k.cells.get(from)
	c.announce()
	switch o := o.(type) {
	case Lost:
		k.forget(c)
	case CommMessage:
		k.emitComm(c, o)
	case Stream:
		if c != nil && !c.silent {
			c.write(k, o.Name, o.Text)
		}
	default:
		if c != nil && !c.silent {
			k.show(c, o)
		}
	}
}

func (k *Kernel) show(c *cell, o Output) {
	k.pace.wait(c.pacing(k))
	switch o := o.(type) {
	case Display:
		c.publish(k, wire.DisplayData, displayContent{bundleContent(o.Bundle), transient{o.ID}})
	case Update:
		c.publish(k, wire.UpdateDisplayData, displayContent{bundleContent(o.Bundle), transient{o.ID}})
	case Clear:
		c.publish(k, wire.ClearOutput, clearContent(o))
	case Result:
		b := bundleContent(o.Bundle)
		if c.store {
			k.history.result(c.count, plainText(b))
		}
		c.publish(k, wire.ExecuteResult, resultContent{c.count, b})
	case *Error:
		c.mu.Lock()
		c.shown = o
		c.mu.Unlock()
		c.publish(k, wire.Error, contentOf(o))
	}
}

// pacing is how long output of the cell may be held up: not beyond its
// interrupt, but late output, whose context has ended too, is paced all the
// same.
func (c *cell) pacing(k *Kernel) context.Context {
	if c.hasEnded() {
		return k.ctx
	}
	return c.ctx
}

func (c *cell) hasEnded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

func plainText(b Bundle) string {
	var s string
	_ = json.Unmarshal(b.Data["text/plain"], &s)
	return s
}

// emitComm keeps the table right and sends, under the parent of the cell if it
// is known: a comm works without.
func (k *Kernel) emitComm(c *cell, m CommMessage) {
	parent, ctx := emptyObject, k.ctx
	if c != nil {
		parent, ctx = c.parent, c.pacing(k)
	}
	switch m.Kind {
	case CommOpen:
		k.comms.open(m.ID, m.Target)
	case CommClose:
		k.comms.close(m.ID)
	}
	k.pace.wait(ctx)
	if c != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.flushLocked(k, false)
	}
	k.publishComm(parent, m)
}

// forget closes every comm and remembers to say that variables are gone.
func (k *Kernel) forget(c *cell) {
	if k.nextID.Load() > 0 { // else there was nothing to lose
		k.lost.Store(true)
	}
	parent := emptyObject
	if c != nil {
		parent = c.parent
	}
	for _, id := range k.comms.closeAll() {
		k.publishComm(parent, CommMessage{Kind: CommClose, ID: id})
	}
}

// publish sends content under the cell, after what it has printed so far.
func (c *cell) publish(k *Kernel, t wire.Type, content any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushLocked(k, false)
	k.publish(t, c.parent, content)
}

// showFailure shows how the execution failed, unless the evaluator has emitted
// that same error already.
func (c *cell) showFailure(k *Kernel, e *Error) {
	c.mu.Lock()
	was := c.shown
	c.mu.Unlock()
	if c.silent || (was != nil && was.Name == e.Name && was.Value == e.Value) {
		return
	}
	c.publish(k, wire.Error, contentOf(e))
}

// writer is a stream of the cell as a writer.
func (c *cell) writer(k *Kernel, name string) io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		c.write(k, name, p)
		return len(p), nil
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

var _ Sink = (*Kernel)(nil)
