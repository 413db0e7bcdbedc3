package lower

import (
	"go/ast"
	"go/types"
	"strings"

	"surprisal/jupyter/interp/ir"
)

// reflected are methods of reflect that the run time answers: it knows the
// notebook's types as their author does.
var reflected = map[string]string{
	"(reflect.Type).String": "TypeString", "(reflect.Type).Name": "TypeName", "(reflect.Type).PkgPath": "TypePkgPath",
	"(reflect.Type).Field": "TypeField", "(reflect.Type).FieldByName": "TypeFieldByName",
	"(reflect.Type).NumMethod": "TypeNumMethod", "(reflect.Type).Method": "TypeMethod", "(reflect.Type).MethodByName": "TypeMethodByName",
	"(reflect.Type).Implements": "TypeImplements", "(reflect.Value).FieldByName": "ValueFieldByName",
	"(reflect.Value).Elem": "ValueElem", "(reflect.Value).Field": "ValueField", "(reflect.Value).FieldByIndex": "ValueFieldByIndex",
	"(reflect.Value).Interface": "ValueInterface", "(reflect.Value).Type": "ValueType", "(reflect.Value).String": "ValueString",
	"(reflect.Value).Index": "ValueIndex", "(reflect.Value).MapIndex": "ValueMapIndex", "(reflect.Value).MapKeys": "ValueMapKeys",
	"(reflect.Value).Addr": "ValueAddr", "(*reflect.MapIter).Key": "MapIterKey", "(*reflect.MapIter).Value": "MapIterValue",
	"reflect.Indirect": "ValueIndirect", "reflect.ValueOf": "ValueOf", "reflect.Zero": "ValueZero", "reflect.New": "ValueNew",
	"(reflect.Value).NumMethod": "ValueNumMethod", "(reflect.Value).Method": "ValueMethod", "(reflect.Value).MethodByName": "ValueMethodByName",
}

// Methods by which reflect would show the interpreter's types.
var reflectShows = map[string]bool{"FieldByNameFunc": true, "VisibleFields": true, "AssignableTo": true, "ConvertibleTo": true}

// refuseReflect refuses such methods once reflect has been given a value that
// may be the notebook's own.
func (f *fn) refuseReflect(n ast.Node, o *types.Func, path string, args []ir.Expr) {
	if path != "reflect" {
		return
	}
	if f.src.mod != nil && !reflectKinds[strings.TrimPrefix(o.FullName(), "reflect.")] {
		panic(f.limit(n, strings.NewReplacer("(", "", ")", "").Replace(o.FullName())+", which would see the interpreter's types", ""))
	}
	if o.Type().(*types.Signature).Recv() != nil || o.Name() == "VisibleFields" {
		if f.p.reflects && reflectShows[o.Name()] && reflected[o.FullName()] == "" {
			panic(f.limit(n, "reflect."+o.Name()+" in a notebook that has types of its own under reflection", "switch on the type, or use fmt's %T for its name"))
		}
		return
	}
	if o.Name() != "TypeOf" && o.Name() != "ValueOf" {
		return
	}
	for _, a := range args {
		if c, ok := a.(*ir.Convert); ok && plain(c.X.Type()) {
			continue
		}
		f.p.reflects = true
	}
}

// looks are methods of a reflect.Value that do not give away its type.
var looks = map[string]bool{
	"Bool": true, "CanAddr": true, "CanComplex": true, "CanFloat": true, "CanInt": true, "CanInterface": true, "CanSet": true, "CanUint": true,
	"Cap": true, "Clear": true, "Close": true, "Comparable": true, "Complex": true, "Float": true, "Int": true, "IsNil": true, "IsValid": true,
	"IsZero": true, "Kind": true, "Len": true, "NumField": true, "OverflowComplex": true, "OverflowFloat": true, "OverflowInt": true, "OverflowUint": true,
	"Pointer": true, "Set": true, "SetBool": true, "SetBytes": true, "SetCap": true, "SetComplex": true, "SetFloat": true, "SetInt": true, "SetLen": true,
	"SetMapIndex": true, "SetString": true, "SetUint": true, "SetZero": true, "Uint": true, "UnsafeAddr": true, "UnsafePointer": true, "MapRange": true,
	"Bytes": true, "Send": true, "TrySend": true, "Grow": true,
}

// reflectKinds is what the code of a module may ask reflect: what a value is,
// but not what is inside it, for there a named type is as good as its base type
// and unexported fields are not. A cell may ask more: its author sees the answer.
var reflectKinds = map[string]bool{
	"TypeOf": true, "ValueOf": true, "DeepEqual": true, "Swapper": true, "Indirect": true,
	"(reflect.Type).Kind": true, "(reflect.Type).String": true, "(reflect.Type).Name": true, "(reflect.Type).Elem": true, "(reflect.Type).Key": true,
	"(reflect.Type).Size": true, "(reflect.Type).Bits": true, "(reflect.Type).Len": true, "(reflect.Type).Comparable": true,
	"(reflect.Kind).String":   true,
	"(reflect.Value).Kind":    true,
	"(reflect.Value).Type":    true,
	"(reflect.Value).IsValid": true, "(reflect.Value).IsNil": true, "(reflect.Value).IsZero": true, "(reflect.Value).Len": true, "(reflect.Value).Cap": true,
	"(reflect.Value).Bool": true, "(reflect.Value).Int": true, "(reflect.Value).Uint": true, "(reflect.Value).Float": true, "(reflect.Value).Complex": true,
	"(reflect.Value).CanInt": true, "(reflect.Value).CanUint": true, "(reflect.Value).CanFloat": true, "(reflect.Value).CanComplex": true,
	"(reflect.Value).Bytes": true, "(reflect.Value).Elem": true, "(reflect.Value).Index": true, "(reflect.Value).Pointer": true,
}
