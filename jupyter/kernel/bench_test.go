package kernel

import (
	"context"
	"encoding/json"
	"testing"

	"surprisal/jupyter/wire"
)

// BenchmarkExecute is what the kernel adds to a cell with one result: from
// Handle to idle, with a sender and an evaluator that do nothing.
func BenchmarkExecute(b *testing.B) {
	idle := make(chan struct{}, 1)
	out := sendFunc(func(_ wire.Channel, m *wire.Message) error {
		if m.Header.Type == wire.Status && string(m.Content) == `{"execution_state":"idle"}` {
			idle <- struct{}{}
		}
		return nil
	})
	eval := &fake{}
	k := New(Config{Out: out, Eval: eval})
	defer k.Close()
	eval.execute = func(_ context.Context, c Cell) Outcome {
		k.Emit(c.ID, Result{text("2")})
		return Outcome{}
	}
	m := &wire.Message{
		Header: wire.Header{ID: "x", Type: wire.ExecuteRequest}, RawHeader: json.RawMessage(`{"msg_id":"x"}`),
		Content: json.RawMessage(`{"code":"1+1","silent":false,"store_history":true,"user_expressions":{},"allow_stdin":true,"stop_on_error":true}`),
	}
	for b.Loop() {
		k.Handle(wire.Shell, m)
		<-idle
	}
}
