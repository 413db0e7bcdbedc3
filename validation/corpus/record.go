package corpus

import (
	"bufio"
	_ "embed"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// Record is which runs are known not to be right, for one version of Go. What
// it does not name is right.
type Record struct {
	Go    string // go1.26.8 linux/amd64
	Known map[Run]Outcome
}

// Run names a program in a form.
type Run struct {
	Name string
	Form Form
}

//go:embed known.txt
var known string

// Stored is the record that this package was committed with.
func Stored() (Record, error) { return ReadRecord(known) }

// NewRecord makes the record of results.
func NewRecord(goVersion string, rs []Result) Record {
	r := Record{Go: Platform(goVersion), Known: map[Run]Outcome{}}
	for _, x := range rs {
		if x.Outcome != Right {
			r.Known[Run{x.Name, x.Form}] = x.Outcome
		}
	}
	return r
}

// Platform is a Go version with the platform that this program runs on.
func Platform(goVersion string) string {
	return goVersion + " " + runtime.GOOS + "/" + runtime.GOARCH
}

// String is the record as a file: the Go that it is for, then a line for each
// outcome and form of a program.
func (r Record) String() string {
	var lines []string
	for k, o := range r.Known {
		lines = append(lines, fmt.Sprintf("%s %d %s", k.Name, int(k.Form), o))
	}
	slices.Sort(lines)
	return r.Go + "\n" + strings.Join(lines, "\n") + "\n"
}

// ReadRecord reads what String wrote.
func ReadRecord(text string) (Record, error) {
	r := Record{Known: map[Run]Outcome{}}
	sc := bufio.NewScanner(strings.NewReader(text))
	if sc.Scan() {
		r.Go = sc.Text()
	}
	for n := 2; sc.Scan(); n++ {
		var k Run
		var word string
		if sc.Text() == "" {
			continue
		}
		if _, err := fmt.Sscanf(sc.Text(), "%s %d %s", &k.Name, &k.Form, &word); err != nil || k.Form < 0 || k.Form >= forms {
			return Record{}, fmt.Errorf("corpus: record line %d: %q is no program, form and outcome", n, sc.Text())
		}
		var o Outcome
		if err := o.UnmarshalText([]byte(word)); err != nil {
			return Record{}, fmt.Errorf("corpus: record line %d: %w", n, err)
		}
		r.Known[k] = o
	}
	return r, sc.Err()
}

// Worse are the results that are worse than the record, Better those that are
// better.
func (r Record) Worse(rs []Result) (worse, better []Result) {
	for _, x := range rs {
		was := r.Known[Run{x.Name, x.Form}]
		switch {
		case x.Outcome > was:
			worse = append(worse, x)
		case x.Outcome < was:
			better = append(better, x)
		}
	}
	return worse, better
}
