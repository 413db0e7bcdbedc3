package protocol

import (
	"fmt"
	"strings"

	"surprisal/jupyter/wire"
)

var questions = []check{
	{"complete", "counts in code points and tells types", func(f *front) {
		f.cell("print x")
		r := f.completion()
		code := f.target.Samples.Complete
		cursor := len([]rune(code[:strings.Index(code, "|")]))
		start, _ := r["cursor_start"].(float64)
		if r["status"] != "ok" || r["cursor_end"] != float64(cursor) || int(start) >= cursor {
			f.Errorf("%v", r)
		}
		matches, _ := r["matches"].([]any)
		if len(matches) == 0 || matches[0] != f.target.Samples.Match {
			f.Fatalf("matches %v", matches)
		}
		meta, _ := r["metadata"].(map[string]any)
		types, _ := meta["_jupyter_types_experimental"].([]any)
		if len(types) != len(matches) {
			f.Fatalf("%d types for %d matches", len(types), len(matches))
		}
		first, _ := types[0].(map[string]any)
		if first["text"] != matches[0] || first["type"] == "" || first["signature"] == "" || first["start"] != r["cursor_start"] || first["end"] != r["cursor_end"] {
			f.Errorf("%v", first)
		}
	}},
	{"complete nothing", "is no error", func(f *front) {
		r := f.ask(wire.CompleteRequest, `{"code":"qqqqzz","cursor_pos":6}`).reply()
		if matches, ok := r["matches"].([]any); r["status"] != "ok" || !ok || len(matches) != 0 {
			f.Errorf("%v", r)
		}
	}},
	{"inspect", "finds, or says that it has not", func(f *front) {
		s := f.target.Samples
		r := f.ask(wire.InspectRequest, fmt.Sprintf(`{"code":%q,"cursor_pos":%d,"detail_level":0}`, s.Inspect, len([]rune(s.Inspect)))).reply()
		data, _ := r["data"].(map[string]any)
		if r["status"] != "ok" || r["found"] != true || !strings.Contains(fmt.Sprint(data["text/plain"]), s.Doc) {
			f.Errorf("%v", r)
		}
		r = f.ask(wire.InspectRequest, fmt.Sprintf(`{"code":%q,"cursor_pos":2}`, s.Unknown)).reply()
		if data, ok := r["data"].(map[string]any); r["status"] != "ok" || r["found"] != false || !ok || len(data) != 0 {
			f.Errorf("%v", r)
		}
	}},
	{"is_complete", "tells whole, open and wrong code apart", func(f *front) {
		s := f.target.Samples
		for want, codes := range map[string][]string{"complete": s.Whole, "incomplete": s.Open, "invalid": s.Wrong} {
			for _, code := range codes {
				r := f.ask(wire.IsCompleteRequest, fmt.Sprintf(`{"code":%q}`, code)).reply()
				_, indent := r["indent"].(string)
				if r["status"] != want || indent != (want == "incomplete") {
					f.Errorf("%q: %v, want %s", code, r, want)
				}
			}
		}
	}},
	{"questions while busy", "are answered while the cell goes on", func(f *front) {
		cell := f.startBusy()
		if r := f.completion(); r["status"] != "ok" {
			f.Errorf("%v", r)
		}
		for _, q := range []wire.Type{wire.InspectRequest, wire.IsCompleteRequest, wire.HistoryRequest, wire.CommInfoRequest, wire.KernelInfoRequest} {
			if a := f.ask(q, `{"code":"x"}`); a.words() != "busy idle" {
				f.Errorf("%s: %s", q, a.words())
			}
		}
		if n := len(f.of(cell).direct); n != 0 {
			f.Error("the cell did not run all the time")
		}
		f.stop(cell)
	}},
	{"history", "has ranges, tails, searches, with output", func(f *front) {
		value, line := f.target.CodeFor("value 42"), f.target.CodeFor("print one line")
		f.cell("value 42")
		f.cell("print one line")
		f.cell("value 42")
		f.cell("print hidden", `"silent":true`)
		f.cell("print hidden", `"store_history":false`)
		for _, c := range []struct{ content, want string }{
			{`{"hist_access_type":"tail","n":2}`, fmt.Sprint([]any{[]any{1, 2, line}, []any{1, 3, value}})},
			{`{"hist_access_type":"range","session":0,"start":1,"stop":2,"output":true}`, fmt.Sprint([]any{[]any{1, 1, []any{value, "42"}}})},
			{`{"hist_access_type":"range","session":0,"start":2,"stop":3,"output":true}`, fmt.Sprint([]any{[]any{1, 2, []any{line, nil}}})},
			{`{"hist_access_type":"search","pattern":"*one*","n":10}`, fmt.Sprint([]any{[]any{1, 2, line}})},
			{`{"hist_access_type":"search","pattern":"*4*","unique":true}`, fmt.Sprint([]any{[]any{1, 3, value}})},
		} {
			if got := fmt.Sprint(f.ask(wire.HistoryRequest, c.content).reply()["history"]); got != c.want {
				f.Errorf("%s: %s, want %s", c.content, got, c.want)
			}
		}
	}},
}

// completion asks for the sample.
func (f *front) completion() map[string]any {
	f.Helper()
	before, after, _ := strings.Cut(f.target.Samples.Complete, "|")
	return f.ask(wire.CompleteRequest, fmt.Sprintf(`{"code":%q,"cursor_pos":%d}`, before+after, len([]rune(before)))).reply()
}
