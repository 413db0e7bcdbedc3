package rt

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// walker prints one operand, as fmt's printValue does.
type walker struct {
	r           *Runtime
	s           fmt.State
	verb        rune
	plus, sharp bool
	wrong       bool // inside a complaint about the verb: no methods
}

func (p *walker) put(s string) { io.WriteString(p.s, s) }

// plain leaves a value to fmt, with the flags of this directive.
func (p *walker) plain(x any) {
	format := fmt.FormatString(p.s, p.verb)
	if p.wrong { // the flags of the directive belong to its own verb
		format = strings.NewReplacer("#", "", "+", "").Replace(format)
	}
	fmt.Fprintf(p.s, format, x)
}

// methods prints by the value's own Formatter, GoStringer, error or Stringer.
func (p *walker) methods(x any) (done bool) {
	if p.wrong {
		return false
	}
	if f, ok := p.r.bound(x, "Format").(func(fmt.State, rune)); ok {
		defer p.caught(x, "Format")
		f(p.s, p.verb)
		return true
	}
	if p.sharp {
		f, ok := p.r.bound(x, "GoString").(func() string)
		if ok {
			defer p.caught(x, "GoString")
			p.put(f())
		}
		return ok
	}
	if !strings.ContainsRune("vsxXq", p.verb) {
		return false
	}
	for _, name := range [...]string{"Error", "String"} {
		if f, ok := p.r.bound(x, name).(func() string); ok {
			done = true
			defer p.caught(x, name)
			p.plain(f())
			return
		}
	}
	return false
}

// caught prints a panic of a method as fmt does.
func (p *walker) caught(x any, method string) {
	e := recover()
	if e == nil {
		return
	}
	if v := reflect.ValueOf(V(x)); v.Kind() == reflect.Pointer && v.IsNil() {
		p.put("<nil>")
		return
	}
	fmt.Fprintf(p.s, "%%!%c(PANIC=%s method: %v)", p.verb, method, p.r.Fault(e))
}

// name is the Go syntax of a type.
func (p *walker) name(d *Desc, v reflect.Value) string {
	if d != nil {
		return d.Name
	}
	return v.Type().String()
}

// value prints a raw value of type d; open says that no unexported field was
// passed on the way, so that methods may be called.
func (p *walker) value(v reflect.Value, d *Desc, depth int, open bool) {
	if depth > 0 && open && d != nil {
		x := v.Interface()
		if d.Boxed {
			x = Box{d.ID, x, p.r}
		}
		if p.methods(x) {
			return
		}
	}
	if d == nil || d.Foreign {
		p.native(v, depth, open)
		return
	}
	switch v.Kind() {
	case reflect.Map:
		p.mapping(v, d, depth, open)
	case reflect.Struct:
		if d.borrowed() {
			p.borrowed(v, d)
			return
		}
		p.structure(v, d, depth, open)
	case reflect.Slice, reflect.Array:
		p.sequence(v, d, depth, open)
	case reflect.Pointer:
		p.pointer(v, d, depth, open)
	case reflect.Interface:
		p.dynamic(v, d, depth, open)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		p.address(v, d)
	default:
		p.basic(v, d)
	}
}

// native prints a value whose type the notebook did not declare.
func (p *walker) native(v reflect.Value, depth int, open bool) {
	switch {
	case !v.IsValid():
		p.put("<nil>")
	case v.Kind() == reflect.Interface:
		p.dynamic(v, nil, depth, open)
	case open && !p.wrong && !p.sharp && strings.ContainsRune("vsxXq", p.verb) && isContext(v.Type()) && p.r.keyed(v.Interface()):
		p.plain(p.r.contextText(v.Interface()))
	case !p.wrong && depth == 0 && v.Kind() == reflect.Pointer && composite(v.Elem().Kind()) && p.r.hidden(v.Elem()):
		p.put("&")
		p.foreign(v.Elem(), 1, open)
	case !p.wrong && composite(v.Kind()) && !(open && p.answers(v.Type())) && p.r.hidden(v):
		p.foreign(v, depth, open)
	case p.wrong && v.Kind() == reflect.Pointer && depth == 0 && composite(v.Elem().Kind()):
		p.put("&")
		p.closed(v.Elem(), 1)
	case depth > 0 && v.Kind() == reflect.Pointer && !(open && p.answers(v.Type())):
		p.address(v, nil)
	case p.wrong, !open && v.NumMethod() > 0:
		p.closed(v, depth)
	default:
		p.plain(v.Interface())
	}
}

