package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// The test binary is also the program: with a command of surprisal as its
// first argument it runs that, so that fronts and workers can be started.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "kernel" || os.Args[1] == "worker") {
		main()
	}
	os.Exit(m.Run())
}

// run runs a command line with an environment of its own.
func run(t *testing.T, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	m := &Main{Stdout: &out, Stderr: &errs, Getenv: func(k string) string { return env[k] }, Build: build}
	code = m.Run(context.Background(), args)
	return code, out.String(), errs.String()
}

func TestExitCodes(t *testing.T) {
	empty := t.TempDir() + "/file"
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		code   int
		says   string
		reason string
	}{
		{nil, 2, "Commands:", "the program alone says what it can do, and that it did nothing"},
		{[]string{"--help"}, 0, "install", "help is no error"},
		{[]string{"version"}, 0, "surprisal ", "for bug reports"},
		{[]string{"nonsense"}, 2, "--help", "an unknown command"},
		{[]string{"kernel"}, 2, "--connection-file", "a missing flag is named"},
		{[]string{"kernel", "-f", "/nowhere/k.json"}, 2, "no such file", "a missing connection file"},
		{[]string{"kernel", "-f", empty}, 2, "connection file", "an empty connection file"},
		{[]string{"kernel", "-f", empty, "--memory", "much"}, 2, "much", "a size that is none"},
		{[]string{"kernel", "-f", empty, "--log", "loud"}, 2, "loud", "a level that is none"},
		{[]string{"install", "--user", "--prefix", "x"}, 2, "together", "two places at once"},
		{[]string{"install", "--prefix", t.TempDir(), "--name", "a b"}, 2, "--name", "a name that Jupyter refuses"},
		{[]string{"uninstall", "--prefix", t.TempDir()}, 1, "no kernel", "nothing to remove"},
		{[]string{"monitor", "--once", "--source", "none"}, 0, "no GPU: ", "a machine without a GPU is no failure"},
		{[]string{"monitor", "--once", "--source", "demo"}, 0, "demo, made up", "numbers that are made up say so"},
		{[]string{"monitor", "--once", "--source", "demo", "--json"}, 0, `"source":"demo"`, "for programs"},
		{[]string{"monitor", "--once", "--follow"}, 2, "together", "two ways at once"},
		{[]string{"monitor", "--once", "--source", "guess"}, 2, "--source", "a source that is none"},
		{[]string{"monitor"}, 1, "HOME", "no runtime folder to serve in"},
		{[]string{"worker"}, 2, "surprisal kernel", "started by hand it has no link"},
	} {
		code, out, errs := run(t, nil, c.args...)
		if code != c.code || !strings.Contains(out+errs, c.says) {
			t.Errorf("%q (%s): exit %d, want %d and %q in:\n%s%s", c.args, c.reason, code, c.code, c.says, out, errs)
		}
		if code != 0 && !strings.HasPrefix(errs, "surprisal: ") {
			t.Errorf("%q: error %q does not say whose it is", c.args, errs)
		}
	}
}

func TestHelpHasExamples(t *testing.T) {
	for _, c := range []string{"kernel", "worker", "monitor", "install", "uninstall", "validate jidt", "doctor", "bench gpu", "version"} {
		if code, out, _ := run(t, nil, append(strings.Fields(c), "--help")...); code != 0 || !strings.Contains(out, "Example") {
			t.Errorf("%s --help: exit %d, no example in\n%s", c, code, out)
		}
	}
}
