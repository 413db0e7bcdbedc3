package check

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strings"
)

// Error is one thing wrong with a cell, in the compiler's words.
type Error struct {
	Pos   token.Position // Cell [n], line, column in bytes; from 1
	Msg   string
	Notes []Note
	older string // which earlier type it is about
}

// Note tells more about an Error: where the other declaration is, what to do.
type Note struct {
	Pos token.Position // may be invalid
	Msg string
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", Place(e.Pos), e.Msg)
	for _, n := range e.Notes {
		b.WriteString("\n\t")
		if n.Pos.IsValid() {
			b.WriteString(Place(n.Pos) + ": ")
		}
		b.WriteString(n.Msg)
	}
	return b.String()
}

// Errors is all that is wrong with a cell, in text order, at most MaxErrors.
type Errors []*Error

// MaxErrors is the compiler's own limit, too.
const MaxErrors = 10

func (e Errors) Error() string {
	var b strings.Builder
	for i, x := range e {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(x.Error())
	}
	return b.String()
}

// Place writes a position as Cell [3] 2:5.
func Place(p token.Position) string {
	if !p.IsValid() {
		return p.Filename
	}
	return fmt.Sprintf("%s %d:%d", p.Filename, p.Line, p.Column)
}

// tidy sorts, drops repetitions and cuts at the limit.
func (e Errors) tidy() Errors {
	slices.SortStableFunc(e, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	e = slices.CompactFunc(e, func(a, b *Error) bool { return a.Pos == b.Pos && a.Msg == b.Msg })
	if len(e) > MaxErrors {
		e = append(e[:MaxErrors], &Error{Pos: e[MaxErrors].Pos, Msg: "too many errors"})
	}
	return e
}
