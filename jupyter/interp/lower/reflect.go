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
	"reflect.MakeSlice": "ValueMakeSlice", "reflect.MakeMap": "ValueMakeMap", "reflect.MakeMapWithSize": "ValueMakeMapWithSize", "reflect.MakeChan": "ValueMakeChan",
	"reflect.SliceOf": "TypeSliceOf", "reflect.PointerTo": "TypePointerTo", "reflect.PtrTo": "TypePointerTo", "reflect.MapOf": "TypeMapOf",
	"reflect.ArrayOf": "TypeArrayOf", "reflect.ChanOf": "TypeChanOf", "reflect.FuncOf": "TypeFuncOf", "reflect.StructOf": "TypeStructOf", "reflect.VisibleFields": "TypeVisibleFields", "reflect.Copy": "ValueCopy", "reflect.Select": "ValueSelect", "reflect.MakeFunc": "ValueMakeFunc",
	"(reflect.Type).NumField": "TypeNumField", "(reflect.Type).Fields": "TypeFields", "(reflect.Type).Methods": "TypeMethods", "(reflect.Type).FieldByIndex": "TypeFieldByIndex", "(reflect.Type).FieldByNameFunc": "TypeFieldByNameFunc",
	"(reflect.Value).NumField": "ValueNumField", "(reflect.Value).Fields": "ValueFields", "(reflect.Value).Methods": "ValueMethods", "(reflect.Value).FieldByNameFunc": "ValueFieldByNameFunc", "(reflect.Value).FieldByIndexErr": "ValueFieldByIndexErr",
	"(reflect.Value).TryRecv": "ValueTryRecv", "(reflect.Value).TrySend": "ValueTrySend", "(reflect.Value).Seq": "ValueSeq", "(reflect.Value).Seq2": "ValueSeq2", "(reflect.Value).Equal": "ValueEqual",
	"(reflect.Value).SetIterKey": "ValueSetIterKey", "(reflect.Value).SetIterValue": "ValueSetIterValue", "(reflect.Value).CanConvert": "ValueCanConvert",
	"reflect.Append": "ValueAppend", "reflect.AppendSlice": "ValueAppendSlice",
	"(reflect.Value).Send": "ValueSend", "(reflect.Value).Recv": "ValueRecv", "(reflect.Value).Slice": "ValueSlice", "(reflect.Value).Slice3": "ValueSlice3",
	"(reflect.Value).Call": "ValueCall", "(reflect.Value).CallSlice": "ValueCallSlice",
	"(reflect.Value).Convert": "ValueConvert", "(reflect.Value).Set": "ValueSet", "(reflect.Value).SetMapIndex": "ValueSetMapIndex",
	"(reflect.Type).ConvertibleTo": "TypeConvertibleTo", "(reflect.Type).AssignableTo": "TypeAssignableTo",
	"(reflect.Value).Pointer": "ValuePointer", "(reflect.Value).NumMethod": "ValueNumMethod", "(reflect.Value).Method": "ValueMethod", "(reflect.Value).MethodByName": "ValueMethodByName",
}

// refuseReflect refuses what the code of a module may not ask, and notes that
// reflect has been given a value that may be the notebook's own.
func (f *fn) refuseReflect(n ast.Node, o *types.Func, path string, args []ir.Expr) {
	if path != "reflect" {
		return
	}
	if f.src.mod != nil && !reflectKinds[strings.TrimPrefix(o.FullName(), "reflect.")] {
		panic(f.limit(n, strings.NewReplacer("(", "", ")", "").Replace(o.FullName())+", which would see the interpreter's types", ""))
	}
	f.reflectMakes(n, o)
	if o.Signature().Recv() != nil || o.Name() != "TypeOf" && o.Name() != "ValueOf" {
		return
	}
	for _, a := range args {
		if c, ok := a.(*ir.Convert); ok && plain(c.X.Type()) {
			continue
		}
		f.p.reflects = true
	}
}

// reflectMakes makes the types known that a call of reflect will come to, as far
// as it names them: reflect.New(reflect.TypeOf(Celsius(0))) makes a *Celsius.
func (f *fn) reflectMakes(n ast.Node, o *types.Func) {
	call, ok := n.(*ast.CallExpr)
	if !ok || o.Signature().Recv() != nil {
		return
	}
	var ts []types.Type
	for _, a := range call.Args {
		if t := f.reflectedType(a); t != nil {
			ts = append(ts, t)
		}
	}
	if len(ts) == 0 || len(ts) != len(call.Args) {
		return
	}
	switch o.Name() {
	case "New", "PointerTo", "PtrTo":
		f.p.alive(types.NewPointer(ts[0]))
	case "SliceOf":
		f.p.alive(types.NewSlice(ts[0]))
	case "MapOf":
		if types.Comparable(ts[0]) {
			f.p.alive(types.NewMap(ts[0], ts[1]))
		}
	}
}

// reflectedType is the type that a call of TypeFor or TypeOf gives, nil if the
// call does not tell.
func (f *fn) reflectedType(e ast.Expr) types.Type {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return nil
	}
	fun := ast.Unparen(call.Fun)
	if x, ok := fun.(*ast.IndexExpr); ok {
		fun = x.X
	}
	o, id := f.genericFunc(fun)
	switch {
	case o == nil:
		return nil
	case o.FullName() == "reflect.TypeFor":
		if args := f.typeArgs(id); len(args) == 1 {
			return args[0]
		}
	case o.FullName() == "reflect.TypeOf" && len(call.Args) == 1:
		if t := f.valueType(call.Args[0]); !isInterface(t) && !f.isNil(call.Args[0]) {
			return t
		}
	case len(call.Args) == 1 && (o.FullName() == "reflect.SliceOf" || o.FullName() == "reflect.PointerTo"):
		if t := f.reflectedType(call.Args[0]); t != nil && o.Name() == "SliceOf" {
			return types.NewSlice(t)
		} else if t != nil {
			return types.NewPointer(t)
		}
	}
	return nil
}

// looks are methods of a reflect.Value that do not give away its type.
var looks = map[string]bool{
	"Bool": true, "CanAddr": true, "CanComplex": true, "CanFloat": true, "CanInt": true, "CanInterface": true, "CanSet": true, "CanUint": true,
	"Cap": true, "Clear": true, "Close": true, "Comparable": true, "Complex": true, "Float": true, "Int": true, "IsNil": true, "IsValid": true,
	"IsZero": true, "Kind": true, "Len": true, "OverflowComplex": true, "OverflowFloat": true, "OverflowInt": true, "OverflowUint": true,
	"Pointer": true, "SetBool": true, "SetBytes": true, "SetCap": true, "SetComplex": true, "SetFloat": true, "SetInt": true, "SetLen": true,
	"SetString": true, "SetUint": true, "SetZero": true, "Uint": true, "UnsafeAddr": true, "UnsafePointer": true, "MapRange": true,
	"Bytes": true, "Grow": true,
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
