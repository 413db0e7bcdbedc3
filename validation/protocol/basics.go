package protocol

import (
	"context"
	"fmt"
	"strings"

	"surprisal/jupyter/wire"
)

var basics = []check{
	{"heartbeat", "echoes, also while a cell is busy", func(f *front) {
		id := f.start("busy")
		f.until("execute_input", func(g got) bool { return g.Header.Type == wire.ExecuteInput })
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if _, err := f.cl.Ping(ctx); err != nil {
			f.Error(err)
		}
		f.stop(id)
	}},
	{"kernel_info", "is answered on the channel that asks, with what tools read", func(f *front) {
		for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
			a := f.finish(f.post(ch, wire.KernelInfoRequest, `{}`), wire.KernelInfoReply)
			if a.words() != "busy idle" || a.only(wire.KernelInfoReply).ch != ch {
				f.Errorf("%v: %s, reply on %v", ch, a.words(), a.direct[0].ch)
			}
			r := a.reply()
			language, _ := r["language_info"].(map[string]any)
			for field, want := range map[string]string{"name": "go", "mimetype": "text/x-go", "file_extension": ".go",
				"pygments_lexer": "go", "codemirror_mode": "go"} {
				if language[field] != want {
					f.Errorf("language_info.%s is %v, want %s", field, language[field], want)
				}
			}
			if r["status"] != "ok" || r["protocol_version"] != "5.5" || r["implementation"] != "surprisal" ||
				r["implementation_version"] == "" || language["version"] == "" || r["banner"] == "" {
				f.Errorf("%v", r)
			}
			if language["nbconvert_exporter"] != nil {
				f.Error("nbconvert_exporter is set: notebooks are then exported by a class that is not there")
			}
			if features, ok := r["supported_features"].([]any); !ok || len(features) != 0 {
				f.Errorf("supported_features is %v", r["supported_features"])
			}
		}
	}},
	{"header", "comes back as parent unchanged, with fields that nobody knows", func(f *front) {
		raw := f.cl.Raw(wire.Shell)
		header := `{"msg_id":"odd-1", "username":"ü", "session":"s","msg_type":"kernel_info_request","version":"5.3","date":"2026-01-02T03:04:05Z","subshell_id":null,"odd":{"a":[1,2.50]}}`
		if err := raw.Send(f.signed(header, "{}", `{"x":1}`, "{}")...); err != nil {
			f.Fatal(err)
		}
		a := f.finish("odd-1", wire.KernelInfoReply)
		for _, g := range append(a.pub, a.direct...) {
			if string(g.Parent) != header {
				f.Errorf("the parent of %s is %s", word(g), g.Parent)
			}
		}
	}},
	{"headers", "are whole, dated with a zone, and ids are new", func(f *front) {
		a := f.cell("print x\nshow y\nvalue 42")
		seen := map[string]bool{}
		for _, g := range append(a.pub, a.direct...) {
			h := g.Header
			if h.ID == "" || seen[h.ID] || h.Session == "" || h.Username == "" || h.Version != "5.5" || !strings.HasSuffix(h.Date, "Z") {
				f.Errorf("header %+v", h)
			}
			seen[h.ID] = true
		}
	}},
	{"unknown types", "get busy and idle, and no reply", func(f *front) {
		for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
			a := f.finish(f.post(ch, "make_coffee_request", `{}`), "")
			if a.words() != "busy idle" || len(a.direct) != 0 {
				f.Errorf("%v: %s and %s", ch, a.words(), words(a.direct))
			}
		}
		f.works()
	}},
	{"missing fields", "have defaults", func(f *front) {
		a := f.ask(wire.ExecuteRequest, `{}`)
		if a.reply()["status"] != "ok" {
			f.Errorf("%v", a.reply())
		}
		raw := f.cl.Raw(wire.Shell)
		if err := raw.Send(f.signed(`{"msg_id":"bare","msg_type":"kernel_info_request"}`, "{}", "{}", "{}")...); err != nil {
			f.Fatal(err)
		}
		f.finish("bare", wire.KernelInfoReply)
	}},
	{"wrong types", "are an error reply with a sentence, and idle", func(f *front) {
		for _, c := range []struct {
			t       wire.Type
			content string
		}{
			{wire.ExecuteRequest, `{"code":1}`}, {wire.ExecuteRequest, `{"code":"","user_expressions":"x"}`},
			{wire.CompleteRequest, `{"code":"x","cursor_pos":"y"}`}, {wire.InspectRequest, `{"code":{}}`},
			{wire.IsCompleteRequest, `{"code":[1]}`}, {wire.HistoryRequest, `{"n":"x"}`}, {wire.CommInfoRequest, `{"target_name":5}`},
		} {
			a := f.ask(c.t, c.content)
			r := a.reply()
			if r["status"] != "error" || len(fmt.Sprint(r["evalue"])) < 20 || a.words() != "busy idle" {
				f.Errorf("%s %s: %s and %v", c.t, c.content, a.words(), r)
			}
		}
		f.works()
	}},
	{"two front ends", "both see the outputs; the reply goes to the one that asked", func(f *front) {
		other := connect(f, f.target, f.run, "other")
		id := f.start("print x")
		f.finish(id, wire.ExecuteReply)
		a := other.finish(id, "")
		if text, _ := a.stream("stdout"); text != "x\n" || len(a.direct) != 0 {
			f.Errorf("the other front end got %q and %s", text, words(a.direct))
		}
	}},
}

// works runs a cell to prove that the kernel still serves.
func (f *front) works() {
	f.Helper()
	if a := f.cell("print alive"); a.reply()["status"] != "ok" {
		f.Errorf("the next cell: %v", a.reply())
	}
}

// stop interrupts and waits for the end of a cell.
func (f *front) stop(id string) answers {
	f.Helper()
	f.finish(f.post(wire.Control, wire.InterruptRequest, `{}`), wire.InterruptReply)
	return f.finish(id, wire.ExecuteReply)
}
