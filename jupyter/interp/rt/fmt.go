package rt

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// Package fmt sees a notebook value as the interpreter holds it: without
// methods, with renamed fields, without its type's name. The functions here
// hand it values that format themselves as compiled Go would.

// shown is such a value. Its x is in interface form.
type shown struct {
	r *Runtime
	x any
}

func (v shown) Format(s fmt.State, verb rune) { v.r.format(s, verb, v.x) }

// Verbs that fmt answers before it asks a Formatter are rewritten to these.
const (
	verbType    = '\uE054' // %T
	verbPointer = '\uE070' // %p
)

// Args makes the arguments of a print function fit for fmt.
func (r *Runtime) Args(xs []any) []any {
	out := xs
	for i, x := range xs {
		y := r.arg(x)
		if y == nil && x == nil || !r.special(x) {
			continue
		}
		if &out[0] == &xs[0] {
			out = append([]any(nil), xs...)
		}
		out[i] = y
	}
	return out
}

func (r *Runtime) arg(x any) any {
	if !r.special(x) {
		return x
	}
	switch x := x.(type) {
	case standIn, held:
		return x
	case reflect.Value:
		return r.heldBy(x)
	case reflect.Type:
		return typeText(r.descs.Load().byType[x].Name)
	}
	if d := r.of(x); d != nil && d.binders["Error"] != nil {
		return r.ToErr(x)
	}
	if e, ok := x.(error); ok {
		if text, ok := r.reworded(e); ok {
			return told{e, text}
		}
	}
	return shown{r, x}
}

// typeText is a notebook type as a reflect.Type prints.
type typeText string

// special tells whether fmt would print a value otherwise than compiled Go.
func (r *Runtime) special(x any) bool {
	switch x := x.(type) {
	case nil, bool, int, float64, string:
		return false
	case Box, standIn, held:
		return true
	case reflect.Type:
		d := r.descs.Load().byType[x]
		return d != nil && !d.Foreign
	case reflect.Value:
		if !x.IsValid() {
			return false
		}
		if x.Kind() == reflect.Interface || r.tagged(x) != nil {
			return true
		}
		d := r.typeDesc(x)
		return d != nil && r.walks(d, map[int]bool{})
	}
	d := r.of(x)
	return d != nil && !d.Foreign && r.walks(d, map[int]bool{}) || r.conceals(x)
}

// walks tells whether a type or one inside it needs our own printing.
func (r *Runtime) walks(d *Desc, seen map[int]bool) bool {
	if d.Own || d.Boxed {
		return true
	}
	if seen[d.ID] || d.typ == nil {
		return false
	}
	seen[d.ID] = true
	sub := func(id int) bool {
		if id == 0 {
			return true // an interface may hold anything
		}
		e := r.desc(id)
		return e != nil && !e.Foreign && r.walks(e, seen)
	}
	switch d.typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return sub(d.Elem)
	case reflect.Map:
		return sub(d.Key) || sub(d.Elem)
	case reflect.Struct, reflect.Func, reflect.Chan:
		return true // names
	}
	return false
}

// Sprint is fmt.Sprint: whether operands are strings, which decides about
// blanks, is known only here.
func (r *Runtime) Sprint(xs []any) string {
	var b strings.Builder
	before := false
	for i, x := range xs {
		isString := x != nil && reflect.TypeOf(V(r.Un(x))).Kind() == reflect.String
		if i > 0 && !isString && !before {
			b.WriteByte(' ')
		}
		fmt.Fprint(&b, r.arg(x))
		before = isString
	}
	return b.String()
}

// Sprintln is fmt.Sprintln.
func (r *Runtime) Sprintln(xs []any) string { return fmt.Sprintln(r.Args(xs)...) }

// Sprintf is fmt.Sprintf.
func (r *Runtime) Sprintf(format string, xs []any) string {
	return fmt.Sprintf(r.Format(format, xs), r.Args(xs)...)
}

