package ir

import "go/constant"

// Expr is an expression; all of them but calls are free of side effects.
type Expr interface{ Type() *Type }

// Var is a variable, local to a function or global to the session. Identity
// is by pointer while lowering, by name in the text.
type Var struct {
	Name   string
	T      *Type
	Global bool
}

// Const is a folded constant of a basic type.
type Const struct {
	Val constant.Value
	T   *Type
}

// Nil is the zero value of a pointer, slice, map, channel, function or
// interface type.
type Nil struct{ T *Type }

// FuncRef is a function of this or an earlier unit. If Slot is set, it is called
// through that variable, see Link.
type FuncRef struct {
	Name string
	Slot string
	T    *Type
}

// Native is a function or variable of a native package. A constant never gets
// here: it has been folded.
type Native struct {
	Pkg, Name string
	T         *Type
}

// FieldOf selects a struct field; a pointer is followed.
type FieldOf struct {
	X    Expr
	Name string
	T    *Type
}

// MethodOf is the method of a native value, only to be called. ByAddr says
// that the call takes the address of X.
type MethodOf struct {
	X      Expr
	Name   string
	T      *Type
	ByAddr bool
}

// IndexOf indexes a slice, array, string or map.
type IndexOf struct {
	X, I Expr
	T    *Type
}

// SliceOfExpr slices a slice, array or string; absent bounds are nil.
type SliceOfExpr struct {
	X            Expr
	Low, Hi, Max Expr
	T            *Type
}

// Deref is *X.
type Deref struct {
	X Expr
	T *Type
}

// AddrOf is &X, of a variable, field, element or struct literal.
type AddrOf struct {
	X Expr
	T *Type
}

// Unary is one of - + ! ^ and <-.
type Unary struct {
	Op string
	X  Expr
	T  *Type
}

// Binary is an operation on operands of one type, a shift apart.
type Binary struct {
	Op   string
	X, Y Expr
	T    *Type
}

// Call calls a function value, a FuncRef, a Native or a MethodOf. T is nil
// without a result; several results are in Results. Spread passes the last
// argument as the variadic tail of a native function.
type Call struct {
	Fun     Expr
	Args    []Expr
	Spread  bool
	T       *Type
	Results []*Type
}

// Builtin calls a predeclared function of Go; Of is the type argument of make
// and new.
type Builtin struct {
	Name   string
	Of     *Type
	Args   []Expr
	Spread bool
	T      *Type
}

// Lit is a composite literal. Keys is nil, or one for each value (nil where
// an element has none); Names are the fields of a struct literal.
type Lit struct {
	T     *Type
	Names []string
	Keys  []Expr
	Vals  []Expr
}

// FuncLit is a closure.
type FuncLit struct {
	Params []*Var
	T      *Type
	Body   []Stmt
	// Here says that its calls return to this goroutine, before its frame comes
	// back to the literal, or never.
	Here bool
}

// Convert is a conversion between types that are no interfaces, or of a value
// to interface{}.
type Convert struct {
	X Expr
	T *Type
}

// Assert gets a value out of an interface{} that is known to hold its type.
type Assert struct {
	X Expr
	T *Type
}

func (e *Var) Type() *Type         { return e.T }
func (e *Const) Type() *Type       { return e.T }
func (e *Nil) Type() *Type         { return e.T }
func (e *FuncRef) Type() *Type     { return e.T }
func (e *Native) Type() *Type      { return e.T }
func (e *FieldOf) Type() *Type     { return e.T }
func (e *MethodOf) Type() *Type    { return e.T }
func (e *IndexOf) Type() *Type     { return e.T }
func (e *SliceOfExpr) Type() *Type { return e.T }
func (e *Deref) Type() *Type       { return e.T }
func (e *AddrOf) Type() *Type      { return e.T }
func (e *Unary) Type() *Type       { return e.T }
func (e *Binary) Type() *Type      { return e.T }
func (e *Call) Type() *Type        { return e.T }
func (e *Builtin) Type() *Type     { return e.T }
func (e *Lit) Type() *Type         { return e.T }
func (e *FuncLit) Type() *Type     { return e.T }
func (e *Convert) Type() *Type     { return e.T }
func (e *Assert) Type() *Type      { return e.T }
