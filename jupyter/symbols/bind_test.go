package symbols

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"surprisal/jupyter/comm"
	"surprisal/jupyter/display"
	"surprisal/jupyter/notebook"
)

// host answers with its lines, and is at its end after them.
type host struct{ lines []string }

func (h *host) Input(string, bool) (string, error) {
	if len(h.lines) == 0 {
		return "", errors.New("nobody can answer")
	}
	s := h.lines[0]
	h.lines = h.lines[1:]
	return s, nil
}
func (h *host) Page(display.Bundle) {}
func (h *host) NextInput(string)    {}

// bound returns a bound function of a new table with options o.
func bound[F any](t *testing.T, o Options, path, name string) F {
	t.Helper()
	f, ok := New(o).Bind()[path][name]
	if !ok {
		t.Fatalf("%s.%s is not bound", path, name)
	}
	typed, ok := f.Interface().(F)
	if !ok {
		t.Fatalf("%s.%s is a %v", path, name, f.Type())
	}
	return typed
}

// A bound function must have the type that the checker sees.
func TestBoundTypes(t *testing.T) {
	o := Options{
		Screen: display.NewScreen(nil), Comms: comm.New(nil, comm.Owner{}), Notebook: notebook.New(nil),
		Wrap: func(f func()) func() { return f }, Sleep: time.Sleep, Exit: os.Exit,
	}
	tab := New(o)
	for path, names := range tab.Bind() {
		for name, v := range names {
			if strings.Contains(name, ".") {
				continue // a method; its type is in the next test
			}
			if want := tab.Values(path)[name]; !want.IsValid() || want.Type() != v.Type() {
				t.Errorf("%s.%s is bound to a %v, want %v", path, name, v.Type(), want)
			}
		}
	}
	for _, name := range []string{"display.Show", "display.Clear", "comm.Register", "comm.Open", "notebook.Input", "notebook.Sh"} {
		pkg, f, _ := strings.Cut(name, ".")
		if !tab.Bind()["surprisal/jupyter/"+pkg][f].IsValid() {
			t.Errorf("%s is not bound", name)
		}
	}
}

func TestBoundMethods(t *testing.T) {
	wrapped := 0
	o := Options{Wrap: func(f func()) func() { wrapped++; return f }, Exit: func(int) {}}
	var wg sync.WaitGroup
	ran := false
	bound[func(*sync.WaitGroup, func())](t, o, "sync", "WaitGroup.Go")(&wg, func() { ran = true })
	wg.Wait()
	done := make(chan bool)
	bound[func(time.Duration, func()) *time.Timer](t, o, "time", "AfterFunc")(0, func() { close(done) })
	<-done
	ctx, cancel := context.WithCancel(t.Context())
	done = make(chan bool)
	bound[func(context.Context, func()) func() bool](t, o, "context", "AfterFunc")(ctx, func() { close(done) })
	cancel()
	<-done
	if !ran || wrapped != 3 {
		t.Errorf("ran %v, wrapped %d of 3", ran, wrapped)
	}
}

func TestPrint(t *testing.T) {
	var out, errs bytes.Buffer
	o := Options{Stdout: &out, Stderr: &errs}
	tab := New(o).Bind()["fmt"]
	tab["Println"].Interface().(func(...any) (int, error))("a", 1)
	tab["Printf"].Interface().(func(string, ...any) (int, error))("%d", 2)
	fprint := tab["Fprintln"].Interface().(func(io.Writer, ...any) (int, error))
	fprint(os.Stderr, "e")
	fprint(os.Stdout, "o")
	var own bytes.Buffer
	fprint(&own, "own")
	if out.String() != "a 1\n2o\n" || errs.String() != "e\n" || own.String() != "own\n" {
		t.Errorf("stdout %q, stderr %q, own %q", out.String(), errs.String(), own.String())
	}
	// A cell that assigns os.Stdout gets what it asked for.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stdout
	os.Stdout = w
	tab["Println"].Interface().(func(...any) (int, error))("captured")
	os.Stdout = old
	w.Close()
	if b, _ := io.ReadAll(r); string(b) != "captured\n" {
		t.Errorf("the cell's own os.Stdout got %q", b)
	}
	r.Close()
}

func TestExit(t *testing.T) {
	code := -1
	var text bytes.Buffer
	o := Options{Exit: func(c int) { code = c }}
	bound[func(int)](t, o, "os", "Exit")(3)
	if code != 3 {
		t.Errorf("exit code %d", code)
	}
	l := log.New(&text, "p: ", log.Lshortfile)
	bound[func(*log.Logger, string, []any)](t, o, "log", "Logger.Fatalf")(l, "no %s", []any{"data"})
	if code != 1 || !strings.HasSuffix(text.String(), ": no data\n") {
		t.Errorf("exit code %d, logged %q", code, text.String())
	}
}

func TestScan(t *testing.T) {
	o := Options{Notebook: notebook.New(&host{lines: []string{"12 ab", "π 4"}})}
	scan := bound[func(...any) (int, error)](t, o, "fmt", "Scan")
	var n int
	var s, p string
	if _, err := scan(&n, &s); err != nil || n != 12 || s != "ab" {
		t.Errorf("%d, %q, %v", n, s, err)
	}
	if _, err := scan(&p); err != nil || p != "π" {
		t.Errorf("%q, %v", p, err)
	}
	if _, err := scan(&n); err != nil || n != 4 {
		t.Errorf("%d, %v: the rest of the line is lost between calls", n, err)
	}
	if _, err := scan(&n); !errors.Is(err, io.EOF) {
		t.Errorf("where nobody answers: %v", err)
	}
}

// fmt.Scan leaves the end of the line behind, which is no answer to what the
// next cell asks.
func TestNextCellAsksAnew(t *testing.T) {
	cell := uint64(1)
	o := Options{Notebook: notebook.New(&host{lines: []string{"3 left", "two words"}}), Cell: func() uint64 { return cell }}
	b := bindings{}
	New(o).bindInput(b)
	var n int
	if _, err := b["fmt"]["Scan"].Interface().(func(...any) (int, error))(&n); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	cell = 2
	var x, y string
	if _, err := b["fmt"]["Scanln"].Interface().(func(...any) (int, error))(&x, &y); err != nil || x+y != "twowords" {
		t.Errorf("%q %q, %v", x, y, err)
	}
}

func TestStdinAsReader(t *testing.T) {
	o := Options{Notebook: notebook.New(&host{lines: []string{"one", "two"}})}
	sc := bound[func(io.Reader) *bufio.Scanner](t, o, "bufio", "NewScanner")(os.Stdin)
	var got []string
	for sc.Scan() {
		got = append(got, sc.Text())
	}
	if fmt.Sprint(got) != "[one two]" || sc.Err() != nil {
		t.Errorf("%v, %v", got, sc.Err())
	}
	sc = bound[func(io.Reader) *bufio.Scanner](t, o, "bufio", "NewScanner")(strings.NewReader("x"))
	if !sc.Scan() || sc.Text() != "x" {
		t.Error("another reader is not read")
	}
}

func TestInputFromTheNotebook(t *testing.T) {
	o := Options{Notebook: notebook.New(&host{lines: []string{"me"}})}
	if s, err := bound[func(string) (string, error)](t, o, "surprisal/jupyter/notebook", "Input")("name? "); s != "me" || err != nil {
		t.Error(s, err)
	}
}
