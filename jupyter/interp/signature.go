package interp

import (
	"go/types"
	"strings"
)

// Words of Jupyter's completer for the kinds of names.
const (
	kindFunction = "function"
	kindType     = "class"
	kindValue    = "instance"
	kindField    = "property"
	kindPackage  = "module"
	kindKeyword  = "keyword"
	kindLabel    = "statement"
)

func kindOf(o types.Object) string {
	switch o := o.(type) {
	case *types.Func, *types.Builtin:
		return kindFunction
	case *types.TypeName:
		return kindType
	case *types.PkgName:
		return kindPackage
	case *types.Var:
		if o.IsField() {
			return kindField
		}
	}
	return kindValue
}

// signature is the declared type of o in one line: what follows its name in
// the declaration.
func signature(o types.Object) string {
	switch o := o.(type) {
	case *types.Func:
		return strings.TrimPrefix(types.TypeString(o.Type(), shortly), "func")
	case *types.TypeName:
		switch u := o.Type().Underlying().(type) {
		case *types.Struct:
			return "struct"
		case *types.Interface:
			return "interface"
		default:
			return types.TypeString(u, shortly)
		}
	case *types.Const:
		return types.TypeString(o.Type(), shortly) + " = " + o.Val().String()
	case *types.PkgName:
		return "package " + o.Imported().Path()
	case *types.Var:
		return types.TypeString(o.Type(), shortly)
	}
	return ""
}

// shortly names packages as code does, and the notebook's own not at all.
func shortly(p *types.Package) string {
	if p.Path() == "main" {
		return ""
	}
	return p.Name()
}