// ErrorArgs are Args of fmt.Errorf: an error is wrapped itself, and put into words
// when the new one is printed.
func (r *Runtime) ErrorArgs(xs []any) []any {
	args := r.Args(xs)
	for i, x := range args {
		if e, ok := x.(told); ok {
			args[i] = e.error
		}
	}
	return args
}

// Errorf is fmt.Errorf.
func (r *Runtime) Errorf(format string, xs []any) error {
	return fmt.Errorf(r.Format(format, xs), r.ErrorArgs(xs)...)
}

// Format rewrites the verbs of a format that fmt would answer itself.
func (r *Runtime) Format(format string, xs []any) string {
	var b strings.Builder
	next, indexed := 0, false
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			b.WriteString(format)
			if !indexed && next < len(xs) {
				r.extra(&b, xs, next)
			}
			return b.String()
		}
		b.WriteString(format[:i+1])
		format = format[i+1:]
		n := 0
		n, next = directive(format, next)
		indexed = indexed || strings.Contains(format[:n], "[")
		b.WriteString(format[:n])
		format = format[n:]
		verb, size := utf8.DecodeRuneInString(format)
		if size == 0 {
			return b.String()
		}
		text := format[:size] // of a byte that is no UTF-8, not its rune
		format = format[size:]
		if verb != '%' {
			if next < len(xs) && r.special(xs[next]) {
				switch verb {
				case 'T':
					text = string(verbType)
				case 'p':
					text = string(verbPointer)
				}
			}
			next++
		}
		b.WriteString(text)
	}
}

// extra writes fmt's complaint about arguments without a verb, if it would name
// the interpreter's types.
func (r *Runtime) extra(b *strings.Builder, xs []any, next int) {
	if !slices.ContainsFunc(xs[next:], r.special) {
		return
	}
	b.WriteString("%%!(EXTRA ")
	for i, x := range xs[next:] {
		if i > 0 {
			b.WriteString(", ")
		}
		switch n := next + i + 1; {
		case x == nil:
			b.WriteString("<nil>")
		case r.special(x):
			fmt.Fprintf(b, "%%[%d]%c=%%[%d]v", n, verbType, n)
		default:
			fmt.Fprintf(b, "%%[%d]T=%%[%d]v", n, n)
		}
	}
	b.WriteByte(')')
}

// noArgument is a number that no argument has.
const noArgument = 1 << 20

// directive skips flags, width, precision and argument indexes; it returns
// where the verb stands and the number of its argument.
func directive(s string, arg int) (int, int) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case strings.IndexByte("+-# .0123456789", c) >= 0:
		case c == '*':
			arg++
		case c == '[':
			n, j := 0, i+1
			for ; j < len(s) && '0' <= s[j] && s[j] <= '9'; j++ {
				n = min(10*n+int(s[j]-'0'), noArgument)
			}
			if j >= len(s) || s[j] != ']' {
				return i, arg
			}
			if n == 0 {
				n = noArgument // a bad index: fmt says so
			}
			arg, i = n-1, j
		default:
			return i, arg
		}
	}
	return len(s), arg
}

// format prints a value in interface form for one directive.
func (r *Runtime) format(s fmt.State, verb rune, x any) {
	x = r.Un(x)
	switch verb {
	case verbType:
		fmt.Fprintf(s, strings.Replace(fmt.FormatString(s, 's'), "#", "", 1), r.typeName(x))
		return
	case verbPointer:
		verb = 'p'
	}
	p := walker{r: r, s: s, verb: verb, plus: s.Flag('+') && verb == 'v', sharp: s.Flag('#') && verb == 'v'}
	d := r.of(x)
	if d == nil || d.typ == nil && !d.Boxed || d.Foreign {
		if x == nil || verb == 'p' || !r.conceals(x) {
			p.plain(x)
		} else {
			p.native(reflect.ValueOf(x), 0, true)
		}
		return
	}
	if verb != 'p' && p.methods(x) {
		return
	}
	p.value(reflect.ValueOf(V(x)), d, 0, true)
}
