package protocol

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"surprisal/jupyter/wire"
)

// What a cell can do to its kernel, and what must come of it.
var hostileCells = []struct {
	name, code string
	error      string // in the traceback or evalue; empty: the cell succeeds
	interrupt  bool   // it does not end by itself
	dies       bool   // the worker does not survive, so variables are lost
}{
	{name: "does not parse", code: "x := := 1", error: "Cell"},
	{name: "does not type-check", code: `var n int = "text"`, error: "string"},
	{name: "unknown name", code: "nobody + 1", error: "nobody"},
	{name: "half wrong", code: "kept = 1\nkept = nobody", error: "nobody"},
	{name: "panics", code: `panic("boom")`, error: "boom"},
	{name: "panics with an error", code: `panic(fmt.Errorf("boom"))`, error: "boom"},
	{name: "nil pointer", code: "var p *struct{ a int }\np.a = 1", error: "nil pointer"},
	{name: "index", code: "xs := []int{1}\ni := 5\nxs[i] = 2", error: "out of range"},
	{name: "division", code: "zero := 0\n1 / zero", error: "divide"},
	{name: "nil map", code: "var m map[string]int\nm[\"a\"] = 1", error: "nil map"},
	{name: "panics in a goroutine", code: "go func() { panic(\"boom\") }()\nselect {}", error: "boom"},
	{name: "exits", code: "os.Exit(3)", error: "3"},
	{name: "logs fatally", code: `log.Fatal("over")`, error: "1"},
	{name: "ends its goroutine", code: "runtime.Goexit()"},
	{name: "prints 100 MB", code: "for i := 0; i < 100; i++ {\n\tfmt.Println(strings.Repeat(\"x\", 1<<20))\n}"},
	{name: "closes os.Stdout", code: "os.Stdout.Close()\nos.Stderr.Close()"},
	{name: "reassigns os.Stdout", code: "os.Stdout = nil"},
	{name: "deadlocks", code: "ch := make(chan int)\n<-ch", error: "nterrupt", interrupt: true},
	{name: "waits on a mutex", code: "var mu sync.Mutex\nmu.Lock()\nmu.Lock()", error: "nterrupt", interrupt: true},
	{name: "sleeps", code: "time.Sleep(time.Hour)", error: "nterrupt", interrupt: true},
	{name: "recovers and goes on", code: "for {\n\tfunc() {\n\t\tdefer func() { recover() }()\n\t\tpanic(1)\n\t}()\n}", error: "nterrupt", interrupt: true},
	{name: "prints for ever", code: "for {\n\tfmt.Println(\"again\")\n}", error: "nterrupt", interrupt: true},
	{name: "recurses for ever", code: "func down(n int) int { return down(n+1) + 1 }\ndown(0)", error: "stack", dies: true},
	{name: "kills itself", code: "syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}", error: "kill", dies: true},
	{name: "unlocks what is not locked", code: "var mu sync.Mutex\nmu.Unlock()", error: "unlock", dies: true},
}

// TestProductSurvivesItsCells: after each cell the kernel serves the next
// request with every variable, unless the worker itself died, and then says so.
func TestProductSurvivesItsCells(t *testing.T) {
	target := ProductTarget(binary(t))
	target.CodeFor = func(code string) string { return code }
	for _, c := range hostileCells {
		t.Run(c.name, func(t *testing.T) {
			f := open(t, target)
			f.cell("kept := 41")
			id := f.start(c.code)
			if c.interrupt {
				f.until("execute_input", func(g got) bool { return parent(g) == id && g.Header.Type == wire.ExecuteInput })
				time.Sleep(100 * time.Millisecond) // let it get into its wait: before that, it would be another case
				f.finish(f.post(wire.Control, wire.InterruptRequest, `{}`), wire.InterruptReply)
			}
			r := f.finish(id, wire.ExecuteReply).reply()
			if (r["status"] == "error") != (c.error != "") {
				t.Fatalf("the cell ended with %v", r)
			}
			if c.error != "" && !strings.Contains(fmt.Sprint(r["ename"], r["evalue"], r["traceback"]), c.error) {
				t.Errorf("the error does not tell %q: %v", c.error, r)
			}
			a := f.cell("fmt.Println(\"still\", kept+1)")
			out, _ := a.stream("stdout")
			err, _ := a.stream("stderr")
			if c.dies {
				if a.reply()["status"] != "error" || !strings.Contains(err, "lost") {
					t.Errorf("after the death: %v, stderr %q", a.reply(), err)
				}
				f.cell("kept := 41")
				out, _ = f.cell("fmt.Println(\"still\", kept+1)").stream("stdout")
			}
			if out != "still 42\n" {
				t.Errorf("the next cell: %q %v", out, a.reply())
			}
		})
	}
}

// 20 MiB in one line arrives whole where that is asked for, and by the bound
// where it is not.
func TestProductSendsALongLine(t *testing.T) {
	for _, all := range []string{"", "all"} {
		t.Setenv("SURPRISAL_OUTPUT", all)
		target := ProductTarget(binary(t))
		target.CodeFor = func(code string) string { return code }
		text, messages := open(t, target).cell(`fmt.Print(strings.Repeat("λ", 10<<20))`).stream("stdout")
		if all == "all" && (len(text) != 20<<20 || strings.Count(text, "λ") != 10<<20) {
			t.Errorf("%d bytes in %d messages", len(text), messages)
		}
		if all == "" && (len(text) > 2_700_000 || !strings.Contains(text, ".txt")) {
			t.Errorf("%d bytes in %d messages", len(text), messages)
		}
	}
}
