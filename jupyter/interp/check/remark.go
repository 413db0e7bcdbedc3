package check

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// Remark tells the reader of a cell that is right what it leaves as it was.
type Remark struct {
	Text string
	// Live is the cell whose goroutines the remark is about; it is void if none
	// of them runs any more. 0 for other remarks.
	Live uint64
}

// fewMisfits are told one by one: a program that is pasted under another
// defines dozens of names again.
const fewMisfits = 5

// notes are the cell's remarks: what does not fit what a name means now, and
// what cannot be compiled again.
func (r *round) notes() []Remark {
	r.leftBehind() // commit needs it, too, and then knows no more what was
	var notes []Remark
	say := func(format string, args ...any) {
		notes = append(notes, Remark{Text: fmt.Sprintf("note: "+format, args...)})
	}
	told := 0
	for _, k := range slices.Sorted(maps.Keys(r.without)) {
		f, why := r.funcs[k], r.without[k]
		if f.told == why.brief() {
			continue
		}
		base, m, isMethod := strings.Cut(k, ".")
		switch told++; {
		case told > fewMisfits:
		case isMethod && r.own[base]:
			say("method %s of %s (%s) does not fit the new %s: %s; define it again if it is to be one of the new", m, base, cellName(f.count), r.ofCell(f), why.reason())
		default:
			say("%s of %s does not fit the new %s and keeps the earlier: %s; define %s again if it is to use the new", k, cellName(f.count), r.ofCell(f), why.reason(), k)
		}
	}
	if told > fewMisfits {
		say("%d more functions of earlier cells do not fit what this cell defines again, and keep what they knew", told-fewMisfits)
	}
	var made []string // of names that this cell changes
	for name, d := range r.types {
		if turned := r.turned(); len(turned) > 0 && meets(d.deps, turned) {
			made = append(made, name)
		}
	}
	slices.Sort(made)
	for _, name := range made {
		d, e := r.types[name], r.names[name]
		if e == nil || r.own[name] || slices.Contains(r.kept, name) || e.Object != r.latest(d.names[name]) {
			continue
		}
		var old []string
		for _, n := range slices.Sorted(maps.Keys(d.deps)) {
			if o := d.deps[n]; n != name && r.otherwise(n, o) {
				old = append(old, n)
			}
		}
		if len(old) > 0 {
			say("%s %s of %s is made of the earlier %s: run %s again if it is to be of the new", d.what, name, cellName(e.Count), strings.Join(old, ", "), cellName(e.Count))
		}
	}
	return append(notes, r.holding()...)
}

// otherwise tells whether a name that stood for o means something else now: a
// package that is imported again and a generic type that is renewed do not.
func (r *round) otherwise(name string, o types.Object) bool {
	return r.turned()[name] && !r.samePackage(name, o)
}

// brief is the first line of an error, with its place.
func (e *Error) brief() string {
	msg, _, _ := strings.Cut(e.Msg, "\n")
	return Place(e.Pos) + ": " + msg
}

// reason is brief, with the earlier type that it is about.
func (e *Error) reason() string {
	if e.older == "" {
		return e.brief()
	}
	return e.brief() + " (" + e.older + ")"
}

// ofCell are the names that a stored function uses and that this cell changes.
func (r *round) ofCell(f *stored) string {
	var names, packages []string
	for _, n := range slices.Sorted(maps.Keys(r.news)) {
		_, isPackage := f.deps[n].(*types.PkgName)
		switch word := strings.TrimPrefix(strings.TrimPrefix(n, asValue), "."); {
		case f.deps[n] != nil && r.otherwise(n, f.deps[n]) || f.selects[n]:
			names = append(names, word)
		case isPackage && !r.samePackage(n, f.deps[n]):
			packages = append(packages, word)
		}
	}
	if len(names) == 0 {
		names = packages
	}
	return strings.Join(names, ", ")
}

// holding are remarks on closures, goroutines, and what holds functions and types
// of earlier cells.
func (r *round) holding() []Remark {
	if len(r.turned()) == 0 {
		return nil
	}
	made := r.made()
	names := map[keeper][]string{}
	see := func(name string, k keeper) {
		k.maker, k.returned = "", false
		name = strings.TrimPrefix(name, asValue)
		if (k.name == "" || k.name != k.what || !made[k.name]) && !slices.Contains(names[k], name) {
			names[k] = append(names[k], name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.turned())) {
		for _, k := range r.keepers[name] {
			if r.mayBe(k) {
				see(name, k)
			}
		}
		for _, h := range r.leftBehind() {
			base, _, _ := strings.Cut(name, ".")
			if h.deps[name] != nil && r.mayBe(h.by) && base != h.by.by && name != h.by.by {
				see(name, h.by)
			}
		}
	}
	var notes []Remark
	for k, of := range names {
		x := Remark{Text: "note: " + k.says(strings.Join(of, ", "))}
		if k.runs {
			x.Live = k.cell
		}
		notes = append(notes, x)
	}
	slices.SortFunc(notes, func(a, b Remark) int { return strings.Compare(a.Text, b.Text) })
	return notes
}

// says is what a reader is told of what has got another meaning.
func (k keeper) says(of string) string {
	where := cellName(k.count)
	switch {
	case k.runs && k.by != "":
		return fmt.Sprintf("%s (%s) goes on with the earlier %s in calls of %s that have begun", k.what, where, of, k.by)
	case k.runs:
		return fmt.Sprintf("%s (%s) goes on with the earlier %s", k.what, where, of)
	case k.many:
		return fmt.Sprintf("%s, from %s on, keep the earlier %s", k.what, where, of)
	case k.of && strings.HasPrefix(k.what, "closures"):
		return fmt.Sprintf("%s before use an earlier %s, whose methods keep the earlier %s", k.what, k.by, of)
	case k.of:
		return fmt.Sprintf("%s (%s) holds an earlier %s, whose methods keep the earlier %s: run %s again to have it made anew", k.what, where, k.by, of, where)
	case strings.HasPrefix(k.what, "closures") && k.by != "":
		return fmt.Sprintf("%s before hold an earlier %s, which keeps the earlier %s", k.what, k.by, of)
	case strings.HasPrefix(k.what, "closures"):
		return fmt.Sprintf("%s before keep the earlier %s", k.what, of)
	case k.by != "":
		return fmt.Sprintf("%s (%s) holds an earlier %s, which keeps the earlier %s: run %s again to have it made anew", k.what, where, k.by, of, where)
	}
	return fmt.Sprintf("%s (%s) keeps the earlier %s: run %s again to have it made anew", k.what, where, of, where)
}
