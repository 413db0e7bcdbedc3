package bench

import (
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"surprisal/gpu"
)

// Every case runs, is timed in all ways, and agrees with the CPU.
func TestEveryCaseOnTheSimulator(t *testing.T) {
	var lines []string
	r, err := Options{On: gpu.Simulator, Log: func(s string) { lines = append(lines, s) }}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 8 || len(lines) != 8 || r.Failed() != 0 {
		t.Fatalf("%d rows, %d lines, %d failed: %v", len(r.Rows), len(lines), r.Failed(), lines)
	}
	for _, row := range r.Rows {
		if !row.Agrees || !(row.DeviceMS > 0 && row.GraphMS > 0 && row.HostMS > 0 && row.CoreMS > 0 && row.FloorMS > 0) || row.Steps < 1 {
			t.Errorf("%+v", row)
		}
	}
	text := r.Table()
	for _, says := range []string{"simulator", "| TE, 3 columns, N = 300 |", "pairs at once", "9 surrogates", "on all devices", "entropy map, 140×20", "entropy of an image, 200×40", "histogram, 3000 values", "own CPU, one core", "First use"} {
		if !strings.Contains(text, says) {
			t.Errorf("%q is not in\n%s", says, text)
		}
	}
}

// A device that finds something else is a failure of its row, and so is one that
// is the CPU.
func TestWhatDiffersFails(t *testing.T) {
	on := gpu.Open(gpu.Simulator)
	defer on.Close()
	e := single(&on, 120, 1, 1)
	if err := e.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.check(t.Context()); err != nil {
		t.Error(err)
	}
	if v := e.value(); !(math.Abs(v) < 0.5) {
		t.Errorf("a transfer entropy of %v nats", v)
	}
	e.tables[0][3]++
	if err := e.check(t.Context()); err == nil || !strings.Contains(err.Error(), "by CPU") {
		t.Errorf("a sum that differs: %v", err)
	}
	cpu := gpu.Open(gpu.CPU)
	e = single(&cpu, 120, 1, 1)
	if err := e.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.check(t.Context()); err == nil {
		t.Error("counts of the CPU pass for those of a device")
	}
	m := noise(&on, 1, 40, 12)
	if err := m.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.maps[0].Bits[3] += 1e-3
	if err := m.check(t.Context()); err == nil {
		t.Error("a map that differs passes")
	}
	s, c := &shades{maps: m}, drawn(&on, 3000)
	if err := errors.Join(s.run(t.Context()), c.run(t.Context()), s.check(t.Context()), c.check(t.Context())); err != nil {
		t.Fatal(err)
	}
	s.found[0].Bits = math.Nextafter(s.found[0].Bits, 0)
	c.found.N[100]++
	if s.check(t.Context()) == nil || c.check(t.Context()) == nil {
		t.Error("histograms that differ pass")
	}
}

// stub is a peer of a few lines.
func stub(t *testing.T, script string) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(exe, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return exe
}

func TestPeersAreAskedAndShown(t *testing.T) {
	exe := stub(t, `echo '{"versions":{"torch":"9.9"}}'
while read -r line; do case "$line" in
  *forget*) echo '{"results":[]}';;
  *) echo '{"results":[{"peer":"torch","ms":1000000,"value":0.25,"share":1},{"peer":"cucim","error":"no room"}]}';;
esac; done`)
	r, err := Options{On: gpu.Simulator, Python: exe, Only: regexp.MustCompile("N = 300$")}.Run(t.Context())
	if err != nil || len(r.Rows) != 1 {
		t.Fatal(r, err)
	}
	row := r.Rows[0]
	if len(row.Peers) != 2 || row.Peers[0].DeviceMS != 1e6 || row.Peers[0].Difference != 0.25-row.Value || r.Versions["torch"] != "9.9" {
		t.Errorf("%+v", row)
	}
	text := r.Table()
	if !strings.Contains(text, "torch: 1e+03 s, **") || !strings.Contains(text, "cucim: failed: no room") || !strings.Contains(text, "torch 9.9") {
		t.Error(text)
	}
}

