package rt

import (
	"reflect"
	"unsafe"
)

// Slot is what an operand is in a frame of the interpreter, see ir.Slot.
type Slot = func(frame unsafe.Pointer) reflect.Value

// Op is an operation of the interpreter, see ir.Op.
type Op = func(operands []Slot) func(frame unsafe.Pointer)

// Ops are the operations: those on channels, which poll, and functions of the
// run time that are called too often to be native calls. Channels of common
// types have compiled ones, whose names end in ChanSuffix.
func (r *Runtime) Ops() map[string]Op {
	m := map[string]Op{
		"recv": r.recvOp, "recv2": r.recv2Op, "send": r.sendOp, "select": r.selectOp,
		"ID": typeOp(r.ID), "TID": typeOp(r.TID), "Is": r.isOp,
	}
	for elem, add := range chanElems {
		add(r, ChanSuffix(elem), m)
	}
	return m
}

// typeOp is a question about a value of an interface.
func typeOp(number func(any) int) Op {
	return func(operands []Slot) func(unsafe.Pointer) {
		x, to := operands[0], operands[1]
		return func(f unsafe.Pointer) {
			n := number(load[any](x(f)))
			store(to(f), n)
		}
	}
}

func (r *Runtime) isOp(operands []Slot) func(unsafe.Pointer) {
	x, id, to := operands[0], int(operands[1](nil).Int()), operands[2]
	return func(f unsafe.Pointer) {
		is := r.Is(load[any](x(f)), id)
		store(to(f), is)
	}
}

// load is the value of an operand.
func load[T any](v reflect.Value) (x T) {
	if p := pointer[T](v); p != nil {
		return *p
	}
	reflect.ValueOf(&x).Elem().Set(v.Convert(reflect.TypeFor[T]()))
	return x
}

func store[T any](v reflect.Value, x T) {
	if p := pointer[T](v); p != nil {
		*p = x
		return
	}
	v.Set(reflect.ValueOf(&x).Elem().Convert(v.Type()))
}

// pointer points to a variable, nil if it is none of type T. By Addr and
// Interface it would take 20 ns.
func pointer[T any](v reflect.Value) *T {
	if !v.CanAddr() || v.Type() != reflect.TypeFor[T]() {
		return nil
	}
	return (*T)(unsafe.Pointer(v.UnsafeAddr()))
}
