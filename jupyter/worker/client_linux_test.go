package worker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"surprisal/jupyter/kernel"
)

func TestRequestsBothWays(t *testing.T) {
	f := newFront(t, Config{})
	for _, c := range []struct{ name, reason, script, want string }{
		{"value", "the last value is a result behind the prints", "print a\nvalue v", "1:a\n<result v>"},
		{"display", "display, update and clear keep their place", "print a\ndisplay x\nprint b\nupdate x\nclear wait\nprint c", "2:a\n<display x x>b\n<update x x!><clear true>c\n"},
		{"raw and C", "what bypasses us has the running cell as its owner", "raw r\nc c\ndisplay d\nc e", "3:r\nc\n<display d d>e\n"},
		{"prompt", "an input request comes behind what was printed before", "print a\ninput name", "4:a\n<input name>"},
	} {
		got, _ := f.run(c.script)
		if got != c.want {
			t.Errorf("%s: got %q, want %q: %s", c.name, got, c.want, c.reason)
		}
	}
	if got, o := f.run("fail bad"); o.Err == nil || o.Err.Value != "bad" || len(o.Err.Traceback) != 1 || got != "" {
		t.Errorf("a failed cell: outcome %v, outputs %q, want its error once", o.Err, got)
	}
	_, o := f.run("page p", "next x := 1", "print a")
	if len(o.Payload) != 2 || !strings.Contains(string(o.Payload[0]), `"text/plain":"p"`) || !strings.Contains(string(o.Payload[1]), "x := 1") {
		t.Errorf("payload %s", o.Payload)
	}
	if _, o := f.run("print a"); len(o.Payload) != 0 {
		t.Errorf("payload of an earlier cell again: %s", o.Payload)
	}
}

// The front starts the monitor, and the worker hears what came of it.
func TestMonitorIsStartedByTheFront(t *testing.T) {
	for _, c := range []struct {
		start func(context.Context) error
		want  string
	}{
		{func(context.Context) error { return nil }, "monitor <nil>"},
		{func(context.Context) error { return errors.New("no room") }, "monitor no room"},
		{nil, "monitor worker: this kernel starts no monitor"},
	} {
		f := newFront(t, Config{Monitor: c.start})
		if got, o := f.run("monitor"); !strings.HasSuffix(got, ":"+c.want+"\n") || o.Err != nil {
			t.Errorf("%q, %v, want %q", got, o.Err, c.want)
		}
	}
}

// One that starts slowly is waited for no longer than the cell runs.
func TestInterruptOfACellThatWaitsForTheMonitor(t *testing.T) {
	started := make(chan struct{})
	f := newFront(t, Config{Monitor: func(ctx context.Context) error { close(started); <-ctx.Done(); return ctx.Err() }})
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-started; cancel() }()
	if o := f.Execute(ctx, kernel.Cell{ID: 1, Count: 1, Code: "monitor"}); o.Err == nil || o.Err.Name != "Interrupted" {
		t.Errorf("%v", o.Err)
	}
	if got, _ := f.run("print a"); got != "1:monitor context canceled\na\n" {
		t.Errorf("the next cell: %q", got)
	}
}