func TestPeersMayBeMissingOrDie(t *testing.T) {
	for _, c := range []struct{ reason, python, says string }{
		{"no such program", "/nowhere/python", "no such file"},
		{"it says nothing", stub(t, "exit 3"), "it ended without an answer"},
		{"it dies while it works", stub(t, `echo '{"versions":{}}'; read -r line; exit 3`), "python: failed"},
	} {
		var lines []string
		r, err := Options{On: gpu.Simulator, Python: c.python, Only: regexp.MustCompile("N = 300$"), Log: func(s string) { lines = append(lines, s) }}.Run(t.Context())
		if err != nil || len(r.Rows) != 1 || !r.Rows[0].Agrees {
			t.Errorf("%s: %v, %v", c.reason, r, err)
		}
		if text := strings.Join(lines, "\n"); !strings.Contains(text, c.says) {
			t.Errorf("%s: %q does not say %q", c.reason, text, c.says)
		}
	}
}

// The peers' own program starts in any Python, and has no peers where it finds
// no libraries.
func TestPeersProgramStarts(t *testing.T) {
	exe, err := exec.LookPath("python3")
	if err != nil {
		t.Fatalf("%v: make test needs Python", err)
	}
	p, err := startPython(t.Context(), exe, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if p.versions["python"] == "" {
		t.Errorf("versions %v", p.versions)
	}
	r := &request{Op: "te", K: 4, Groups: []int{1, 1, 1}, doubles: [][]float64{{1, 2}, {3, 4}, {5, 6}}}
	if err := p.give("a", r); err != nil {
		t.Fatal(err)
	}
	if s, err := os.Stat(r.File); err != nil || s.Size() != 48 || r.Shape[0] != 3 || r.Shape[1] != 2 {
		t.Errorf("%v, %v, %v", s, err, r.Shape)
	}
	for _, op := range []string{"te", "forget"} {
		q := *r
		q.Op = op
		if replies, err := p.ask(q); err != nil || len(replies) > 0 && replies[0].Error != "" {
			t.Errorf("%s: %v, %v", op, replies, err)
		}
	}
}

// The numbers of the derivation, which is for 132 multiprocessors.
func TestFloors(t *testing.T) {
	for _, c := range []struct {
		what string
		got  time.Duration
		want float64 // µs
	}{
		{"three columns, 10,000 rows", pairFloor(10_000).on(132), 104.6},
		{"three columns, 100,000 rows", pairFloor(100_000).on(132), 10460},
		{"on half the card", pairFloor(10_000).on(66), 209.2},
		{"eleven columns, 10,000 rows", slotFloor(10_000, 11).on(132), 140.3},
		{"a map of 1024×1024", mapFloor(1 << 20).on(132), 9.9},
		{"four million numbers", memoryFloor(8 << 22).on(132), 7.84},
	} {
		if got := float64(c.got) / 1e3; !(math.Abs(got-c.want) <= 1e-3*c.want) {
			t.Errorf("%s: %v µs, want %v", c.what, got, c.want)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for _, c := range []struct {
		ms   float64
		want string
	}{{0, "–"}, {0.0025, "2.5 µs"}, {0.11, "0.11 ms"}, {14.43, "14.4 ms"}, {2420, "2.42 s"}} {
		if got := duration(c.ms); got != c.want {
			t.Errorf("%v ms is %q, want %q", c.ms, got, c.want)
		}
	}
	if m := (times{"a": {3, 1, 2}, "b": {1, 2}}); m.median("a") != 2 || m.median("b") != 1.5 || m.median("c") != 0 {
		t.Error(m)
	}
	r := Row{GraphMS: 0.02, DeviceMS: 0.03, HostMS: 0.3, GoalMS: 0.025, HostGoalMS: 0.25, Recorded: jidt(30, 3)}
	if s := r.wanted(); s != "≤ 25 µs: met<br>≤ 0.25 ms host to host: missed" {
		t.Error(s)
	}
	if s := strings.Join(r.versus(), "; "); !strings.Contains(s, "JIDT, 16 threads, recorded: 30 ms, **100×**") {
		t.Error(s)
	}
}

func TestEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Options{On: gpu.Simulator, Log: func(string) { cancel() }}.Run(ctx)
	if err == nil || len(r.Rows) > 2 {
		t.Errorf("%v after %d rows", err, len(r.Rows))
	}
}
