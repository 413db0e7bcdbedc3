package corpus

import (
	"fmt"
	"strings"
)

// Outcome is what became of a program, from best to worst.
type Outcome int

const (
	Right   Outcome = iota
	Refused         // by name, before anything ran
	Failed          // with an error
	Hung            // ended by an interrupt at its time limit
	Wrong           // no error and another output
	Died            // the process ended
	Stuck           // an interrupt did not end it
	outcomes
)

func (o Outcome) String() string {
	return [outcomes]string{"right", "refused", "error", "hang", "wrong", "death", "stuck"}[o]
}

// MarshalText makes reports speak of outcomes by name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (o *Outcome) UnmarshalText(b []byte) error {
	for x := range outcomes {
		if x.String() == string(b) {
			*o = x
			return nil
		}
	}
	return fmt.Errorf("corpus: no outcome %q", b)
}

// Result is one program in one form.
type Result struct {
	Name    string
	Form    Form
	Outcome Outcome
	Error   string  `json:",omitempty"` // its first line; of a wrong output the first line that differs
	Seconds float64 `json:",omitempty"`
	Output  string  `json:"-"`
}

// judge sorts a run that ended by itself.
func (t Task) judge(a answer) Result {
	r := Result{Name: t.Name, Form: t.Form, Seconds: a.Seconds, Output: string(a.Output)}
	switch {
	case a.Kind == "InterpreterLimit":
		r.Outcome, r.Error = Refused, a.Error
	case a.Kind == "Interrupted":
		r.Outcome, r.Error = Hung, a.Error
	case a.Kind != "" && a.Error != "os.Exit(0)":
		r.Outcome, r.Error = Failed, a.Kind+": "+a.Error
	case !t.Matches(string(a.Output)):
		r.Outcome, r.Error = Wrong, difference(t.Program, string(a.Output))
	}
	return r
}

// difference names the first line of an output that is not as wanted.
func difference(p Program, got string) string {
	want := p.Want
	if p.Unordered {
		got, want = sortedLines(got), sortedLines(want)
	} else if p.Example {
		got, want = trim(got), trim(want)
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "nothing", "nothing"
		if i < len(g) {
			a = fmt.Sprintf("%.200q", g[i])
		}
		if i < len(w) {
			b = fmt.Sprintf("%.200q", w[i])
		}
		if a != b {
			return fmt.Sprintf("line %d is %s, wanted %s", i+1, a, b)
		}
	}
	return "the same lines"
}
