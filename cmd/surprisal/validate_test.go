package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"surprisal/gpu"
)

// validateJIDT runs a job table over a folder with a data set.
func validateJIDT(t *testing.T, jobs string, more ...string) (code int, stdout, stderr string, read func(string) string) {
	t.Helper()
	dir := t.TempDir()
	var data strings.Builder
	data.WriteString("x,y\n")
	x, y := 0.3, 0.0 // a chaotic map and what follows it
	for range 60 {
		fmt.Fprintf(&data, "%v,%v\n", x, y)
		x, y = 3.9*x*(1-x), x+0.1*y
	}
	for name, text := range map[string]string{"set.csv": data.String(), "broken.csv": "x,y\n1,2\n3\n", "jobs.tsv": jobs,
		"reference.csv": "id,value,independent,status\na,0.5,,ok\n", "locals.csv": "id,t,value\n", "surrogates.csv": "id,s,value\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := append([]string{"validate", "jidt", "--jobs", dir + "/jobs.tsv", "--datasets", dir, "--out", dir + "/out.csv", "--locals", dir + "/l.csv", "--surrogates", dir + "/s.csv"}, more...)
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "DIR", dir)
	}
	code, stdout, stderr = run(t, nil, args...)
	return code, stdout, stderr, func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
}

func TestValidateJIDTWritesValues(t *testing.T) {
	code, out, errs, read := validateJIDT(t, "a\tset\tte_ksg\tx\ty\t-\tk=3;local=1;surr=4;seed=7\nb\tset\tmi_ksg\tx\ty\t-\tTIME_DIFF=1;alg=2\n")
	if code != 0 || errs != "" || !strings.Contains(out, "2 jobs, 5 values in ") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	values := strings.Split(strings.TrimSpace(read("out.csv")), "\n")
	var ids []string
	for _, v := range values {
		id, _, _ := strings.Cut(v, ",")
		ids = append(ids, id)
	}
	if got := strings.Join(ids, " "); got != "id a a.surr_mean a.surr_std a.surr_p b" {
		t.Errorf("values of %s", got)
	}
	if l := read("l.csv"); !strings.HasPrefix(l, "id,t,value\na,0,0\na,1,") || strings.Count(l, "\n") != 61 {
		t.Errorf("local values, one a time and zero where there is no past:\n%s", l)
	}
	if s := read("s.csv"); !strings.HasPrefix(s, "id,s,value\na,0,") || strings.Count(s, "\n") != 5 {
		t.Errorf("surrogates:\n%s", s)
	}
}

func TestValidateJIDTSaysWhatIsWrong(t *testing.T) {
	good := "a\tset\tte_ksg\tx\ty\t-\t\n"
	for _, c := range []struct {
		reason, jobs string
		more         []string
		code         int
		says         string
		wrote        bool
	}{
		{"a measure that is not there", good + "b\tset\tte_quantum\tx\ty\t-\t\n", nil, 2, "not present: te_quantum (1 jobs)\nsurprisal: validate: 1 of 2 jobs are of measures that are not present: the other 1 were computed", true},
		{"a setting that is not there", good + "b\tset\tte_ksg\tx\ty\t-\tFANCY=1\n", nil, 2, "not present: te_ksg with FANCY", true},
		{"a job that fails", good + "b\tset\tte_ksg\tx\tq\t-\t\n", nil, 1, `line 2: job b: dataset: no column "q"`, true},
		{"a value that differs", good, []string{"--reference", "DIR"}, 1, "1 values do not agree", true},
		{"a differing value beside a missing measure", good + "b\tset\tte_quantum\tx\ty\t-\t\n", []string{"--reference", "DIR"}, 1, "not present: te_quantum", true},
		{"a reference that is not there", good, []string{"--reference", "DIR/nowhere"}, 2, "no such file", true},
		{"a broken line", good + "b\tset\n", nil, 2, "jobs.tsv: line 2: 2 fields", false},
		{"no job", "# nothing\n", nil, 2, "there is no job", false},
		{"a data set that is not there", "a\tnowhere\tte_ksg\tx\ty\t-\t\n", nil, 2, "line 1: job a", false},
		{"a broken data set", "a\tbroken\tte_ksg\tx\ty\t-\t\n", nil, 2, "line 3", false},
		{"no table", good, []string{"--jobs", "DIR/nowhere.tsv"}, 2, "no such file", false},
		{"results that cannot be written", good, []string{"--out", "DIR/nowhere/out.csv"}, 2, "no such file", false},
		{"results over the job table", good, []string{"--out", "DIR/jobs.tsv"}, 2, "jobs.tsv is read, and would be written over", false},
		{"local values over the reference", good, []string{"--reference", "DIR", "--locals", "DIR/reference.csv"}, 2, "reference.csv is read", false},
		{"no job of that name", good, []string{"--only", "^z"}, 2, "no job of", false},
		{"a name that is no expression", good, []string{"--only", "("}, 2, "--only (", false},
		{"no such place", good, []string{"--on", "moon"}, 2, "--on moon", false},
		{"the CPU by name", good, []string{"--on", "cpu"}, 0, "", true},
	} {
		code, out, errs, read := validateJIDT(t, c.jobs, c.more...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, want %d and %q in:\n%s%s", c.reason, code, c.code, c.says, out, errs)
		}
		if c.wrote && !strings.Contains(read("out.csv"), "\na,") {
			t.Errorf("%s: what could be computed is not written: %q", c.reason, read("out.csv"))
		}
	}
	if code, _, errs := run(t, nil, "validate", "jidt", "--out", "x"); code != 2 || !strings.Contains(errs, "--jobs") {
		t.Errorf("missing flags: exit %d, %s", code, errs)
	}
}

// On the simulator the values are those of the CPU, to the last digit, with
// surrogates and local values; what is too long for it is counted.
func TestValidateJIDTOnTheSimulator(t *testing.T) {
	jobs := "a\tset\tte_ksg\tx\ty\t-\tk=3;local=1;surr=2;seed=7\nb\tset\tmi_ksg\tx\ty\t-\tTIME_DIFF=1;alg=2\n"
	_, _, _, cpu := validateJIDT(t, jobs)
	code, out, errs, sim := validateJIDT(t, jobs, "--on", "sim")
	if code != 0 || errs != "" || !strings.Contains(out, "2 jobs, 5 values in ") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	for _, name := range []string{"out.csv", "l.csv", "s.csv"} {
		if cpu(name) != sim(name) {
			t.Errorf("%s: on the CPU\n%s\nin the simulator\n%s", name, cpu(name), sim(name))
		}
	}
	code, out, errs, sim = validateJIDT(t, jobs, "--on", "sim", "--most", "50")
	if code != 0 || !strings.Contains(out, "not run on this place: more than 50 rows (2 jobs)\n0 jobs, 0 values") || sim("out.csv") != "id,value\n" {
		t.Errorf("exit %d: %s%s%s", code, out, errs, sim("out.csv"))
	}
}

func TestValidateJIDTOnAGPUThatIsNotThere(t *testing.T) {
	if gpu.Open(gpu.Index(0)).Err() == nil {
		return // it is there, and make test-gpu uses it
	}
	if code, out, errs, _ := validateJIDT(t, "a\tset\tte_ksg\tx\ty\t-\t\n", "--on", "gpu"); code != 2 || !strings.Contains(errs, "--on gpu: no ") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}
