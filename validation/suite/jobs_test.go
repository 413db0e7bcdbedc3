package suite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestReadJobs(t *testing.T) {
	jobs, err := ReadJobs(strings.NewReader("# comment\n\na\tset\tcte_ksg\tx+y\tz\t-\tk=4;show\r\nb\tset\tmi_ksg\t-\tz\tw\t\n"))
	want := []Job{
		{"a", "set", "cte_ksg", []string{"x", "y"}, []string{"z"}, nil, map[string]string{"k": "4", "show": ""}, 3},
		{"b", "set", "mi_ksg", nil, []string{"z"}, []string{"w"}, map[string]string{}, 4},
	}
	if err != nil || !reflect.DeepEqual(jobs, want) {
		t.Errorf("%+v %v, want %+v", jobs, err, want)
	}
	for _, c := range []struct{ reason, text, says string }{
		{"a field too few", "\na\tset\tmi_ksg\tx\ty\t-\n", "line 2: 6 fields"},
		{"a field too many", "a\tset\tmi_ksg\tx\ty\t-\t\t\n", "line 1: 8 fields"},
		{"no id", "\tset\tmi_ksg\tx\ty\t-\t\n", "line 1: the id is empty"},
		{"no measure", "a\tset\t\tx\ty\t-\t\n", "the measure is empty"},
		{"an id twice", "a\ts\tm\tx\ty\t-\t\na\ts\tm\tx\ty\t-\t\n", "line 2: job a is on line 1 already"},
		{"a setting twice", "a\ts\tm\tx\ty\t-\tk=1;k=2\n", "k stands twice"},
		{"a line without end", strings.Repeat("x", 2<<20), "after line 0"},
	} {
		if jobs, err := ReadJobs(strings.NewReader(c.text)); jobs != nil || err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v does not say %q", c.reason, jobs, err, c.says)
		}
	}
}

func FuzzReadJobs(f *testing.F) {
	f.Add("a\tset\tmi_ksg\tx\ty\t-\tk=4;alg=2\n")
	f.Add("#\n\n\t\t\t\t\t\t")
	f.Fuzz(func(t *testing.T, text string) {
		jobs, err := ReadJobs(strings.NewReader(text))
		if err != nil && jobs != nil {
			t.Fatal("an error with jobs")
		}
		for _, j := range jobs {
			if j.ID == "" || j.Line < 1 || j.Settings == nil {
				t.Fatalf("%+v", j)
			}
			j.missing()
			j.ksg()
			j.conditions()
		}
	})
}

// What cannot be run is told, with the line of its job, and the others run.
func TestJobsThatCannotRun(t *testing.T) {
	dir := t.TempDir()
	text := "x,y,z,trial\n" + strings.Repeat("1,2,1,0\n2,1,2,0\n3,5,3,1\n4,3,NaN,1\n5,4,5,2\n", 4)
	if err := os.WriteFile(filepath.Join(dir, "set.csv"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(measure, source, target, condition, settings string) (*Report, error) {
		jobs, err := ReadJobs(strings.NewReader("\nid\tset\t" + strings.Join([]string{measure, source, target, condition, settings}, "\t")))
		if err != nil {
			t.Fatal(err)
		}
		r := Runner{Folder: dir}
		if err := r.Load(jobs); err != nil {
			return nil, err
		}
		return r.Run(context.Background(), jobs)
	}
	for _, c := range []struct{ reason, measure, source, target, condition, settings, says string }{
		{"a column that is not there", "te_ksg", "x", "q", "-", "", `no column "q"`},
		{"no source", "te_ksg", "-", "y", "-", "", "no source"},
		{"a missing value", "cmi_ksg", "x", "y", "z", "", "z is NaN at row 3"},
		{"k above what there is", "mi_ksg", "x", "y", "-", "k=17", "from 1 to 16"},
		{"k of 0, which is no default here", "mi_ksg", "x", "y", "-", "k=0", "k=0: it must be at least 1"},
		{"algorithm 0", "mi_ksg", "x", "y", "-", "alg=0", "alg=0: it must be at least 1"},
		{"no history", "te_ksg", "x", "y", "-", "k_HISTORY=0", "k_HISTORY=0: it must be at least 1"},
		{"a past of no values", "cte_ksg", "x", "y", "z", "COND_EMBED_LENGTHS=0", "COND_EMBED_LENGTHS=0"},
		{"a k that is no number", "mi_ksg", "x", "y", "-", "k=four", "k=four"},
		{"a lag that is no number", "mi_ksg", "x", "y", "-", "TIME_DIFF=u", "TIME_DIFF=u"},
		{"a seed that is no number", "mi_ksg", "x", "y", "-", "seed=u", "seed=u"},
		{"a norm that we lack", "mi_ksg", "x", "y", "-", "NORM_TYPE=MANHATTAN", "NORM_TYPE=MANHATTAN"},
		{"neither true nor false", "mi_ksg", "x", "y", "-", "NORMALISE=maybe", "NORMALISE=maybe"},
		{"a past that is no number", "cte_ksg", "x", "y", "z", "COND_TAUS=1,b", "COND_TAUS=b"},
		{"trials too short", "te_ksg", "x", "y", "-", "trials=1;k_HISTORY=3", "need at least 4"},
	} {
		report, err := run(c.measure, c.source, c.target, c.condition, c.settings)
		if err != nil || len(report.Failed) != 1 || !strings.Contains(report.Failed[0].Error(), c.says) || !strings.HasPrefix(report.Failed[0].Error(), "line 2: job id: ") {
			t.Errorf("%s: %v %v does not say %q", c.reason, report, err, c.says)
		}
	}
	if report, err := run("mi_ksg", "x", "y", "-", "k=1;FANCY=3"); err != nil || report.Missing["mi_ksg with FANCY"] != 1 || len(report.Values) != 0 {
		t.Errorf("a setting that we lack: %+v %v", report, err)
	}
	if report, err := run("te_quantum", "x", "y", "-", ""); err != nil || report.Missing["te_quantum"] != 1 {
		t.Errorf("a measure that we lack: %+v %v", report, err)
	}
	jobs, err := ReadJobs(strings.NewReader("id\tnowhere\tmi_ksg\tx\ty\t-\t\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := (&Runner{Folder: dir}).Load(jobs); err == nil || !strings.Contains(err.Error(), "line 1: job id") {
		t.Errorf("a data set that is not there: %v", err)
	}
}

// The committed data sets are those that the reference values belong to.
func TestDataSetsAreThoseOfTheReference(t *testing.T) {
	b, err := os.ReadFile(folder + "SHA256.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		data, err := os.ReadFile(folder + "data/" + f[1])
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != f[0] {
			t.Errorf("%s was changed", f[1])
		}
		n++
	}
	if n != 26 {
		t.Errorf("%d data sets, want 26", n)
	}
}
