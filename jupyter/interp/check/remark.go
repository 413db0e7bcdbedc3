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
	var notes []Remark
	say := func(live uint64, format string, args ...any) {
		notes = append(notes, Remark{fmt.Sprintf("note: "+format, args...), live})
	}
	told := 0
	for _, k := range slices.Sorted(maps.Keys(r.without)) {
		f, why := r.funcs[k], r.without[k]
		base, _, isMethod := strings.Cut(k, ".")
		if f.told == why.brief() || isMethod && r.own[base] { // the new type has no such method: who calls it will hear
			continue
		}
		if told++; told <= fewMisfits {
			say(0, "%s of %s does not fit the new %s and keeps the earlier: %s; define %s again if it is to use the new", k, cellName(f.count), r.ofCell(f), why.brief(), k)
		}
	}
	if told > fewMisfits {
		say(0, "%d more functions of earlier cells do not fit what this cell defines again, and keep what they knew", told-fewMisfits)
	}
	var made []string // of names that this cell changes
	for name, d := range r.types {
		if len(r.news) > 0 && meets(d.deps, r.news) {
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
			say(0, "type %s of %s is made of the earlier %s: run %s again if it is to be of the new", name, cellName(e.Count), strings.Join(old, ", "), cellName(e.Count))
		}
	}
	return append(notes, r.holding()...)
}

// otherwise tells whether a name that stood for o means something else now: a
// package that is imported again and a generic type that is renewed do not.
func (r *round) otherwise(name string, o types.Object) bool {
	if t, ok := o.Type().(*types.Named); ok && r.cell.Renewed[t] != nil {
		return false
	}
	if base, _, isMethod := strings.Cut(name, "."); isMethod && r.own[base] { // the type says it all
		return false
	}
	return r.news[name] && !r.samePackage(name, o)
}

// brief is the first line of an error, with its place.
func (e *Error) brief() string {
	msg, _, _ := strings.Cut(e.Msg, "\n")
	return Place(e.Pos) + ": " + msg
}

// ofCell are the names that a stored function uses and that this cell changes.
func (r *round) ofCell(f *stored) string {
	var names []string
	for _, n := range slices.Sorted(maps.Keys(r.news)) {
		if f.deps[n] != nil && r.otherwise(n, f.deps[n]) || f.selects[n] {
			names = append(names, strings.TrimPrefix(n, "."))
		}
	}
	return strings.Join(names, ", ")
}

// holding are remarks on closures and goroutines.
func (r *round) holding() []Remark {
	made := r.made()
	names := map[keeper][]string{}
	for _, name := range slices.Sorted(maps.Keys(r.news)) {
		e := r.names[name]
		base, _, isMethod := strings.Cut(name, ".")
		if e == nil && (!isMethod || r.own[base]) || e != nil && !r.otherwise(name, e.Object) {
			continue
		}
		for _, k := range r.keepers[name] {
			if k.name == "" || k.name != k.what || !made[k.name] {
				names[k] = append(names[k], name)
			}
		}
	}
	var notes []Remark
	for k, of := range names {
		x := Remark{Text: fmt.Sprintf("note: %s (%s) keeps the earlier %s: run %s again to have it made anew", k.what, cellName(k.count), strings.Join(of, ", "), cellName(k.count))}
		switch {
		case k.runs:
			x.Text = fmt.Sprintf("note: %s (%s) goes on with the earlier %s", k.what, cellName(k.count), strings.Join(of, ", "))
			x.Live = k.cell
		case k.many:
			x.Text = fmt.Sprintf("note: %s, from %s on, keep the earlier %s", k.what, cellName(k.count), strings.Join(of, ", "))
		case strings.HasPrefix(k.what, "closures"):
			x.Text = fmt.Sprintf("note: %s before keep the earlier %s", k.what, strings.Join(of, ", "))
		}
		notes = append(notes, x)
	}
	slices.SortFunc(notes, func(a, b Remark) int { return strings.Compare(a.Text, b.Text) })
	return notes
}
