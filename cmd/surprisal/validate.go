package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"surprisal/gpu"
	"surprisal/validation/suite"
)

type validateCommand struct {
	Jidt jidtCommand `cmd:"" help:"Run a table of jobs in JIDT's terms and write the values, to be compared with JIDT's."`
}

// simulated is how many rows the simulator counts in seconds.
const simulated = 2000

type jidtCommand struct {
	Jobs       string `required:"" placeholder:"FILE" help:"Job table: id, data set, measure, source, destination, condition, settings, between tabs."`
	Datasets   string `required:"" placeholder:"FOLDER" help:"Folder with a file DATASET.csv for each data set."`
	Out        string `required:"" placeholder:"FILE" help:"Where to write the values: id,value."`
	Locals     string `placeholder:"FILE" help:"Where to write local values: id,t,value."`
	Surrogates string `placeholder:"FILE" help:"Where to write the values of surrogates: id,s,value."`
	Reference  string `placeholder:"FOLDER" help:"Compare with reference.csv, locals.csv and surrogates.csv of this folder."`
	On         on     `default:"cpu" placeholder:"PLACE" help:"Where to count neighbours: cpu, gpu, or sim, the simulator of a GPU."`
	Most       int    `default:"-1" placeholder:"ROWS" help:"Leave data sets of more rows out; 0 for none; without it 2000 in the simulator, whose time grows with their square."`
	Only       string `placeholder:"REGEXP" help:"Jobs to run, by id."`
}

// Help is shown by --help.
func (jidtCommand) Help() string {
	return `Examples:
  surprisal validate jidt --jobs validation/data/jidt/jobs.tsv --datasets validation/data/jidt/data --out results.csv
  surprisal validate jidt --on sim --reference validation/data/jidt --jobs validation/data/jidt/jobs.tsv --datasets validation/data/jidt/data --out results.csv

Jobs of measures that are not there are named, and the exit code is 2, after all others have been computed and written. It is 1 if a job failed, or if a value differs from the reference by more than 1e-10.`
}

// Run runs the table.
func (c jidtCommand) Run(m *Main, ctx context.Context) error {
	on, err := c.places()
	defer func() {
		for _, d := range on {
			d.Close()
		}
	}()
	if err != nil {
		return err
	}
	jobs, err := c.read()
	if err != nil {
		return usageError{err}
	}
	runner := &suite.Runner{Folder: c.Datasets, On: on, Most: c.Most}
	if c.Most < 0 {
		runner.Most = 0
		if c.On == "sim" {
			runner.Most = simulated
		}
	}
	if err := runner.Load(jobs); err != nil {
		return usage("%s: %w", c.Jobs, err)
	}
	out, err := c.create()
	if err != nil {
		return usageError{err}
	}
	ctx, cancel := m.interruptible(ctx)
	defer cancel()
	runner.Progress = progress(m.Stderr)
	report, err := runner.Run(ctx, jobs)
	if werr := out.write(report); err == nil {
		err = werr
	}
	if err != nil {
		return fmt.Errorf("validate: %w", err)
	}
	differs := c.compare(m, jobs, report)
	err = c.judge(m, report, len(jobs))
	if differs != nil && err != nil {
		fmt.Fprintln(m.Stderr, err) // a wrong value is worse than one that is not there
	}
	if differs != nil {
		return differs
	}
	return err
}

// places opens the place; of the simulator, which takes one core, as many as there are.
func (c jidtCommand) places() (all []*gpu.Device, err error) {
	n := 1
	if c.On == "sim" {
		n = runtime.NumCPU()
	}
	for range n {
		d, err := c.On.open()
		if err != nil {
			return all, err
		}
		all = append(all, &d)
	}
	return all, nil
}

// compare holds the report against the reference, if there is one.
func (c jidtCommand) compare(m *Main, jobs []suite.Job, r *suite.Report) error {
	if c.Reference == "" {
		return nil
	}
	found, err := suite.Compare(c.Reference, jobs, r)
	if err != nil {
		return usage("validate: %w", err)
	}
	fmt.Fprint(m.Stdout, found)
	if n := len(found.Wrong); n > 0 {
		return fmt.Errorf("validate: %d values do not agree with %s to %g", n, c.Reference, suite.Tolerance)
	}
	return nil
}

func (c jidtCommand) read() ([]suite.Job, error) {
	f, err := os.Open(c.Jobs)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	jobs, err := suite.ReadJobs(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Jobs, err)
	}
	if len(jobs) == 0 {
		return nil, fmt.Errorf("%s: there is no job in it", c.Jobs)
	}
	if c.Only == "" {
		return jobs, nil
	}
	only, err := regexp.Compile(c.Only)
	if err != nil {
		return nil, fmt.Errorf("--only %s: %w", c.Only, err)
	}
	jobs = slices.DeleteFunc(jobs, func(j suite.Job) bool { return !only.MatchString(j.ID) })
	if len(jobs) == 0 {
		return nil, fmt.Errorf("--only %s: no job of %s has such an id", c.Only, c.Jobs)
	}
	return jobs, nil
}

