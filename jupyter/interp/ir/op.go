package ir

import (
	"fmt"
	"reflect"
	"strconv"
	"unicode"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// OpPkg is where operations are, for a Native: calls of them are statements, or
// the whole value of a variable.
//
// Yaegi calls native functions by reflect.Value.Call, which takes 300 ns and
// four allocations. An operation is a step of the program itself, as yaegi's
// own sends and receives are.
const OpPkg = RT + "/op"

// Frame is a frame of the interpreter.
type Frame = unsafe.Pointer

// Slot is what an operand is in a frame. The slot of a variable can be written
// to.
type Slot = func(Frame) reflect.Value

// Op makes the step of one call out of its operands: the arguments, and then
// the variables that take the results. One whose name begins with a small letter
// polls before it does anything.
type Op = func(operands []Slot) func(Frame)

// carrier is the predeclared function whose calls become operations. It takes
// operands of all types, and lowered code has no other use for it.
const carrier = "println"

// isOp returns e if it is a call of an operation.
func isOp(e Expr) (*Call, bool) {
	c, ok := e.(*Call)
	if !ok {
		return nil, false
	}
	f, ok := c.Fun.(*Native)
	return c, ok && f.Pkg == OpPkg
}

// beginsWithPoll tells whether the first thing that statements do is an
// operation that polls. To declare a variable is nothing.
func beginsWithPoll(body []Stmt) bool {
	for _, s := range body {
		var x Expr
		switch s := s.(type) {
		case *Mark:
			continue
		case *Define:
			if _, ok := s.X.(*Var); ok || s.X == nil {
				continue
			}
			x = s.X
		case *DefineAll:
			x = s.X
		case *Assign:
			x = s.X
		case *Do:
			x = s.X
		}
		c, ok := isOp(x)
		return ok && unicode.IsLower(rune(c.Fun.(*Native).Name[0]))
	}
	return false
}

// operation prints a call whose results go to variables.
func (p *printer) operation(c *Call, to ...*Var) {
	p.put(carrier, "(", strconv.Quote(c.Fun.(*Native).Name))
	for _, x := range c.Args {
		p.put(", ")
		p.expr(x)
	}
	for _, v := range to {
		p.put(", ", v.Name)
	}
	p.line(")")
}

// steps makes yaegi's nodes carry operations. Yaegi exports neither its nodes
// nor its predeclared functions, so their fields are found by name.
type steps struct {
	child, tnext, fnext, exec, gen, findex, level uintptr // where they are in a node

	ops map[string]Op
}

// place is where a field of a type is in a struct.
type place struct {
	field, of string
	at        *uintptr
}

func offsets(t reflect.Type, places ...place) error {
	for _, p := range places {
		f, ok := t.FieldByName(p.field)
		if !ok || f.Type.String() != p.of {
			return fmt.Errorf("ir: yaegi's %s has no %s of type %s", t, p.field, p.of)
		}
		*p.at = f.Offset
	}
	return nil
}

// exec is yaegi's bltn: one step, which returns the next.
type exec func(Frame) exec

//go:linkname genValue github.com/traefik/yaegi/interp.genValue
func genValue(node unsafe.Pointer) Slot

// carry makes calls of the carrier in this interpreter, and no other, the
// operations.
func carry(in *interp.Interpreter, ops map[string]Op) (*steps, error) {
	symbols := field(field(reflect.ValueOf(in).Elem(), "universe", reflect.Pointer).Elem(), "sym", reflect.Map)
	symbol := symbols.MapIndex(reflect.ValueOf(carrier)).Elem()
	builtin := field(symbol, "builtin", reflect.Func)
	if !builtin.IsValid() {
		return nil, fmt.Errorf("ir: yaegi has no predeclared function %s", carrier)
	}
	node := builtin.Type().In(0).Elem()
	s := &steps{ops: ops}
	err := offsets(node, place{"child", "[]*interp.node", &s.child}, place{"tnext", "*interp.node", &s.tnext}, place{"fnext", "*interp.node", &s.fnext},
		place{"exec", "interp.bltn", &s.exec}, place{"gen", "interp.bltnGenerator", &s.gen}, place{"findex", "int", &s.findex}, place{"level", "int", &s.level})
	if err != nil {
		return nil, err
	}
	*(*func(unsafe.Pointer))(builtin.Addr().UnsafePointer()) = s.generate
	return s, nil
}

// generate makes the step of a call, as yaegi's own generators do.
func (s *steps) generate(n unsafe.Pointer) {
	call := s.children(n)
	name := genValue(call[1])(nil).String()
	op := s.ops[name]
	if op == nil {
		panic(fmt.Sprintf("ir: internal error: no operation %s", name))
	}
	var operands []Slot
	for _, c := range call[2:] {
		operands = append(operands, genValue(c))
	}
	next := s.after(n, s.tnext)
	run := op(operands)
	*(*exec)(unsafe.Add(n, s.exec)) = func(f Frame) exec {
		run(f)
		return next
	}
}

func (s *steps) children(n unsafe.Pointer) []unsafe.Pointer {
	return *(*[]unsafe.Pointer)(unsafe.Add(n, s.child))
}

// after is the step of the node that a field of n points to.
func (s *steps) after(n unsafe.Pointer, field uintptr) exec {
	if m := *(*unsafe.Pointer)(unsafe.Add(n, field)); m != nil {
		return *(*exec)(unsafe.Add(m, s.exec))
	}
	return nil
}
