package suite

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"surprisal/gpu"
)

const folder = "../data/jidt/"

// Every reference value is compared, or counted among those that cannot be, by
// name. The counts are of the table, so that a row that falls out is noticed.
func TestAgreesWithJIDT(t *testing.T) {
	f, err := os.Open(folder + "jobs.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	jobs, err := ReadJobs(f)
	if err != nil {
		t.Fatal(err)
	}
	r := Runner{Folder: folder + "data"}
	if err := r.Load(jobs); err != nil {
		t.Fatal(err)
	}
	report, err := r.Run(context.Background(), jobs)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range report.Failed {
		t.Error(err)
	}
	c, err := Compare(folder, jobs, report)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range c.Wrong {
		t.Error(w)
	}
	for what, check := range map[string]struct{ got, want map[string]int }{
		"compared": {c.Compared, map[string]int{
			"te_ksg value": 229, "te_ksg local value": 796, "te_ksg surrogate": 180, "temv_ksg value": 2,
			"mi_ksg value": 181, "mi_ksg value without JIDT's digamma offset": 2, "mi_ksg local value": 2000, "mi_ksg surrogate": 200,
			"cmi_ksg value": 37, "cmi_ksg surrogate": 20, "cte_ksg value": 13, "cte_ksg surrogate": 10,
		}},
		"left out": {c.Left, map[string]int{
			"not present: te_ksg with AUTO_EMBED_K_SEARCH_MAX, AUTO_EMBED_METHOD, AUTO_EMBED_TAU_SEARCH_MAX": 40,
			"tie-ambiguous": 11, "tie-ambiguous surrogate": 20,
		}},
	} {
		if !maps.Equal(check.got, check.want) {
			t.Errorf("%s: %v, want %v", what, check.got, check.want)
		}
	}
	t.Logf("\n%v", c)
}

// drawn is a sample of the jobs that the simulator can run, of at most so many
// distances between rows: 4 million are a second of a core.
func (r *Runner) drawn(t *testing.T, jobs []Job, seed uint64, most int) (out []Job) {
	t.Helper()
	jobs = slices.Clone(jobs)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(jobs), func(i, j int) { jobs[i], jobs[j] = jobs[j], jobs[i] })
	for _, j := range jobs {
		if j.missing() != "" || r.tables[j.Dataset].Rows > r.Most {
			continue
		}
		surrogates := reader{settings: j.Settings}
		n := r.tables[j.Dataset].Rows
		pairs := n * n * (1 + surrogates.integer("surr", 0))
		if surrogates.err != nil {
			t.Fatal(surrogates.err)
		}
		if pairs <= most {
			most -= pairs
			out = append(out, j)
		}
	}
	return out
}

// The kernels for GPUs, in the simulator, agree as well. This is a sample of 20 s of a
// core, with ties, surrogates, all measures and both algorithms; make validate-sim runs
// all 340 jobs of up to 2,000 rows and 16 columns, which are 210 s.
func TestAgreesWithJIDTOnTheSimulator(t *testing.T) {
	f, err := os.Open(folder + "jobs.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := ReadJobs(f)
	if err != nil {
		t.Fatal(err)
	}
	r := Runner{Folder: folder + "data", Most: 2000}
	for range runtime.NumCPU() { // a simulator takes one core
		on := gpu.Open(gpu.Simulator)
		defer on.Close()
		r.On = append(r.On, &on)
	}
	if err := r.Load(all); err != nil {
		t.Fatal(err)
	}
	jobs := r.drawn(t, all, 5, 80_000_000)
	report, err := r.Run(t.Context(), jobs)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range report.Failed {
		t.Error(err)
	}
	c, err := Compare(folder, jobs, report)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range c.Wrong {
		t.Error(w)
	}
	if want := map[string]int{"te_ksg value": 30, "te_ksg local value": 100, "te_ksg surrogate": 20, "temv_ksg value": 1,
		"mi_ksg value": 17, "mi_ksg local value": 1000, "cmi_ksg value": 5, "cte_ksg value": 4}; !maps.Equal(c.Compared, want) {
		t.Errorf("compared %v, want %v", c.Compared, want)
	}
	if want := map[string]int{"not run: more than 16 columns, for which devices have no kernel": 3, "tie-ambiguous": 1}; !maps.Equal(c.Left, want) {
		t.Errorf("left out %v, want %v", c.Left, want)
	}
	t.Logf("%d jobs\n%v", len(jobs), c)
}

// A comparison that cannot fail shows nothing.
func TestCompareFindsWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("reference.csv", "id,value,independent,status\na,1,,ok\nb,2,,ok\nc,3,,tie-ambiguous\nd,4,5,psi-offset\nz,9,,ok\n")
	write("locals.csv", "id,t,value\na,0,0.5\na,1,0.5\n")
	write("surrogates.csv", "id,s,value\nc,0,7\n")
	jobs := []Job{{ID: "a", Measure: "te_ksg"}, {ID: "b", Measure: "te_ksg"}, {ID: "c", Measure: "te_ksg"}, {ID: "d", Measure: "mi_ksg"}}
	report := &Report{
		Values:     []Point{{ID: "a", Value: 1 + 2e-10}, {ID: "c", Value: 8}, {ID: "d", Value: 5}},
		Locals:     []Point{{"a", 0, 0.5}, {"a", 2, 0.5}},
		Surrogates: []Point{{"c", 0, 1}},
	}
	c, err := Compare(dir, jobs, report)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"a value: 1.0000000002, want 1", "b: not computed", "a 1: no local value", "a 2: a local value without a reference"}
	if !slices.Equal(c.Wrong, want) {
		t.Errorf("%q, want %q", c.Wrong, want)
	}
	if fmt.Sprint(c.Left) != "map[tie-ambiguous:1 tie-ambiguous surrogate:1]" {
		t.Error(c.Left)
	}
	if s := c.String(); !strings.Contains(s, "WRONG: b: not computed") || !strings.Contains(s, "1 × mi_ksg value without JIDT's digamma offset: largest difference 0") {
		t.Error(s)
	}
	for _, bad := range []struct{ reason, text, says string }{
		{"an unknown status", "id,value,independent,status\na,1,,fine\n", "row 1: a status"},
		{"a value that is no number", "id,value,independent,status\na,one,,ok\n", "row 1"},
		{"a column too few", "id,value,status\na,1,ok\n", `no column "independent"`},
		{"nothing", "", "empty"},
		{"a short row", "id,value,independent,status\na,1\n", "line 2"},
	} {
		write("reference.csv", bad.text)
		if _, err := Compare(dir, jobs, report); err == nil || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%s: %v does not say %q", bad.reason, err, bad.says)
		}
	}
}
