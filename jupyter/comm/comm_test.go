package comm

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// recorder keeps what was sent, each packet as one line.
type recorder struct {
	mu   sync.Mutex
	sent []string
	fail error
}

func (r *recorder) SendComm(p Packet) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	r.sent = append(r.sent, fmt.Sprintf("%d %s %s %s %q", p.Kind, p.Target, p.Data, p.Metadata, p.Buffers))
	return nil
}

func (r *recorder) want(t *testing.T, lines ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if got, want := strings.Join(r.sent, "\n"), strings.Join(lines, "\n"); got != want {
		t.Errorf("sent\n%s\nwant\n%s", got, want)
	}
}

func TestEcho(t *testing.T) {
	r := &recorder{}
	m := New(r, Owner{})
	m.Register("echo", func(c *Comm, open Message) {
		if open.Data["hello"] != "x" {
			t.Errorf("open carried %v", open.Data)
		}
		c.OnMessage(func(m Message) { c.Send(m.Data, m.Buffers...) })
	})
	handle(t, m, Packet{Kind: KindOpen, ID: "1", Target: "echo", Data: json.RawMessage(`{"hello":"x"}`)})
	handle(t, m, Packet{Kind: KindMessage, ID: "1", Data: json.RawMessage(`{"v":2}`), Buffers: [][]byte{{1, 2}}})
	r.want(t, `2  {"v":2}  ["\x01\x02"]`)
	if len(m.Comms()) != 1 {
		t.Errorf("%d comms are open, want 1", len(m.Comms()))
	}
}

func TestUnknownTargetIsClosed(t *testing.T) {
	r := &recorder{}
	m := New(r, Owner{})
	if err := m.Handle(Packet{Kind: KindOpen, ID: "1", Target: "nobody"}); err == nil || !strings.Contains(err.Error(), `"nobody"`) {
		t.Errorf("error %v does not name the target", err)
	}
	r.want(t, `3  {}  []`)
	m.Register("gone", func(*Comm, Message) {})
	m.Register("gone", nil)
	if err := m.Handle(Packet{Kind: KindOpen, ID: "2", Target: "gone"}); err == nil {
		t.Error("a forgotten target still opens")
	}
}

func TestUnknownCommIsAnError(t *testing.T) {
	m := New(&recorder{}, Owner{})
	for _, k := range []Kind{KindMessage, KindClose, 0, 9} {
		if m.Handle(Packet{Kind: k, ID: "none"}) == nil {
			t.Errorf("kind %d to a comm that is not there: no error", k)
		}
	}
}

