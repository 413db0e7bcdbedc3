package rt

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// Errors of packages name types as reflect does, which knows the interpreter's.

// told is such an error in the words of compiled Go.
type told struct {
	error
	text string
}

func (e told) Error() string { return e.text }
func (e told) Unwrap() error { return e.error }

func (e told) Format(s fmt.State, verb rune) {
	switch {
	case verb == verbType:
		io.WriteString(s, reflect.TypeOf(e.error).String())
	case s.Flag('#'), !strings.ContainsRune("vsxXq", verb):
		fmt.Fprintf(s, fmt.FormatString(s, verb), e.error)
	default:
		fmt.Fprintf(s, fmt.FormatString(s, verb), e.text)
	}
}

// reworded is the text of an error with the notebook's types by their names; ok
// if it is another.
func (r *Runtime) reworded(e error) (text string, ok bool) {
	defer func() {
		if recover() != nil { // a nil pointer, or what it thinks of it
			text, ok = "", false
		}
	}()
	said := e.Error()
	text = r.Worded(said)
	return text, text != said
}

// Worded is a text with the notebook's types by their names.
func (r *Runtime) Worded(s string) string {
	const mark = ` "sp:\"t` // of every struct of the notebook
	if !strings.Contains(s, mark) && !strings.Contains(s, `Empty__ bool`) {
		return s
	}
	var all []*Desc
	for _, d := range r.descs.Load().byType {
		if d.Own && d.typ.Kind() == reflect.Struct {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b *Desc) int { return len(b.typ.String()) - len(a.typ.String()) }) // what holds another, first
	for _, d := range all {
		s = strings.ReplaceAll(s, d.typ.String(), d.Name)
	}
	return s
}
