package lower

import (
	"fmt"
	"go/types"
	"strconv"

	"surprisal/jupyter/interp/ir"
)

// erase is the type by which the back end holds values of t.
func (p *pass) erase(t types.Type) *ir.Type {
	t = p.norm(t)
	if e := p.types.erased[t]; e != nil {
		p.imports(e)
		return e
	}
	p.bearable(t)
	e := p.eraseNew(t)
	put(p.Lowerer, p.types.erased, t, e)
	return e
}

// imports notes the packages that a type known from earlier cells names.
func (p *pass) imports(t *ir.Type) {
	if t == nil {
		return
	}
	switch t.Kind {
	case ir.NativeOne:
		if t.Pkg != "" {
			p.paths[t.Pkg] = true
		}
	case ir.Basic, ir.Any, ir.Named:
		return
	}
	p.imports(t.Elem)
	p.imports(t.Key)
	for _, e := range t.Params {
		p.imports(e)
	}
	for _, e := range t.Results {
		p.imports(e)
	}
	for _, f := range t.Fields {
		p.imports(f.Type)
	}
}

func (p *pass) eraseNew(t types.Type) *ir.Type {
	switch t := t.(type) {
	case *types.Basic:
		return p.eraseBasic(t)
	case *types.Pointer:
		return ir.PointerTo(p.erase(t.Elem()))
	case *types.Slice:
		return ir.SliceOf(p.erase(t.Elem()))
	case *types.Array:
		return ir.ArrayOf(t.Len(), p.erase(t.Elem()))
	case *types.Map:
		return ir.MapOf(p.erase(t.Key()), p.erase(t.Elem()))
	case *types.Chan:
		return ir.ChanOf([...]ir.Dir{ir.Both, ir.SendOnly, ir.RecvOnly}[t.Dir()], p.erase(t.Elem()))
	case *types.Signature:
		return ir.FuncOf(p.eraseAll(t.Params()), p.eraseAll(t.Results()))
	case *types.Interface:
		return ir.Anything
	case *types.Struct:
		return ir.StructOf(p.fields(t, ""))
	case *types.Named:
		return p.eraseNamed(t)
	case *types.TypeParam:
		panic(fmt.Sprintf("type parameter %v is not bound", t))
	}
	panic(&Limit{What: "the type " + t.String()})
}

func (p *pass) eraseBasic(t *types.Basic) *ir.Type {
	switch {
	case t.Kind() == types.UnsafePointer:
		panic(&Limit{What: "unsafe.Pointer", Instead: "the values of cells do not lie in memory as the compiler would lay them: math.Float64bits and encoding/binary read bits without it"})
	case t.Kind() == types.UntypedNil:
		return ir.Anything
	case t.Info()&types.IsUntyped != 0:
		return p.erase(types.Default(t))
	}
	return ir.BasicType(types.Typ[t.Kind()].Name())
}

func (p *pass) eraseAll(t *types.Tuple) []*ir.Type {
	ts := make([]*ir.Type, t.Len())
	for i := range ts {
		ts[i] = p.erase(t.At(i).Type())
	}
	return ts
}

func (p *pass) eraseNamed(t *types.Named) *ir.Type {
	pkg := t.Obj().Pkg()
	switch {
	case pkg == nil:
		if t.Obj().Name() == "error" {
			return ir.Error
		}
		return ir.Anything // comparable
	case isInterface(t) && !p.isNative(t):
		return ir.Anything
	case p.isNotebook(t):
		if depth(t) > maxDepth {
			panic(endless(t.Obj()))
		}
		if s, ok := t.Underlying().(*types.Struct); ok {
			if o := p.madeOf(s); o != nil {
				p.paths[o.Pkg().Path()] = true
				return ir.NativeType(o.Pkg().Path(), o.Name())
			}
			return p.declareType(t)
		}
		if p.recursive(t) {
			return p.declareRecursive(t)
		}
		return p.erase(t.Underlying())
	case pkg.Path() == "weak":
		panic(&Limit{What: "the generic type " + p.name(t), Instead: onCollection["weak.Make"]})
	case t.TypeArgs().Len() > 0:
		panic(&Limit{What: "the generic type " + p.name(t), Instead: "write the type out, or use one without type parameters"})
	}
	p.paths[pkg.Path()] = true
	return ir.NativeType(pkg.Path(), t.Obj().Name())
}

// madeOf is the native type whose struct s is, as in type Stamp time.Time, if s
// has fields that only its package can name; the back end can make such a
// struct no other way.
func (l *Lowerer) madeOf(s *types.Struct) *types.TypeName {
	for f := range s.Fields() {
		if f.Exported() || f.Pkg() == nil || f.Pkg().Path() == l.main || l.bySrc[f.Pkg()] != nil {
			continue
		}
		scope := f.Pkg().Scope()
		for _, name := range scope.Names() {
			o, ok := scope.Lookup(name).(*types.TypeName)
			if ok && o.Exported() && !o.IsAlias() && o.Type().Underlying() == s {
				return o
			}
		}
	}
	return nil
}

