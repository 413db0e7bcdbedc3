package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"surprisal/jupyter/wire"
)

func TestProductOrder(t *testing.T) {
	b := newBook(t)
	if v := b.value("1+1"); v != "2" {
		t.Errorf("1+1 is %s", v)
	}
	for _, c := range []struct {
		name, code string
		n          int
		line       func(i int) string
	}{
		{"print and display", `for i := 0; i < 1000; i++ { fmt.Println("p", i); display.Show(display.Text("d")) }`, 1000,
			func(i int) string { return fmt.Sprintf("p %d\n<d>", i) }},
		{"raw, print and display", `for i := 0; i < 500; i++ { os.Stdout.WriteString("raw\n"); fmt.Println("p", i); display.Show(display.Text("d")) }`, 500,
			func(i int) string { return fmt.Sprintf("raw\np %d\n<d>", i) }},
		{"lines", `for i := 0; i < 100000; i++ { fmt.Println("line", i) }`, 100000,
			func(i int) string { return fmt.Sprintf("line %d\n", i) }},
	} {
		r := b.run(c.code)
		var want strings.Builder
		for i := range c.n {
			want.WriteString(c.line(i))
		}
		if r.lines != want.String() || r.reply["status"] != "ok" {
			t.Errorf("%s: %v, %d bytes, want %d: %.300q", c.name, r.reply, len(r.lines), want.Len(), r.lines)
		}
		if c.name == "lines" && len(r.out) > 21 { // execute_input is one
			t.Errorf("%d messages for 100,000 lines, want at most 20", len(r.out)-1)
		}
	}
}

// Whatever a cell does to its streams, the next cell is served.
func TestProductStreams(t *testing.T) {
	b := newBook(t)
	for _, c := range []struct{ code, want, reason string }{
		{`os.Stdout.Close()`, "", "a cell may close what is its own"},
		{`fmt.Println("a"); os.Stdout.WriteString("b\n")`, "a\nb\n", "the next cell has a stream again"},
		{`os.Stdout = nil`, "", "a cell may assign it"},
		{`fmt.Println("a"); os.Stdout.WriteString("b\n")`, "a\nb\n", "for itself only"},
		{`old := os.Stdout
r, w, _ := os.Pipe()
os.Stdout = w
fmt.Print("caught")
os.Stdout = old
w.Close()
text, _ := io.ReadAll(r)
fmt.Println(string(text) + "!")`, "caught!\n", "the usual way to catch prints"},
		{`syscall.Close(1)
fmt.Println("a")`, "a\n", "as C code might"},
		{`println("e")`, "<stderr e\n>", "Go's own println"},
		{`log.Println("x"); log.SetFlags(0)`, "*", "the standard logger"},
		{`log.Println("x")`, "<stderr x\n>", "the standard logger, without its time"},
		{`exec.Command("echo", "child").Run(); c := exec.Command("echo", "child"); c.Stdout = os.Stdout; c.Run()`, "child\n", "a child prints through it"},
	} {
		r := b.run(c.code)
		if r.reply["status"] != "ok" || c.want != "*" && r.lines != c.want && !strings.HasPrefix(r.lines, c.want+"<result") {
			t.Errorf("%s (%s): %v %q, want %q", c.code, c.reason, r.reply["evalue"], r.lines, c.want)
		}
	}
}

func TestProductDeaths(t *testing.T) {
	b := newBook(t, "SURPRISAL_MEMORY=2GiB")
	for _, c := range []struct{ name, code, says string }{
		{"stack overflow", "func deeper(n int) int { return deeper(n+1) + 1 }\ndeeper(0)", "stack overflow"},
		{"concurrent map writes", "m := map[int]int{}\nfor g := 0; g < 8; g++ { go func() { for i := 0; ; i++ { m[i%100] = i } }() }\nselect {}", "concurrent map"},
		{"huge make", "x := make([]byte, 1<<46)\nlen(x)", "out of memory"},
		{"64 MB steps", "var keep [][]byte\nz := bytes.Repeat([]byte{1}, 64<<20)\nfor { keep = append(keep, bytes.Clone(z)) }", "the ceiling is 2048 MiB"},
		{"kill -9", "syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}", "killed"},
	} {
		b.run("kept := 7")
		r := b.run("fmt.Println(\"before\")\n" + c.code)
		if r.reply["status"] != "error" || !strings.Contains(fmt.Sprint(r.reply["evalue"]), c.says) || !strings.HasPrefix(r.lines, "before\n") || strings.Contains(r.lines, "goroutine ") {
			t.Errorf("%s: %v %v; outputs %.400q", c.name, r.reply["ename"], r.reply["evalue"], r.lines)
		}
		if r := b.run("1+1"); !strings.Contains(r.lines, "<result 2>") || !strings.Contains(r.lines, "lost") {
			t.Errorf("after %s: %q", c.name, r.lines)
		}
		if r := b.run("1+1"); strings.Contains(r.lines, "lost") {
			t.Errorf("after %s it is said twice: %q", c.name, r.lines)
		}
	}
	for _, code := range []string{"os.Exit(3)", "log.Fatal(\"x\")", "panic(\"x\")", "go func() { panic(\"x\") }()\nselect {}", "var p *int\n*p"} {
		b.run("kept := 7")
		if r := b.run(code); r.reply["status"] != "error" {
			t.Errorf("%s: %v", code, r.reply)
		}
		if v := b.value("kept"); v != "7" {
			t.Errorf("after %s kept is %s", code, v)
		}
	}
}

