package protocol

import (
	"fmt"
	"strings"
	"time"

	"surprisal/jupyter/wire"
)

var executing = []check{
	{"execute", "shows everything between busy and idle, in order", func(f *front) {
		a := f.cell("print one\nshow two\nprint three\nvalue 42")
		if a.words() != "busy execute_input stream display_data stream execute_result idle" {
			f.Errorf("%s", a.words())
		}
		r := a.reply()
		if r["status"] != "ok" || r["execution_count"] != 1.0 || fmt.Sprint(r["user_expressions"], r["payload"]) != "map[] []" {
			f.Errorf("%v", r)
		}
		result := a.only(wire.ExecuteResult)
		if plain(result) != "42" || fields(result)["execution_count"] != 1.0 {
			f.Errorf("%s", result.Content)
		}
		in := fields(a.only(wire.ExecuteInput))
		if in["execution_count"] != 1.0 || in["code"] != f.target.CodeFor("print one\nshow two\nprint three\nvalue 42") {
			f.Errorf("%v", in)
		}
	}},
	{"state", "lives on between cells, errors and interrupts", func(f *front) {
		f.cell("let kept 42")
		f.cell("fail no")
		f.stop(f.startBusy())
		if a := f.cell("get kept"); plain(a.only(wire.ExecuteResult)) != "42" {
			f.Errorf("%s", a.words())
		}
	}},
	{"silent", "shows nothing and counts nothing", func(f *front) {
		a := f.cell("print x\nwarn y\nshow z\nvalue 42", `"silent":true`)
		if a.words() != "busy idle" || a.reply()["status"] != "ok" || a.reply()["execution_count"] != 0.0 {
			f.Errorf("%s %v", a.words(), a.reply())
		}
		if a := f.cell("fail x", `"silent":true`); a.words() != "busy idle" || a.reply()["status"] != "error" {
			f.Errorf("%s %v", a.words(), a.reply())
		}
	}},
	{"count", "grows with stored cells only", func(f *front) {
		for _, c := range []struct {
			commands, field string
			want            float64
		}{
			{"print a", `"store_history":true`, 1}, {"print b", `"store_history":false`, 1}, {"print c", `"silent":true`, 1},
			{"fail d", `"store_history":true`, 2}, {"print e", `"store_history":true`, 3},
		} {
			if r := f.cell(c.commands, c.field).reply(); r["execution_count"] != c.want {
				f.Errorf("%s with %s: %v, want %v", c.commands, c.field, r["execution_count"], c.want)
			}
		}
	}},
	{"error", "is equal in output and reply", func(f *front) {
		a := f.cell("print x\nfail boom\nprint never")
		if a.words() != "busy execute_input stream error idle" {
			f.Errorf("%s", a.words())
		}
		e, r := fields(a.only(wire.Error)), a.reply()
		if r["status"] != "error" || r["execution_count"] != 1.0 {
			f.Errorf("%v", r)
		}
		for _, field := range []string{"ename", "evalue", "traceback"} {
			if e[field] == nil || fmt.Sprint(e[field]) != fmt.Sprint(r[field]) {
				f.Errorf("%s: output %v, reply %v", field, e[field], r[field])
			}
		}
		if !strings.Contains(fmt.Sprint(e["evalue"]), "boom") || strings.Contains(fmt.Sprint(e["evalue"]), "\x1b") {
			f.Errorf("evalue %q", e["evalue"])
		}
		if lines, ok := e["traceback"].([]any); !ok || len(lines) == 0 {
			f.Errorf("traceback %v", e["traceback"])
		}
	}},
	{"stop_on_error", "aborts the cells that were sent meanwhile, and no later ones", func(f *front) {
		first := f.startBusy()
		second, third := f.start("print two"), f.start("print three")
		f.finish(f.post(wire.Shell, wire.KernelInfoRequest, `{}`), wire.KernelInfoReply) // the others have arrived
		f.stop(first)
		for _, id := range []string{second, third} {
			a := f.finish(id, wire.ExecuteReply)
			r := a.reply()
			if a.words() != "busy idle" || (r["status"] != "aborted" && r["status"] != "error") {
				f.Errorf("%s %v", a.words(), r)
			}
		}
		f.works()
	}},
	{"burst", "a cell that fails at once aborts those that are still on their way", func(f *front) {
		date := time.Now().UTC().Add(-time.Minute)
		dated := func(m *wire.Message) { // as a browser does: in milliseconds
			m.Header.Date = date.Format("2006-01-02T15:04:05.000Z")
			date = date.Add(3 * time.Millisecond)
		}
		content := func(commands string) string { return fmt.Sprintf(`{"code":%q}`, f.target.CodeFor(commands)) }
		f.ask(wire.ExecuteRequest, content("fail one"), dated)
		for range 5 { // each sent after the failure is known here, and dated as if it had been under way
			a := f.ask(wire.ExecuteRequest, content("print two"), dated)
			if a.words() != "busy idle" {
				f.Errorf("%s", a.words())
			}
		}
		f.works()
	}},
	{"stop_on_error false", "lets the queue run on", func(f *front) {
		first, second := f.start("fail x", `"stop_on_error":false`), f.start("print y")
		f.finish(first, wire.ExecuteReply)
		if r := f.finish(second, wire.ExecuteReply).reply(); r["status"] != "ok" {
			f.Errorf("%v", r)
		}
	}},
	{"user_expressions", "have a bundle or an error each", func(f *front) {
		s := f.target.Samples
		r := f.cell("print x", fmt.Sprintf(`"user_expressions":{"good":%q,"bad":%q}`, s.Expression, s.BadExpression)).reply()
		values, _ := r["user_expressions"].(map[string]any)
		good, _ := values["good"].(map[string]any)
		bad, _ := values["bad"].(map[string]any)
		data, _ := good["data"].(map[string]any)
		if good["status"] != "ok" || data["text/plain"] != "42" || good["metadata"] == nil {
			f.Errorf("good: %v", good)
		}
		if _, isList := bad["traceback"].([]any); bad["status"] != "error" || bad["ename"] == nil || !isList {
			f.Errorf("bad: %v", bad)
		}
	}},
	{"payload", "carries pages and the next cell", func(f *front) {
		list, _ := f.cell("page some text\nnext x := 1").reply()["payload"].([]any)
		var sources []string
		for _, p := range list {
			m, _ := p.(map[string]any)
			sources = append(sources, fmt.Sprint(m["source"]))
			if m["source"] == "set_next_input" && (m["text"] != "x := 1" || m["replace"] != false) {
				f.Errorf("%v", m)
			}
			if m["source"] == "page" && !strings.Contains(fmt.Sprint(m["data"]), "some text") {
				f.Errorf("%v", m)
			}
		}
		if fmt.Sprint(sources) != "[page set_next_input]" {
			f.Errorf("payloads %v", sources)
		}
	}},
	{"timing", "the reply says when the cell started", func(f *front) {
		var m struct{ Started string }
		decode(f.cell("print x").only(wire.ExecuteReply).Metadata, &m)
		if _, err := time.Parse(time.RFC3339Nano, m.Started); err != nil {
			f.Error(err)
		}
	}},
	{"death", "of the evaluator is the cell's error; the kernel serves on and says once what was lost", func(f *front) {
		f.cell("let kept 42\ncomm t")
		f.ask(wire.CommOpen, `{"comm_id":"c","target_name":"t"}`)
		a := f.cell("die")
		if a.reply()["status"] != "error" || !strings.HasSuffix(a.words(), "idle") {
			f.Errorf("%s %v", a.words(), a.reply())
		}
		f.until("comm_close", func(g got) bool { return g.Header.Type == wire.CommClose && fields(g)["comm_id"] == "c" })
		told, _ := f.cell("print x").stream("stderr")
		again, _ := f.cell("print x").stream("stderr")
		if !strings.Contains(told, "lost") || again != "" {
			f.Errorf("told %q and %q", told, again)
		}
		if r := f.cell("get kept").reply(); r["status"] != "error" {
			f.Errorf("a variable that was lost is there: %v", r)
		}
	}},
}

// startBusy sends a cell that runs until it is interrupted, and waits until it
// runs.
func (f *front) startBusy() string {
	f.Helper()
	id := f.start("print begun\nbusy")
	f.during(id, "first line of a busy cell", func(g got) bool { return g.Header.Type == wire.Stream })
	return id
}
