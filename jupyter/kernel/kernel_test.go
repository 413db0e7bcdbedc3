package kernel

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"surprisal/jupyter/wire"
)

func TestExecuteSendsEverythingInOrder(t *testing.T) {
	b := start(t)
	b.eval.execute = func(_ context.Context, c Cell) Outcome {
		b.Emit(c.ID, Stream{"stdout", []byte("hello\n")})
		b.Emit(c.ID, Display{Bundle: text("picture"), ID: "d1"})
		b.Emit(c.ID, Stream{"stderr", []byte("oh\n")})
		b.Emit(c.ID, Result{text("2")})
		return Outcome{}
	}
	got := b.run("1+1")
	want := "busy execute_input stream display_data stream execute_result execute_reply idle"
	if words(got) != want {
		t.Fatalf("got  %s\nwant %s", words(got), want)
	}
	reply := pick(t, got, wire.ExecuteReply)
	if string(reply.Identities[0]) != "client-1" || reply.ch != wire.Shell {
		t.Errorf("the reply went to %q on %v", reply.Identities, reply.ch)
	}
	if string(reply.Content) != `{"status":"ok","execution_count":1,"user_expressions":{},"payload":[]}` {
		t.Errorf("reply %s", reply.Content)
	}
	for _, s := range got {
		if !strings.Contains(string(s.Parent), `"odd":[1,2]`) {
			t.Errorf("%s: the client's header came back as %s", word(s), s.Parent)
		}
	}
	if d := pick(t, got, wire.DisplayData); string(d.Content) != `{"data":{"text/plain":"picture"},"metadata":{},"transient":{"display_id":"d1"}}` {
		t.Errorf("display_data %s", d.Content)
	}
	if r := pick(t, got, wire.ExecuteResult); string(r.Content) != `{"execution_count":1,"data":{"text/plain":"2"},"metadata":{}}` {
		t.Errorf("execute_result %s", r.Content)
	}
}

func TestStartingIsSentOnce(t *testing.T) {
	b := start(t)
	b.run("")
	b.run("")
	if n := strings.Count(words(b.all()), "starting"); n != 1 || word(b.all()[0]) != "starting" {
		t.Errorf("got %s", words(b.all()))
	}
}

func TestKernelInfoNeedsNoEvaluator(t *testing.T) {
	for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
		b := start(t, func(c *Config) { c.Eval = nil })
		got := b.finish(b.post(ch, wire.KernelInfoRequest, `{}`))
		if words(got) != "busy kernel_info_reply idle" {
			t.Fatalf("%v: %s", ch, words(got))
		}
		reply := pick(t, got, wire.KernelInfoReply)
		if reply.ch != ch {
			t.Errorf("asked on %v, answered on %v", ch, reply.ch)
		}
		var c kernelInfoReply
		if err := json.Unmarshal(reply.Content, &c); err != nil {
			t.Fatal(err)
		}
		l := c.Language
		if c.Status != "ok" || c.Protocol != "5.5" || c.Implementation != "surprisal" || c.Version != "0.0.test" ||
			l.Name != "go" || l.MIMEType != "text/x-go" || l.Extension != ".go" || l.Lexer != "go" || l.CodeMirror != "go" ||
			l.Version == "" || c.Banner == "" || len(c.HelpLinks) == 0 || c.Features == nil || len(c.Features) != 0 {
			t.Errorf("%s", reply.Content)
		}
	}
}

func TestFailedCell(t *testing.T) {
	b := start(t)
	b.eval.execute = func(_ context.Context, c Cell) Outcome {
		return Outcome{Err: &Error{Name: "panic", Value: "boom", Traceback: []string{"a", "b"}}}
	}
	got := b.run("x")
	if words(got) != "busy execute_input error execute_reply idle" {
		t.Fatalf("%s", words(got))
	}
	if e := pick(t, got, wire.Error); string(e.Content) != `{"ename":"panic","evalue":"boom","traceback":["a","b"]}` {
		t.Errorf("error %s", e.Content)
	}
	if r := pick(t, got, wire.ExecuteReply); string(r.Content) != `{"status":"error","ename":"panic","evalue":"boom","traceback":["a","b"],"execution_count":1}` {
		t.Errorf("reply %s", r.Content)
	}
}