func TestMessagesBeforeOnMessageWait(t *testing.T) {
	r := &recorder{}
	m := New(r, Owner{})
	c, err := m.OpenWith("slider", map[string]int{"max": 9}, map[string]any{"version": "2.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		handle(t, m, Packet{Kind: KindMessage, ID: c.ID(), Data: fmt.Appendf(nil, `{"i":%d}`, i)})
	}
	c.OnMessage(nil) // must not lose what waits
	var got []any
	c.OnMessage(func(m Message) { got = append(got, m.Data["i"]) })
	handle(t, m, Packet{Kind: KindMessage, ID: c.ID(), Data: json.RawMessage(`{"i":3}`)})
	if fmt.Sprint(got) != "[0 1 2 3]" {
		t.Errorf("delivered %v, want 0 to 3 in order", got)
	}
	r.want(t, `1 slider {"max":9} {"version":"2.1.0"} []`)
}

func TestPendingIsBounded(t *testing.T) {
	m := New(&recorder{}, Owner{})
	c, _ := m.Open("x", nil)
	var err error
	for range maxPending + 1 {
		err = m.Handle(Packet{Kind: KindMessage, ID: c.ID()})
	}
	if err == nil {
		t.Error("a comm that nobody reads takes messages without end")
	}
}

func TestClose(t *testing.T) {
	r := &recorder{}
	m := New(r, Owner{})
	a, _ := m.Open("a", nil)
	b, _ := m.Open("b", nil)
	closed := ""
	a.OnClose(func(m Message) { closed = fmt.Sprint(m.Data["why"]) })
	handle(t, m, Packet{Kind: KindClose, ID: a.ID(), Data: json.RawMessage(`{"why":"tab"}`)})
	if closed != "tab" {
		t.Errorf("OnClose got %q, want tab", closed)
	}
	if err := a.Send(nil); !errors.Is(err, ErrClosed) {
		t.Errorf("send on a closed comm: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := b.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("second close: %v", err)
	}
	if len(m.Comms()) != 0 {
		t.Errorf("%d comms are left", len(m.Comms()))
	}
	r.want(t, `1 a {}  []`, `1 b {}  []`, `3  {}  []`)
}

func TestFailedOpenLeavesNothing(t *testing.T) {
	m := New(&recorder{fail: errors.New("link down")}, Owner{})
	if _, err := m.Open("a", nil); err == nil {
		t.Error("no error")
	}
	if _, err := m.Open("a", func() {}); err == nil {
		t.Error("a function was sent as JSON")
	}
	if len(m.Comms()) != 0 {
		t.Error("a comm that was never opened is in the table")
	}
}

func TestCallbacksBelongToTheirCell(t *testing.T) {
	cell := uint64(7)
	var ran []uint64
	m := New(&recorder{}, Owner{
		Current: func() uint64 { return cell },
		Run:     func(id uint64, f func()) { ran = append(ran, id); f() },
	})
	m.Register("t", func(c *Comm, _ Message) {
		cell = 8
		c.OnMessage(func(Message) {})
	})
	cell = 99
	handle(t, m, Packet{Kind: KindOpen, ID: "1", Target: "t"})
	cell = 100
	handle(t, m, Packet{Kind: KindMessage, ID: "1"})
	if fmt.Sprint(ran) != "[7 8]" {
		t.Errorf("callbacks ran for cells %v, want 7 (registered) and 8 (set)", ran)
	}
}

func TestDecodeKeepsDigits(t *testing.T) {
	m := message(Packet{Data: json.RawMessage(`{"n":9007199254740993}`)})
	var v struct{ N int64 }
	if err := m.Decode(&v); err != nil || v.N != 9007199254740993 {
		t.Errorf("%d, %v", v.N, err)
	}
	if m := message(Packet{Data: json.RawMessage(`[1]`)}); m.Data != nil {
		t.Errorf("data of an array is %v", m.Data)
	}
	made := Message{Data: map[string]any{"n": 3}}
	if err := made.Decode(&v); err != nil || v.N != 3 {
		t.Errorf("%d, %v", v.N, err)
	}
}

func TestConcurrentUse(t *testing.T) {
	r := &recorder{}
	m := New(r, Owner{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			name := fmt.Sprint(i)
			m.Register(name, func(c *Comm, _ Message) { c.OnMessage(func(m Message) { c.Send(m.Data) }) })
			for j := range 50 {
				id := fmt.Sprint(i, "/", j)
				m.Handle(Packet{Kind: KindOpen, ID: id, Target: name})
				m.Handle(Packet{Kind: KindMessage, ID: id})
				m.Handle(Packet{Kind: KindClose, ID: id})
			}
		})
	}
	wg.Wait()
	if len(r.sent) != 8*50 || len(m.Comms()) != 0 {
		t.Errorf("%d echoes and %d comms left, want 400 and 0", len(r.sent), len(m.Comms()))
	}
}

func TestOutsideOfANotebook(t *testing.T) {
	Register("x", nil)
	if _, err := Open("x", nil); !errors.Is(err, ErrNoNotebook) {
		t.Error(err)
	}
	if _, err := New(nil, Owner{}).Open("x", nil); !errors.Is(err, ErrNoNotebook) {
		t.Error(err)
	}
}

func handle(t *testing.T, m *Manager, p Packet) {
	t.Helper()
	if err := m.Handle(p); err != nil {
		t.Error(err)
	}
}

// A comm whose open handler has not ended as it should is served by nobody: the
// front end must hear that.
func TestAPanicInAnOpenHandlerClosesTheComm(t *testing.T) {
	swallow := func(_ uint64, f func()) { // as a session does, whose panics are its cells' errors
		defer func() { recover() }()
		f()
	}
	for _, c := range []struct {
		name  string
		open  func(*Comm, Message)
		sent  []string
		stays int
	}{
		{"it ends", func(*Comm, Message) {}, nil, 1},
		{"it panics", func(*Comm, Message) { panic("no") }, []string{`3  {}  []`}, 0},
		{"it closes, then panics", func(c *Comm, _ Message) { c.Close(); panic("no") }, []string{`3  {}  []`}, 0},
		{"it is stopped", func(*Comm, Message) { runtime.Goexit() }, []string{`3  {}  []`}, 0},
	} {
		r := &recorder{}
		m := New(r, Owner{Current: func() uint64 { return 1 }, Run: swallow})
		m.Register("t", c.open)
		done := make(chan bool)
		go func() {
			defer close(done)
			m.Handle(Packet{Kind: KindOpen, ID: "1", Target: "t"})
		}()
		<-done
		r.want(t, c.sent...)
		if n := len(m.Comms()); n != c.stays {
			t.Errorf("%s: %d comms are open, want %d", c.name, n, c.stays)
		}
	}
}
