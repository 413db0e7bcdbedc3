package protocol

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"surprisal/jupyter/transport"
	"surprisal/jupyter/wire"
)

// patience is how long a test waits for what must come. It is far beyond what
// anything takes, so that a busy machine does not fail a test.
const patience = 30 * time.Second

// got is one message from the kernel.
type got struct {
	ch wire.Channel
	*wire.Message
}

// front is a front end: it keeps everything that the kernel sends.
type front struct {
	testing.TB
	target Target
	run    Running
	cl     *transport.Client

	mu   sync.Mutex
	log  []got
	more chan struct{} // closed and replaced at every message
	ids  int
	name string
}

// open starts a kernel and connects a front end.
func open(t testing.TB, target Target) *front {
	t.Helper()
	return connect(t, target, target.Start(t), "front")
}

func connect(t testing.TB, target Target, run Running, name string) *front {
	t.Helper()
	cl, err := transport.Dial(run.Connection, wire.NewCodec([]byte(run.Connection.Key), name, "tester"), transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := &front{TB: t, target: target, run: run, cl: cl, more: make(chan struct{}), name: name}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := cl.Welcome(ctx); err != nil {
		t.Fatal(err)
	}
	for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin, wire.IOPub} {
		go f.receive(ch)
	}
	t.Cleanup(func() { cl.Close() })
	return f
}

func (f *front) receive(ch wire.Channel) {
	for {
		m, err := f.cl.Recv(context.Background(), ch)
		if err != nil {
			return
		}
		f.mu.Lock()
		f.log = append(f.log, got{ch, m})
		close(f.more)
		f.more = make(chan struct{})
		f.mu.Unlock()
	}
}

// until waits for a message that ok accepts.
func (f *front) until(what string, ok func(got) bool) got {
	f.Helper()
	deadline := time.After(patience)
	for seen := 0; ; {
		f.mu.Lock()
		log, more := f.log, f.more
		f.mu.Unlock()
		for ; seen < len(log); seen++ {
			if ok(log[seen]) {
				return log[seen]
			}
		}
		select {
		case <-more:
		case <-deadline:
			f.Fatalf("no %s came; there came: %s", what, words(log))
		}
	}
}

// during waits for a message under a cell, and fails at once when the cell ends
// without it.
func (f *front) during(cell, what string, ok func(got) bool) got {
	f.Helper()
	g := f.until(what, func(g got) bool {
		return parent(g) == cell && (ok(g) || g.Header.Type == wire.ExecuteReply)
	})
	if g.Header.Type == wire.ExecuteReply {
		f.Fatalf("no %s came, but the end of the cell: %s", what, g.Content)
	}
	return g
}

// post sends a request and returns its id.
func (f *front) post(ch wire.Channel, t wire.Type, content string, change ...func(*wire.Message)) string {
	f.Helper()
	f.ids++
	id := fmt.Sprintf("%s-%s-%d", f.name, t, f.ids)
	m := &wire.Message{Header: wire.Header{ID: id, Type: t}, Content: json.RawMessage(content)}
	for _, c := range change {
		c(m)
	}
	if err := f.cl.Send(ch, m); err != nil {
		f.Fatal(err)
	}
	return id
}

// finish waits for the idle of a request and for its reply, if it has one, and
// returns everything that has the request as its parent.
func (f *front) finish(id string, reply wire.Type) answers {
	f.Helper()
	f.until("idle of "+id, func(g got) bool { return parent(g) == id && word(g) == "idle" })
	if reply != "" {
		f.until(string(reply)+" to "+id, func(g got) bool { return g.ch != wire.IOPub && parent(g) == id && g.Header.Type == reply })
	}
	return f.of(id)
}

// of is what has come for a request so far.
func (f *front) of(id string) answers {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := answers{TB: f}
	for _, g := range f.log {
		switch {
		case parent(g) != id:
		case g.ch == wire.IOPub:
			a.pub = append(a.pub, g)
		default:
			a.direct = append(a.direct, g)
		}
	}
	return a
}

func replyTo(t wire.Type) wire.Type {
	if r, ok := strings.CutSuffix(string(t), "_request"); ok {
		return wire.Type(r + "_reply")
	}
	return ""
}

// ask sends a request on shell and waits for its end.
func (f *front) ask(t wire.Type, content string, change ...func(*wire.Message)) answers {
	f.Helper()
	return f.finish(f.post(wire.Shell, t, content, change...), replyTo(t))
}

// start sends a cell; fields are added to its content.
func (f *front) start(commands string, fields ...string) string {
	f.Helper()
	code, _ := json.Marshal(f.target.CodeFor(commands))
	content := `{"code":` + string(code)
	for _, field := range fields {
		content += "," + field
	}
	return f.post(wire.Shell, wire.ExecuteRequest, content+"}")
}

// cell runs a cell to its end.
func (f *front) cell(commands string, fields ...string) answers {
	f.Helper()
	return f.finish(f.start(commands, fields...), wire.ExecuteReply)
}

// answers is what one request caused: on iopub, and directly to its sender.
type answers struct {
	testing.TB
	pub, direct []got
}

func (a answers) words() string { return words(a.pub) }

// only is the only message of a type.
func (a answers) only(t wire.Type) got {
	a.Helper()
	var found []got
	for _, g := range append(append([]got{}, a.direct...), a.pub...) {
		if g.Header.Type == t {
			found = append(found, g)
		}
	}
	if len(found) != 1 {
		a.Fatalf("%d messages %s, want 1; on iopub: %s, directly: %s", len(found), t, words(a.pub), words(a.direct))
	}
	return found[0]
}

// stream joins the text of a stream.
func (a answers) stream(name string) (text string, messages int) {
	for _, g := range a.pub {
		c := fields(g)
		if g.Header.Type == wire.Stream && c["name"] == name {
			text += c["text"].(string)
			messages++
		}
	}
	return text, messages
}

// reply is the content of the reply.
func (a answers) reply() map[string]any {
	a.Helper()
	if len(a.direct) != 1 {
		a.Fatalf("%d direct messages, want 1: %s", len(a.direct), words(a.direct))
	}
	return fields(a.direct[0])
}

func fields(g got) map[string]any {
	m := map[string]any{}
	_ = json.Unmarshal(g.Content, &m)
	return m
}

// plain is the text/plain of a message with a bundle.
func plain(g got) string {
	data, _ := fields(g)["data"].(map[string]any)
	s, _ := data["text/plain"].(string)
	return s
}

func parent(g got) string {
	var h wire.Header
	_ = json.Unmarshal(g.Parent, &h)
	return h.ID
}

// word names a message; a status by its state.
func word(g got) string {
	if g.Header.Type == wire.Status {
		return fmt.Sprint(fields(g)["execution_state"])
	}
	return string(g.Header.Type)
}

// words names messages; streams that follow each other are one, because how
// text is cut into messages is a matter of time.
func words(list []got) string {
	w := []string{}
	for _, g := range list {
		if n := len(w); g.Header.Type != wire.Stream || n == 0 || w[n-1] != "stream" {
			w = append(w, word(g))
		}
	}
	return strings.Join(w, " ")
}

// signed is a message as frames, for tests that send what no client would.
func (f *front) signed(header, parent, metadata, content string) [][]byte {
	mac := hmac.New(sha256.New, []byte(f.run.Connection.Key))
	parts := [][]byte{[]byte(header), []byte(parent), []byte(metadata), []byte(content)}
	for _, p := range parts {
		mac.Write(p)
	}
	signature := []byte(hex.EncodeToString(mac.Sum(nil)))
	return append([][]byte{[]byte(wire.Delimiter), signature}, parts...)
}
