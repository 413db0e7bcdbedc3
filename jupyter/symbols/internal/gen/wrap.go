package main

import (
	"fmt"
	"go/types"
	"strings"
)

// wrap adds the type through which a value that yaegi made satisfies a native
// interface: a function per method, and the value itself.
func (t *table) wrap(obj *types.TypeName) {
	i, ok := obj.Type().Underlying().(*types.Interface)
	if _, alias := obj.Type().(*types.Alias); !ok || alias || !wrappable(i) {
		return
	}
	name := "_" + mangle(t.path) + "_" + obj.Name()
	qualify := func(p *types.Package) string { return t.imports.name(p.Path(), p.Name()) }
	var fields, methods strings.Builder
	for m := range i.Methods() {
		sig := m.Signature()
		var params, args []string
		for k := range sig.Params().Len() {
			typ := types.TypeString(sig.Params().At(k).Type(), qualify)
			arg := fmt.Sprint("a", k)
			if sig.Variadic() && k == sig.Params().Len()-1 {
				typ = "..." + strings.TrimPrefix(typ, "[]")
				args = append(args, arg+"...")
			} else {
				args = append(args, arg)
			}
			params = append(params, arg+" "+typ)
		}
		var results []string
		for r := range sig.Results().Variables() {
			results = append(results, types.TypeString(r.Type(), qualify))
		}
		shape := fmt.Sprintf("(%s) (%s)", strings.Join(params, ", "), strings.Join(results, ", "))
		if len(results) == 0 {
			shape = fmt.Sprintf("(%s)", strings.Join(params, ", "))
		}
		fmt.Fprintf(&fields, "\tW%s func%s\n", m.Name(), shape)
		body := fmt.Sprintf("w.W%s(%s)", m.Name(), strings.Join(args, ", "))
		if len(results) > 0 {
			body = "return " + body
		}
		if m.Name() == "String" && len(params) == 0 {
			// fmt calls String of whatever it prints, the zero wrapper too.
			body = "if w.WString == nil {\n\t\treturn \"\"\n\t}\n\t" + body
		}
		fmt.Fprintf(&methods, "\nfunc (w %s) %s%s {\n\t%s\n}\n", name, m.Name(), shape, body)
	}
	fmt.Fprintf(&t.wraps, "\ntype %s struct {\n\tIValue any\n%s}\n%s", name, fields.String(), methods.String())
	t.entry("_"+obj.Name(), fmt.Sprintf("reflect.ValueOf((*%s)(nil))", name))
}

// wrappable tells whether code outside of its package can implement i.
func wrappable(i *types.Interface) bool {
	for m := range i.Methods() {
		if !m.Exported() {
			return false
		}
		ok := true
		// Only the signature itself is written out, so the walk need not be deep.
		for _, tuple := range []*types.Tuple{m.Signature().Params(), m.Signature().Results()} {
			for v := range tuple.Variables() {
				ok = ok && nameable(v.Type())
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

func nameable(t types.Type) bool {
	ok := true
	walkParts(t, func(n *types.TypeName) {
		if n.Pkg() != nil && (!n.Exported() || !visible(n.Pkg().Path()) && n.Pkg().Path() != "unsafe") {
			ok = false
		}
	})
	return ok
}

// walkParts calls f for the named types that the text of t consists of.
func walkParts(t types.Type, f func(*types.TypeName)) {
	switch t := t.(type) {
	case *types.Alias:
		f(t.Obj())
		for i := range t.TypeArgs().Len() {
			walkParts(t.TypeArgs().At(i), f)
		}
	case *types.Named:
		f(t.Obj())
		for i := range t.TypeArgs().Len() {
			walkParts(t.TypeArgs().At(i), f)
		}
	case *types.Map:
		walkParts(t.Key(), f)
		walkParts(t.Elem(), f)
	case interface{ Elem() types.Type }:
		walkParts(t.Elem(), f)
	case *types.Struct:
		for v := range t.Fields() {
			walkParts(v.Type(), f)
		}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				walkParts(v.Type(), f)
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			walkParts(m.Type(), f)
		}
	}
}
