package symbols

import (
	"fmt"
	"io"
	"log"
	"os"
	"sync/atomic"
)

// stream is one of the two standard outputs of a session.
type stream struct {
	file  **os.File   // the variable, which cells may assign
	to    io.Writer   // what knows whose output it is; nil for the file itself
	first os.FileInfo // where it led at first, to tell it from a cell's file
	known *atomic.Pointer[os.File]
}

func newStream(file **os.File, to io.Writer) stream {
	first, err := (*file).Stat()
	if err != nil {
		first = nil // closed: then no file is the same
	}
	return stream{file, to, first, &atomic.Pointer[os.File]{}}
}

// is tells whether f is the session's output and not a file that a cell has
// put there. The worker may have opened it anew, so what counts is where it
// leads.
func (s *stream) is(f *os.File) bool {
	if s.to == nil || f == nil || f != *s.file {
		return false
	}
	if s.known.Load() == f {
		return true
	}
	info, err := f.Stat()
	if err != nil || s.first == nil || !os.SameFile(info, s.first) {
		return false
	}
	s.known.Store(f)
	return true
}

// writer returns where to write what a cell writes to w.
func (t *Table) writer(w io.Writer) io.Writer {
	f, ok := w.(*os.File)
	if !ok {
		return w
	}
	for i := range t.out {
		if t.out[i].is(f) {
			return t.out[i].to
		}
	}
	return w
}

// stdout is where fmt.Print goes. A cell may have assigned os.Stdout, so it is
// looked at anew each time.
func (t *Table) stdout() io.Writer { return t.writer(*t.out[0].file) }

// bindPrint makes each printing call one Write to what knows whose output it
// is.
func (t *Table) bindPrint(b bindings) {
	b.set("fmt", "Print", func(a ...any) (int, error) { return fmt.Fprint(t.stdout(), a...) })
	b.set("fmt", "Println", func(a ...any) (int, error) { return fmt.Fprintln(t.stdout(), a...) })
	b.set("fmt", "Printf", func(format string, a ...any) (int, error) { return fmt.Fprintf(t.stdout(), format, a...) })
	b.set("fmt", "Fprint", func(w io.Writer, a ...any) (int, error) { return fmt.Fprint(t.writer(w), a...) })
	b.set("fmt", "Fprintln", func(w io.Writer, a ...any) (int, error) { return fmt.Fprintln(t.writer(w), a...) })
	b.set("fmt", "Fprintf", func(w io.Writer, format string, a ...any) (int, error) {
		return fmt.Fprintf(t.writer(w), format, a...)
	})
	b.set("io", "WriteString", func(w io.Writer, s string) (int, error) { return io.WriteString(t.writer(w), s) })
}

// bindLog gives cells the native log functions, because yaegi's own have a
// logger that slog does not know, and keeps Fatal from ending the process.
func (t *Table) bindLog(b bindings) {
	b.set("log", "Default", log.Default)
	b.set("log", "Print", log.Print)
	b.set("log", "Printf", log.Printf)
	b.set("log", "Println", log.Println)
	b.set("log", "Panic", log.Panic)
	b.set("log", "Panicf", log.Panicf)
	b.set("log", "Panicln", log.Panicln)
	b.set("log", "Output", log.Output)
	b.set("log", "Flags", log.Flags)
	b.set("log", "SetFlags", log.SetFlags)
	b.set("log", "Prefix", log.Prefix)
	b.set("log", "SetPrefix", log.SetPrefix)
	b.set("log", "Writer", log.Writer)
	b.set("log", "SetOutput", func(w io.Writer) { log.SetOutput(t.writer(w)) })
	b.set("log", "New", func(w io.Writer, prefix string, flag int) *log.Logger { return log.New(t.writer(w), prefix, flag) })
	exit := t.opt.Exit
	if exit == nil {
		return
	}
	fatal := func(l *log.Logger, text string) {
		l.Output(3, text)
		exit(1)
	}
	b.set("log", "Fatal", func(a ...any) { fatal(log.Default(), fmt.Sprint(a...)) })
	b.set("log", "Fatalf", func(format string, a ...any) { fatal(log.Default(), fmt.Sprintf(format, a...)) })
	b.set("log", "Fatalln", func(a ...any) { fatal(log.Default(), fmt.Sprintln(a...)) })
	b.set("log", "Logger.Fatal", func(l *log.Logger, a []any) { fatal(l, fmt.Sprint(a...)) })
	b.set("log", "Logger.Fatalf", func(l *log.Logger, format string, a []any) { fatal(l, fmt.Sprintf(format, a...)) })
	b.set("log", "Logger.Fatalln", func(l *log.Logger, a []any) { fatal(l, fmt.Sprintln(a...)) })
}