// declareType declares a notebook type that needs a name of its own.
func (p *pass) declareType(t *types.Named) *ir.Type {
	id := p.id(t)
	if name := p.declared[id]; name != "" {
		return ir.NamedType(name)
	}
	name := p.version(fmt.Sprintf("t%d_%s", id, t.Obj().Name()))
	put(p.Lowerer, p.declared, id, name)
	e := ir.NamedType(name)
	put(p.Lowerer, p.types.erased, types.Type(t), e)
	body := ir.StructOf(p.fields(t.Underlying().(*types.Struct), name))
	p.unit.Types = append(p.unit.Types, ir.TypeDecl{Name: name, T: body, Ring: p.inRing(t), Holds: p.holdsItself(t)})
	return e
}

// declareRecursive declares a type that contains itself and is no struct: the
// back end has to build it.
func (p *pass) declareRecursive(t *types.Named) *ir.Type {
	if _, ok := t.Underlying().(*types.Array); ok {
		panic(&Limit{Pos: t.Obj().Pos(), What: "the array type " + p.name(t) + ", which contains itself", Instead: "put it into a field of a struct"})
	}
	id := p.id(t)
	if name := p.declared[id]; name != "" {
		return ir.NamedType(name)
	}
	name := p.version(fmt.Sprintf("t%d_%s", id, t.Obj().Name()))
	put(p.Lowerer, p.declared, id, name)
	e := ir.NamedType(name)
	put(p.Lowerer, p.types.erased, types.Type(t), e)
	p.unit.Types = append(p.unit.Types, ir.TypeDecl{Name: name, T: p.erase(t.Underlying()), Ring: true})
	return e
}

// fields erases the fields of a struct. The first one carries the identity of
// a named type in its tag: reflect takes structs with equal fields for one.
func (p *pass) fields(t *types.Struct, identity string) []ir.Field {
	var fs []ir.Field
	for i := range t.NumFields() {
		f := t.Field(i)
		tag := t.Tag(i)
		if !f.Exported() && !f.Embedded() {
			tag = hidden
		}
		fs = append(fs, ir.Field{Name: fieldName(t, i), Type: p.erase(f.Type()), Tag: tag})
	}
	if identity != "" {
		if len(fs) == 0 { // passing a struct without fields to native code panics
			fs = append(fs, ir.Field{Name: "Empty__", Type: ir.Bool, Tag: hidden})
		}
		if fs[0].Tag != "" {
			fs[0].Tag += " "
		}
		fs[0].Tag += fmt.Sprintf("sp:%q", identity)
	}
	return fs
}

// hidden keeps encoders from fields that are exported only here.
const hidden = `json:"-" xml:"-"`

// fieldName is the name of a field in the back end: always exported, since
// reflect can set only such fields.
func fieldName(t *types.Struct, i int) string {
	f := t.Field(i)
	name, before := f.Name(), "U_"
	switch {
	case f.Exported():
		return name
	case name == "_":
		name, before = strconv.Itoa(i), "Blank__"
	}
	for name = before + name; fieldIndex(t, name) >= 0; { // the author's own U_x beside x
		name = before + name
	}
	return name
}

// recursive tells whether a type that is no struct contains itself other than
// through a struct or interface: type L []L.
func (p *pass) recursive(n *types.Named) bool {
	if r, ok := p.types.rec[n]; ok {
		return r
	}
	_, isStruct := n.Underlying().(*types.Struct)
	p.types.asked[n] = true // types that wait for this answer look for themselves
	defer delete(p.types.asked, n)
	seen := map[types.Type]bool{}
	var reaches func(t types.Type, top bool) bool
	reaches = func(t types.Type, top bool) bool {
		t = p.norm(t)
		if t == n && !top {
			return true
		}
		if seen[t] {
			return false
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			if !p.isNotebook(t) || isInterface(t) {
				return false
			}
			if _, ok := t.Underlying().(*types.Struct); ok && !top {
				return false
			}
			if !top && !isStruct && !p.types.asked[t] && !p.recursive(t) {
				return false // were n within t, t would be within itself, by n
			}
			return reaches(t.Underlying(), false)
		case *types.Pointer:
			return reaches(t.Elem(), false)
		case *types.Slice:
			return reaches(t.Elem(), false)
		case *types.Array:
			return reaches(t.Elem(), false)
		case *types.Chan:
			return reaches(t.Elem(), false)
		case *types.Map:
			return reaches(t.Key(), false) || reaches(t.Elem(), false)
		case *types.Signature:
			return reaches(t.Params(), false) || reaches(t.Results(), false)
		case *types.Tuple:
			for i := range t.Len() {
				if reaches(t.At(i).Type(), false) {
					return true
				}
			}
		case *types.Struct:
			for i := range t.NumFields() {
				if reaches(t.Field(i).Type(), false) {
					return true
				}
			}
		}
		return false
	}
	r := reaches(n, true)
	p.types.rec[n] = r
	return r
}