// closed prints a native value below an unexported field, whose methods fmt
// does not call.
func (p *walker) closed(v reflect.Value, depth int) {
	holder := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "x", PkgPath: "main", Type: v.Type()}})).Elem()
	var b strings.Builder
	reflect.NewAt(v.Type(), holder.Field(0).Addr().UnsafePointer()).Elem().Set(v)
	format := strings.Replace(fmt.FormatString(p.s, p.verb), "+", "", 1)
	if p.wrong {
		format = strings.Replace(format, "#", "", 1)
	}
	fmt.Fprintf(&b, format, holder.Interface())
	s := b.String()
	before := "{"
	if p.sharp {
		before = holder.Type().String() + "{x:"
	}
	p.put(strings.TrimSuffix(strings.TrimPrefix(s, before), "}"))
}

// borrowed prints a struct of another type's fields, whose methods fmt does not
// call behind an unexported field.
func (p *walker) borrowed(v reflect.Value, d *Desc) {
	holder := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "x", PkgPath: "main", Type: v.Type()}})).Elem()
	reflect.NewAt(v.Type(), holder.Field(0).Addr().UnsafePointer()).Elem().Set(v)
	s := fmt.Sprintf(fmt.FormatString(p.s, p.verb), holder.Interface())
	switch {
	case p.sharp:
		s = d.Name + strings.TrimPrefix(s, holder.Type().String()+"{x:"+v.Type().String())
	case p.s.Flag('+'):
		s = strings.TrimPrefix(s, "{x:")
	default:
		s = strings.TrimPrefix(s, "{")
	}
	p.put(strings.TrimSuffix(s, "}"))
}

var (
	formatter  = reflect.TypeFor[fmt.Formatter]()
	goStringer = reflect.TypeFor[fmt.GoStringer]()
	stringer   = reflect.TypeFor[fmt.Stringer]()
	errorType  = reflect.TypeFor[error]()
)

// answers tells whether fmt asks values of a native type for their text.
func (p *walker) answers(t reflect.Type) bool {
	switch {
	case p.wrong:
		return false
	case t.Implements(formatter):
		return true
	case p.sharp:
		return t.Implements(goStringer)
	}
	return strings.ContainsRune("vsxXq", p.verb) && (t.Implements(errorType) || t.Implements(stringer))
}

// dynamic prints what an interface holds.
func (p *walker) dynamic(v reflect.Value, d *Desc, depth int, open bool) {
	if v.IsNil() {
		if p.sharp {
			p.put(p.name(d, v) + "(nil)")
		} else {
			p.put("<nil>")
		}
		return
	}
	p.inner(v.Elem().Interface(), depth+1, open)
}

// inner prints a value in interface form below the top.
func (p *walker) inner(x any, depth int, open bool) {
	x = p.r.Un(x)
	p.value(reflect.ValueOf(V(x)), p.r.of(x), depth, open)
}

// basic prints numbers, strings and booleans. The type's name shows only in a
// complaint about the verb.
func (p *walker) basic(v reflect.Value, d *Desc) {
	var b strings.Builder
	x := v.Interface()
	fmt.Fprintf(&b, fmt.FormatString(p.s, p.verb), x)
	s := b.String()
	if bad := "%!" + string(p.verb) + "(" + v.Type().String() + "="; d.Name != v.Type().String() && strings.HasPrefix(s, bad) {
		s = "%!" + string(p.verb) + "(" + d.Name + "=" + s[len(bad):]
	}
	p.put(s)
}
