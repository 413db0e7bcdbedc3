package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"surprisal/gpu"
)

func TestDoctorOnTheSimulator(t *testing.T) {
	home := t.TempDir()
	env := map[string]string{"HOME": home, "PATH": home, "CUDA_VISIBLE_DEVICES": "7"}
	if code, out, errs := run(t, env, "install", "--user"); code != 0 {
		t.Fatal(out, errs)
	}
	if err := os.WriteFile(filepath.Join(home, "jupyter"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	code, out, errs := run(t, env, "doctor", "--on", "sim")
	if code != 0 || errs != "" {
		t.Fatalf("exit %d: %s\n%s", code, errs, out)
	}
	for _, says := range []string{"computes on    simulator", "joint_counts", "proven by", "on the simulator", "CUDA_VISIBLE_DEVICES=7", "the same as on the CPU",
		home + "/.local/share/jupyter/kernels/surprisal", home + "/jupyter", "yaegi v", "kernel cache", "NVML", "driver"} {
		if !strings.Contains(out, says) {
			t.Errorf("%q is not in\n%s", says, out)
		}
	}
	if strings.Contains(out, "SURPRISAL_GPU") {
		t.Errorf("a variable that is not set is shown:\n%s", out)
	}
	code, out, _ = run(t, env, "doctor", "--on", "sim", "--json")
	var d diagnosis
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != 0 {
		t.Fatalf("exit %d, %v in %s", code, err, out)
	}
	if len(d.Tests) != len(d.Families) || len(d.Tests) < 2 || d.Place != "simulator" || len(d.Problems) != 0 || d.Families[0].SHA256 == "" {
		t.Errorf("%+v", d)
	}
}

func TestDoctorSaysWhereKernelsAreKept(t *testing.T) {
	home := t.TempDir()
	folder := filepath.Join(home, "surprisal", "kernels")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "a.cubin"), make([]byte, 1_500_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ cache, home, says, reason string }{
		{home, home, folder + " (1 files, 1.5 MB)", "a file is there"},
		{"", home, filepath.Join(home, ".cache", "surprisal", "kernels") + " (0 files, 0.0 MB)", "none yet"},
		{"relative", home, "none, so every process waits until the driver has compiled: path in $XDG_CACHE_HOME is relative", "a relative path"},
		{"", "", "none, so every process waits until the driver has compiled: neither $XDG_CACHE_HOME nor $HOME are defined", "no home"},
	} {
		t.Setenv("XDG_CACHE_HOME", c.cache)
		t.Setenv("HOME", c.home)
		if code, out, errs := run(t, nil, "doctor", "--on", "cpu"); code != 0 || !strings.Contains(out, "kernel cache   "+c.says) {
			t.Errorf("%s: exit %d, want %q in\n%s%s", c.reason, code, c.says, out, errs)
		}
	}
}

func TestDoctorExitCodes(t *testing.T) {
	for _, c := range []struct {
		args   []string
		code   int
		says   string
		reason string
	}{
		{[]string{"--on", "cpu"}, 0, "self-test      none: no kernels run on the CPU", "a machine without a GPU is not ill"},
		{[]string{"--on", "moon"}, 2, "choose cpu, gpu or sim", "no such place"},
	} {
		code, out, errs := run(t, nil, append([]string{"doctor"}, c.args...)...)
		if code != c.code || !strings.Contains(out+errs, c.says) {
			t.Errorf("%v (%s): exit %d, want %d and %q in:\n%s%s", c.args, c.reason, code, c.code, c.says, out, errs)
		}
	}
	code, out, errs := run(t, nil, "doctor", "--on", "gpu")
	if d := gpu.Open(gpu.Index(0)); d.Err() == nil { // this machine has one
		defer d.Close()
		if code != 0 || !strings.Contains(out, "computes on    GPU 0") {
			t.Errorf("exit %d: %s%s", code, out, errs)
		}
	} else if code != 2 || !strings.Contains(errs, "--on gpu: no ") || !strings.Contains(out, "driver         no ") {
		t.Errorf("a GPU that is not there: exit %d: %s%s", code, out, errs)
	}
}
