// Package cycle finds values that contain themselves before fmt prints them.
//
//	m := map[string]any{}
//	m["self"] = m
//	cycle.In(m) // true
package cycle

import (
	"reflect"
	"slices"
)

// In says whether v, or what it points to, contains itself by maps, slices and
// interfaces. fmt follows those until the stack overflows, which ends the
// process. Of large values only the first 100,000 parts are looked at.
func In(v any) bool {
	return circular(reflect.Indirect(reflect.ValueOf(v)), nil, new(int))
}

// circular: path is what v lies in, seen counts the parts.
func circular(v reflect.Value, path []uintptr, seen *int) bool {
	const enough = 100_000
	if *seen++; *seen > enough {
		return false
	}
	switch v.Kind() {
	case reflect.Interface:
		return circular(v.Elem(), path, seen)
	case reflect.Struct:
		for i := range v.NumField() {
			if circular(v.Field(i), path, seen) {
				return true
			}
		}
	case reflect.Slice, reflect.Map:
		if v.Len() == 0 || !composite(v.Type().Elem().Kind()) {
			return false
		}
		if slices.Contains(path, v.Pointer()) {
			return true
		}
		path = append(path, v.Pointer())
		if v.Kind() == reflect.Map {
			for it := v.MapRange(); it.Next() && *seen <= enough; {
				if circular(it.Value(), path, seen) {
					return true
				}
			}
			return false
		}
		fallthrough
	case reflect.Array:
		for i := 0; i < v.Len() && *seen <= enough && composite(v.Type().Elem().Kind()); i++ {
			if circular(v.Index(i), path, seen) {
				return true
			}
		}
	}
	return false
}

// composite says whether values of the kind hold others for fmt, which prints
// pointers as addresses.
func composite(k reflect.Kind) bool {
	switch k {
	case reflect.Interface, reflect.Struct, reflect.Slice, reflect.Map, reflect.Array:
		return true
	}
	return false
}
