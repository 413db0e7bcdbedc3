package interp

import (
	"fmt"
	"go/format"
	"go/types"
	"strings"
)

// declaration writes o as its declaration would, in the words of a reader.
func (b *book) declaration(o types.Object) string {
	switch o := o.(type) {
	case *types.PkgName:
		return fmt.Sprintf("package %s // import %q", o.Imported().Name(), o.Imported().Path())
	case *types.Builtin:
		return "func " + o.Name()
	case *types.Func:
		return funcDeclaration(o)
	case *types.TypeName:
		return b.typeDeclaration(o)
	case *types.Var:
		if o.IsField() {
			return "field " + o.Name() + " " + signature(o)
		}
	case *types.Const:
		return "const " + o.Name() + " " + signature(o)
	case *types.Nil:
		return "nil"
	case *types.Label:
		return "label " + o.Name()
	}
	return "var " + o.Name() + " " + signature(o)
}

func funcDeclaration(o *types.Func) string {
	recv := ""
	if r := o.Signature().Recv(); r != nil {
		recv = "(" + types.TypeString(r.Type(), shortly) + ") "
	}
	return "func " + recv + o.Name() + signature(o)
}

// typeDeclaration lists the fields and methods that a reader may use: exported
// ones, and unexported ones too if the type is the notebook's. A field whose
// documentation is a line is followed by it.
func (b *book) typeDeclaration(o *types.TypeName) string {
	own := notebookType(o)
	var w strings.Builder
	w.WriteString("type " + o.Name() + typeParams(o.Type()))
	if o.IsAlias() {
		w.WriteString(" =")
	}
	switch u := o.Type().Underlying().(type) {
	case *types.Struct:
		w.WriteString(" struct {\n")
		hidden := false
		for f := range u.Fields() {
			if !f.Exported() && !own {
				hidden = true
				continue
			}
			name := f.Name() + " "
			if f.Embedded() {
				name = ""
			}
			w.WriteString("\t" + name + types.TypeString(f.Type(), shortly) + b.beside(o, f) + "\n")
		}
		if hidden {
			w.WriteString("\t// and unexported fields\n")
		}
		w.WriteString("}")
	case *types.Interface:
		w.WriteString(" interface {\n")
		for e := range u.EmbeddedTypes() {
			if _, named := types.Unalias(e).(*types.Named); !named { // the methods of others follow
				w.WriteString("\t" + types.TypeString(e, shortly) + "\n")
			}
		}
		for m := range u.Methods() {
			w.WriteString("\t" + m.Name() + signature(m) + "\n")
		}
		w.WriteString("}")
	default:
		w.WriteString(" " + types.TypeString(u, shortly))
	}
	if aligned, err := format.Source([]byte(w.String())); err == nil {
		return string(aligned)
	}
	return w.String()
}

// beside is the documentation of a field as a comment, if it is short.
func (b *book) beside(o *types.TypeName, f *types.Var) string {
	if o.Pkg() == nil || o.Pkg().Path() == "main" {
		return ""
	}
	doc := strings.TrimSpace(b.doc(o.Pkg().Path(), o.Name()+"."+f.Name()))
	if doc == "" || strings.Contains(doc, "\n") {
		return ""
	}
	return " // " + doc
}

func notebookType(o types.Object) bool { return o.Pkg() != nil && o.Pkg().Path() == "main" }

// typeParams is [T any], as a declaration has it.
func typeParams(t types.Type) string {
	n, ok := t.(*types.Named)
	if !ok || n.TypeParams().Len() == 0 {
		return ""
	}
	var ps []string
	for p := range n.TypeParams().TypeParams() {
		ps = append(ps, p.Obj().Name()+" "+types.TypeString(p.Constraint(), shortly))
	}
	return "[" + strings.Join(ps, ", ") + "]"
}

// methodList lists what may be called on a variable of a type.
func methodList(o *types.TypeName) string {
	if types.IsInterface(o.Type()) {
		return ""
	}
	var lines []string
	set := types.NewMethodSet(types.NewPointer(o.Type()))
	for i := range set.Len() {
		if m := set.At(i).Obj().(*types.Func); m.Exported() || notebookType(o) {
			lines = append(lines, funcDeclaration(m))
		}
	}
	return strings.Join(lines, "\n")
}