func TestProductInterrupts(t *testing.T) {
	b := newBook(t)
	b.run("kept := 7\nx := 0\nvar mu sync.Mutex")
	for _, c := range []struct{ name, code string }{
		{"busy loop", "for { x++ }"},
		{"busy goroutines", "for i := 0; i < 8; i++ { go func() { for { _ = 1 } }() }\nfor { }"},
		{"goroutines, main waits", "var wg sync.WaitGroup\nfor i := 0; i < 8; i++ { wg.Add(1); go func() { defer wg.Done(); for { } }() }\nwg.Wait()"},
		{"recover loop", "for { func() { defer func() { recover() }(); panic(1) }() }"},
		{"sleep", "time.Sleep(time.Hour)"},
		{"print flood", `for { fmt.Println("flood") }`},
		{"display flood", `for { display.Show(display.Text("flood")) }`},
		{"native callback", "s := make([]int, 1000000)\nfor { sort.Slice(s, func(i, j int) bool { return (i*7)%11 < (j*3)%13 }) }"},
		{"channel", "<-make(chan int)"},
		{"select", "select {}"},
		{"mutex", "mu.Lock(); mu.Lock()"},
		{"input", `notebook.Input("? ")`},
	} {
		id := b.start(`display.Show(display.Text("begin"))` + "\n" + c.code)
		b.until(id, "<begin>")
		b.control(wire.InterruptRequest, map[string]any{})
		b.control(wire.InterruptRequest, map[string]any{}) // twice is harmless
		if r := b.wait(id); r.reply["status"] != "error" {
			t.Errorf("%s: %v", c.name, r.reply)
		}
		if v := b.value("kept"); v != "7" {
			t.Errorf("after %s kept is %s", c.name, v)
		}
	}
	b.control(wire.InterruptRequest, map[string]any{}) // while idle
	if v := b.value("kept"); v != "7" {
		t.Errorf("after an interrupt while idle kept is %s", v)
	}
	id := b.start(`display.Show(display.Text("begin"))` + "\nfor { }")
	b.until(id, "<begin>")
	b.cmd.Process.Signal(os.Interrupt)
	if r := b.wait(id); r.reply["status"] != "error" {
		t.Errorf("SIGINT: %v", r.reply)
	}
}

func TestProductFloods(t *testing.T) {
	for _, env := range []string{"", "all"} {
		b := newBook(t, "SURPRISAL_OUTPUT="+env)
		r := b.run(`fmt.Println(strings.Repeat("é", 10<<20))`)
		n := strings.Count(r.lines, "é")
		if env == "all" && n != 10<<20 || env == "" && (n < 1<<19 || n > 4<<20) || strings.ContainsRune(r.lines, '�') {
			t.Errorf("output %q: %d of %d runes in %d messages", env, n, 10<<20, len(r.out))
		}
		if env == "" {
			r = b.run(`l := strings.Repeat("ü", 49) + "x"` + "\nfor i := 0; i < 1000000; i++ { fmt.Println(l) }")
			if n := strings.Count(r.lines, "ü"); r.reply["status"] != "ok" || n < 1<<19 || n > 4<<20 {
				t.Errorf("100 MB in lines: %v, %d runes shown", r.reply, n)
			}
		}
		b.run("1+1")
	}
}

func TestProductLeavesNothing(t *testing.T) {
	for _, how := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, 0} {
		b := newBook(t)
		child, err := strconv.Atoi(b.value("c := exec.Command(\"sleep\", \"1000\")\nc.Start()\nc.Process.Pid"))
		if err != nil {
			t.Fatal(err)
		}
		worker, err := strconv.Atoi(b.value("os.Getpid()"))
		if err != nil {
			t.Fatal(err)
		}
		id := b.start("display.Show(display.Text(\"begin\"))\nfor g := 0; g < 8; g++ { go func() { for { } }() }\nfor { }")
		b.until(id, "<begin>")
		if how == 0 {
			b.control(wire.ShutdownRequest, map[string]any{"restart": false})
		} else {
			b.cmd.Process.Signal(how)
		}
		b.cmd.Wait()
		if how != syscall.SIGKILL && b.cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("%v: exit %d %s", how, b.cmd.ProcessState.ExitCode(), b.err)
		}
		for _, pid := range []int{worker, child} {
			if !goneSoon(pid) {
				t.Errorf("%v: process %d is still there", how, pid)
				syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		b.cl.Close()
	}
}

// A kernel whose Jupyter has died must not stay for ever.
func TestProductEndsWithItsParent(t *testing.T) {
	parent := exec.Command("sleep", "1000")
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	b := newBook(t, "JPY_PARENT_PID="+strconv.Itoa(parent.Process.Pid))
	b.value("1+1")
	parent.Process.Kill()
	parent.Wait()
	done := make(chan error, 1)
	go func() { done <- b.cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it still runs")
		b.cmd.Process.Kill()
		<-done
	}
	b.cl.Close()
}

func goneSoon(pid int) bool {
	end := time.Now().Add(10 * time.Second)
	for time.Now().Before(end) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		_, s, ok := strings.Cut(string(b), ") ")
		if err != nil || !ok || s[0] == 'Z' || s[0] == 'X' { // a slow init may keep zombies
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}
