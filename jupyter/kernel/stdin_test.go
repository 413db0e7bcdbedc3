package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"surprisal/jupyter/wire"
)

// asks makes every cell ask and show what it got.
func asks(b *bench, password bool) {
	b.eval.execute = func(ctx context.Context, c Cell) Outcome {
		b.Emit(c.ID, Stream{"stdout", []byte("before ")})
		s, err := b.Input(ctx, c.ID, "name? ", password)
		if err != nil {
			return Outcome{Err: &Error{Name: "Input", Value: err.Error()}}
		}
		b.Emit(c.ID, Result{text(s)})
		return Outcome{}
	}
}

// question waits for the next input_request after the first n.
func question(b *bench, n int) sent {
	b.Helper()
	return b.until(b.T, "input_request", func(s sent) bool {
		if s.Header.Type == wire.InputRequest {
			n--
		}
		return n < 0
	})
}

func (b *bench) reply(value, parent string) {
	b.Handle(wire.Stdin, &wire.Message{
		Header: wire.Header{Type: wire.InputReply}, Parent: json.RawMessage(parent), Content: json.RawMessage(value),
	})
}

func TestInput(t *testing.T) {
	for _, password := range []bool{false, true} {
		b := start(t)
		asks(b, password)
		b.reply(`{"value":"stale: nobody has asked"}`, `{}`)
		id := b.post(wire.Shell, wire.ExecuteRequest, `{"code":"x","allow_stdin":true}`)
		q := question(b, 0)
		want := `{"prompt":"name? ","password":false}`
		if password {
			want = `{"prompt":"name? ","password":true}`
		}
		if string(q.Content) != want || q.ch != wire.Stdin || string(q.Identities[0]) != "client-1" || parentID(q) != id {
			t.Errorf("asked %s on %v of %q, parent %s", q.Content, q.ch, q.Identities, q.Parent)
		}
		b.reply(`{"value":"stale: another question"}`, `{"msg_id":"other"}`)
		b.reply(`{"value":"Ada"}`, `{"msg_id":"`+q.Header.ID+`"}`)
		b.reply(`{"value":"stale: twice"}`, `{}`)
		list := b.finish(id)
		if words(list) != "busy execute_input stream input_request execute_result execute_reply idle" {
			t.Errorf("%s", words(list))
		}
		if r := pick(t, list, wire.ExecuteResult); string(r.Content) != `{"execution_count":1,"data":{"text/plain":"Ada"},"metadata":{}}` {
			t.Errorf("%s", r.Content)
		}
	}
}

func TestInputOfAnOldClientHasNoParent(t *testing.T) {
	b := start(t)
	asks(b, false)
	id := b.post(wire.Shell, wire.ExecuteRequest, `{"code":"x","allow_stdin":true}`)
	question(b, 0)
	b.reply(`{"value":"Ada"}`, `{}`)
	pick(t, b.finish(id), wire.ExecuteResult)
}

func TestInputWhereNobodyCanAnswer(t *testing.T) {
	b := start(t)
	asks(b, false)
	for _, content := range []string{`{"code":"x","allow_stdin":false}`, `{"code":"x"}`} {
		if s := words(b.do(wire.ExecuteRequest, content)); s != "busy execute_input stream error execute_reply idle" {
			t.Errorf("%s: %s", content, s)
		}
	}
	if _, err := b.Input(context.Background(), 1, "?", false); !errors.Is(err, ErrNoInput) {
		t.Errorf("a cell that has ended asks: %v", err)
	}
	if _, err := b.Input(context.Background(), 77, "?", false); !errors.Is(err, ErrNoInput) {
		t.Errorf("a cell that never was asks: %v", err)
	}
}

func TestInterruptEndsInput(t *testing.T) {
	b := start(t)
	asks(b, false)
	id := b.post(wire.Shell, wire.ExecuteRequest, `{"code":"x","allow_stdin":true}`)
	question(b, 0)
	b.finish(b.post(wire.Control, wire.InterruptRequest, `{}`))
	pick(t, b.finish(id), wire.Error)

	// The answer to the interrupted question must not answer the next one.
	b.reply(`{"value":"stale"}`, `{}`)
	id = b.post(wire.Shell, wire.ExecuteRequest, `{"code":"x","allow_stdin":true}`)
	question(b, 1)
	b.reply(`{"value":"fresh"}`, `{}`)
	if r := pick(t, b.finish(id), wire.ExecuteResult); string(r.Content) != `{"execution_count":2,"data":{"text/plain":"fresh"},"metadata":{}}` {
		t.Errorf("%s", r.Content)
	}
}

func TestInterruptEndsWaitingInputToo(t *testing.T) {
	b := start(t)
	b.eval.execute = func(ctx context.Context, c Cell) Outcome {
		failed := make(chan error)
		for range 2 {
			go func() {
				_, err := b.Input(ctx, c.ID, "?", false)
				failed <- err
			}()
		}
		for range 2 {
			if err := <-failed; !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		}
		return Outcome{}
	}
	id := b.post(wire.Shell, wire.ExecuteRequest, `{"code":"x","allow_stdin":true}`)
	question(b, 0)
	b.Interrupt()
	pick(t, b.finish(id), wire.InputRequest)
}

func TestBadInputReply(t *testing.T) {
	for _, content := range []string{`{"value":5}`, `nonsense`, `{"status":"error"}`} {
		b := start(t)
		asks(b, false)
		id := b.post(wire.Shell, wire.ExecuteRequest, `{"code":"x","allow_stdin":true}`)
		question(b, 0)
		b.reply(content, `{}`)
		pick(t, b.finish(id), wire.Error)
	}
}

// The stdin connection of a client may come a moment later than its cell.
func TestInputWaitsForTheConnection(t *testing.T) {
	for _, comes := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			asked, tries := 0, 0
			k := New(Config{Eval: &fake{}, Out: sendFunc(func(ch wire.Channel, _ *wire.Message) error {
				if ch != wire.Stdin {
					return nil
				}
				if tries++; !comes || tries < 10 {
					return errors.New("no such peer")
				}
				asked++
				return nil
			})})
			defer k.Close()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			k.cells.add(&cell{id: 1, stdin: true, ctx: ctx, parent: emptyObject}, false)
			if comes {
				time.AfterFunc(time.Second, cancel) // nobody answers
			}
			_, err := k.Input(ctx, 1, "?", false)
			if got := errors.Is(err, context.Canceled); got != comes || (asked == 1) != comes {
				t.Errorf("connection comes %v: asked %d times, error %v", comes, asked, err)
			}
		})
	}
}
