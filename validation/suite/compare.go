package suite

import (
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Tolerance is how far a value may be from JIDT's.
const Tolerance = 1e-10

// Comparison is what came of holding a report against reference values. The
// keys of Compared and Worst are a measure and a kind of value; those of Left
// are reasons.
type Comparison struct {
	Compared map[string]int
	Worst    map[string]float64 // the largest difference
	Left     map[string]int     // reference values that were not compared, by why
	Wrong    []string           // values that differ or that there should have been
}

// Compare holds a report of jobs against the files reference.csv, locals.csv
// and surrogates.csv of a folder, whose format is told in validation/data/jidt.
func Compare(folder string, jobs []Job, r *Report) (*Comparison, error) {
	c := &comparer{Comparison: &Comparison{Compared: map[string]int{}, Worst: map[string]float64{}, Left: map[string]int{}}, jobs: map[string]Job{}, beyond: r.Beyond, tied: map[string]bool{}}
	for _, j := range jobs {
		c.jobs[j.ID] = j
	}
	if err := c.values(filepath.Join(folder, "reference.csv"), r.Values); err != nil {
		return nil, err
	}
	if err := c.points(filepath.Join(folder, "locals.csv"), "local value", r.Locals); err != nil {
		return nil, err
	}
	return c.Comparison, c.points(filepath.Join(folder, "surrogates.csv"), "surrogate", r.Surrogates)
}

type comparer struct {
	*Comparison
	jobs   map[string]Job
	beyond map[string]string
	tied   map[string]bool // jobs whose values depend on a choice among ties
}

// job returns the job of a reference value, whose id may have a suffix.
func (c *comparer) job(id string) Job {
	name, _, _ := strings.Cut(id, ".")
	return c.jobs[name]
}

func (c *comparer) compare(id, what string, got, want float64) {
	key := c.job(id).Measure + " " + what
	d := math.Abs(got - want)
	if !(d <= Tolerance) {
		c.Wrong = append(c.Wrong, fmt.Sprintf("%s %s: %v, want %v", id, what, got, want))
	}
	c.Compared[key]++
	c.Worst[key] = max(c.Worst[key], d)
}

// values compares the estimates. A tied job's are left out before its
// surrogates are looked at.
func (c *comparer) values(file string, points []Point) error {
	got := map[string]float64{}
	for _, p := range points {
		got[p.ID] = p.Value
	}
	return rows(file, []string{"id", "value", "independent", "status"}, func(f []string) error {
		id, status := f[0], f[3]
		v, ok := got[id]
		delete(got, id)
		j := c.job(id)
		switch {
		case j.ID == "":
			return nil // of a job that was not asked for
		case j.missing() != "":
			c.Left["not present: "+j.missing()]++
			return nil
		case c.beyond[j.ID] != "":
			c.Left["not run: "+c.beyond[j.ID]]++
			return nil
		case status == "tie-ambiguous":
			c.Left[status]++
			c.tied[j.ID] = true
			return nil
		case !ok:
			c.Wrong = append(c.Wrong, id+": not computed")
			return nil
		}
		what, text := "value", f[1]
		if status == "psi-offset" {
			what, text = "value without JIDT's digamma offset", f[2]
		} else if status != "ok" {
			return fmt.Errorf("a status of %q", status)
		}
		want, err := strconv.ParseFloat(text, 64)
		if err == nil {
			c.compare(id, what, v, want)
		}
		return err
	})
}

func (c *comparer) points(file, what string, points []Point) error {
	got := map[string]float64{}
	for _, p := range points {
		got[p.ID+" "+strconv.Itoa(p.Index)] = p.Value
	}
	err := rows(file, nil, func(f []string) error {
		key := f[0] + " " + f[1]
		v, ok := got[key]
		delete(got, key)
		j := c.job(f[0])
		switch {
		case j.ID == "" || j.missing() != "":
			return nil
		case c.beyond[j.ID] != "":
			c.Left["not run: "+c.beyond[j.ID]+", "+what]++
			return nil
		case c.tied[j.ID]:
			c.Left["tie-ambiguous "+what]++
			return nil
		case !ok:
			c.Wrong = append(c.Wrong, key+": no "+what)
			return nil
		}
		want, err := strconv.ParseFloat(f[2], 64)
		if err == nil {
			c.compare(f[0], what, v, want)
		}
		return err
	})
	for _, key := range slices.Sorted(maps.Keys(got)) {
		c.Wrong = append(c.Wrong, key+": a "+what+" without a reference")
	}
	return err
}

// rows calls f with those columns of every row of a CSV file that are named,
// or with all. An error names the line.
func rows(file string, columns []string, f func([]string) error) error {
	r, err := os.Open(file)
	if err != nil {
		return err
	}
	defer r.Close()
	lines := csv.NewReader(r)
	all, err := lines.ReadAll()
	if err == nil && len(all) == 0 {
		err = errors.New("the file is empty")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var at []int
	for i := range all[0] {
		if columns == nil {
			at = append(at, i)
		}
	}
	for _, name := range columns {
		i := slices.Index(all[0], name)
		if i < 0 {
			return fmt.Errorf("%s: no column %q", file, name)
		}
		at = append(at, i)
	}
	if len(at) < 3 {
		return fmt.Errorf("%s: %d columns, need 3", file, len(at))
	}
	for n, row := range all[1:] {
		picked := make([]string, len(at))
		for i, c := range at {
			picked[i] = row[c]
		}
		if err := f(picked); err != nil {
			return fmt.Errorf("%s: row %d: %w", file, n+1, err)
		}
	}
	return nil
}

// String is a table: what was compared, how far it is off, what was left out.
func (c *Comparison) String() string {
	var s strings.Builder
	for _, key := range slices.Sorted(maps.Keys(c.Compared)) {
		fmt.Fprintf(&s, "%6d × %s: largest difference %.2g\n", c.Compared[key], key, c.Worst[key])
	}
	for _, why := range slices.Sorted(maps.Keys(c.Left)) {
		fmt.Fprintf(&s, "%6d not compared: %s\n", c.Left[why], why)
	}
	for i, w := range c.Wrong {
		if i == 20 {
			fmt.Fprintf(&s, "and %d more\n", len(c.Wrong)-i)
			break
		}
		fmt.Fprintf(&s, "WRONG: %s\n", w)
	}
	return s.String()
}
