package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"surprisal/jupyter/wire"
)

func TestComm(t *testing.T) {
	b := start(t)
	var got []CommMessage
	b.eval.comm = func(_ context.Context, from CellID, m CommMessage) error {
		if m.Kind == CommOpen && m.Target == "unknown" {
			return errors.New("no such target")
		}
		got = append(got, m)
		if m.Kind == CommMsg {
			b.Emit(from, Stream{"stdout", []byte("handled")})
			b.Emit(from, CommMessage{Kind: CommMsg, ID: m.ID, Data: m.Data, Metadata: json.RawMessage(`{"k":1}`), Buffers: m.Buffers})
		}
		return nil
	}
	info := func(content string) string {
		return string(pick(t, b.do(wire.CommInfoRequest, content), wire.CommInfoReply).Content)
	}

	if s := words(b.do(wire.CommOpen, `{"comm_id":"c1","target_name":"echo","data":{"a":1}}`)); s != "busy idle" {
		t.Errorf("open: %s", s)
	}
	list := b.do(wire.CommMsg, `{"comm_id":"c1","data":{"b":2}}`, func(m *wire.Message) { m.Buffers = [][]byte{{0, 255}} })
	if words(list) != "busy stream comm_msg idle" {
		t.Errorf("msg: %s", words(list))
	}
	back := pick(t, list, wire.CommMsg)
	if string(back.Content) != `{"comm_id":"c1","data":{"b":2}}` || string(back.Metadata) != `{"k":1}` ||
		len(back.Buffers) != 1 || string(back.Buffers[0]) != "\x00\xff" {
		t.Errorf("came back as %s %s %v", back.Content, back.Metadata, back.Buffers)
	}
	if s := info(`{}`); s != `{"status":"ok","comms":{"c1":{"target_name":"echo"}}}` {
		t.Error(s)
	}
	if s := info(`{"target_name":"other"}`); s != `{"status":"ok","comms":{}}` {
		t.Error(s)
	}

	if s := words(b.do(wire.CommOpen, `{"comm_id":"c1","target_name":"other"}`)); s != "busy idle" {
		t.Errorf("open again: %s", s)
	}
	if s := info(`{}`); s != `{"status":"ok","comms":{"c1":{"target_name":"echo"}}}` || len(got) != 2 {
		t.Errorf("after it: %s, %d messages", s, len(got))
	}
	list = b.do(wire.CommOpen, `{"comm_id":"c2","target_name":"unknown"}`)
	if words(list) != "busy comm_close idle" || string(pick(t, list, wire.CommClose).Content) != `{"comm_id":"c2","data":{}}` {
		t.Errorf("unknown target: %s", words(list))
	}
	if s := words(b.do(wire.CommMsg, `{"comm_id":"c9"}`)); s != "busy comm_close idle" {
		t.Errorf("message to an unknown comm: %s", s)
	}
	if s := words(b.do(wire.CommClose, `{"comm_id":"c9"}`)); s != "busy idle" {
		t.Errorf("close of an unknown comm: %s", s)
	}
	b.do(wire.CommClose, `{"comm_id":"c1"}`)
	if s := info(`{}`); s != `{"status":"ok","comms":{}}` {
		t.Error(s)
	}
	if len(got) != 3 || got[0].Kind != CommOpen || got[1].Kind != CommMsg || got[2].Kind != CommClose || string(got[0].Data) != `{"a":1}` {
		t.Errorf("the evaluator got %+v", got)
	}
}

// A cell opens a comm (a widget): it is announced under the cell, in its
// place among the outputs, and known to comm_info.
func TestCommOpenedByACell(t *testing.T) {
	b := start(t)
	b.eval.execute = func(_ context.Context, c Cell) Outcome {
		b.Emit(c.ID, Stream{"stdout", []byte("x")})
		b.Emit(c.ID, CommMessage{Kind: CommOpen, ID: "w", Target: "jupyter.widget", Data: json.RawMessage(`{"state":{}}`)})
		b.Emit(c.ID, Display{Bundle: text("w")})
		return Outcome{}
	}
	list := b.run("w")
	if words(list) != "busy execute_input stream comm_open display_data execute_reply idle" {
		t.Errorf("%s", words(list))
	}
	if s := string(pick(t, list, wire.CommOpen).Content); s != `{"comm_id":"w","target_name":"jupyter.widget","data":{"state":{}}}` {
		t.Error(s)
	}
	if s := string(pick(t, b.do(wire.CommInfoRequest, `{"target_name":"jupyter.widget"}`), wire.CommInfoReply).Content); s != `{"status":"ok","comms":{"w":{"target_name":"jupyter.widget"}}}` {
		t.Error(s)
	}
}

func TestInterruptEndsACommHandler(t *testing.T) {
	b := start(t)
	inside := make(chan struct{})
	b.eval.comm = func(ctx context.Context, _ CellID, m CommMessage) error {
		close(inside)
		<-ctx.Done()
		return ctx.Err()
	}
	id := b.post(wire.Shell, wire.CommOpen, `{"comm_id":"c","target_name":"t"}`)
	<-inside
	b.finish(b.post(wire.Control, wire.InterruptRequest, `{}`))
	b.finish(id)
}
