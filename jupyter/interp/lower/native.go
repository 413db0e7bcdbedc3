package lower

import (
	"go/ast"
	"go/types"
	"strings"

	"surprisal/jupyter/interp/ir"
)

// nativeCall calls a native function or method. What native code would see
// wrongly in a notebook value is put right on the way: print functions get
// values that format themselves, encoders and package sort raw values,
// everything outside the standard library values fit for display.
func (f *fn) nativeCall(n ast.Node, o *types.Func, fun ir.Expr, sig *types.Signature, args []ir.Expr) ir.Expr {
	args = append([]ir.Expr(nil), args...)
	path := ""
	if o.Pkg() != nil {
		path = o.Pkg().Path()
	}
	f.waited = f.waited || mayWait(path)
	f.refuseReflect(n, o, path, args)
	if x := f.printCall(o, path, fun, sig, args); x != nil {
		return x
	}
	switch o.FullName() {
	case "reflect.DeepEqual":
		return f.rt("DeepEqual", ir.Bool, args...)
	case "reflect.TypeOf":
		return f.rt("TypeOf", nil, args...)
	case "encoding/json.Marshal":
		return f.rt("JSONMarshal", nil, args...)
	case "encoding/json.MarshalIndent":
		return f.rt("JSONMarshalIndent", nil, args...)
	case "(*encoding/json.Encoder).Encode":
		x := fun.(*ir.MethodOf).X
		if x.Type().Kind != ir.Pointer {
			x = &ir.AddrOf{X: x, T: ir.PointerTo(x.Type())}
		}
		return f.rt("JSONEncode", nil, x, args[0])
	}
	name := reflected[o.FullName()]
	if m, ok := fun.(*ir.MethodOf); ok && name == "" && f.src.mod == nil && strings.HasPrefix(o.FullName(), "(reflect.Value).") && !looks[o.Name()] {
		m.X = f.tmp(f.rt("Untagged", m.X.Type(), m.X, strConst(o.Name())))
	}
	if path == "reflect" && o.Signature().Recv() == nil && f.src.mod == nil && name == "" {
		for i, a := range args {
			if i < sig.Params().Len() && types.TypeString(sig.Params().At(i).Type(), nil) == "reflect.Value" {
				args[i] = f.tmp(f.rt("Untagged", a.Type(), a, strConst(o.Name())))
			}
		}
	}
	if name != "" && o.Signature().Recv() == nil && f.src.mod == nil {
		return f.rt(name, nil, args...)
	}
	if name != "" && o.Signature().Recv() != nil {
		x := fun.(*ir.MethodOf).X
		if strings.HasPrefix(name, "MapIter") {
			if x.Type().Kind != ir.Pointer {
				x = &ir.AddrOf{X: x, T: ir.PointerTo(x.Type())}
			}
			return f.rt(name, nil, x)
		}
		if x.Type().Kind == ir.Pointer {
			x = &ir.Deref{X: x, T: x.Type().Elem}
		}
		return f.rt(name, nil, append([]ir.Expr{x}, args...)...)
	}
	if x := f.decodeCall(o, path, fun, args); x != nil {
		return x
	}
	if x := f.templateCall(o, path, fun, args); x != nil {
		return x
	}
	if (path == "text/template" || path == "html/template") && o.Name() == "Funcs" {
		args[0] = f.tmp(f.rt("TemplateFuncs", ir.MapOf(ir.String, ir.Anything), args[0]))
	}
	if path == "reflect" && o.Signature().Recv() == nil {
		for i := range sig.Params().Len() {
			if t := sig.Params().At(i).Type(); i < len(args) && types.TypeString(t, nil) == "reflect.Type" {
				args[i] = f.tmp(f.rt("RealType", f.p.erase(t), args[i]))
			}
		}
	}
	if seen := seenBy(path, o.Name()); seen != "" && o.FullName() != "(database/sql/driver.stringType).ConvertValue" { // prints it
		f.p.reflects = f.p.reflects || seen == "Signer" // any method may be asked for
		for i := range args {
			if i < sig.Params().Len() {
				args[i] = f.shownTo(n, seen, args[i], f.p.norm(sig.Params().At(i).Type()), sig.Variadic() && i == sig.Params().Len()-1)
			}
		}
	}
	call := &ir.Call{Fun: fun, Args: args, Spread: sig.Variadic()}
	if o.FullName() == "(error).Error" {
		call.T = ir.String
		return f.rt("Worded", ir.String, call)
	}
	if o.FullName() == "(log/slog.Value).Any" { // as Logged made it
		call.T = ir.Anything
		return f.rt("Un", ir.Anything, call)
	}
	return call
}