func TestAsk(t *testing.T) {
	f := newFront(t, Config{})
	ctx := context.Background()
	for _, c := range []struct {
		q    kernel.Question
		want string
	}{
		{kernel.Complete{Code: "fmt.é", Cursor: 5}, "{5 5 [{fmt.é! function func()}]}"},
		{kernel.IsComplete{Code: "  "}, "{incomplete   }"},
		{kernel.Inspect{}, "{false {map[] map[]}}"},
	} {
		a, err := f.Ask(ctx, c.q)
		if got := fmt.Sprintf("%v", a); err != nil || got != c.want {
			t.Errorf("%#v: %s %v, want %s", c.q, got, err, c.want)
		}
	}
	a, err := f.Ask(ctx, kernel.Inspect{Code: "x", Cursor: 1, Level: 1})
	if i, ok := a.(kernel.Inspection); err != nil || !ok || !i.Found || plain(i.Bundle) != "x1 1" || string(i.Bundle.Data["text/markdown"]) != `"**x**"` {
		t.Errorf("inspection %v %v", a, err)
	}
	// While a cell runs, and while its output is held up.
	stop, cancel := context.WithCancel(ctx)
	end := f.start(stop, "block")
	f.waitFor(t, "the cell's begin", func(g []emitted) bool { return len(g) > 0 })
	if _, err := f.Ask(ctx, kernel.IsComplete{}); err != nil {
		t.Error(err)
	}
	cancel()
	end()
	// A caller that gives up does not wait for the answer.
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := f.Ask(short, kernel.Complete{Code: "slow"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a question that takes long: %v", err)
	}
}

func TestUserExpressions(t *testing.T) {
	f := newFront(t, Config{})
	o := f.Execute(context.Background(), kernel.Cell{ID: 1, Code: "set 7", UserExpr: map[string]string{"a": "kept", "b": "nope"}})
	if o.Err != nil || plain(o.UserExpr["a"].Bundle) != "7" || o.UserExpr["b"].Err == nil || o.UserExpr["b"].Err.Value != "undefined: nope" {
		t.Errorf("%+v", o)
	}
}

func TestComm(t *testing.T) {
	f := newFront(t, Config{})
	f.run("target echo")
	ctx := context.Background()
	if err := f.Comm(ctx, 10, kernel.CommMessage{Kind: kernel.CommOpen, ID: "i", Target: "echo"}); err != nil {
		t.Fatal(err)
	}
	if err := f.Comm(ctx, 11, kernel.CommMessage{Kind: kernel.CommMsg, ID: "i", Data: []byte(`{"n":1}`), Buffers: [][]byte{{0, 255}, {}}}); err != nil {
		t.Fatal(err)
	}
	got := text(f.take())
	if !strings.Contains(got, "1:message 1\n") || !strings.Contains(got, `11:<comm 2 i {"n":1} ["\x00\xff" ""]>`) {
		t.Errorf("got %q", got)
	}
	if err := f.Comm(ctx, 12, kernel.CommMessage{Kind: kernel.CommMsg, ID: "none"}); err == nil {
		t.Error("a message to a comm that is not open: no error")
	}
}

func TestInput(t *testing.T) {
	f := newFront(t, Config{})
	if _, o := f.run("input a"); o.Err == nil || o.Err.Value != "nobody can answer" {
		t.Errorf("where nobody can answer: %v", o.Err)
	}
	f.answer = func(_ context.Context, prompt string) (string, error) { return "<" + prompt + ">", nil }
	if got, _ := f.run("input a", "input b"); got != "2:<input a>got <a>\n<input b>got <b>\n" {
		t.Errorf("got %q", got)
	}
	f.answer = func(ctx context.Context, _ string) (string, error) { <-ctx.Done(); return "", ctx.Err() }
	ctx, cancel := context.WithCancel(context.Background())
	end := f.start(ctx, "input c")
	f.waitFor(t, "the prompt", func(g []emitted) bool { return len(g) > 0 })
	cancel()
	if o := end(); o.Err == nil {
		t.Error("an interrupt did not end the input")
	}
}

// Prints and displays in turn: draining a pipe before a display is not enough,
// later prints would come out early.
func TestOrderOfPrintsAndDisplays(t *testing.T) {
	f := newFront(t, Config{})
	const pairs, mixed = 10000, 3000
	f.run("pairs " + strconv.Itoa(pairs)) // displays are in the text in brackets
	for _, c := range []struct {
		script string
		n      int
		want   func(*strings.Builder, int)
	}{
		{"pairs ", pairs, func(b *strings.Builder, i int) { fmt.Fprintf(b, "p%d\n<display  d%d>", i, i) }},
		{"mix ", mixed, func(b *strings.Builder, i int) { fmt.Fprintf(b, "0-%d\n1-%d\n2-%d\n<display  3-%d>", i, i, i, i) }},
		{"lines ", 100000, func(b *strings.Builder, i int) { fmt.Fprintf(b, "line %d\n", i) }},
	} {
		got, o := f.run(c.script + strconv.Itoa(c.n))
		var want strings.Builder
		fmt.Fprintf(&want, "%d:", f.last)
		for i := range c.n {
			c.want(&want, i)
		}
		if o.Err != nil || got != want.String() {
			t.Errorf("%s: %v, outputs are out of order: %s", c.script, o.Err, firstDifference(got, want.String()))
		}
	}
}

func firstDifference(got, want string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("at %d: %.60q, want %.60q", i, got[i:], want[i:])
		}
	}
	return fmt.Sprintf("%d bytes, want %d", len(got), len(want))
}

