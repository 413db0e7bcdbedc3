package device

import (
	"cmp"
	"errors"
	"sync"

	"surprisal/gpu/internal/driver"
)

// Graph is work that was captured, to be given to a stream again by one call.
type Graph struct {
	d        *Device
	exec     driver.GraphExec
	launches int
}

// graphs are those that nobody closed yet.
type graphs struct {
	mu  sync.Mutex
	all map[*Graph]struct{}
}

func (g *graphs) close(d *Device) (err error) {
	for v := range g.all {
		err = errors.Join(err, d.try("GraphExecDestroy", func() driver.Code { return d.calls.GraphExecDestroy(v.exec) }))
	}
	g.all = nil
	return err
}

// Capture makes a graph of what f gives to the stream, which is not run. Buffers
// and kernels must be there before, copies to and from the host cannot be captured,
// and what a graph uses must live as long as it does. Without a driver that has
// graphs the error is an ErrUnsupported.
func (t *Thread) Capture(s *Stream, f func() error) (*Graph, error) {
	if err := t.alive(); err != nil {
		return nil, err
	}
	c, d := t.d.calls, t.d
	switch {
	case c.CaptureBegin == nil || c.CaptureEnd == nil || c.GraphLaunch == nil || c.GraphDestroy == nil || c.GraphExecDestroy == nil:
		return nil, d.lacks("CaptureBegin")
	case c.GraphInstantiate == nil:
		return nil, d.lacks("GraphInstantiate")
	}
	if err := d.failed("CaptureBegin", c.CaptureBegin(s.handle)); err != nil {
		return nil, err
	}
	s.capturing.Store(true)
	before := d.journal.count()
	err := f()
	s.capturing.Store(false)
	launches := int(d.journal.count() - before)
	if d.lost.Load() != nil {
		return nil, d.lost.Load()
	}
	graph, code := c.CaptureEnd(s.handle) // also after an error: the stream is of no use before
	if err == nil {
		err = d.failed("CaptureEnd", code)
	}
	var exec driver.GraphExec
	if err == nil {
		exec, code = c.GraphInstantiate(graph)
		err = d.failed("GraphInstantiate", code)
	}
	if graph != 0 {
		d.try("GraphDestroy", func() driver.Code { return c.GraphDestroy(graph) })
	}
	if err = cmp.Or(err, t.alive()); err != nil {
		return nil, err
	}
	g := &Graph{d: d, exec: exec, launches: launches}
	d.graphs.mu.Lock()
	defer d.graphs.mu.Unlock()
	if d.graphs.all == nil {
		d.graphs.all = map[*Graph]struct{}{}
	}
	d.graphs.all[g] = struct{}{}
	return g, nil
}

// Replay gives a graph to a stream.
func (t *Thread) Replay(s *Stream, g *Graph) error {
	if err := t.alive(); err != nil {
		return err
	}
	g.d.graphs.mu.Lock()
	_, open := g.d.graphs.all[g]
	g.d.graphs.mu.Unlock()
	if !open {
		return ErrClosed
	}
	t.d.journal.add("a graph", Dim{X: g.launches}, Dim{X: 1})
	return t.d.failed("GraphLaunch", t.d.calls.GraphLaunch(g.exec, s.handle))
}

// Close gives the graph back. Runs that have begun end.
func (g *Graph) Close() error {
	return g.d.Do(func(t *Thread) error {
		g.d.graphs.mu.Lock()
		defer g.d.graphs.mu.Unlock()
		if _, open := g.d.graphs.all[g]; !open {
			return nil
		}
		delete(g.d.graphs.all, g)
		return t.d.failed("GraphExecDestroy", t.d.calls.GraphExecDestroy(g.exec))
	})
}
