package ir

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// bounded makes the steps of x[i] and x[i:j]. Yaegi leaves it to reflect to find
// what is out of range, whose complaint has no numbers; statements that compared
// them in front took 40 ns each. These steps compare on the way to the element,
// and take no longer than yaegi's.
type bounded struct {
	*steps
	root, data uintptr // where the root is in a program, and the variables in a frame
	values     values
	badIndex   func(i, n int, unsigned bool)
	checkSlice func(x, low, high, most reflect.Value)
	roles      map[uintptr]role // of yaegi's generators, by their code
}

// role is what the steps that a generator makes are for.
type role int

const (
	other   role = iota
	literal      // makes a closure
	index        // x[i]
	slice        // x[low:high:most]
	slice0       // x[:high:most]
)

// generator is yaegi's bltnGenerator: it makes the step of a node.
type generator = func(n unsafe.Pointer)

//go:linkname genRun github.com/traefik/yaegi/interp.genRun
func genRun(node unsafe.Pointer) error

// newBounded finds by name what it needs of yaegi and of the run time. Without
// functions that panic in the compiler's words yaegi's own steps remain.
func newBounded(in *interp.Interpreter, s *steps, rt map[string]reflect.Value) (*bounded, error) {
	b := &bounded{steps: s, roles: map[uintptr]role{}}
	frame := field(reflect.ValueOf(in).Elem(), "frame", reflect.Pointer)
	if !frame.IsValid() {
		return nil, fmt.Errorf("ir: yaegi has no frame")
	}
	err := offsets(reflect.TypeFor[interp.Program](), place{"root", "*interp.node", &b.root})
	if err == nil {
		err = offsets(frame.Type().Elem(), place{"data", "[]reflect.Value", &b.data})
	}
	if err != nil {
		return nil, err
	}
	if b.values, err = newValues(); err != nil {
		return nil, err
	}
	for name, f := range map[string]any{"BadIndex": &b.badIndex, "CheckSlice": &b.checkSlice} {
		if rt[name].IsValid() {
			reflect.ValueOf(f).Elem().Set(rt[name])
		}
	}
	return b, nil
}

// replace lets the nodes of a program make steps of this kind when it is run.
func (b *bounded) replace(p *interp.Program) {
	if b.badIndex != nil && b.checkSlice != nil {
		b.node(*(*unsafe.Pointer)(unsafe.Add(unsafe.Pointer(p), b.root)))
	}
}

// node does a node and those below it, and tells whether one of them, in a
// function literal none, makes another step now. Yaegi has made the steps of
// literals while it compiled: they are made again.
func (b *bounded) node(n unsafe.Pointer) (found bool) {
	if n == nil {
		return false
	}
	gen := (*generator)(unsafe.Add(n, b.gen))
	yaegis, role := *gen, b.role(*gen)
	switch role {
	case index:
		*gen = func(n unsafe.Pointer) { b.index(n, yaegis) }
	case slice, slice0:
		*gen = func(n unsafe.Pointer) { b.slice(n, yaegis, role) }
	}
	found = role > literal
	for _, c := range b.children(n) {
		found = b.node(c) || found
	}
	if role != literal || !found {
		return found
	}
	for _, c := range b.children(n) {
		b.unmake(c)
	}
	if err := genRun(n); err != nil {
		panic(err)
	}
	return false
}

// unmake drops the steps of a function literal, without those of others in it.
func (b *bounded) unmake(n unsafe.Pointer) {
	if n == nil {
		return
	}
	*(*exec)(unsafe.Add(n, b.exec)) = nil
	if b.role(*(*generator)(unsafe.Add(n, b.gen))) == literal {
		return
	}
	for _, c := range b.children(n) {
		b.unmake(c)
	}
}

func (b *bounded) role(g generator) role {
	if g == nil {
		return other
	}
	code := reflect.ValueOf(g).Pointer()
	r, known := b.roles[code]
	if !known {
		switch strings.TrimPrefix(runtime.FuncForPC(code).Name(), "github.com/traefik/yaegi/interp.") {
		case "getFunc":
			r = literal
		case "getIndexArray":
			r = index
		case "slice":
			r = slice
		case "slice0":
			r = slice0
		}
		b.roles[code] = r
	}
	return r
}

// slice makes the step of x[low:high:most].
func (b *bounded) slice(n unsafe.Pointer, yaegis generator, role role) {
	if *(*int)(unsafe.Add(n, b.level)) != 0 {
		yaegis(n)
		return
	}
	var operands [4]Slot // x, low, high, most
	for i, c := range b.children(n) {
		if i > 0 && role == slice0 {
			i++
		}
		operands[i] = genValue(c)
	}
	x, low, high, most := operands[0], operands[1], operands[2], operands[3]
	to, data, next := *(*int)(unsafe.Add(n, b.findex)), b.data, b.after(n, b.tnext)
	*(*exec)(unsafe.Add(n, b.exec)) = func(f Frame) exec {
		v := x(f)
		if v.Kind() == reflect.Pointer { // to an array
			v = v.Elem()
		}
		limit := v.Len()
		h := bound(f, high, limit)
		if v.Kind() == reflect.Slice {
			limit = v.Cap()
		}
		l, m := bound(f, low, 0), bound(f, most, limit)
		if uint(m) > uint(limit) || uint(h) > uint(m) || uint(l) > uint(h) {
			b.badSlice(f, operands)
		}
		if most == nil {
			v = v.Slice(l, h)
		} else {
			v = v.Slice3(l, h, m)
		}
		(*(*[]reflect.Value)(unsafe.Add(f, data)))[to] = v
		return next
	}
}

// bound is a bound of a slice expression; nil is an absent one.
func bound(f Frame, s Slot, absent int) int {
	if s == nil {
		return absent
	}
	n, _ := number(s(f))
	return n
}

// badSlice panics, unless a bound has changed meanwhile.
func (b *bounded) badSlice(f Frame, operands [4]Slot) {
	var v [4]reflect.Value
	for i, operand := range operands {
		if operand != nil {
			v[i] = operand(f)
		}
	}
	b.checkSlice(v[0], v[1], v[2], v[3])
}
