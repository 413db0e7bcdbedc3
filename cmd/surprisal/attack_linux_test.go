package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"surprisal/jupyter/wire"
)

// What native code runs on goroutines of its own belongs to the cell that gave
// it: its prints stand there, its panics are reported there, and end nothing.
func TestProductCallbacks(t *testing.T) {
	b := newBook(t)
	b.run("kept := 7")
	for _, c := range []struct{ name, code, says string }{
		{"a timer", "time.AfterFunc(0, func() { panic(\"timer\") })\nselect {}", "timer"},
		{"the end of a context", "c, cancel := context.WithCancel(context.Background())\ncontext.AfterFunc(c, func() { panic(\"after\") })\ncancel()\nselect {}", "after"},
		{"a wait group", "var wg sync.WaitGroup\nwg.Go(func() { panic(\"group\") })\nwg.Wait()", "group"},
		{"a handler called in place", "h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(\"handler\") })\nh.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(\"GET\", \"/\", nil))", "handler"},
		{"a waiting group whose goroutine fails", "var wg sync.WaitGroup\nwg.Add(1)\ngo func() { defer wg.Done(); var p *int; *p = 1 }()\nwg.Wait()", "nil pointer dereference"},
	} {
		if r := b.run(c.code); r.reply["status"] != "error" || !strings.Contains(fmt.Sprint(r.reply["evalue"]), c.says) {
			t.Errorf("%s: %v, outputs %q", c.name, r.reply["evalue"], r.lines)
		}
		if v := b.value("kept"); v != "7" {
			t.Errorf("after %s kept is %s", c.name, v)
		}
	}

	// Cells that go on after their end.
	server := b.start("mux := http.NewServeMux()\n" +
		"mux.HandleFunc(\"/print\", func(w http.ResponseWriter, r *http.Request) { fmt.Println(\"served\"); fmt.Fprint(w, \"hello\") })\n" +
		"mux.HandleFunc(\"/fail\", func(w http.ResponseWriter, r *http.Request) {\n\tvar m map[string]int\n\tm[\"a\"] = 1\n})\n" +
		"srv := httptest.NewServer(mux)\n" +
		"get := func(path string) string { resp, err := http.Get(srv.URL + path); if err != nil { return \"failed\" }; defer resp.Body.Close(); text, _ := io.ReadAll(resp.Body); return string(text) }")
	b.wait(server)
	for _, c := range []struct{ code, says, want string }{
		{"get(\"/print\")", "served\n", "hello"},
		{"get(\"/print\")", "served\n", "hello"},
	} {
		id := b.start(c.code)
		if c.says != "" {
			b.until(server, c.says)
		}
		if r := b.wait(id); r.lines != fmt.Sprintf("<result %q>", c.want) {
			t.Errorf("%s: %q", c.code, r.lines)
		}
	}
	id := b.start("log.SetFlags(0)\nget(\"/fail\")")
	told := b.untilHas(server, "http: panic serving ")
	b.wait(id)
	if !strings.Contains(told, "assignment to entry in nil map") || !strings.Contains(told, "Cell [12] 5:2") || strings.Contains(told, "goroutine ") || strings.Contains(told, "yaegi") || strings.Contains(told, "\x1b") {
		t.Errorf("a handler's panic is told as %q", told)
	}
	timer := b.start("time.AfterFunc(300*time.Millisecond, func() { fmt.Println(\"late\") })\nnil")
	b.wait(timer)
	id = b.start("fmt.Println(\"now\")\ntime.Sleep(time.Second)")
	b.until(timer, "late\n")
	if r := b.wait(id); r.lines != "now\n" {
		t.Errorf("beside a late print a cell has %q", r.lines)
	}
	if v := b.value("kept"); v != "7" {
		t.Errorf("at the end kept is %s", v)
	}
}

