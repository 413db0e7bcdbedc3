package protocol

import (
	"encoding/json"

	"surprisal/jupyter/wire"
)

// question waits for the input request of a cell.
func (f *front) question(cell string) got {
	f.Helper()
	return f.during(cell, "input_request", func(g got) bool { return g.Header.Type == wire.InputRequest })
}

func (f *front) answer(text string, to *got) {
	f.Helper()
	f.post(wire.Stdin, wire.InputReply, `{"value":"`+text+`"}`, func(m *wire.Message) {
		if to != nil {
			m.Parent, _ = json.Marshal(to.Header)
		}
	})
}

const canAsk = `"allow_stdin":true`

var inputs = []check{
	{"input", "asks the front end of the cell, after what was printed", func(f *front) {
		for _, verb := range []string{"ask", "password"} {
			id := f.start("print before\n"+verb+" name?", canAsk)
			q := f.question(id)
			if c := fields(q); q.ch != wire.Stdin || c["prompt"] != "name?" || c["password"] != (verb == "password") {
				f.Errorf("%s on %v", q.Content, q.ch)
			}
			f.during(id, "text before the prompt", func(g got) bool { return g.Header.Type == wire.Stream })
			f.answer("Ada", &q)
			if text, _ := f.finish(id, "").stream("stdout"); text != "before\ngot Ada\n" {
				f.Errorf("%q", text)
			}
		}
	}},
	{"input of an old client", "needs no parent", func(f *front) {
		id := f.start("ask name?", canAsk)
		f.question(id)
		f.answer("Ada", nil)
		if text, _ := f.finish(id, "").stream("stdout"); text != "got Ada\n" {
			f.Errorf("%q", text)
		}
	}},
	{"no input", "fails at once where nobody can answer", func(f *front) {
		for _, field := range []string{`"allow_stdin":false`, `"silent":false`} {
			if r := f.cell("ask name?", field).reply(); r["status"] != "error" {
				f.Errorf("%s: %v", field, r)
			}
		}
	}},
	{"interrupted input", "ends, and its late answer answers nothing", func(f *front) {
		id := f.start("ask name?", canAsk)
		q := f.question(id)
		f.finish(f.post(wire.Control, wire.InterruptRequest, `{}`), wire.InterruptReply)
		f.finish(id, "")
		f.answer("stale", &q)
		next := f.start("ask again?", canAsk)
		q = f.question(next)
		f.answer("fresh", &q)
		text, _ := f.finish(next, "").stream("stdout")
		if text != "got fresh\n" {
			f.Errorf("%q", text)
		}
	}},
}
