package differ

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

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
	tasks, seeds, err := d.tasks(ctx, from, n)
	if err != nil {
		return nil, err
	}
	results, err := d.runner.Run(ctx, tasks)
	if err != nil {
		return nil, err
	}
	var found []Found
	for i, r := range results {
		if r.Outcome == corpus.Hung { // a busy machine is slow
			again, err := corpus.Runner{Limit: time.Minute}.Run(ctx, tasks[i:i+1])
			if err != nil {
				return nil, err
			}
			r = again[0]
		}
		d.Log.add(r)
		if r.Outcome != corpus.Right {
			found = append(found, Found{seeds[i], tasks[i], r})
		}
	}
	return found, nil
}

// tasks grows a program or, from every third seed, a sequence of cells, and
// compiles its twin. The forms of programs take turns; a program that a form
// would change is run whole. Every tenth seed cuts a program of the corpus,
// which says itself what it prints. A seed whose twin panics has no task.
func (d *Differ) tasks(ctx context.Context, from uint64, n int) (tasks []corpus.Task, seeds []uint64, err error) {
	var all []corpus.Task
	var texts []string
	for seed := from; seed < from+uint64(n); seed++ {
		t, err := d.grow(seed)
		if err != nil {
			return nil, nil, fmt.Errorf("seed %d: %w", seed, err)
		}
		all = append(all, t)
		if t.Form != corpus.Pieces {
			texts = append(texts, t.Source)
		}
	}
	twins, err := Twins(ctx, texts)
	if err != nil {
		return nil, nil, err
	}
	for i, t := range all {
		if t.Form != corpus.Pieces {
			twin := twins[0]
			if twins = twins[1:]; twin.Err != nil {
				d.Log.LeftOut++
				continue
			}
			t.Want = twin.Output
		}
		tasks, seeds = append(tasks, t), append(seeds, from+uint64(i))
	}
	return tasks, seeds, nil
}

func (d *Differ) grow(seed uint64) (corpus.Task, error) {
	if seed%10 == 7 {
		return realTask(seed)
	}
	t := corpus.Task{Program: corpus.Program{Name: fmt.Sprintf("seed %d", seed)}}
	if seed%3 == 0 {
		n := grow.Sequence(seed, d.checker.Valid)
		t.Source, t.Cells, t.Form = n.Twin(), n.Cells(), sequence
		return t, nil
	}
	text, err := d.checker.Mend(grow.Program(seed))
	if err != nil {
		return t, err
	}
	t.Source, t.Form = text, corpus.Forms()[seed%uint64(len(corpus.Forms()))]
	cells, why := t.Program.Cells(t.Form)
	if why != "" {
		t.Form = corpus.Whole
		cells, _ = t.Program.Cells(t.Form)
	}
	t.Cells = cells
	return t, nil
}

// sequence is the form of cells that are grown as such.
const sequence = corpus.Grown

// Shrink makes what was found small, within so many tries.
func (d *Differ) Shrink(ctx context.Context, f Found, tries int) Found {
	if f.Task.Form == corpus.Pieces {
		return d.shrinkPieces(ctx, f, tries)
	}
	if f.Task.Form == sequence {
		return d.shrinkSequence(ctx, f, tries)
	}
	s := Shrinker{Checker: d.checker, Child: d.child, Form: f.Task.Form, Like: f.Result, Tries: tries}
	text := s.Shrink(ctx, f.Task.Source)
	for _, o := range s.outcomes(ctx, []string{text}) {
		if o.differs {
			f.Task, f.Result = o.Task, o.Result
		}
	}
	return f
}

// shrinkPieces joins cells while the program differs in the same way.
func (d *Differ) shrinkPieces(ctx context.Context, f Found, tries int) Found {
	for i := len(f.Task.Cells) - 1; i > 0 && tries > 0; i-- {
		tries--
		t := f.Task
		t.Cells = slices.Concat(t.Cells[:i-1], []string{t.Cells[i-1] + "\n\n" + t.Cells[i]}, t.Cells[i+1:])
		r, err := d.child.Do(ctx, t)
		if err == nil && r.Outcome == f.Result.Outcome && (r.Outcome == corpus.Wrong || Class(r.Error) == Class(f.Result.Error)) {
			f.Task, f.Result = t, r
		}
	}
	return f
}

// shrinkSequence leaves out steps while the rest differs in the same way.
func (d *Differ) shrinkSequence(ctx context.Context, f Found, tries int) Found {
	steps := grow.Sequence(f.Seed, d.checker.Valid)
	for i := len(steps) - 1; i >= 0 && tries > 0; i-- {
		next := slices.Delete(slices.Clone(steps), i, i+1)
		if !d.checker.Valid(next.Twin()) {
			continue
		}
		tries--
		t := f.Task
		t.Source, t.Cells = next.Twin(), next.Cells()
		twins, err := Twins(ctx, []string{t.Source})
		if err != nil || twins[0].Err != nil {
			continue
		}
		t.Want = twins[0].Output
		r, err := d.child.Do(ctx, t)
		if err == nil && r.Outcome == f.Result.Outcome && (r.Outcome == corpus.Wrong || Class(r.Error) == Class(f.Result.Error)) {
			steps, f.Task, f.Result = next, t, r
		}
	}
	return f
}
