package differ

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"surprisal/validation/corpus"
)

// Log counts what came of programs. The zero value is empty.
type Log struct {
	outcomes map[corpus.Outcome]int
	forms    map[corpus.Form]int
	reasons  map[string]int // of what is not right

	LeftOut int // programs whose compiled twins panic, or run for too long
}

func (l *Log) add(r corpus.Result) {
	if l.outcomes == nil {
		l.outcomes, l.forms, l.reasons = map[corpus.Outcome]int{}, map[corpus.Form]int{}, map[string]int{}
	}
	l.outcomes[r.Outcome]++
	l.forms[r.Form]++
	switch r.Outcome {
	case corpus.Right:
	case corpus.Wrong:
		l.reasons["wrong: another output"]++
	default:
		l.reasons[r.Outcome.String()+": "+Class(r.Error)]++
	}
}

// Count is how many programs came out so.
func (l *Log) Count(o corpus.Outcome) int { return l.outcomes[o] }

// Line is the count by outcome.
func (l *Log) Line() string {
	var s []string
	for _, o := range slices.Sorted(maps.Keys(l.outcomes)) {
		s = append(s, fmt.Sprintf("%d %s", l.outcomes[o], o))
	}
	return strings.Join(s, ", ")
}

func (l Log) String() string {
	var b strings.Builder
	total := 0
	for _, f := range slices.Sorted(maps.Keys(l.forms)) {
		fmt.Fprintf(&b, "%6d as %s\n", l.forms[f], f)
		total += l.forms[f]
	}
	fmt.Fprintf(&b, "%6d in all: %s\n", total, l.Line())
	if l.LeftOut > 0 {
		fmt.Fprintf(&b, "%6d left out: their compiled twins panic, or run for too long\n", l.LeftOut)
	}
	rs := slices.SortedFunc(maps.Keys(l.reasons), func(a, b string) int {
		return cmp.Or(l.reasons[b]-l.reasons[a], cmp.Compare(a, b))
	})
	for _, r := range rs {
		fmt.Fprintf(&b, "%6d %s\n", l.reasons[r], r)
	}
	return b.String()
}