// decodeCall lowers functions that decode into a pointer: the run time makes
// the call, with a pointer that native code can fill.
func (f *fn) decodeCall(o *types.Func, path string, fun ir.Expr, args []ir.Expr) ir.Expr {
	at := -1
	if path == "encoding/json" || path == "encoding/xml" || path == "encoding/gob" {
		switch o.Name() {
		case "Unmarshal":
			at = 1
		case "Decode", "DecodeElement":
			at = 0
		}
	}
	if at < 0 || at >= len(args) || !args[at].Type().Same(ir.Anything) {
		return nil
	}
	for i := range args {
		args[i] = f.pure(args[i])
	}
	var from ir.Expr = &ir.Nil{T: ir.Anything}
	if m, ok := fun.(*ir.MethodOf); ok && !m.ByAddr {
		x := f.pure(m.X)
		fun, from = &ir.MethodOf{X: x, Name: m.Name}, &ir.Convert{X: x, T: ir.Anything}
	}
	into := f.fresh(ir.Anything)
	call := &ir.Call{Fun: fun, Args: append([]ir.Expr(nil), args...), T: ir.Error}
	call.Args[at] = into
	lit := &ir.FuncLit{Params: []*ir.Var{into}, T: ir.FuncOf([]*ir.Type{ir.Anything}, []*ir.Type{ir.Error}), Body: []ir.Stmt{&ir.Return{Xs: []ir.Expr{call}}}}
	return f.rt("Decode", ir.Error, strConst(path), from, args[at], f.tmp(lit))
}

// templateCall executes a template: the run time does, for it finds methods.
func (f *fn) templateCall(o *types.Func, path string, fun ir.Expr, args []ir.Expr) ir.Expr {
	if path != "text/template" && path != "html/template" {
		return nil
	}
	f.p.reflects = true
	m, ok := fun.(*ir.MethodOf)
	if !ok || !strings.HasPrefix(o.Name(), "Execute") {
		return nil
	}
	x := m.X
	if m.ByAddr {
		x = &ir.AddrOf{X: x, T: ir.PointerTo(x.Type())}
	}
	return f.rt("Template"+o.Name(), ir.Error, append([]ir.Expr{&ir.Convert{X: x, T: ir.Anything}}, args...)...)
}

// mayWait tells whether calls of a package can take long: the statement that
// follows one must not run if the cell has been stopped meanwhile.
func mayWait(path string) bool {
	switch path {
	case "", "math", "math/bits", "math/cmplx", "strings", "strconv", "unicode", "unicode/utf8", "bytes", "errors", "cmp", "path", "math/rand", "math/rand/v2":
		return false
	}
	return true
}

// seenBy names the function of the run time that prepares a value of type any
// for a function; "" leaves it as it is, which containers and contexts need.
func seenBy(path, name string) string {
	switch path {
	case "":
		return ""
	case "encoding/xml":
		if strings.HasPrefix(name, "Marshal") || strings.HasPrefix(name, "Encode") {
			return "EncodedXML"
		}
		return ""
	case "reflect":
		if name == "TypeOf" || name == "ValueOf" {
			return "Reflected"
		}
		return "Plain"
	case "fmt":
		if strings.Contains(name, "can") { // pointers to boxed types among them
			return "Scanned"
		}
		return ""
	case "encoding/gob":
		if strings.HasPrefix(name, "Encode") {
			return "Gobbed"
		}
		return "GobTarget"
	case "encoding/asn1":
		return "Exported"
	case "text/template", "html/template":
		if name == "IsTrue" {
			return "Plain"
		}
		return "Arg"
	case "encoding/binary":
		return "Sized"
	case "encoding/csv":
		return "Raw"
	case "log/slog":
		return "Logged"
	case "database/sql":
		return "SQL"
	case "database/sql/driver":
		if name == "ConvertValue" {
			return "SQL"
		}
		return ""
	case "crypto/x509", "crypto/tls":
		return "Signer"
	case "testing/quick":
		return "Quick"
	case "sort", "runtime":
		return "Plain"
	}
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") || first == "surprisal" {
		return "View"
	}
	return ""
}

// shownTo converts one argument whose parameter is any or …any.
func (f *fn) shownTo(n ast.Node, how string, x ir.Expr, t types.Type, tail bool) ir.Expr {
	if tail {
		lit, ok := x.(*ir.Lit)
		if s, isSlice := t.Underlying().(*types.Slice); ok && isSlice && f.p.isPlainAny(s.Elem()) {
			for i := range lit.Vals {
				lit.Vals[i] = f.shownTo(n, how, lit.Vals[i], s.Elem(), false)
			}
		}
		return x
	}
	if !f.p.isPlainAny(t) {
		return x
	}
	if _, ok := x.(*ir.Nil); ok {
		return x
	}
	return f.tmp(f.rt(how, ir.Anything, x))
}

