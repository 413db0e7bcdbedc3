package interp

import (
	"bytes"
	"io"
	"log"
	"maps"
	"reflect"
	"strings"
)

// uncoloured takes out the colours of tracebacks: a log is read as it is.
var uncoloured = strings.NewReplacer("\x1b[31m", "", "\x1b[1m", "", "\x1b[0m", "")

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
		text = append(append(text, '\n'), uncoloured.Replace(line)...)
	}
	if _, err := l.w.Write(append(text, '\n')); err != nil {
		return 0, err
	}
	return len(b), nil
}

// logging is package log with loggers that cells make, or turn elsewhere, writing
// as Served has it. Their writers are those that the cells gave.
func (s *Session) logging(vs map[string]reflect.Value) map[string]reflect.Value {
	vs = maps.Clone(vs)
	after := func(name string, f func(results []reflect.Value)) {
		if was := vs[name]; was.IsValid() {
			vs[name] = reflect.MakeFunc(was.Type(), func(args []reflect.Value) []reflect.Value {
				results := was.Call(args)
				f(results)
				return results
			})
		}
	}
	after("SetOutput", func([]reflect.Value) { log.SetOutput(s.Served(log.Writer())) })
	after("New", func(results []reflect.Value) {
		if l, ok := results[0].Interface().(interface {
			SetOutput(io.Writer)
			Writer() io.Writer
		}); ok {
			l.SetOutput(s.Served(l.Writer()))
		}
	})
	vs["Writer"] = reflect.ValueOf(func() io.Writer { return unserved(log.Writer()) })
	return vs
}

// logMethods stand in for those of loggers, see standIns.
func (s *Session) logMethods() map[string]reflect.Value {
	return map[string]reflect.Value{
		"Logger.SetOutput": reflect.ValueOf(func(l *log.Logger, w io.Writer) { l.SetOutput(s.Served(w)) }),
		"Logger.Writer":    reflect.ValueOf(func(l *log.Logger) io.Writer { return unserved(l.Writer()) }),
	}
}

func unserved(w io.Writer) io.Writer {
	if x, ok := w.(served); ok {
		return x.w
	}
	return w
}
