package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/bench"
)

func TestBenchGPUOnTheSimulator(t *testing.T) {
	out := filepath.Join(t.TempDir(), "new", "folder")
	code, table, errs := run(t, nil, "bench", "gpu", "--on", "sim", "--python", "none", "--out", out)
	if code != 0 || !strings.Contains(table, "| TE, 3 columns, N = 300 |") || !strings.Contains(errs, "entropy map") {
		t.Fatalf("exit %d: %s%s", code, table, errs)
	}
	if text, err := os.ReadFile(filepath.Join(out, "gpu.md")); err != nil || string(text) != table {
		t.Errorf("%v: %s", err, text)
	}
	data, err := os.ReadFile(filepath.Join(out, "gpu.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r bench.Report
	if err := json.Unmarshal(data, &r); err != nil || len(r.Rows) != 8 || r.Place != "simulator" || r.Clocks[0] == "" {
		t.Errorf("%v: %+v", err, r)
	}
}

func TestBenchGPUSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	measured := filepath.Join(dir, "gpu.json")
	for _, f := range []string{file, measured} {
		if err := os.WriteFile(f, []byte("measured before"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args   []string
		says   string
		reason string
	}{
		{[]string{"--on", "cpu"}, "make bench-info", "the CPU has benches of its own"},
		{[]string{"--on", "moon"}, "choose cpu, gpu or sim", "no such place"},
		{[]string{"--on", "sim", "--only", "("}, "--only (", "no regular expression"},
		{[]string{"--on", "sim", "--python", "none", "--only", "nothing", "--out", dir}, `--only nothing: no case has such a name`, "a name of no case"},
		{[]string{"--on", "sim", "--out", file + "/x"}, "not a directory", "a folder that cannot be"},
	} {
		code, out, errs := run(t, nil, append([]string{"bench", "gpu"}, c.args...)...)
		if code != 2 || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, want 2 and %q in:\n%s%s", c.reason, code, c.says, out, errs)
		}
	}
	if text, err := os.ReadFile(measured); err != nil || string(text) != "measured before" {
		t.Errorf("what was measured before is now %q, %v", text, err)
	}
	if gpu.Open(gpu.Index(0)).Err() != nil {
		if code, _, errs := run(t, nil, "bench", "gpu", "--out", dir); code != 2 || !strings.Contains(errs, "--on gpu: no ") {
			t.Errorf("without a GPU: exit %d: %s", code, errs)
		}
	}
}
