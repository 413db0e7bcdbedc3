package kernel

import (
	"context"
	"strings"
	"testing"

	"surprisal/jupyter/wire"
)

// busyCell starts a cell that runs until it is interrupted.
func busyCell(b *bench) (id string) {
	started := make(chan struct{})
	b.eval.execute = func(ctx context.Context, c Cell) Outcome {
		if c.Code != "loop" {
			return Outcome{}
		}
		close(started)
		<-ctx.Done()
		return Outcome{Err: &Error{Name: "Interrupted", Value: "by the user"}}
	}
	id = b.post(wire.Shell, wire.ExecuteRequest, `{"code":"loop"}`)
	<-started
	return id
}

func TestInterruptByMessage(t *testing.T) {
	for _, ch := range []wire.Channel{wire.Control, wire.Shell} {
		b := start(t)
		cell := busyCell(b)
		stop := b.post(ch, wire.InterruptRequest, `{}`)
		got := b.finish(stop)
		if words(got) != "busy interrupt_reply idle" || pick(t, got, wire.InterruptReply).ch != ch {
			t.Errorf("%v: %s", ch, words(got))
		}
		list := b.finish(cell)
		pick(t, list, wire.Error)
		pick(t, list, wire.ExecuteReply)
	}
}

func TestInterruptBySignal(t *testing.T) {
	b := start(t)
	cell := busyCell(b)
	b.Interrupt()
	b.Interrupt()
	b.finish(cell)
}

func TestInterruptWhileIdleIsForgotten(t *testing.T) {
	b := start(t)
	b.Interrupt()
	b.finish(b.post(wire.Control, wire.InterruptRequest, `{}`))
	b.finish(b.post(wire.Control, wire.InterruptRequest, `{}`))
	b.eval.execute = func(ctx context.Context, _ Cell) Outcome {
		if ctx.Err() != nil {
			return Outcome{Err: &Error{Name: "Interrupted"}}
		}
		return Outcome{}
	}
	if r := pick(t, b.run("x"), wire.ExecuteReply); !strings.Contains(string(r.Content), `"ok"`) {
		t.Errorf("%s", r.Content)
	}
}

func TestControlAnswersWhileACellIsBusy(t *testing.T) {
	b := start(t)
	cell := busyCell(b)
	got := b.finish(b.post(wire.Control, wire.KernelInfoRequest, `{}`))
	if words(got) != "busy kernel_info_reply idle" || pick(t, got, wire.KernelInfoReply).ch != wire.Control {
		t.Errorf("%s", words(got))
	}
	b.Interrupt()
	b.finish(cell)
}

// Front ends show the newest status; it must be the busy one while a cell runs
// and idle when it has ended.
func TestNewestStatusIsThatOfTheCell(t *testing.T) {
	b := start(t)
	cell := busyCell(b)
	b.finish(b.post(wire.Control, wire.KernelInfoRequest, `{}`))
	b.finish(b.post(wire.Shell, wire.KernelInfoRequest, `{}`))
	newest := func() (last string) {
		for _, s := range b.all() {
			if s.Header.Type == wire.Status {
				last = word(s) + " " + parentID(s)
			}
		}
		return last
	}
	again := 0
	b.until(t, "busy of the cell after each of two questions", func(s sent) bool {
		if word(s) == "busy" && parentID(s) == cell {
			again++
		}
		return again == 3
	})
	if got := newest(); got != "busy "+cell {
		t.Errorf("newest status while the cell runs: %s", got)
	}
	b.Interrupt()
	b.finish(cell)
	if got := newest(); got != "idle "+cell {
		t.Errorf("newest status after it: %s", got)
	}
}

func TestShutdownWhileBusy(t *testing.T) {
	for _, ch := range []wire.Channel{wire.Control, wire.Shell} {
		for _, restart := range []string{"true", "false"} {
			b := start(t)
			busyCell(b)
			got := b.finish(b.post(ch, wire.ShutdownRequest, `{"restart":`+restart+`}`))
			if words(got) != "busy shutdown_reply shutdown_reply idle" {
				t.Fatalf("%s", words(got))
			}
			if got[1].ch != ch || got[2].ch != wire.IOPub {
				t.Errorf("replies went to %v and %v", got[1].ch, got[2].ch)
			}
			for _, s := range got[1:3] {
				if string(s.Content) != `{"status":"ok","restart":`+restart+`}` {
					t.Errorf("%s", s.Content)
				}
			}
			<-b.Done()
			if b.Restart() != (restart == "true") {
				t.Errorf("Restart is %v", b.Restart())
			}
		}
	}
}

