package rt

import (
	"cmp"
	"reflect"
	"slices"
)

// sliceTypes are the basic types for whose slices the functions of package
// slices are compiled code: interpreted, a sort of a million numbers takes half
// a minute.
var sliceTypes = map[string]func(elem string, m map[string]reflect.Value){
	"string": sliceFuncs[string], "int": sliceFuncs[int], "int8": sliceFuncs[int8], "int16": sliceFuncs[int16], "int32": sliceFuncs[int32], "int64": sliceFuncs[int64],
	"uint": sliceFuncs[uint], "uint8": sliceFuncs[uint8], "uint16": sliceFuncs[uint16], "uint32": sliceFuncs[uint32], "uint64": sliceFuncs[uint64],
	"float32": sliceFuncs[float32], "float64": sliceFuncs[float64],
}

var sliceNames = map[string]bool{"Sort": true, "IsSorted": true, "BinarySearch": true, "Max": true, "Min": true, "Contains": true, "Index": true, "Reverse": true, "Equal": true}

// SliceFunc is the compiled instance of a function of package slices for
// slices of elem, "" if there is none.
func SliceFunc(name, elem string) string {
	if !sliceNames[name] || sliceTypes[elem] == nil {
		return ""
	}
	return sliceSymbol(name, elem)
}

func sliceSymbol(name, elem string) string { return "Slices" + name + "_" + elem }

func sliceFuncs[T cmp.Ordered](elem string, m map[string]reflect.Value) {
	for name, f := range map[string]any{
		"Sort": slices.Sort[[]T], "IsSorted": slices.IsSorted[[]T], "BinarySearch": slices.BinarySearch[[]T],
		"Max": slices.Max[[]T], "Min": slices.Min[[]T],
		"Contains": slices.Contains[[]T], "Index": slices.Index[[]T], "Reverse": slices.Reverse[[]T], "Equal": slices.Equal[[]T],
	} {
		m[sliceSymbol(name, elem)] = reflect.ValueOf(f)
	}
}
