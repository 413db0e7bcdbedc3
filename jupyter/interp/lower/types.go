package lower

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"

	"surprisal/jupyter/interp/ir"
)

var (
	anyType   types.Type = types.Universe.Lookup("any").Type()
	errorType            = types.Universe.Lookup("error").Type()
	boolType  types.Type = types.Typ[types.Bool]
	intType   types.Type = types.Typ[types.Int]
	anys                 = ir.SliceOf(ir.Anything)
)

// typeTable numbers types and remembers their erased forms. Pointers of
// go/types are the fast way in; the key decides about identity.
type typeTable struct {
	erased  map[types.Type]*ir.Type
	normal  map[types.Type]types.Type
	number  map[types.Type]int
	byKey   map[string]int
	names   map[*types.TypeName]int
	rec     map[*types.Named]bool
	asked   map[*types.Named]bool
	extents map[measured]extent
}

func newTypeTable() typeTable {
	return typeTable{
		erased: map[types.Type]*ir.Type{}, normal: map[types.Type]types.Type{}, number: map[types.Type]int{},
		byKey: map[string]int{}, names: map[*types.TypeName]int{}, rec: map[*types.Named]bool{}, asked: map[*types.Named]bool{},
		extents: map[measured]extent{},
	}
}

// isNotebook tells whether a type was declared in a cell or in source that is
// treated alike.
func (l *Lowerer) isNotebook(n *types.Named) bool {
	pkg := n.Obj().Pkg()
	return pkg != nil && (pkg.Path() == l.main || l.bySrc[pkg] != nil)
}

func isInterface(t types.Type) bool {
	t = types.Unalias(t)
	if _, ok := t.(*types.TypeParam); ok {
		return false
	}
	return types.IsInterface(t)
}

// isNative tells whether an interface type is kept as native code knows it:
// error, io.Reader. All others are interface{}.
func (l *Lowerer) isNative(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	i, ok := n.Underlying().(*types.Interface)
	return ok && i.NumMethods() > 0 && !l.isNotebook(n)
}

func (l *Lowerer) isPlainAny(t types.Type) bool { return isInterface(t) && !l.isNative(t) }

// foreign tells whether t is a native named type or a pointer to one.
func (l *Lowerer) foreign(t types.Type) bool {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = l.norm(p.Elem())
	}
	n, ok := t.(*types.Named)
	return ok && !l.isNotebook(n)
}

// id is the number of a type: the same for identical types only.
func (l *Lowerer) id(t types.Type) int {
	t = l.norm(t)
	if n, ok := l.types.number[t]; ok {
		return n
	}
	l.bearable(t)
	var b strings.Builder
	l.key(&b, t)
	k := b.String()
	n, ok := l.types.byKey[k]
	if !ok {
		n = len(l.types.byKey) + 1
		l.types.byKey[k] = n
	}
	l.types.number[t] = n
	return n
}

