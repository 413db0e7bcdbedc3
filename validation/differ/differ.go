package differ

import (
	"context"
	"fmt"
	"strings"

	"surprisal/validation/corpus"
	"surprisal/validation/differ/grow"
)

// Differ runs what is grown from seeds and keeps the count.
type Differ struct {
	Log     Log
	checker *Checker
	runner  corpus.Runner
	child   *corpus.Child // for shrinking
}

// New returns a Differ with so many processes at once.
func New(children int) *Differ {
	return &Differ{checker: NewChecker(), runner: corpus.Runner{Children: children}, child: corpus.Runner{}.Child()}
}

// Close ends the process that shrinking uses.
func (d *Differ) Close() { d.child.Close() }

// Found is a program that does not come out as its twin does.
type Found struct {
	Seed   uint64
	Task   corpus.Task
	Result corpus.Result
}

// Class is what the differences of one cause have in common, as far as their
// words tell.
func (f Found) Class() string {
	if f.Result.Outcome == corpus.Wrong {
		return fmt.Sprint("wrong ", f.Seed)
	}
	return f.Result.Outcome.String() + " " + Class(f.Result.Error)
}

// String is the cells and both outputs.
func (f Found) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "== seed %d, %s: %s: %s\n", f.Seed, f.Task.Form, f.Result.Outcome, f.Result.Error)
	b.WriteString(strings.Join(f.Task.Cells, "\n---\n"))
	fmt.Fprintf(&b, "\n== compiled:\n%s== in cells:\n%s", f.Task.Want, f.Result.Output)
	return b.String()
}

// Run runs the programs of n seeds, each in one of the forms, and returns what
// differs. Refusals count as such.
func (d *Differ) Run(ctx context.Context, from uint64, n int) ([]Found, error) {
	tasks, err := d.tasks(ctx, from, n)
	if err != nil {
		return nil, err
	}
	results, err := d.runner.Run(ctx, tasks)
	if err != nil {
		return nil, err
	}
	var found []Found
	for i, r := range results {
		d.Log.add(r)
		if r.Outcome != corpus.Right {
			found = append(found, Found{from + uint64(i), tasks[i], r})
		}
	}
	return found, nil
}

// tasks grows programs and compiles them. Their forms take turns; a program
// that a form would change is run whole.
func (d *Differ) tasks(ctx context.Context, from uint64, n int) ([]corpus.Task, error) {
	var texts []string
	for seed := from; seed < from+uint64(n); seed++ {
		text, err := d.checker.Mend(grow.Program(seed))
		if err != nil {
			return nil, fmt.Errorf("seed %d: %w", seed, err)
		}
		texts = append(texts, text)
	}
	twins, err := Twins(ctx, texts)
	if err != nil {
		return nil, err
	}
	var tasks []corpus.Task
	for i, text := range texts {
		seed := from + uint64(i)
		if twins[i].Err != nil {
			return nil, fmt.Errorf("seed %d: %w", seed, twins[i].Err)
		}
		p := corpus.Program{Name: fmt.Sprintf("seed %d", seed), Source: text, Want: twins[i].Output}
		form := corpus.Forms()[seed%uint64(len(corpus.Forms()))]
		cells, why := p.Cells(form)
		if why != "" {
			form = corpus.Whole
			cells, _ = p.Cells(form)
		}
		tasks = append(tasks, corpus.Task{Program: p, Form: form, Cells: cells})
	}
	return tasks, nil
}

// Shrink makes what was found small, within so many tries.
func (d *Differ) Shrink(ctx context.Context, f Found, tries int) Found {
	s := Shrinker{Checker: d.checker, Child: d.child, Form: f.Task.Form, Like: f.Result, Tries: tries}
	text := s.Shrink(ctx, f.Task.Source)
	for _, o := range s.outcomes(ctx, []string{text}) {
		if o.differs {
			f.Task, f.Result = o.Task, o.Result
		}
	}
	return f
}
