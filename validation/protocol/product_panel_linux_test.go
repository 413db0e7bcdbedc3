package protocol

import (
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"surprisal/jupyter/wire"
)

var panelTime = flag.Duration("panel", 6*time.Second, "how long the cost of the panel is measured")

// monitored gives the kernels of a test a monitor of their own, a demo, and
// returns the socket of it.
func monitored(t *testing.T) (target Target, socket string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "run-")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", dir)
	if os.Getenv("SURPRISAL_MONITOR") == "" { // a machine with GPUs may measure what they cost
		t.Setenv("SURPRISAL_MONITOR", "demo")
	}
	socket = filepath.Join(dir, "surprisal", "monitor.sock")
	t.Cleanup(func() {
		if pid := monitorPID(socket); pid != 0 {
			syscall.Kill(pid, syscall.SIGTERM)
		}
		os.RemoveAll(dir)
	})
	target = ProductTarget(binary(t))
	target.CodeFor = func(code string) string { return code }
	return target, socket
}

// monitorPID is the process that listens on a socket, 0 if none does.
func monitorPID(socket string) int {
	c, err := net.Dial("unix", socket)
	if err != nil {
		return 0
	}
	defer c.Close()
	raw, err := c.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0
	}
	pid := 0
	raw.Control(func(fd uintptr) {
		if u, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			pid = int(u.Pid)
		}
	})
	return pid
}

// bundle is the display_id and the two forms of a display.
func bundle(g got) (id, html, text string) {
	f := fields(g)
	tr, _ := f["transient"].(map[string]any)
	data, _ := f["data"].(map[string]any)
	id, _ = tr["display_id"].(string)
	html, _ = data["text/html"].(string)
	text, _ = data["text/plain"].(string)
	return id, html, text
}

// The panel is one display, live while cells run, of any cell, and a still
// picture with a sentence before the cell's end is told.
func TestProductPanelMovesAndRests(t *testing.T) {
	target, _ := monitored(t)
	f := open(t, target)
	a := f.cell(`widget.GPU()`)
	if w := a.words(); w != "busy execute_input display_data update_display_data idle" {
		t.Errorf("a cell with the panel: %s", w)
	}
	id, html, text := bundle(a.only(wire.DisplayData))
	if id == "" || !strings.Contains(html, "<svg") || !strings.Contains(html, "live at ") || !strings.Contains(text, "Demo GPU, at ") || !strings.Contains(text, "Demo: the numbers are made up.") {
		t.Errorf("display %q: %q, %.300s", id, text, html)
	}
	a = f.cell(`time.Sleep(3500 * time.Millisecond)`)
	var pages []string
	for _, g := range a.pub {
		if g.Header.Type == wire.UpdateDisplayData {
			same, html, text := bundle(g)
			if same != id || text == "" {
				t.Errorf("an update of %q with text %q, want %q", same, text, id)
			}
			pages = append(pages, html)
		}
	}
	if len(pages) < 3 || len(pages) > 5 {
		t.Fatalf("%d updates in 3.5 s: %s", len(pages), a.words())
	}
	for i, p := range pages {
		if last := i == len(pages)-1; strings.Contains(p, "live at ") == last || i > 0 && !last && p == pages[i-1] {
			t.Errorf("update %d of %d: %.300s", i+1, len(pages), p)
		}
	}
	if w := f.cell("1 + 1").words(); strings.Contains(w, "display") {
		t.Errorf("a short cell pays for the panel: %s", w)
	}
	f.cell(`p := widget.GPU(); p.Stop()`)
	if w := f.cell(`time.Sleep(2500 * time.Millisecond)`).words(); w != "busy execute_input idle" {
		t.Errorf("after Stop: %s", w)
	}
}

