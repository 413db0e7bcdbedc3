package symbols

import (
	"fmt"
	"io"
	"log"
	"os"
)

// stream returns where to write what a cell writes to w.
func (t *Table) stream(w io.Writer) io.Writer {
	if s := t.opt.Stream(w); s != nil {
		return s
	}
	return w
}

// bindPrint makes each printing call one Write to the stream that knows whose
// output it is. os.Stdout is looked at anew each time: a cell may assign it.
func (t *Table) bindPrint(b bindings) {
	b.set("fmt", "Print", func(a ...any) (int, error) { return fmt.Fprint(t.stream(os.Stdout), a...) })
	b.set("fmt", "Println", func(a ...any) (int, error) { return fmt.Fprintln(t.stream(os.Stdout), a...) })
	b.set("fmt", "Printf", func(format string, a ...any) (int, error) { return fmt.Fprintf(t.stream(os.Stdout), format, a...) })
	b.set("fmt", "Fprint", func(w io.Writer, a ...any) (int, error) { return fmt.Fprint(t.stream(w), a...) })
	b.set("fmt", "Fprintln", func(w io.Writer, a ...any) (int, error) { return fmt.Fprintln(t.stream(w), a...) })
	b.set("fmt", "Fprintf", func(w io.Writer, format string, a ...any) (int, error) {
		return fmt.Fprintf(t.stream(w), format, a...)
	})
	b.set("io", "WriteString", func(w io.Writer, s string) (int, error) { return io.WriteString(t.stream(w), s) })
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
	b.set("log", "SetOutput", func(w io.Writer) { log.SetOutput(t.stream(w)) })
	b.set("log", "New", func(w io.Writer, prefix string, flag int) *log.Logger { return log.New(t.stream(w), prefix, flag) })
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
	b.set("log", "Logger.Fatal", func(l *log.Logger, a ...any) { fatal(l, fmt.Sprint(a...)) })
	b.set("log", "Logger.Fatalf", func(l *log.Logger, format string, a ...any) { fatal(l, fmt.Sprintf(format, a...)) })
	b.set("log", "Logger.Fatalln", func(l *log.Logger, a ...any) { fatal(l, fmt.Sprintln(a...)) })
}