// printCall lowers the print functions of fmt and log, and anything that is
// variadic in any and named like one.
func (f *fn) printCall(o *types.Func, path string, fun ir.Expr, sig *types.Signature, args []ir.Expr) ir.Expr {
	if path != "fmt" && path != "log" || !sig.Variadic() || len(args) == 0 {
		return nil
	}
	last := len(args) - 1
	if strings.Contains(o.Name(), "can") { // Scan, Sscanf: pointers
		return nil
	}
	if _, none := args[last].(*ir.Nil); none || f.allPlain(args[last]) {
		return nil
	}
	xs := f.pure(args[last])
	switch {
	case strings.HasSuffix(o.Name(), "f"): // the format stands before
		format := f.pure(args[last-1])
		args[last-1] = f.tmp(f.rt("Format", ir.String, format, xs))
		fit := "Args"
		if o.FullName() == "fmt.Errorf" {
			fit = "ErrorArgs"
		}
		args[last] = f.tmp(f.rt(fit, anys, xs))
	case strings.HasSuffix(o.Name(), "ln"):
		args[last] = f.tmp(f.rt("Args", anys, xs))
	default: // blanks depend on which operands are strings
		args[last] = &ir.Lit{T: anys, Vals: []ir.Expr{&ir.Convert{X: f.tmp(f.rt("Sprint", ir.String, xs)), T: ir.Anything}}}
	}
	return &ir.Call{Fun: fun, Args: args, Spread: true}
}

// allPlain tells whether arguments are of types that fmt prints right: then
// the call costs nothing extra.
func (f *fn) allPlain(x ir.Expr) bool {
	lit, ok := x.(*ir.Lit)
	if !ok {
		return false
	}
	for _, v := range lit.Vals {
		c, ok := v.(*ir.Convert)
		if !ok || c.T != ir.Anything || !plain(c.X.Type()) {
			return false
		}
	}
	return true
}

func plain(t *ir.Type) bool {
	switch t.Kind {
	case ir.Basic:
		return true
	case ir.Slice, ir.Array:
		return plain(t.Elem)
	case ir.Map:
		return plain(t.Key) && plain(t.Elem)
	case ir.NativeOne: // an interface may hold a notebook value
		return false
	}
	return false
}

// special lowers functions that need to know types: errors.As.
func (f *fn) special(e *ast.CallExpr, o *types.Func) ir.Expr {
	if o.FullName() != "errors.As" || len(e.Args) != 2 {
		return nil
	}
	p, ok := f.typ(e.Args[1]).Underlying().(*types.Pointer)
	if !ok {
		return nil
	}
	t := f.p.norm(p.Elem())
	if f.p.foreign(t) && !isInterface(t) {
		return nil
	}
	err := f.to(e.Args[0], errorType)
	target := f.pure(f.expr(e.Args[1]))
	chain := f.tmp(f.rt("Chain", anys, err))
	if !isInterface(t) && !types.Implements(t, errorType.Underlying().(*types.Interface)) {
		some := &ir.Binary{Op: "<", X: intConst(0), Y: &ir.Builtin{Name: "len", Args: []ir.Expr{chain}, T: ir.Int}, T: ir.Bool}
		f.emit(&ir.If{Cond: some, Then: []ir.Stmt{&ir.Do{X: f.rt("Panic", nil, &ir.Convert{X: strConst("errors: *target must be interface or implement error"), T: ir.Anything})}}})
	}
	found := f.tmp(boolConst(false))
	i := f.fresh(ir.Int)
	f.emit(&ir.Define{V: i})
	loop := &ir.For{Cond: &ir.Binary{Op: "&&",
		X: &ir.Binary{Op: "<", X: i, Y: &ir.Builtin{Name: "len", Args: []ir.Expr{chain}, T: ir.Int}, T: ir.Bool},
		Y: &ir.Unary{Op: "!", X: found, T: ir.Bool}, T: ir.Bool},
		Post: &ir.Assign{L: i, Op: "++"}}
	loop.Body = f.capture(func() {
		link := f.tmp(&ir.IndexOf{X: chain, I: i, T: ir.Anything})
		v, ok := f.assert(link, anyType, t, true)
		f.emit(&ir.If{Cond: ok, Then: []ir.Stmt{
			&ir.Assign{L: &ir.Deref{X: target, T: v.Type()}, X: v},
			&ir.Assign{L: found, X: boolConst(true)},
		}, Else: f.capture(func() {
			f.set(found, f.rt("AsMethod", ir.Bool, link, f.conv(target, f.typ(e.Args[1]), anyType)))
		})})
	})
	f.emit(loop)
	return found
}