// Text of an earlier cell's goroutine among raw output of the running one, in
// pieces longer and shorter than an atomic write.
func TestLatePrintsKeepTheirOwner(t *testing.T) {
	f := newFront(t, Config{})
	const late, own = 3000, 20000
	f.start(context.Background(), fmt.Sprintf("late %d", late))()
	first := f.last
	f.start(context.Background(), fmt.Sprintf("own %d", own))()
	f.waitFor(t, "the end of the goroutine", func(g []emitted) bool {
		return strings.Contains(byCell(g)[first], "late end\n")
	})
	got := byCell(f.take())
	var want strings.Builder
	for i := range late {
		fmt.Fprintln(&want, "late", i, strings.Repeat("l", i%9000))
	}
	want.WriteString("late end\n")
	if got[first] != want.String() {
		t.Errorf("cell of the goroutine: %s", firstDifference(got[first], want.String()))
	}
	want.Reset()
	for i := range own {
		fmt.Fprintln(&want, "own", i)
	}
	if got[first+1] != want.String() {
		t.Errorf("running cell: %s", firstDifference(got[first+1], want.String()))
	}
}

func byCell(got []emitted) map[kernel.CellID]string {
	b := map[kernel.CellID]*strings.Builder{}
	for _, e := range got {
		if s, ok := e.out.(kernel.Stream); ok {
			if b[e.from] == nil {
				b[e.from] = new(strings.Builder)
			}
			b[e.from].Write(s.Text)
		}
	}
	out := map[kernel.CellID]string{}
	for id, s := range b {
		out[id] = s.String()
	}
	return out
}

func TestLatePanicIsItsCellsError(t *testing.T) {
	f := newFront(t, Config{})
	f.run("latepanic boom")
	f.start(context.Background(), "go-on")() // not run: it would take the error that may come before its end
	f.waitFor(t, "the error", func(g []emitted) bool { return strings.Contains(text(g), "1:<error Panic boom>") })
}

func TestStdoutClosedOrReplaced(t *testing.T) {
	f := newFront(t, Config{})
	for _, verb := range []string{"close", "replace", "closefd 1"} {
		if got, o := f.run("var a", verb, "print b", "display d"); o.Err != nil || !strings.HasSuffix(got, "a\nb\n<display d d>") {
			t.Errorf("%s: got %q %v", verb, got, o.Err)
		}
		if got, _ := f.run("var next", "c too", "print three"); !strings.HasSuffix(got, "next\ntoo\nthree\n") {
			t.Errorf("after %s the next cell shows %q", verb, got)
		}
	}
}

func TestBigOutputs(t *testing.T) {
	f := newFront(t, Config{})
	f.start(context.Background(), "bulk 100", "big 30")()
	n := 0
	for _, e := range f.take() {
		switch o := e.out.(type) {
		case kernel.Stream:
			n += len(o.Text)
		case kernel.Display:
			if l := len(o.Data["image/png"]); l != (30<<20+2)/3*4+2 {
				t.Errorf("image of %d characters", l)
			}
			if n != 100<<20 {
				t.Errorf("%d bytes before the image, want 100 MiB", n)
			}
			n = -1
		}
	}
	if n != -1 {
		t.Error("the image did not come")
	}
}
