package suite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"sync"

	"surprisal/gpu"
	"surprisal/gpu/dataset"
	"surprisal/gpu/info"
	"surprisal/gpu/prim"
	"surprisal/gpu/series"
)

// Runner runs jobs over a folder of data sets, DATASET.csv each.
type Runner struct {
	Folder  string
	Threads int // 0: one a core

	On   []*gpu.Device // where neighbours are counted, of a job at a time on each; nil: on the CPU
	Most int           // rows of the largest data sets that are run; 0: all

	// Progress, if not nil, is called after each job with the number of those
	// that are done, by one goroutine at a time.
	Progress func(done, all int)

	tables map[string]*dataset.Table
}

// Point is a value with the id of its job, and an index for values of a
// series: the time of a local value, the number of a surrogate.
type Point struct {
	ID    string
	Index int
	Value float64
}

// Report is what a run made.
type Report struct {
	Values, Locals, Surrogates []Point
	Missing                    map[string]int    // what we lack, by name, with the number of jobs
	Beyond                     map[string]string // jobs that are not for the place where it ran, by id, and why
	Failed                     []error           // jobs that could not be run, by name and reason
}

// Load reads the data sets that the jobs need, so that a wrong file is known
// before anything is computed.
func (r *Runner) Load(jobs []Job) error {
	r.tables = map[string]*dataset.Table{}
	for _, j := range jobs {
		if j.missing() != "" || r.tables[j.Dataset] != nil {
			continue
		}
		t, err := dataset.CSV(filepath.Join(r.Folder, j.Dataset+".csv"))
		if err != nil {
			return fmt.Errorf("line %d: job %s: %w", j.Line, j.ID, err)
		}
		r.tables[j.Dataset] = t
	}
	return nil
}

