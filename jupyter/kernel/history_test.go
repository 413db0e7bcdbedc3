package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"surprisal/jupyter/wire"
)

func TestHistory(t *testing.T) {
	tests := []struct{ reason, content, want string }{
		{"tail: the newest n, oldest first", `{"hist_access_type":"tail","n":2}`, `[[1,4,"b"],[1,5,"a/b\nc"]]`},
		{"tail of more than there is", `{"hist_access_type":"tail","n":99}`, `[[1,1,"a"],[1,2,"b"],[1,3,"a"],[1,4,"b"],[1,5,"a/b\nc"]]`},
		{"tail of none", `{"hist_access_type":"tail","n":0}`, `[]`},
		{"tail of a negative number", `{"hist_access_type":"tail","n":-1}`, `[]`},
		{"range: stop is excluded", `{"hist_access_type":"range","session":0,"start":1,"stop":3}`, `[[1,1,"a"],[1,2,"b"]]`},
		{"range: no stop is to the end", `{"hist_access_type":"range","session":0,"start":4}`, `[[1,4,"b"],[1,5,"a/b\nc"]]`},
		{"range: from the end", `{"hist_access_type":"range","session":0,"start":-2,"stop":-1}`, `[[1,4,"b"]]`},
		{"range: this session by its number", `{"hist_access_type":"range","session":1,"start":5}`, `[[1,5,"a/b\nc"]]`},
		{"range: earlier sessions are not kept", `{"hist_access_type":"range","session":-1}`, `[]`},
		{"range: raw changes nothing", `{"hist_access_type":"range","raw":false,"start":2,"stop":3}`, `[[1,2,"b"]]`},
		{"range with output", `{"hist_access_type":"range","output":true,"start":1,"stop":3}`, `[[1,1,["a",null]],[1,2,["b","B!"]]]`},
		{"search: the whole input must match", `{"hist_access_type":"search","pattern":"a"}`, `[[1,1,"a"],[1,3,"a"]]`},
		{"search: * goes over lines and slashes", `{"hist_access_type":"search","pattern":"a*c"}`, `[[1,5,"a/b\nc"]]`},
		{"search: unique keeps the newest", `{"hist_access_type":"search","pattern":"?","unique":true}`, `[[1,3,"a"],[1,4,"b"]]`},
		{"search: n newest", `{"hist_access_type":"search","pattern":"?","n":1}`, `[[1,4,"b"]]`},
		{"search: sets", `{"hist_access_type":"search","pattern":"[!b-z]"}`, `[[1,1,"a"],[1,3,"a"]]`},
		{"search: no pattern is all", `{"hist_access_type":"search","n":1}`, `[[1,5,"a/b\nc"]]`},
		{"a word that nobody knows", `{"hist_access_type":"sideways"}`, `[]`},
		{"nothing: all", `{}`, `[[1,1,"a"],[1,2,"b"],[1,3,"a"],[1,4,"b"],[1,5,"a/b\nc"]]`},
	}
	b := start(t)
	b.eval.execute = func(_ context.Context, c Cell) Outcome {
		if c.Code == "b" {
			b.Emit(c.ID, Result{text("B!")})
		}
		return Outcome{}
	}
	for _, code := range []string{"a", "b", "a", "b", "a/b\nc"} {
		b.run(code)
	}
	b.do(wire.ExecuteRequest, `{"code":"secret","silent":true}`)
	b.do(wire.ExecuteRequest, `{"code":"secret","store_history":false}`)
	for _, tt := range tests {
		got := string(pick(t, b.do(wire.HistoryRequest, tt.content), wire.HistoryReply).Content)
		if want := `{"status":"ok","history":` + tt.want + `}`; got != want {
			t.Errorf("%s: %s\ngot  %s\nwant %s", tt.reason, tt.content, got, want)
		}
	}
}

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"1?2*", "1+2+3", true}, {"1?2*", "x 1+2", false}, {"*", "", true}, {"a.c", "abc", false},
		{"[", "[", true}, {"[]", "[]", true}, {"[a", "[a", true}, {"[z-a]", "[z-a]", true}, {`[\d]`, "5", false},
		{`[\d]`, "d", true}, {"(", "(", true}, {"[[]x", "[x", true}, {"[^a]", "b", true}, {"λ?", "λμ", true},
	}
	for _, tt := range tests {
		if got := glob(tt.pattern).MatchString(tt.s); got != tt.want {
			t.Errorf("glob(%q) on %q: %v", tt.pattern, tt.s, got)
		}
	}
}

func FuzzGlob(f *testing.F) {
	for _, p := range []string{"", "*", "[a-z]?", "[!x", `\[`, "[]]", "\xff"} {
		f.Add(p, p)
	}
	f.Fuzz(func(t *testing.T, pattern, s string) { glob(pattern).MatchString(s) })
}

func TestHistoryIsBounded(t *testing.T) {
	h := newHistory()
	for n := 1; n <= 3*keepLines; n++ {
		h.add(n, fmt.Sprint(n))
	}
	h.result(3*keepLines, string(make([]byte, 2*keepOutput)))
	lines := h.snapshot()
	if len(lines) > keepLines || lines[len(lines)-1].n != 3*keepLines {
		t.Errorf("%d lines, newest %d", len(lines), lines[len(lines)-1].n)
	}
	if got := len(*lines[len(lines)-1].output); got != keepOutput {
		t.Errorf("%d bytes of output are kept", got)
	}
}

func FuzzContent(f *testing.F) {
	for _, c := range []string{`{}`, `null`, `[]`, `{"code":1}`, `{"code":"x","cursor_pos":-5}`, `{"n":-9,"start":1e3,"stop":null}`, "\xff"} {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, content string) {
		k := New(Config{Out: newRecorder(), Eval: &fake{}})
		defer k.Close()
		for typ, h := range handlers {
			r := &request{ctx: context.Background(), parent: emptyObject, m: &wire.Message{
				Header: wire.Header{Type: typ}, Content: json.RawMessage(content), Metadata: json.RawMessage(content),
			}}
			k.serve(r, h, false)
			if typ == wire.ShutdownRequest {
				break
			}
		}
	})
}
