package corpus

import (
	"context"
	"math/rand"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	Serve()
	os.Exit(m.Run())
}

// sample is how many programs `make test` runs.
const sample = 300

// load reads the programs of the Go on the PATH.
func load(t *testing.T) []Program {
	t.Helper()
	goroot, err := Goroot()
	if err != nil {
		t.Fatal(err)
	}
	all, left, err := Load(goroot)
	if err != nil {
		t.Fatal(err)
	}
	tests := 0
	for _, p := range all {
		if !p.Example {
			tests++
		}
	}
	t.Logf("%s: %d tests, %d examples; left out:\n%s", goroot, tests, len(all)-tests, Reasons(left))
	if tests == 0 {
		t.Logf("this Go has no folder test: its examples alone are run")
	}
	return all
}

// A fixed sample of the corpus, in all forms, comes out as recorded or better.
func TestSample(t *testing.T) {
	all := load(t)
	rand.New(rand.NewSource(1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	record, err := Stored()
	if err != nil {
		t.Fatal(err)
	}
	tasks, _ := Tasks(all[:min(sample, len(all))], Forms())
	var quick []Task
	for _, task := range tasks { // known to run to their limit
		if o := record.Known[Run{task.Name, task.Form}]; o != Hung && o != Stuck {
			quick = append(quick, task)
		}
	}
	r := Runner{Children: runtime.NumCPU(), Limit: 20 * time.Second}
	results, err := r.Run(context.Background(), quick)
	if err != nil {
		t.Fatal(err)
	}
	again(t, quick, results)
	t.Logf("%d runs, %d known to hang left out\n%s", len(quick), len(tasks)-len(quick), Count(results))
	worse, better := record.Worse(results)
	if len(better) > 0 {
		t.Logf("better than recorded (go run ./validation/corpus/run -record validation/corpus/known.txt):\n%s", Failures(better))
	}
	if Platform(runtime.Version()) != record.Go { // another Go has other programs
		c := Count(results)
		for _, f := range Forms() {
			if c.Share(f, Right) < 0.9 {
				t.Errorf("%s: %.1f %% are right, want 90 %%; the record is for %s\n%s", f, 100*c.Share(f, Right), record.Go, Failures(results))
			}
		}
		return
	}
	if len(worse) > 0 {
		t.Errorf("worse than recorded:\n%s", Failures(worse))
	}
}

// again gives more time to what was right once and took too long: the machine
// may be busy.
func again(t *testing.T, tasks []Task, results []Result) {
	t.Helper()
	for i, r := range results {
		if r.Outcome != Hung && r.Outcome != Stuck {
			continue
		}
		second, err := Runner{Limit: time.Minute}.Run(context.Background(), tasks[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s, %s: %s within 20 s, then %s after %.0f s", r.Name, r.Form, r.Outcome, second[0].Outcome, second[0].Seconds)
		results[i] = second[0]
	}
}

func TestForms(t *testing.T) {
	p := Program{Source: "package main\n\nimport \"fmt\"\n\ntype T int\n\nfunc (t T) String() string { return g(t) }\n\nfunc main() {\n\tx := f()\n\tfmt.Println(x)\n}\n\nfunc f() fmt.Stringer { return T(1) }\n\nfunc g(t T) string { return \"t\" }\n"}
	for _, r := range []struct {
		form   Form
		want   string
		reason string
	}{
		{Whole, "            \n\nimport \"fmt\"\n\ntype T int\n\nfunc (t T) String() string { return g(t) }\n\nfunc main() {\n\tx := f()\n\tfmt.Println(x)\n}\n\nfunc f() fmt.Stringer { return T(1) }\n\nfunc g(t T) string { return \"t\" }\n|main()",
			"the clause is blanked, so that main does not run at once"},
		{Declarations, "import \"fmt\"|type T int|func (t T) String() string { return g(t) }\n\nfunc g(t T) string { return \"t\" }|func f() fmt.Stringer { return T(1) }|func main() {\n\tx := f()\n\tfmt.Println(x)\n}|main()",
			"f needs the method that makes T a Stringer; g and the method need one another, as g takes a T"},
		{Script, "import \"fmt\"\n\ntype T int\n\nfunc (t T) String() string { return g(t) }\n\nfunc f() fmt.Stringer { return T(1) }\n\nfunc g(t T) string { return \"t\" }\n\n\n\tx := f()\n\tfmt.Println(x)\n",
			"the body of main stands last"},
		{Statements, "import \"fmt\"|type T int\n\nfunc (t T) String() string { return g(t) }\n\nfunc f() fmt.Stringer { return T(1) }\n\nfunc g(t T) string { return \"t\" }|x := f()|fmt.Println(x)",
			"each statement is a cell"},
	} {
		cells, why := p.Cells(r.form)
		if got := strings.Join(cells, "|"); got != r.want || why != "" {
			t.Errorf("%s: %s:\n%s %s\nwant:\n%s", r.form, r.reason, got, why, r.want)
		}
	}
}

func TestFormsThatChangeMeaning(t *testing.T) {
	for _, r := range []struct {
		source string
		form   Form
		why    string
	}{
		{"package main\nvar x = 1\nfunc main() { x := 2; _ = x }", Script, "a local name of main"},
		{"package main\nimport \"bytes\"\nfunc main() { bytes := bytes.NewBuffer(nil); _ = bytes }", Script, "a local name of main"},
		{"package main\nfunc f(s []int) int { return len(s) }\nfunc main() { len := f(nil); _ = len }", Script, "a local name of main"},
		{"package main\nfunc f(x int) int { return x }\nfunc main() { x := 2; _ = f(x) }", Script, ""},
		{"package main\nfunc main() { defer println() }", Statements, "defers"},
		{"package main\nfunc main() { if true { return }; println() }", Statements, "returns"},
		{"package main\nfunc main() { a: println(); goto a }", Statements, "jumps"},
		{"package main\nfunc main() { a: for { break a } }", Statements, ""},
		{"package main\nfunc main() { func() { return }() }", Statements, ""},
	} {
		_, why := Program{Source: r.source}.Cells(r.form)
		if (r.why == "") != (why == "") || !strings.Contains(why, r.why) {
			t.Errorf("%s, %s: left out because %q, want %q", r.source, r.form, why, r.why)
		}
	}
}

// Every outcome is told from the others, also that of a process that ends.
func TestOutcomes(t *testing.T) {
	program := func(name, body, want string) Program {
		return Program{Name: name, Source: "package main\n" + body, Want: want}
	}
	rows := []struct {
		Program
		want   Outcome
		reason string
	}{
		{program("right", "func main() { println(1) }", "1\n"), Right, "print goes to stderr, which counts"},
		{program("wrong", "func main() { println(1) }", "2\n"), Wrong, "no error and another output"},
		{program("refused", "type L [2][]L\nfunc main() { var l L; println(len(l)) }", "2\n"), Refused, "a limit says so"},
		{program("panic", "func main() { panic(1) }", ""), Failed, "a panic is an error"},
		{program("hang", "func main() { for {} }", ""), Hung, "an interrupt ends it"},
		{program("death", "import \"sync\"\nfunc main() { new(sync.Mutex).Unlock() }", ""), Died, "a fatal error ends the process"},
		{program("long", "import (\"fmt\"; \"strings\")\nfunc main() { fmt.Print(strings.Repeat(\"x\", 1<<20), \"yz\") }", strings.Repeat("x", maxOutput)+"yz"), Right, "what is cut is not compared"},
		{program("after", "func main() { println(2) }", "2\n"), Right, "and a new one takes the next program"},
	}
	var ps []Program
	for _, r := range rows {
		ps = append(ps, r.Program)
	}
	tasks, left := Tasks(ps, []Form{Whole})
	if len(left) > 0 {
		t.Fatal(left)
	}
	results, err := Runner{Limit: time.Second}.Run(context.Background(), tasks)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if results[i].Outcome != r.want {
			t.Errorf("%s: %s is %s (%s)", r.reason, r.Name, results[i].Outcome, results[i].Error)
		}
	}
	if w := results[1].Error; w != `line 1 is "1", wanted "2"` {
		t.Errorf("the difference reads %s", w)
	}
}

func TestRecord(t *testing.T) {
	rs := []Result{{Name: "a", Form: Script, Outcome: Wrong}, {Name: "b", Outcome: Right}, {Name: "c", Outcome: Refused}}
	r, err := ReadRecord(NewRecord("go1.26.8", rs).String())
	if err != nil {
		t.Fatal(err)
	}
	if r.Go != Platform("go1.26.8") || len(r.Known) != 2 || r.Known[Run{"a", Script}] != Wrong {
		t.Errorf("read %+v", r)
	}
	worse, better := r.Worse([]Result{{Name: "a", Form: Script, Outcome: Died}, {Name: "b", Outcome: Failed}, {Name: "c", Outcome: Right}})
	if len(worse) != 2 || len(better) != 1 || better[0].Name != "c" {
		t.Errorf("worse %v, better %v", worse, better)
	}
	for _, bad := range []string{"go\nx\n", "go\nx 9 wrong\n", "go\nx 0 odd\n"} {
		if _, err := ReadRecord(bad); err == nil {
			t.Errorf("%q is a record", bad)
		}
	}
}