// A bar is one display that ends as its cell leaves it, and costs ten messages a
// second at most.
func TestProductProgress(t *testing.T) {
	target, _ := monitored(t)
	f := open(t, target)
	a := f.cell("bar := widget.NewProgress(1000)\nbar.SetDescription(\"fit\")\nfor i := range 500 {\n\tbar.Set(i + 1)\n\ttime.Sleep(time.Millisecond)\n}\nbar")
	id, _, _ := bundle(a.only(wire.DisplayData))
	var last string
	n := 0
	for _, g := range a.pub {
		if g.Header.Type == wire.UpdateDisplayData {
			var same string
			if same, _, last = bundle(g); same != id {
				t.Errorf("an update of %q, want %q", same, id)
			}
			n++
		}
	}
	if n < 3 || n > 20 || !strings.HasPrefix(last, "fit: 500 of 1000, 50 %") {
		t.Errorf("%d updates, the last is %q", n, last)
	}
	if w := a.words(); strings.Contains(w, "execute_result") {
		t.Errorf("the bar is shown twice: %s", w)
	}
}

// A cell that is interrupted leaves the panel at rest.
func TestProductPanelOfAnInterruptedCell(t *testing.T) {
	target, _ := monitored(t)
	f := open(t, target)
	id := f.start("widget.GPU()\nfor {\n}")
	f.during(id, "an update", func(g got) bool { return g.Header.Type == wire.UpdateDisplayData })
	f.finish(f.post(wire.Control, wire.InterruptRequest, `{}`), wire.InterruptReply)
	a := f.finish(id, wire.ExecuteReply)
	last := ""
	for _, g := range a.pub {
		if g.Header.Type == wire.UpdateDisplayData {
			_, last, _ = bundle(g)
		}
	}
	if a.reply()["status"] != "error" || !strings.Contains(last, "○ at ") {
		t.Errorf("%v, last picture %.300s", a.reply(), last)
	}
}

// kill -9 of the monitor costs the panel a second or two, and the kernel nothing.
func TestProductLivesWithoutItsMonitor(t *testing.T) {
	target, socket := monitored(t)
	f := open(t, target)
	f.cell("kept := 41\nwidget.GPU()")
	first := monitorPID(socket)
	if first == 0 {
		t.Fatal("no monitor listens")
	}
	id := f.start("time.Sleep(6 * time.Second)")
	f.during(id, "an update", func(g got) bool { return g.Header.Type == wire.UpdateDisplayData })
	syscall.Kill(first, syscall.SIGKILL)
	said := func(words string) {
		f.during(id, words, func(g got) bool {
			_, _, text := bundle(g)
			return g.Header.Type == wire.UpdateDisplayData && strings.Contains(text, words)
		})
	}
	said("The monitor has ended; it is tried again in 1s.")
	healed := f.during(id, "a new monitor", func(g got) bool {
		_, html, _ := bundle(g)
		return g.Header.Type == wire.UpdateDisplayData && strings.Contains(html, "live at ") && monitorPID(socket) != 0
	})
	if second := monitorPID(socket); second == 0 || second == first {
		t.Errorf("monitor %d after %d: %s", second, first, healed.Content)
	}
	if r := f.finish(id, wire.ExecuteReply).reply(); r["status"] != "ok" {
		t.Errorf("%v", r)
	}
	if out, _ := f.cell("fmt.Println(kept + 1)").stream("stdout"); out != "42\n" {
		t.Errorf("%q", out)
	}
}

func TestTwoKernelsShareOneMonitor(t *testing.T) {
	target, socket := monitored(t)
	f, g := open(t, target), open(t, target)
	a, b := f.start("s, err := monitor.Read(ctx)\nfmt.Println(s.Source, err)"), g.start("s, err := monitor.Read(ctx)\nfmt.Println(s.Source, err)")
	for _, r := range []answers{f.finish(a, wire.ExecuteReply), g.finish(b, wire.ExecuteReply)} {
		if out, _ := r.stream("stdout"); out != "demo <nil>\n" {
			t.Errorf("%q %v", out, r.reply())
		}
	}
	one := monitorPID(socket)
	f.cell("widget.GPU()")
	g.cell("widget.GPU()")
	if two := monitorPID(socket); one == 0 || one != two {
		t.Errorf("monitor %d, then %d", one, two)
	}
}