// Run runs the jobs. Its error is ctx's alone, and the report is then of those that
// were done; what a job lacks or fails with is in the report.
func (r *Runner) Run(ctx context.Context, jobs []Job) (*Report, error) {
	places := r.On
	if places == nil {
		places = []*gpu.Device{{Place: gpu.CPU}}
	}
	parts := make([]*Report, len(jobs))
	var mu sync.Mutex
	next, done := 0, 0
	var wg sync.WaitGroup
	for _, on := range places {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= len(jobs) || ctx.Err() != nil {
					return
				}
				part := r.part(ctx, jobs[i], on)
				mu.Lock()
				parts[i] = part
				done++
				if r.Progress != nil {
					r.Progress(done, len(jobs))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	out := &Report{Missing: map[string]int{}, Beyond: map[string]string{}}
	var err error
	for _, part := range parts {
		if part == nil {
			err = context.Cause(ctx)
			continue
		}
		out.add(part)
	}
	return out, err
}

func (r *Report) add(part *Report) {
	r.Values = append(r.Values, part.Values...)
	r.Locals = append(r.Locals, part.Locals...)
	r.Surrogates = append(r.Surrogates, part.Surrogates...)
	r.Failed = append(r.Failed, part.Failed...)
	for name, n := range part.Missing {
		r.Missing[name] += n
	}
	maps.Copy(r.Beyond, part.Beyond)
}

// part is the report of one job, nil if ctx ended before it did.
func (r *Runner) part(ctx context.Context, j Job, on *gpu.Device) *Report {
	if lack := j.missing(); lack != "" {
		return &Report{Missing: map[string]int{lack: 1}}
	}
	if r.Most > 0 && r.tables[j.Dataset].Rows > r.Most {
		return &Report{Beyond: map[string]string{j.ID: fmt.Sprintf("more than %d rows", r.Most)}}
	}
	out, err := r.run(ctx, j, on)
	var wide *prim.NoKernelError
	switch {
	case err == nil:
		return out
	case ctx.Err() != nil:
		return nil
	case errors.As(err, &wide):
		return &Report{Beyond: map[string]string{j.ID: fmt.Sprintf("more than %d columns, for which devices have no kernel", wide.Max)}}
	}
	return &Report{Failed: []error{fmt.Errorf("line %d: job %s: %w", j.Line, j.ID, err)}}
}

func (r *Runner) run(ctx context.Context, j Job, on *gpu.Device) (*Report, error) {
	e, err := j.ksg()
	if err != nil {
		return nil, err
	}
	e.Threads, e.On = r.Threads, on
	s, err := r.samples(j, e)
	if err != nil {
		return nil, err
	}
	est, err := e.Of(ctx, s)
	if err != nil {
		return nil, err
	}
	if want := on.Place.String(); est.Place != want {
		return nil, fmt.Errorf("it was computed on %s, not on %s", est.Place, want)
	}
	out := &Report{Values: []Point{{ID: j.ID, Value: est.Value}}}
	if n := est.Null; n.Surrogates > 0 {
		out.Values = append(out.Values, Point{ID: j.ID + ".surr_mean", Value: n.Mean}, Point{ID: j.ID + ".surr_std", Value: n.SD}, Point{ID: j.ID + ".surr_p", Value: n.P})
	}
	for i, v := range est.Null.Values {
		out.Surrogates = append(out.Surrogates, Point{j.ID, i, v})
	}
	for i, v := range localsAsJIDT(est, s) {
		out.Locals = append(out.Locals, Point{j.ID, i, v})
	}
	return out, nil
}

// localsAsJIDT has zeros for times without a past where there is one trial, and
// nothing for them otherwise.
func localsAsJIDT(e info.Estimate, s series.Samples) []float64 {
	pad := len(s.Trials) == 1 && len(s.Variables) == 3
	out := make([]float64, 0, len(e.Local))
	for _, v := range e.Local {
		switch {
		case !math.IsNaN(v):
			out = append(out, v)
		case pad:
			out = append(out, 0)
		}
	}
	return out
}

// samples lays the columns of a job out.
func (r *Runner) samples(j Job, e info.KSG) (series.Samples, error) {
	rec, err := r.recording(j)
	if err != nil {
		return series.Samples{}, err
	}
	if len(j.Source) == 0 || len(j.Target) == 0 {
		return series.Samples{}, errors.New("no source or no destination: name at least one column of each")
	}
	switch j.Measure {
	case "mi_ksg", "cmi_ksg":
		lag := reader{settings: j.Settings}
		n := lag.integer("TIME_DIFF", 0)
		if lag.err != nil {
			return series.Samples{}, lag.err
		}
		condition := j.Condition
		if j.Measure == "mi_ksg" {
			condition = nil
		}
		return rec.Lagged(n, j.Source, j.Target, condition)
	}
	embedding := e.Embedding()
	condition := j.Condition
	if j.Measure != "cte_ksg" {
		condition = nil
	} else if embedding.Conditions, err = j.conditions(); err != nil {
		return series.Samples{}, err
	}
	return embedding.Of(rec, j.Source, j.Target, condition)
}

// recording returns the columns of a job, in trials where it asks for them.
func (r *Runner) recording(j Job) (series.Recording, error) {
	t := r.tables[j.Dataset]
	var names []string
	seen := map[string]bool{}
	for _, group := range [][]string{j.Source, j.Target, j.Condition} {
		for _, n := range group {
			if !seen[n] {
				seen[n] = true
				names = append(names, n)
			}
		}
	}
	rec, err := series.FromTable(t, names...)
	if err != nil {
		return rec, err
	}
	if _, ok := j.Settings["trials"]; !ok {
		return rec, nil
	}
	trial, err := t.Strings("trial")
	if err != nil {
		return rec, err
	}
	var rows []int
	for i := range trial {
		if i == 0 || trial[i] != trial[i-1] {
			rows = append(rows, 0)
		}
		rows[len(rows)-1]++
	}
	return rec.WithTrials(rows...)
}