// untilHas returns the first output of a cell that holds a text.
func (n *book) untilHas(id, part string) string {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		m, err := n.cl.Recv(ctx, wire.IOPub)
		if err != nil {
			n.t.Fatalf("%s: no %s: %v", id, part, err)
		}
		n.put = append(n.put, m)
		var parent wire.Header
		json.Unmarshal(m.Parent, &parent)
		if parent.ID == id && strings.Contains(string(m.Content), part) {
			var c content
			json.Unmarshal(m.Content, &c)
			return c.Text
		}
	}
}

// Waiting for what never comes, in native code, ends at an interrupt; what had
// been waited for prints nothing when it comes.
func TestProductWaits(t *testing.T) {
	b := newBook(t)
	b.run("kept := 7\nstuck := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))\nvar cond = sync.NewCond(&sync.Mutex{})\npr, pw := io.Pipe()\nln, err := net.Listen(\"tcp\", \"127.0.0.1:0\")")
	for _, c := range []struct{ name, code, release string }{
		{"a response", "http.Get(stuck.URL)", ""},
		{"a pipe", "io.ReadAll(pr)", "pw.Close()"},
		{"a connection", "ln.Accept()", "ln.Close()"},
		{"a process", "exec.Command(\"sleep\", \"3\").Run()", ""},
		{"a condition", "cond.L.Lock()\ncond.Wait()\ncond.L.Unlock()", "cond.Broadcast()"},
		{"an iterator", "import \"iter\"\nnext, stop := iter.Pull(func(yield func(int) bool) { for yield(1) {} })\ndefer stop()\nfor { next() }", ""},
		{"once", "var once sync.Once\nonce.Do(func() { for {} })", ""},
		{"a bufio.Scanner on a pipe", "r2, _ := io.Pipe()\nsc := bufio.NewScanner(r2)\nfor sc.Scan() { fmt.Println(sc.Text()) }", ""},
		{"a large native sort", "xs := make([]float64, 1<<22)\nfor i := range xs { xs[i] = math.Sin(float64(i)) }\nfor { sort.Float64s(xs); slices.Reverse(xs) }", ""},
	} {
		id := b.start(`display.Show(display.Text("begin"))` + "\ndefer fmt.Print(\"\")\n" + c.code + "\nfmt.Println(\"zombie\")")
		b.until(id, "<begin>")
		time.Sleep(20 * time.Millisecond)
		start := time.Now()
		b.cmd.Process.Signal(os.Interrupt)
		b.control(wire.InterruptRequest, map[string]any{})
		r := b.wait(id)
		if took := time.Since(start); r.reply["status"] != "error" || r.reply["ename"] != "Interrupted" || took > 15*time.Second {
			t.Errorf("%s: %v %v after %v", c.name, r.reply["ename"], r.reply["evalue"], took)
		}
		if c.release != "" {
			b.run(c.release)
		}
		if r := b.run("kept"); r.lines != "<result 7>" {
			t.Errorf("after %s: %q", c.name, r.lines)
		}
		if strings.Contains(r.lines, "zombie") {
			t.Errorf("%s: goes on: %q", c.name, r.lines)
		}
	}
}

// A notebook of a day: redefinitions over and over, failures between them.
func TestProductLongSession(t *testing.T) {
	b := newBook(t)
	for i := range 150 {
		n := i % 50
		b.run(fmt.Sprintf("type P%d struct{ X, Y float64 }\nfunc (p P%d) Norm() float64 { return math.Hypot(p.X, p.Y) }\nvar x%d = P%d{3, 4}", n, n, n, n))
		if i%10 == 3 {
			if r := b.run(fmt.Sprintf("x%d := nope\nfunc f() {", n)); r.reply["status"] != "error" {
				t.Fatalf("cell %d: %v", i, r.reply)
			}
		}
		if i%10 == 7 {
			b.run("var m map[int]int\nm[1] = 1")
		}
		if v := b.value(fmt.Sprintf("x%d.Norm() + %d", n, i)); v != fmt.Sprint(5+i) {
			t.Fatalf("cell %d: %s", i, v)
		}
	}
}
