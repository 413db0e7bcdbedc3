package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"surprisal/jupyter/wire"
)

func TestExecuteFields(t *testing.T) {
	speak := func(b *bench) {
		b.eval.execute = func(_ context.Context, c Cell) Outcome {
			b.Emit(c.ID, Stream{"stdout", []byte("text")})
			b.Emit(c.ID, Result{text("v")})
			out := Outcome{UserExpr: map[string]UserValue{}}
			for name := range c.UserExpr {
				out.UserExpr[name] = UserValue{Bundle: text("42")}
			}
			if c.UserExpr["bad"] != "" {
				out.UserExpr["bad"] = UserValue{Err: &Error{Name: "E", Value: "no"}}
			}
			return out
		}
	}
	tests := []struct {
		name, reason, content string
		order                 string
		count                 int
	}{
		{"plain", "the first stored cell is number 1", `{"code":"x"}`,
			"busy execute_input stream execute_result execute_reply idle", 1},
		{"silent", "nothing is shown and nothing is counted", `{"code":"x","silent":true}`,
			"busy execute_reply idle", 0},
		{"silent, stored", "silent forces store_history to be false", `{"code":"x","silent":true,"store_history":true}`,
			"busy execute_reply idle", 0},
		{"not stored", "shown, and the count is the current one", `{"code":"x","store_history":false}`,
			"busy execute_input stream execute_result execute_reply idle", 0},
		{"no code", "missing fields have defaults", `{}`,
			"busy execute_input stream execute_result execute_reply idle", 1},
		{"nulls", "a null is an absent field", `{"code":null,"silent":null,"user_expressions":null,"allow_stdin":null}`,
			"busy execute_input stream execute_result execute_reply idle", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := start(t)
			speak(b)
			got := b.do(wire.ExecuteRequest, tt.content)
			if words(got) != tt.order {
				t.Errorf("%s: got %s, want %s", tt.reason, words(got), tt.order)
			}
			var r executeOK
			if err := json.Unmarshal(pick(t, got, wire.ExecuteReply).Content, &r); err != nil {
				t.Fatal(err)
			}
			if r.Count != tt.count || r.Status != "ok" {
				t.Errorf("%s: reply %+v, want count %d", tt.reason, r, tt.count)
			}
		})
	}
}

func TestExecutionCountGoesOn(t *testing.T) {
	b := start(t)
	want := []struct {
		content string
		count   int
	}{
		{`{"code":"a"}`, 1}, {`{"code":"b","silent":true}`, 1}, {`{"code":"c","store_history":false}`, 1},
		{`{"code":"d"}`, 2}, {`{"code":"e"}`, 3},
	}
	for _, w := range want {
		var r executeOK
		_ = json.Unmarshal(pick(t, b.do(wire.ExecuteRequest, w.content), wire.ExecuteReply).Content, &r)
		if r.Count != w.count {
			t.Errorf("%s: count %d, want %d", w.content, r.Count, w.count)
		}
	}
}

