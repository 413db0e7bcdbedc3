package interp

import (
	"bytes"
	"io"
)

// Served returns a writer for the standard logger that hands on to w what is
// logged, with one change: where net/http reports that a handler has panicked,
// and appends the stack of the process, it shows the functions of cells that
// the panic went through. Such a handler's connection ends, and no cell.
func (s *Session) Served(w io.Writer) io.Writer { return served{s, w} }

type served struct {
	s *Session
	w io.Writer
}

// Write is called on the goroutine that panicked, in its deferred function.
func (l served) Write(b []byte) (int, error) {
	head, stack, ok := bytes.Cut(b, []byte("\ngoroutine "))
	if !ok || !bytes.Contains(head, []byte("http: panic serving ")) || !bytes.Contains(stack, []byte("net/http.(*conn).serve")) {
		return l.w.Write(b)
	}
	text := append([]byte{}, head...)
	for _, line := range l.s.frameText(l.s.marks.take()) {
		text = append(append(text, '\n'), line...)
	}
	if _, err := l.w.Write(append(text, '\n')); err != nil {
		return 0, err
	}
	return len(b), nil
}
