package rt

import (
	"cmp"
	"fmt"
	"reflect"
	"sort"
	"strings"
)

func (p *walker) structure(v reflect.Value, d *Desc, depth int, open bool) {
	if p.sharp {
		p.put(d.Name)
	}
	p.put("{")
	for i, f := range d.Fields {
		if i > 0 {
			p.put(p.comma())
		}
		if p.plus || p.sharp {
			p.put(f.Name + ":")
		}
		ok := open && exported(f.Name)
		x := v.Field(i)
		switch {
		case f.Type != 0:
			p.value(x, p.r.desc(f.Type), depth+1, ok)
		case x.Kind() == reflect.Interface && !x.IsNil():
			// fmt prints the element itself, one level down
			p.inner(x.Elem().Interface(), depth+1, ok)
		default:
			p.dynamic(x, p.part(0, f.Of), depth+1, ok)
		}
	}
	p.put("}")
}

// part is the type of a part of a value: number id, or an interface.
func (p *walker) part(id int, iface string) *Desc {
	if iface != "" {
		return &Desc{Name: iface}
	}
	return p.r.desc(id)
}

func exported(name string) bool {
	return strings.ToUpper(name[:1]) != strings.ToLower(name[:1]) && strings.ToUpper(name[:1]) == name[:1]
}

func (p *walker) comma() string {
	if p.sharp {
		return ", "
	}
	return " "
}

func (p *walker) sequence(v reflect.Value, d *Desc, depth int, open bool) {
	elem := p.part(d.Elem, d.ElemOf)
	if v.Type().Elem().Kind() == reflect.Uint8 && strings.ContainsRune("sqxX", p.verb) {
		b := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(b), v)
		p.plain(b)
		return
	}
	left, right := "[", "]"
	if p.sharp {
		left, right = d.Name+"{", "}"
		if v.Kind() == reflect.Slice && v.IsNil() {
			p.put(d.Name + "(nil)")
			return
		}
	}
	p.put(left)
	for i := range v.Len() {
		if i > 0 {
			p.put(p.comma())
		}
		p.value(v.Index(i), elem, depth+1, open)
	}
	p.put(right)
}

func (p *walker) mapping(v reflect.Value, d *Desc, depth int, open bool) {
	left, right := "map[", "]"
	if p.sharp {
		left, right = d.Name+"{", "}"
		if v.IsNil() {
			p.put(d.Name + "(nil)")
			return
		}
	}
	p.put(left)
	key, elem := p.part(d.Key, d.KeyOf), p.part(d.Elem, d.ElemOf)
	for i, k := range sortedKeys(v) {
		if i > 0 {
			p.put(p.comma())
		}
		p.value(k, key, depth+1, open)
		p.put(":")
		p.value(v.MapIndex(k), elem, depth+1, open)
	}
	p.put(right)
}

func (p *walker) pointer(v reflect.Value, d *Desc, depth int, open bool) {
	if depth == 0 && !v.IsNil() && p.verb != 'p' {
		if composite(v.Elem().Kind()) {
			p.put("&")
			p.value(v.Elem(), p.part(d.Elem, d.ElemOf), depth+1, open)
			return
		}
	}
	p.address(v, d)
}

// composite tells whether fmt prints what a pointer at the top points to.
func composite(k reflect.Kind) bool {
	return k == reflect.Array || k == reflect.Slice || k == reflect.Struct || k == reflect.Map
}

// address prints a pointer, channel or function as a number.
func (p *walker) address(v reflect.Value, d *Desc) {
	a := v.Pointer()
	switch p.verb {
	case 'v':
		switch {
		case p.sharp && a == 0:
			p.put("(" + p.name(d, v) + ")(nil)")
		case p.sharp:
			p.put(fmt.Sprintf("(%s)(%#x)", p.name(d, v), a))
		case a == 0:
			p.pad("<nil>")
		default:
			p.plain(v.UnsafePointer())
		}
	case 'p', 'b', 'o', 'd', 'x', 'X':
		if p.verb == 'p' {
			p.plain(v.UnsafePointer())
		} else {
			p.plain(a)
		}
	default:
		p.put("%!" + string(p.verb) + "(" + p.name(d, v) + "=")
		bad := walker{r: p.r, s: p.s, verb: 'v', wrong: true}
		bad.value(v, d, 0, false)
		p.put(")")
	}
}

// pad prints a word in the directive's width.
func (p *walker) pad(s string) {
	if w, ok := p.s.Width(); ok {
		fill := strings.Repeat(" ", max(0, w-len(s)))
		switch {
		case p.s.Flag('-'):
			s += fill
		case p.s.Flag('0'):
			s = strings.Repeat("0", len(fill)) + s
		default:
			s = fill + s
		}
	}
	p.put(s)
}

// sortedKeys orders the keys of a map as fmt does.
func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	sort.SliceStable(keys, func(i, j int) bool { return compare(keys[i], keys[j]) < 0 })
	return keys
}

func compare(a, b reflect.Value) int {
	switch a.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return cmp.Compare(a.Int(), b.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return cmp.Compare(a.Uint(), b.Uint())
	case reflect.String:
		return cmp.Compare(a.String(), b.String())
	case reflect.Float32, reflect.Float64:
		return cmp.Compare(a.Float(), b.Float())
	case reflect.Complex64, reflect.Complex128:
		x, y := a.Complex(), b.Complex()
		return cmp.Or(cmp.Compare(real(x), real(y)), cmp.Compare(imag(x), imag(y)))
	case reflect.Bool:
		switch {
		case a.Bool() == b.Bool():
			return 0
		case a.Bool():
			return 1
		}
		return -1
	case reflect.Pointer, reflect.UnsafePointer, reflect.Chan:
		return cmp.Compare(a.Pointer(), b.Pointer())
	case reflect.Struct:
		for i := range a.NumField() {
			if c := compare(a.Field(i), b.Field(i)); c != 0 {
				return c
			}
		}
	case reflect.Array:
		for i := range a.Len() {
			if c := compare(a.Index(i), b.Index(i)); c != 0 {
				return c
			}
		}
	case reflect.Interface:
		return compareAny(a, b)
	}
	return 0
}

// compareAny orders nil first, then by type, then by value.
func compareAny(a, b reflect.Value) int {
	if a.IsNil() || b.IsNil() {
		switch {
		case a.IsNil() && b.IsNil():
			return 0
		case a.IsNil():
			return -1
		}
		return 1
	}
	x, y := reflect.ValueOf(V(a.Elem().Interface())), reflect.ValueOf(V(b.Elem().Interface()))
	if x.Type() != y.Type() {
		return cmp.Compare(reflect.ValueOf(x.Type()).Pointer(), reflect.ValueOf(y.Type()).Pointer())
	}
	return compare(x, y)
}
