package suite

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Job is one line of a job table.
type Job struct {
	ID, Dataset, Measure      string
	Source, Target, Condition []string // columns; none for "-"
	Settings                  map[string]string
	Line                      int // of the table, from 1
}

// ReadJobs reads a job table: lines of seven fields between tabs, which are id,
// data set, measure, source, destination, condition and settings. "-" is none,
// the columns of a variable are joined with "+", settings are key=value joined
// with ";". Empty lines and those that start with "#" are left out. An error
// names the line.
func ReadJobs(r io.Reader) ([]Job, error) {
	var jobs []Job
	seen := map[string]int{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		n++
		text := strings.TrimSuffix(lines.Text(), "\r")
		if strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#") {
			continue
		}
		j, err := readJob(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if first, ok := seen[j.ID]; ok {
			return nil, fmt.Errorf("line %d: job %s is on line %d already; give each an id of its own", n, j.ID, first)
		}
		seen[j.ID], j.Line = n, n
		jobs = append(jobs, j)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("after line %d: %w", n, err)
	}
	return jobs, nil
}

func readJob(text string) (Job, error) {
	f := strings.Split(text, "\t")
	if len(f) != 7 {
		return Job{}, fmt.Errorf("%d fields between tabs, not 7: id, data set, measure, source, destination, condition, settings", len(f))
	}
	for i, name := range []string{"id", "data set", "measure"} {
		if f[i] == "" {
			return Job{}, fmt.Errorf("the %s is empty", name)
		}
	}
	j := Job{ID: f[0], Dataset: f[1], Measure: f[2], Settings: map[string]string{}}
	for i, to := range []*[]string{&j.Source, &j.Target, &j.Condition} {
		if v := f[3+i]; v != "-" && v != "" {
			*to = strings.Split(v, "+")
		}
	}
	for _, s := range strings.Split(f[6], ";") {
		if s == "" || s == "-" {
			continue
		}
		key, value, _ := strings.Cut(s, "=") // "show" may stand alone
		if _, ok := j.Settings[key]; ok {
			return Job{}, fmt.Errorf("the setting %s stands twice", key)
		}
		j.Settings[key] = value
	}
	return j, nil
}