func TestQuestionsAnswerWhileACellIsBusy(t *testing.T) {
	b := start(t)
	b.eval.ask = func(_ context.Context, q Question) (Answer, error) {
		return Completion{Start: 0, End: 1, Matches: []Match{{Text: "fmt"}}}, nil
	}
	cell := busyCell(b)
	for _, q := range []wire.Type{wire.CompleteRequest, wire.InspectRequest, wire.IsCompleteRequest,
		wire.HistoryRequest, wire.CommInfoRequest, wire.KernelInfoRequest} {
		reply := strings.Replace(string(q), "request", "reply", 1)
		if got := words(b.do(q, `{"code":"f"}`)); got != "busy "+reply+" idle" {
			t.Errorf("%s: %s", q, got)
		}
	}
	if strings.Contains(words(b.all()), "execute_reply") {
		t.Error("the cell did not run all the time")
	}
	b.Interrupt()
	b.finish(cell)
}

// A client that sends a quick cell and then a question gets an answer that
// knows the cell.
func TestQuestionWaitsForAQuickCell(t *testing.T) {
	b := start(t)
	defined := false
	b.eval.execute = func(context.Context, Cell) Outcome { defined = true; return Outcome{} }
	b.eval.ask = func(context.Context, Question) (Answer, error) {
		if !defined {
			t.Error("the question overtook the cell")
		}
		return Completion{}, nil
	}
	b.post(wire.Shell, wire.ExecuteRequest, `{"code":"x := 1"}`)
	b.do(wire.CompleteRequest, `{"code":"x"}`)
}

func TestUnknownAndMisplacedTypes(t *testing.T) {
	tests := []struct {
		reason string
		ch     wire.Channel
		typ    wire.Type
	}{
		{"nobody knows it", wire.Shell, "make_coffee_request"},
		{"nobody knows it", wire.Control, "make_coffee_request"},
		{"code runs on shell only", wire.Control, wire.ExecuteRequest},
		{"no debugger", wire.Control, "debug_request"},
		{"a reply is no request", wire.Shell, wire.ExecuteReply},
	}
	for _, tt := range tests {
		b := start(t)
		if got := words(b.finish(b.post(tt.ch, tt.typ, `{}`))); got != "busy idle" {
			t.Errorf("%s on %v (%s): %s", tt.typ, tt.ch, tt.reason, got)
		}
	}
}

func TestBadContent(t *testing.T) {
	tests := []struct {
		typ            wire.Type
		content, tells string
	}{
		{wire.ExecuteRequest, `{"code":5}`, `field "code" holds a JSON number; send a JSON string`},
		{wire.ExecuteRequest, `{"silent":"yes"}`, `field "silent" holds a JSON string; send a JSON boolean`},
		{wire.ExecuteRequest, `{"user_expressions":[1]}`, `a JSON array; send a JSON object`},
		{wire.ExecuteRequest, `[1,2]`, `its content is a JSON array; send a JSON object`},
		{wire.ExecuteRequest, `"x"`, `send a JSON object`},
		{wire.ExecuteRequest, `{"code":`, `not JSON`},
		{wire.CompleteRequest, `{"code":"x","cursor_pos":"end"}`, `cursor_pos`},
		{wire.CompleteRequest, `{"code":"x","cursor_pos":1.5}`, `cursor_pos`},
		{wire.InspectRequest, `{"detail_level":{}}`, `detail_level`},
		{wire.IsCompleteRequest, `{"code":[]}`, `code`},
		{wire.HistoryRequest, `{"n":"all"}`, `"n"`},
		{wire.CommInfoRequest, `{"target_name":1}`, `target_name`},
	}
	for _, tt := range tests {
		b := start(t)
		got := b.do(tt.typ, tt.content)
		reply := wire.Type(strings.Replace(string(tt.typ), "request", "reply", 1))
		if words(got) != "busy "+string(reply)+" idle" {
			t.Errorf("%s %s: %s", tt.typ, tt.content, words(got))
			continue
		}
		c := string(pick(t, got, reply).Content)
		if !strings.Contains(c, `"status":"error"`) || !strings.Contains(strings.ReplaceAll(c, `\"`, `"`), tt.tells) {
			t.Errorf("%s %s: %s", tt.typ, tt.content, c)
		}
		if tt.typ == wire.ExecuteRequest && !strings.Contains(c, `"execution_count":0`) {
			t.Errorf("no count in %s", c)
		}
		if words(b.run("1")) != "busy execute_input execute_reply idle" {
			t.Errorf("%s %s: the next cell does not run", tt.typ, tt.content)
		}
	}
	for _, content := range []string{`{"comm_id":7}`, `{}`, `nonsense`, ``} {
		for _, typ := range []wire.Type{wire.CommOpen, wire.CommMsg, wire.CommClose, wire.ShutdownRequest, wire.InterruptRequest} {
			b := start(t)
			b.do(typ, content)
		}
	}
}

func TestPanicOfAnEvaluatorIsAnError(t *testing.T) {
	b := start(t)
	b.eval.execute = func(context.Context, Cell) Outcome { panic("oh") }
	got := b.run("x")
	if r := pick(t, got, wire.ExecuteReply); !strings.Contains(string(r.Content), "internal error: oh") {
		t.Errorf("%s", r.Content)
	}
}
