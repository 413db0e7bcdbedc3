package lower

import (
	"fmt"
	"go/types"
	"strings"
)

// name is a type as its author knows it and as reflect writes it: main.P,
// map[string]interface {}.
func (l *Lowerer) name(t types.Type) string {
	var b naming
	l.writeName(&b, t)
	return b.String()
}

// naming is a name being written. Among type arguments reflect has the names
// that the linker knows: with paths of packages and packages of fields.
type naming struct {
	strings.Builder
	argument bool
}

// own writes the name of a field or method.
func (b *naming) own(o types.Object) {
	if b.argument && !o.Exported() && o.Pkg() != nil {
		b.WriteString(o.Pkg().Name() + ".")
	}
	b.WriteString(o.Name())
}

func (l *Lowerer) writeName(b *naming, t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			b.WriteString("unsafe.Pointer")
			return
		}
		b.WriteString(types.Typ[t.Kind()].Name())
	case *types.Named:
		l.writeNamed(b, t)
	case *types.Pointer:
		b.WriteByte('*')
		l.writeName(b, t.Elem())
	case *types.Slice:
		b.WriteString("[]")
		l.writeName(b, t.Elem())
	case *types.Array:
		fmt.Fprintf(b, "[%d]", t.Len())
		l.writeName(b, t.Elem())
	case *types.Map:
		b.WriteString("map[")
		l.writeName(b, t.Key())
		b.WriteByte(']')
		l.writeName(b, t.Elem())
	case *types.Chan:
		b.WriteString([...]string{"chan ", "chan<- ", "<-chan "}[t.Dir()])
		l.writeName(b, t.Elem())
	case *types.Signature:
		b.WriteString("func")
		l.writeSignature(b, t)
	case *types.Struct:
		l.writeStruct(b, t)
	case *types.Interface:
		l.writeInterface(b, t)
	default:
		b.WriteString(t.String())
	}
}

func (l *Lowerer) writeNamed(b *naming, t *types.Named) {
	if pkg := t.Obj().Pkg(); pkg != nil {
		if b.argument && pkg.Path() != l.main {
			b.WriteString(pkg.Path() + ".")
		} else {
			b.WriteString(pkg.Name() + ".")
		}
	}
	b.WriteString(t.Obj().Name())
	inner := b.argument
	b.argument = true
	outer := l.locals.args[t.Obj()]
	before := "["
	for _, a := range outer { // those of the function that declares it
		b.WriteString(before)
		l.writeName(b, a)
		before = ","
	}
	if len(outer) > 0 {
		before = ";"
	}
	for a := range t.TypeArgs().Types() {
		b.WriteString(before)
		l.writeName(b, a)
		before = ","
	}
	b.argument = inner
	if len(outer)+t.TypeArgs().Len() > 0 {
		b.WriteByte(']')
	}
	if n := l.locals.numbers[t.Origin().Obj()]; b.argument && n > 0 {
		fmt.Fprintf(b, "·%d", n)
	}
}

func (l *Lowerer) writeSignature(b *naming, t *types.Signature) {
	list := func(ts *types.Tuple, variadic bool) {
		for i := range ts.Len() {
			if i > 0 {
				b.WriteString(", ")
			}
			e := ts.At(i).Type()
			if variadic && i == ts.Len()-1 {
				b.WriteString("...")
				e = e.(*types.Slice).Elem()
			}
			l.writeName(b, e)
		}
	}
	b.WriteByte('(')
	list(t.Params(), t.Variadic())
	b.WriteByte(')')
	switch t.Results().Len() {
	case 0:
	case 1:
		b.WriteByte(' ')
		list(t.Results(), false)
	default:
		b.WriteString(" (")
		list(t.Results(), false)
		b.WriteByte(')')
	}
}

func (l *Lowerer) writeStruct(b *naming, t *types.Struct) {
	b.WriteString("struct {")
	for i := range t.NumFields() {
		if i > 0 {
			b.WriteByte(';')
		}
		f := t.Field(i)
		b.WriteByte(' ')
		if !f.Embedded() {
			b.own(f)
			b.WriteByte(' ')
		}
		l.writeName(b, f.Type())
		if tag := t.Tag(i); tag != "" {
			fmt.Fprintf(b, " %q", tag)
		}
	}
	if t.NumFields() > 0 {
		b.WriteByte(' ')
	}
	b.WriteByte('}')
}

func (l *Lowerer) writeInterface(b *naming, t *types.Interface) {
	b.WriteString("interface {")
	for i := range t.NumMethods() {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteByte(' ')
		b.own(t.Method(i))
		l.writeSignature(b, t.Method(i).Type().(*types.Signature))
	}
	if t.NumMethods() > 0 {
		b.WriteByte(' ')
	}
	b.WriteByte('}')
}
