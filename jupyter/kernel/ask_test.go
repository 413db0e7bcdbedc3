package kernel

import (
	"context"
	"errors"
	"testing"

	"surprisal/jupyter/wire"
)

func TestCursor(t *testing.T) {
	tests := []struct {
		reason, content string
		want            int
	}{
		{"code points, not bytes or UTF-16", `{"code":"𝛼λx","cursor_pos":2}`, 2},
		{"absent: the end", `{"code":"𝛼λx"}`, 3},
		{"null: the end", `{"code":"𝛼λx","cursor_pos":null}`, 3},
		{"beyond: the end", `{"code":"ab","cursor_pos":99}`, 2},
		{"before: the start", `{"code":"ab","cursor_pos":-1}`, 0},
	}
	for _, tt := range tests {
		b := start(t)
		b.eval.ask = func(_ context.Context, q Question) (Answer, error) {
			if got := q.(Complete).Cursor; got != tt.want {
				t.Errorf("%s: cursor %d, want %d", tt.reason, got, tt.want)
			}
			return Completion{}, nil
		}
		b.do(wire.CompleteRequest, tt.content)
	}
}

func TestAnswers(t *testing.T) {
	failed := func(context.Context, Question) (Answer, error) { return nil, errors.New("still starting") }
	give := func(a Answer) func(context.Context, Question) (Answer, error) {
		return func(context.Context, Question) (Answer, error) { return a, nil }
	}
	tests := []struct {
		reason  string
		typ     wire.Type
		content string
		ask     func(context.Context, Question) (Answer, error)
		reply   wire.Type
		want    string
	}{
		{"matches with types", wire.CompleteRequest, `{"code":"fm","cursor_pos":2}`,
			give(Completion{Start: 0, End: 2, Matches: []Match{{"fmt", "module", ""}, {"fmin", "function", "func()"}}}), wire.CompleteReply,
			`{"status":"ok","matches":["fmt","fmin"],"cursor_start":0,"cursor_end":2,"metadata":{"_jupyter_types_experimental":[` +
				`{"start":0,"end":2,"text":"fmt","type":"module"},{"start":0,"end":2,"text":"fmin","type":"function","signature":"func()"}]}}`},
		{"no match replaces nothing", wire.CompleteRequest, `{"code":"qq","cursor_pos":1}`, give(Completion{}), wire.CompleteReply,
			`{"status":"ok","matches":[],"cursor_start":1,"cursor_end":1,"metadata":{"_jupyter_types_experimental":[]}}`},
		{"no answer is no error", wire.CompleteRequest, `{"code":"qq"}`, failed, wire.CompleteReply,
			`{"status":"ok","matches":[],"cursor_start":2,"cursor_end":2,"metadata":{"_jupyter_types_experimental":[]}}`},
		{"found", wire.InspectRequest, `{"code":"x"}`, give(Inspection{Found: true, Bundle: text("doc")}), wire.InspectReply,
			`{"status":"ok","found":true,"data":{"text/plain":"doc"},"metadata":{}}`},
		{"not found", wire.InspectRequest, `{"code":"x"}`, give(Inspection{}), wire.InspectReply,
			`{"status":"ok","found":false,"data":{},"metadata":{}}`},
		{"no answer", wire.InspectRequest, `{"code":"x"}`, failed, wire.InspectReply,
			`{"status":"ok","found":false,"data":{},"metadata":{}}`},
		{"complete", wire.IsCompleteRequest, `{"code":"x"}`, give(Completeness{"complete", "  "}), wire.IsCompleteReply, `{"status":"complete"}`},
		{"invalid", wire.IsCompleteRequest, `{"code":")"}`, give(Completeness{"invalid", ""}), wire.IsCompleteReply, `{"status":"invalid"}`},
		{"indent", wire.IsCompleteRequest, `{"code":"{"}`, give(Completeness{"incomplete", "\t"}), wire.IsCompleteReply, `{"status":"incomplete","indent":"\t"}`},
		{"empty indent is sent", wire.IsCompleteRequest, `{"code":"("}`, give(Completeness{"incomplete", ""}), wire.IsCompleteReply, `{"status":"incomplete","indent":""}`},
		{"no answer", wire.IsCompleteRequest, `{"code":"x"}`, failed, wire.IsCompleteReply, `{"status":"unknown"}`},
		{"wrong answer", wire.IsCompleteRequest, `{"code":"x"}`, give(Inspection{}), wire.IsCompleteReply, `{"status":"unknown"}`},
	}
	for _, tt := range tests {
		for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
			b := start(t)
			b.eval.ask = tt.ask
			r := pick(t, b.finish(b.post(ch, tt.typ, tt.content)), tt.reply)
			if string(r.Content) != tt.want || r.ch != ch {
				t.Errorf("%s (%s):\ngot  %s on %v\nwant %s on %v", tt.typ, tt.reason, r.Content, r.ch, tt.want, ch)
			}
		}
	}
}