// judge says what was not computed.
func (c jidtCommand) judge(m *Main, r *suite.Report, jobs int) error {
	for _, err := range r.Failed {
		fmt.Fprintf(m.Stderr, "%s: %v\n", c.Jobs, err)
	}
	missing := 0
	for _, name := range slices.Sorted(maps.Keys(r.Missing)) {
		fmt.Fprintf(m.Stderr, "not present: %s (%d jobs)\n", name, r.Missing[name])
		missing += r.Missing[name]
	}
	beyond := map[string]int{}
	for _, why := range r.Beyond {
		beyond[why]++
	}
	for _, why := range slices.Sorted(maps.Keys(beyond)) {
		fmt.Fprintf(m.Stdout, "not run on this place: %s (%d jobs)\n", why, beyond[why])
	}
	done := jobs - missing - len(r.Failed) - len(r.Beyond)
	switch {
	case len(r.Failed) > 0:
		return fmt.Errorf("validate: %d of %d jobs failed: %d were computed, see %s", len(r.Failed), jobs, done, c.Out)
	case missing > 0:
		return usage("validate: %d of %d jobs are of measures that are not present: the other %d were computed, see %s", missing, jobs, done, c.Out)
	}
	fmt.Fprintf(m.Stdout, "%d jobs, %d values in %s\n", done, len(r.Values), c.Out)
	return nil
}

// sheets are the files of results, made before anything is computed, so that a
// wrong path costs no time.
type sheets struct{ values, locals, surrogates *os.File }

func (c jidtCommand) create() (*sheets, error) {
	s := &sheets{}
	for _, f := range []struct {
		name string
		to   **os.File
	}{{c.Out, &s.values}, {c.Locals, &s.locals}, {c.Surrogates, &s.surrogates}} {
		if f.name == "" {
			continue
		}
		if c.reads(f.name) {
			return nil, fmt.Errorf("%s is read, and would be written over: choose another name for the results", f.name)
		}
		file, err := os.Create(f.name)
		if err != nil {
			return nil, err
		}
		*f.to = file
	}
	return s, nil
}

// reads says whether name is the job table or a file of the reference.
func (c jidtCommand) reads(name string) bool {
	to, err := os.Stat(name)
	if err != nil {
		return false
	}
	inputs := []string{c.Jobs}
	if c.Reference != "" {
		for _, file := range []string{"reference.csv", "locals.csv", "surrogates.csv"} {
			inputs = append(inputs, filepath.Join(c.Reference, file))
		}
	}
	return slices.ContainsFunc(inputs, func(input string) bool {
		from, err := os.Stat(input)
		return err == nil && os.SameFile(from, to)
	})
}

func (s *sheets) write(r *suite.Report) error {
	return errors.Join(
		sheet(s.values, "id,value", r.Values, false),
		sheet(s.locals, "id,t,value", r.Locals, true),
		sheet(s.surrogates, "id,s,value", r.Surrogates, true),
	)
}

// sheet writes points as the shortest decimals that read back as the same
// float64.
func sheet(f *os.File, header string, points []suite.Point, index bool) error {
	if f == nil {
		return nil
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, header)
	for _, p := range points {
		w.WriteString(p.ID + ",")
		if index {
			w.WriteString(strconv.Itoa(p.Index) + ",")
		}
		w.WriteString(strconv.FormatFloat(p.Value, 'g', -1, 64) + "\n")
	}
	return errors.Join(w.Flush(), f.Close())
}

// interruptible ends ctx at a signal.
func (m *Main) interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case s := <-m.Signals: // nil in tests, and blocks then
			cancel(fmt.Errorf("stopped by a signal: %v", s))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// progress draws a bar on a terminal and writes a line every ten seconds to
// anything else.
func progress(w io.Writer) func(done, all int) {
	const width = 40
	f, ok := w.(*os.File)
	if ok {
		s, err := f.Stat()
		ok = err == nil && s.Mode()&os.ModeCharDevice != 0
	}
	last := time.Now()
	return func(done, all int) {
		switch {
		case ok:
			n := width * done / all
			fmt.Fprintf(w, "\r[%s%s] %d of %d jobs", strings.Repeat("#", n), strings.Repeat(".", width-n), done, all)
			if done == all {
				fmt.Fprintln(w)
			}
		case time.Since(last) >= 10*time.Second:
			last = time.Now()
			fmt.Fprintf(w, "%d of %d jobs\n", done, all)
		}
	}
}
