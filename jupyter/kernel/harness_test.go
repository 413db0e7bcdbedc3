package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"surprisal/jupyter/wire"
)

// sent is one message that the kernel under test has sent.
type sent struct {
	ch wire.Channel
	*wire.Message
}

// recorder is a Sender that keeps everything.
type recorder struct {
	mu   sync.Mutex
	list []sent
	more chan struct{} // closed and replaced at every message
}

func newRecorder() *recorder { return &recorder{more: make(chan struct{})} }

func (r *recorder) Send(ch wire.Channel, ms ...*wire.Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range ms {
		if !json.Valid(m.Content) || !json.Valid(m.Parent) || !json.Valid(m.Metadata) {
			panic(fmt.Sprintf("not JSON: %s %s %s %s", m.Header.Type, m.Parent, m.Metadata, m.Content))
		}
		r.list = append(r.list, sent{ch, m})
	}
	close(r.more)
	r.more = make(chan struct{})
	return nil
}

func (r *recorder) all() []sent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]sent(nil), r.list...)
}

// until waits for a message that ok accepts.
func (r *recorder) until(t *testing.T, what string, ok func(sent) bool) sent {
	t.Helper()
	deadline := time.After(20 * time.Second)
	seen := 0
	for {
		r.mu.Lock()
		list, more := r.list, r.more
		r.mu.Unlock()
		for ; seen < len(list); seen++ {
			if ok(list[seen]) {
				return list[seen]
			}
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("no %s came; got %v", what, words(list))
		}
	}
}

// fake is an Evaluator made of functions; nil ones do nothing.
type fake struct {
	rude    bool // says nothing when a cell is on its way
	execute func(context.Context, Cell) Outcome
	ask     func(context.Context, Question) (Answer, error)
	comm    func(context.Context, CellID, CommMessage) error
}

func (f *fake) Execute(ctx context.Context, c Cell) Outcome {
	if !f.rude {
		c.OnItsWay()
	}
	if f.execute == nil {
		return Outcome{}
	}
	return f.execute(ctx, c)
}

func (f *fake) Ask(ctx context.Context, q Question) (Answer, error) {
	if f.ask == nil {
		return nil, fmt.Errorf("nothing to ask")
	}
	return f.ask(ctx, q)
}

func (f *fake) Comm(ctx context.Context, from CellID, m CommMessage) error {
	if f.comm == nil {
		return fmt.Errorf("no such target")
	}
	return f.comm(ctx, from, m)
}

// bench is a kernel with its recorder and evaluator.
type bench struct {
	*testing.T
	*Kernel
	*recorder
	eval *fake
	ids  int
}

func start(t *testing.T, change ...func(*Config)) *bench {
	t.Helper()
	b := &bench{T: t, recorder: newRecorder(), eval: &fake{}}
	c := Config{Out: b.recorder, Eval: b.eval, Version: "0.0.test", SpillDir: t.TempDir()}
	for _, f := range change {
		f(&c)
	}
	b.Kernel = New(c)
	t.Cleanup(b.Kernel.Close)
	return b
}

// post sends a request and returns its msg_id.
func (b *bench) post(ch wire.Channel, t wire.Type, content string, change ...func(*wire.Message)) string {
	b.Helper()
	b.ids++
	id := fmt.Sprintf("%s-%d", t, b.ids)
	m := &wire.Message{
		Identities: [][]byte{[]byte("client-1")},
		Header:     wire.Header{ID: id, Type: t, Session: "s", Username: "u", Version: "5.3"},
		Content:    json.RawMessage(content), Metadata: emptyObject, Parent: emptyObject,
	}
	m.RawHeader = json.RawMessage(fmt.Sprintf(`{"msg_id":%q,"msg_type":%q,"session":"s","odd":[1,2]}`, id, t))
	for _, f := range change {
		f(m)
	}
	b.Handle(ch, m)
	return id
}

// finish waits for the idle of a request and returns all that it caused.
func (b *bench) finish(id string) []sent {
	b.Helper()
	b.until(b.T, "idle of "+id, func(s sent) bool { return parentID(s) == id && word(s) == "idle" })
	var mine []sent
	for _, s := range b.all() {
		if parentID(s) == id {
			mine = append(mine, s)
		}
	}
	return mine
}

// do posts on shell and waits.
func (b *bench) do(t wire.Type, content string, change ...func(*wire.Message)) []sent {
	b.Helper()
	return b.finish(b.post(wire.Shell, t, content, change...))
}

// run executes code.
func (b *bench) run(code string) []sent {
	b.Helper()
	return b.do(wire.ExecuteRequest, fmt.Sprintf(`{"code":%q}`, code))
}

func parentID(s sent) string {
	var p struct {
		ID string `json:"msg_id"`
	}
	_ = json.Unmarshal(s.Parent, &p)
	return p.ID
}

// word names a message; a status by its state.
func word(s sent) string {
	if s.Header.Type == wire.Status {
		var c statusContent
		_ = json.Unmarshal(s.Content, &c)
		return c.State
	}
	return string(s.Header.Type)
}

func words(list []sent) string {
	w := []string{}
	for _, s := range list {
		w = append(w, word(s))
	}
	return strings.Join(w, " ")
}

// pick is the only message of a type.
func pick(t *testing.T, list []sent, typ wire.Type) sent {
	t.Helper()
	var found []sent
	for _, s := range list {
		if s.Header.Type == typ {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d messages %s, want 1, in: %s", len(found), typ, words(list))
	}
	return found[0]
}

// streams joins the text of the streams of a name.
func streams(list []sent, name string) (text string, messages int) {
	for _, s := range list {
		var c streamContent
		if s.Header.Type == wire.Stream && json.Unmarshal(s.Content, &c) == nil && c.Name == name {
			text += c.Text
			messages++
		}
	}
	return text, messages
}

// text is a text/plain bundle.
func text(s string) Bundle {
	return Bundle{Data: map[string]json.RawMessage{"text/plain": encodeString(s)}}
}

func encodeString(s string) json.RawMessage {
	b, _ := json.Marshal(s)
	return b
}
