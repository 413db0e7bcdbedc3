//go:build linux && (amd64 || arm64)

package driver

import "math"

func (l *library) bindStreams(c *Calls, at map[string]uintptr) {
	if f := at["StreamCreate"]; f != 0 {
		c.StreamCreate = func(flags uint32) (Stream, Code) {
			v, code := l.word(f, uintptr(flags), 0, 0)
			return Stream(v), code
		}
	}
	c.StreamDestroy = handle[Stream](l, at["StreamDestroy"])
	c.StreamSynchronize = handle[Stream](l, at["StreamSynchronize"])
	if f := at["StreamWaitEvent"]; f != 0 {
		c.StreamWaitEvent = func(s Stream, e Event) Code { return l.plain(f, uintptr(s), uintptr(e), 0, 0) }
	}
	if f := at["EventCreate"]; f != 0 {
		c.EventCreate = func(flags uint32) (Event, Code) {
			v, code := l.word(f, uintptr(flags), 0, 0)
			return Event(v), code
		}
	}
	c.EventDestroy = handle[Event](l, at["EventDestroy"])
	c.EventQuery = handle[Event](l, at["EventQuery"])
	if f := at["EventRecord"]; f != 0 {
		c.EventRecord = func(e Event, s Stream) Code { return l.plain(f, uintptr(e), uintptr(s), 0, 0) }
	}
	if f := at["EventElapsed"]; f != 0 {
		c.EventElapsed = func(from, to Event) (float32, Code) {
			v, code := l.word(f, uintptr(from), uintptr(to), 0)
			return math.Float32frombits(uint32(v)), code
		}
	}
}

func (l *library) bindGraphs(c *Calls, at map[string]uintptr) {
	if f := at["CaptureBegin"]; f != 0 {
		const threadLocal = 1
		c.CaptureBegin = func(s Stream) Code { return l.plain(f, uintptr(s), threadLocal, 0, 0) }
	}
	if fn := at["CaptureEnd"]; fn != 0 {
		c.CaptureEnd = func(s Stream) (Graph, Code) {
			f := l.frame()
			f.args = [11]uintptr{uintptr(s), addr(&f.word[0])}
			code := f.call(fn)
			v := f.word[0]
			l.done(f)
			return Graph(v), code
		}
	}
	if f := at["GraphInstantiate"]; f != 0 {
		c.GraphInstantiate = func(g Graph) (GraphExec, Code) {
			v, code := l.word(f, uintptr(g), 0, 0)
			return GraphExec(v), code
		}
	}
	if f := at["GraphLaunch"]; f != 0 {
		c.GraphLaunch = func(g GraphExec, s Stream) Code { return l.plain(f, uintptr(g), uintptr(s), 0, 0) }
	}
	c.GraphExecDestroy = handle[GraphExec](l, at["GraphExecDestroy"])
	c.GraphDestroy = handle[Graph](l, at["GraphDestroy"])
}

// handle is a function of one handle.
func handle[T ~uintptr](l *library, f uintptr) func(T) Code {
	if f == 0 {
		return nil
	}
	return func(h T) Code { return l.plain(f, uintptr(h), 0, 0, 0) }
}