func TestCellReachesTheEvaluatorWhole(t *testing.T) {
	b := start(t)
	var got Cell
	b.eval.execute = func(_ context.Context, c Cell) Outcome { got = c; return Outcome{} }
	b.do(wire.ExecuteRequest, `{"code":"λ","allow_stdin":true,"user_expressions":{"n":"1+1"}}`, func(m *wire.Message) {
		m.Metadata = json.RawMessage(`{"cellId":"abc","trusted":true}`)
	})
	want := Cell{ID: 1, Count: 1, Name: "abc", Code: "λ", Store: true, Stdin: true, UserExpr: map[string]string{"n": "1+1"}}
	got.Begun = nil
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestUserExpressionsAndPayload(t *testing.T) {
	b := start(t)
	b.eval.execute = func(context.Context, Cell) Outcome {
		return Outcome{
			UserExpr: map[string]UserValue{"n": {Bundle: text("2")}, "bad": {Err: &Error{Name: "E", Value: "no"}}},
			Payload:  []json.RawMessage{json.RawMessage(`{"source":"page"}`), json.RawMessage(`nonsense`)},
		}
	}
	got := string(pick(t, b.run("x"), wire.ExecuteReply).Content)
	want := `{"status":"ok","execution_count":1,"user_expressions":{` +
		`"bad":{"status":"error","ename":"E","evalue":"no","traceback":[]},` +
		`"n":{"status":"ok","data":{"text/plain":"2"},"metadata":{}}},"payload":[{"source":"page"}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReplySaysWhenTheCellStarted(t *testing.T) {
	b := start(t)
	r := pick(t, b.run("x"), wire.ExecuteReply)
	var m executeMetadata
	if err := json.Unmarshal(r.Metadata, &m); err != nil || m.Status != "ok" {
		t.Fatalf("metadata %s", r.Metadata)
	}
	if _, err := time.Parse(time.RFC3339Nano, m.Started); err != nil {
		t.Error(err)
	}
}

// holdFirst makes the first cell wait for release and then fail.
func holdFirst(b *bench) (started, release chan struct{}) {
	started, release = make(chan struct{}), make(chan struct{})
	b.eval.execute = func(_ context.Context, c Cell) Outcome {
		if c.ID == 1 {
			close(started)
			<-release
			return Outcome{Err: &Error{Name: "E", Value: "v"}}
		}
		return Outcome{}
	}
	return started, release
}

func TestStopOnErrorAbortsWhatIsQueued(t *testing.T) {
	for _, stop := range []bool{true, false} {
		t.Run(fmt.Sprint(stop), func(t *testing.T) {
			b := start(t)
			started, release := holdFirst(b)
			b.post(wire.Shell, wire.ExecuteRequest, fmt.Sprintf(`{"code":"x","stop_on_error":%v}`, stop))
			<-started
			second := b.post(wire.Shell, wire.ExecuteRequest, `{"code":"y"}`)
			info := b.post(wire.Shell, wire.KernelInfoRequest, `{}`)
			third := b.post(wire.Shell, wire.ExecuteRequest, `{"code":"z"}`)
			close(release)
			for _, id := range []string{second, third} {
				got := b.finish(id)
				want := "busy execute_input execute_reply idle"
				if stop {
					want = "busy execute_reply idle"
				}
				if words(got) != want {
					t.Errorf("%s: %s, want %s", id, words(got), want)
				}
				r := string(pick(t, got, wire.ExecuteReply).Content)
				if stop != strings.Contains(r, `"status":"aborted"`) {
					t.Errorf("%s: %s", id, r)
				}
				if stop && !strings.Contains(r, `"execution_count":null`) {
					t.Errorf("a cell that never ran has a number: %s", r)
				}
			}
			if got := words(b.finish(info)); got != "busy kernel_info_reply idle" {
				t.Errorf("only cells are aborted, but the question got %s", got)
			}
			// A cell sent after the failure runs.
			if r := pick(t, b.run("w"), wire.ExecuteReply); !strings.Contains(string(r.Content), `"status":"ok"`) {
				t.Errorf("the next cell: %s", r.Content)
			}
		})
	}
}

func TestAbortOfRequestsOnTheWay(t *testing.T) {
	const micro, milli = "2026-01-02T03:04:05.000001Z", "2026-01-02T03:04:05.000Z"
	at := func(form string, d time.Duration) string {
		base, _ := time.Parse(time.RFC3339Nano, form)
		f := "2006-01-02T15:04:05.000000Z07:00"
		if form == milli {
			f = "2006-01-02T15:04:05.000Z07:00"
		}
		return base.Add(d).Format(f)
	}
	tests := []struct {
		name, reason   string
		first          string
		took           time.Duration
		second, third  string
		session        string
		want2nd, want3 bool
	}{
		{"sent during the cell", "its client did not know yet", micro, 3 * time.Millisecond,
			at(micro, time.Millisecond), at(micro, 2*time.Millisecond), "s", true, true},
		{"sent after", "its client may have seen the error", micro, 3 * time.Millisecond,
			at(micro, 4*time.Millisecond), at(micro, time.Millisecond), "s", false, false},
		{"burst of a browser", "one run of a notebook, dated in milliseconds", milli, time.Millisecond,
			at(milli, 9*time.Millisecond), at(milli, 17*time.Millisecond), "s", true, true},
		{"burst through a server", "Jupyter's server fills dates up with zeros", "2026-01-02T03:04:05.007000Z", time.Millisecond,
			"2026-01-02T03:04:05.015000Z", "2026-01-02T03:04:05.024Z", "s", true, true},
		{"not of a browser", "dates with microseconds are no burst", milli, time.Millisecond,
			"2026-01-02T03:04:05.003001Z", "2026-01-02T03:04:05.003002Z", "s", false, false},
		{"a person", "half a second later is no burst", milli, time.Millisecond,
			at(milli, 500*time.Millisecond), at(milli, 501*time.Millisecond), "s", false, false},
		{"other session", "its clock is another", micro, 3 * time.Millisecond,
			at(micro, time.Millisecond), at(micro, time.Millisecond), "other", false, false},
		{"no date", "nothing can be said", "", 3 * time.Millisecond, "", "", "s", false, false},
		{"not a date", "nothing can be said", "yesterday", 3 * time.Millisecond, "yesterday", micro, "s", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			received := time.Now()
			req := func(seq uint64, date, session string) *request {
				return &request{seq: seq, received: received, m: &wire.Message{Header: wire.Header{Date: date, Session: session}}}
			}
			var a abortRule
			a.failed(req(7, tt.first, "s"), 8, received.Add(tt.took))
			if !a.covers(req(8, "", "other")) {
				t.Error("a request that was queued is not aborted")
			}
			if got := a.covers(req(9, tt.second, tt.session)); got != tt.want2nd {
				t.Errorf("%s: second aborted: %v", tt.reason, got)
			}
			if got := a.covers(req(10, tt.third, tt.session)); got != tt.want3 {
				t.Errorf("%s: third aborted: %v", tt.reason, got)
			}
		})
	}
}

func TestErrorThatTheEvaluatorShowsIsShownOnce(t *testing.T) {
	b := start(t)
	b.eval.execute = func(_ context.Context, c Cell) Outcome {
		e := &Error{Name: "E", Value: "v"}
		b.Emit(c.ID, e)
		return Outcome{Err: &Error{Name: "E", Value: "v"}}
	}
	pick(t, b.run("x"), wire.Error)
}

func TestLostIsToldOnce(t *testing.T) {
	b := start(t)
	b.eval.execute = func(_ context.Context, c Cell) Outcome {
		if c.Code == "die" {
			b.Emit(c.ID, CommMessage{Kind: CommOpen, ID: "c1", Target: "t"})
			b.Emit(c.ID, Lost{})
			return Outcome{Err: &Error{Name: "Died", Value: "killed"}}
		}
		return Outcome{}
	}
	got := b.run("die")
	if words(got) != "busy execute_input comm_open comm_close error execute_reply idle" {
		t.Errorf("%s", words(got))
	}
	if got := words(b.do(wire.ExecuteRequest, `{"code":"x","silent":true}`)); got != "busy execute_reply idle" {
		t.Errorf("a silent request: %s", got)
	}
	told, _ := streams(b.run("x"), "stderr")
	again, _ := streams(b.run("x"), "stderr")
	if !strings.Contains(told, "variables were lost") || again != "" {
		t.Errorf("told %q, then %q", told, again)
	}
}

func TestLateOutputBelongsToItsCell(t *testing.T) {
	b := start(t)
	var first CellID
	b.eval.execute = func(_ context.Context, c Cell) Outcome {
		if first == 0 {
			first = c.ID
			return Outcome{}
		}
		b.Emit(first, Display{Bundle: text("late")})
		b.Emit(c.ID, Display{Bundle: text("mine")})
		b.Emit(first, &Error{Name: "panic", Value: "late"})
		return Outcome{}
	}
	one := b.post(wire.Shell, wire.ExecuteRequest, `{"code":"1"}`)
	b.finish(one)
	two := b.run("2")
	if words(two) != "busy execute_input display_data execute_reply idle" {
		t.Errorf("the second cell got %s", words(two))
	}
	if got := words(b.finish(one)); got != "busy execute_input execute_reply idle display_data error" {
		t.Errorf("the first cell got %s", got)
	}
}

func TestParentsAreBounded(t *testing.T) {
	table := newCellTable()
	for id := CellID(1); id <= 3*keepCells; id++ {
		table.add(&cell{id: id}, false)
	}
	for id := CellID(3*keepCells + 1); id <= 4*keepCells; id++ {
		table.add(&cell{id: id}, true)
	}
	if len(table.byID) != keepCells+keepComms {
		t.Errorf("%d cells are kept", len(table.byID))
	}
	for id, known := range map[CellID]bool{1: false, 2*keepCells + 1: true, 3 * keepCells: true} {
		if got := table.get(id).id; (got == id) != known {
			t.Errorf("cell %d: got %d", id, got)
		}
	}
	if got := table.get(0).id; got != 3*keepCells {
		t.Errorf("what belongs to nobody goes to %d, want the newest cell", got)
	}
}

// Whatever the evaluator does first, front ends hear of a cell before they hear
// from it, and once.
func TestNothingOfACellComesBeforeIt(t *testing.T) {
	show := func(b *bench, id CellID) { b.Sink().Emit(id, Display{Bundle: text("shown")}) }
	for _, c := range []struct {
		name    string
		execute func(b *bench, c Cell)
		want    string
	}{
		{"says nothing", func(*bench, Cell) {}, "busy execute_input execute_reply idle"},
		{"shows and says nothing", func(b *bench, c Cell) { show(b, c.ID) }, "busy execute_input display_data execute_reply idle"},
		{"says it late and twice", func(b *bench, c Cell) { show(b, c.ID); c.OnItsWay(); c.OnItsWay() }, "busy execute_input display_data execute_reply idle"},
		{"asks first", func(b *bench, c Cell) {
			b.Sink().Input(context.Background(), c.ID, "", false)
		}, "busy execute_input execute_reply idle"},
	} {
		b := start(t)
		b.eval.rude = true
		b.eval.execute = func(_ context.Context, cell Cell) Outcome { c.execute(b, cell); return Outcome{} }
		if got := words(b.run("x")); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	b := start(t)
	if got := words(b.do(wire.ExecuteRequest, `{"code":"x","silent":true}`)); got != "busy execute_reply idle" {
		t.Errorf("a silent cell: %s", got)
	}
	if got := words(b.do(wire.ExecuteRequest, `{"code":3}`)); got != "busy execute_reply idle" {
		t.Errorf("a request that cannot be read: %s", got)
	}
}