// What keeps the monitor from serving is a sentence in the panel.
func TestProductPanelSaysWhyThereIsNoMonitor(t *testing.T) {
	for _, c := range []struct {
		reason, want string
		spoil        func(run string) error
	}{
		{"a file in the way of the socket", "is in the way and is no socket: move it", func(run string) error {
			return os.MkdirAll(filepath.Join(run, "surprisal", "monitor.sock", "x"), 0o700)
		}},
		{"a runtime folder that cannot be used", "The runtime folder cannot be used", func(run string) error {
			return os.WriteFile(filepath.Join(run, "surprisal"), nil, 0o600)
		}},
		{"a source that is none", "--source must be one of", func(string) error { return os.Setenv("SURPRISAL_MONITOR", "guess") }},
	} {
		t.Setenv("SURPRISAL_MONITOR", "demo")
		target, socket := monitored(t)
		if err := c.spoil(filepath.Dir(filepath.Dir(socket))); err != nil {
			t.Fatal(err)
		}
		f := open(t, target)
		_, _, text := bundle(f.cell("widget.GPU()").only(wire.DisplayData))
		if !strings.Contains(text, c.want) {
			t.Errorf("%s: %q, want %q", c.reason, text, c.want)
		}
		if out, _ := f.cell("_, err := monitor.Read(ctx)\nfmt.Print(err)").stream("stdout"); !strings.Contains(strings.ToLower(out), strings.ToLower(c.want)) {
			t.Errorf("%s: %q, want %q", c.reason, out, c.want)
		}
	}
}

// The panel costs less than 1 % of a core, front, worker and monitor together,
// and at most one message a tick.
func TestProductPanelCosts(t *testing.T) {
	target, socket := monitored(t)
	f := open(t, target)
	out, _ := f.cell("widget.GPU()\nfmt.Print(os.Getpid(), \" \", os.Getppid())").stream("stdout")
	var worker, front int
	if _, err := fmt.Sscan(out, &worker, &front); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	monitor := monitorPID(socket)
	spent := func() (all time.Duration) {
		for _, pid := range []int{front, worker, monitor} {
			all += cpuTime(t, pid)
		}
		return all
	}
	id := f.start(fmt.Sprintf("time.Sleep(%d)", *panelTime))
	time.Sleep(500 * time.Millisecond) // the compile of the cell is not the panel's
	before, began := spent(), time.Now()
	time.Sleep(*panelTime - time.Second)
	share := float64(spent()-before) / float64(time.Since(began))
	messages := 0
	for _, g := range f.finish(id, wire.ExecuteReply).pub {
		if g.Header.Type == wire.UpdateDisplayData {
			messages++
		}
	}
	t.Logf("%v: %.2f %% of a core, %d updates", *panelTime, 100*share, messages)
	// n seconds hold n+1 ticks at most; and there is the rest at the end.
	if limit := int(*panelTime/time.Second) + 2; messages > limit || messages < limit-4 {
		t.Errorf("%d updates in %v", messages, *panelTime)
	}
	if !(share < 0.01) {
		t.Errorf("the panel takes %.2f %% of a core, 1 is what it may", 100*share)
	}
}

// cpuTime is what a process has computed, all its threads together, to the
// nanosecond: the clock ticks of /proc/PID/stat are 10 ms.
func cpuTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	var all time.Duration
	for _, task := range tasks {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/schedstat", pid, task.Name()))
		if err != nil {
			continue // the thread has just ended
		}
		ns, err := strconv.ParseInt(strings.Fields(string(b))[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		all += time.Duration(ns)
	}
	if all == 0 {
		t.Fatalf("process %d has computed nothing: this system does not keep its schedstat", pid)
	}
	return all
}