// key writes a text that identical types, and only they, share. A named type
// is known by its object, so that a redefined type is another one.
func (l *Lowerer) key(b *strings.Builder, t types.Type) {
	switch t := l.norm(t).(type) {
	case *types.Basic:
		b.WriteString(types.Typ[t.Kind()].Name())
	case *types.Named:
		o := t.Origin().Obj()
		b.WriteString("n" + strconv.Itoa(l.nameNumber(o)))
		if a := t.TypeArgs(); a.Len() > 0 {
			b.WriteByte('[')
			for i := range a.Len() {
				l.key(b, a.At(i))
				b.WriteByte(',')
			}
			b.WriteByte(']')
		}
	case *types.Pointer:
		b.WriteByte('*')
		l.key(b, t.Elem())
	case *types.Slice:
		b.WriteString("[]")
		l.key(b, t.Elem())
	case *types.Array:
		fmt.Fprintf(b, "[%d]", t.Len())
		l.key(b, t.Elem())
	case *types.Map:
		b.WriteString("map[")
		l.key(b, t.Key())
		b.WriteByte(']')
		l.key(b, t.Elem())
	case *types.Chan:
		fmt.Fprintf(b, "chan%d(", t.Dir())
		l.key(b, t.Elem())
		b.WriteByte(')')
	case *types.Signature:
		l.keySignature(b, t)
	case *types.Tuple:
		for i := range t.Len() {
			l.key(b, t.At(i).Type())
			b.WriteByte(',')
		}
	case *types.Struct:
		b.WriteString("struct{")
		for i := range t.NumFields() {
			f := t.Field(i)
			if !f.Exported() && f.Pkg() != nil {
				b.WriteString(f.Pkg().Path() + ".")
			}
			fmt.Fprintf(b, "%s %v %q ", f.Name(), f.Embedded(), t.Tag(i))
			l.key(b, f.Type())
			b.WriteByte(';')
		}
		b.WriteByte('}')
	case *types.Interface:
		b.WriteString("interface{")
		for i := range t.NumMethods() {
			m := t.Method(i)
			if !m.Exported() && m.Pkg() != nil {
				b.WriteString(m.Pkg().Path() + ".")
			}
			b.WriteString(m.Name())
			l.keySignature(b, m.Type().(*types.Signature))
			b.WriteByte(';')
		}
		b.WriteByte('}')
	case *types.TypeParam:
		fmt.Fprintf(b, "param %p", t)
	default:
		fmt.Fprintf(b, "%T %v", t, t)
	}
}

// nameNumber numbers what names of types stand for.
func (l *Lowerer) nameNumber(o *types.TypeName) int {
	n, ok := l.types.names[o]
	if !ok {
		n = len(l.types.names) + 1
		l.types.names[o] = n
	}
	return n
}

func (l *Lowerer) keySignature(b *strings.Builder, s *types.Signature) {
	b.WriteString("func(")
	l.key(b, s.Params())
	b.WriteByte(')')
	if s.Variadic() {
		b.WriteString("...")
	}
	b.WriteByte('(')
	l.key(b, s.Results())
	b.WriteByte(')')
}

// sigID numbers a method's signature, receiver apart.
func (l *Lowerer) sigID(m *types.Func) int {
	return l.id(l.signatureOf(m))
}

// signatureOf is a method's signature without its receiver.
func (l *Lowerer) signatureOf(m *types.Func) *types.Signature {
	s := m.Type().(*types.Signature)
	return types.NewSignatureType(nil, nil, nil, s.Params(), s.Results(), s.Variadic())
}

// itself tells whether the reflect type that a back end makes of t differs
// from those of all other types; values of other types are boxed in interfaces.
func (l *Lowerer) itself(t types.Type) bool {
	switch t := l.norm(t).(type) {
	case *types.Basic:
		return true
	case *types.Named:
		if !l.isNotebook(t) {
			return true
		}
		s, ok := t.Underlying().(*types.Struct)
		return ok && l.madeOf(s) == nil
	case *types.Pointer:
		return l.itself(t.Elem())
	case *types.Slice:
		return l.itself(t.Elem())
	case *types.Array:
		return l.itself(t.Elem())
	case *types.Chan:
		return l.itself(t.Elem())
	case *types.Map:
		return l.itself(t.Key()) && l.itself(t.Elem())
	case *types.Signature:
		return !t.Variadic() && l.tupleItself(t.Params()) && l.tupleItself(t.Results())
	case *types.Interface:
		return t.NumMethods() == 0
	case *types.Struct:
		for i := range t.NumFields() {
			f := t.Field(i)
			if f.Embedded() || !f.Exported() || !l.itself(f.Type()) {
				return false
			}
		}
		return t.NumFields() > 0
	}
	return false
}

func (l *Lowerer) tupleItself(t *types.Tuple) bool {
	for i := range t.Len() {
		if !l.itself(t.At(i).Type()) {
			return false
		}
	}
	return true
}

func isEmptyStruct(t types.Type) bool {
	s, ok := t.(*types.Struct)
	return ok && s.NumFields() == 0
}
