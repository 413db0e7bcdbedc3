package ir

import (
	"cmp"
	"fmt"
	"go/constant"
	"math"
	"strconv"
	"strings"
)

func (p *printer) exprs(xs []Expr) {
	for i, x := range xs {
		if i > 0 {
			p.put(", ")
		}
		p.expr(x)
	}
}

// operand prints an expression that something is applied to.
func (p *printer) operand(e Expr) {
	switch e.(type) {
	case *Deref, *AddrOf, *FuncLit, *Unary, *Binary:
		p.put("(")
		p.expr(e)
		p.put(")")
	default:
		p.expr(e)
	}
}

func (p *printer) expr(e Expr) {
	switch e := e.(type) {
	case *Var:
		p.put(e.Name)
	case *Const:
		p.constant(e)
	case *Nil:
		p.put("nil")
	case *FuncRef:
		p.put(cmp.Or(e.Slot, e.Name))
	case *Native:
		p.put(Alias(e.Pkg), ".", e.Name)
	case *FieldOf:
		p.operand(e.X)
		p.put(".", e.Name)
	case *MethodOf:
		p.operand(e.X)
		p.put(".", e.Name)
	case *IndexOf:
		p.operand(e.X)
		p.put("[")
		p.expr(e.I)
		p.put("]")
	case *SliceOfExpr:
		p.sliceExpr(e)
	case *Deref:
		p.put("*")
		p.operand(e.X)
	case *AddrOf:
		p.put("&")
		p.expr(e.X)
	case *Unary:
		if e.Op == "!" {
			p.unary(e)
			return
		}
		p.put("(")
		p.unary(e)
		p.put(")")
	case *Binary:
		p.binary(e)
	case *Call:
		p.call(e)
	case *Builtin:
		p.builtin(e)
	case *Lit:
		p.literal(e)
	case *FuncLit:
		p.closure(e, e.Here)
	case *Convert:
		p.convert(e)
	case *Assert:
		p.operand(e.X)
		p.put(".(", e.T.text, ")")
	default:
		panic(fmt.Sprintf("ir: internal error: expression %T", e))
	}
}

// unary prints an operation without brackets.
func (p *printer) unary(e *Unary) {
	p.put(e.Op)
	p.operand(e.X)
}

// binary prints no parenthesis that precedence makes needless: each one is a
// step of its own for yaegi, 3 ns whenever the expression is evaluated.
func (p *printer) binary(e *Binary) {
	prec := precedence(e.Op)
	side := func(x Expr, least int) {
		if b, ok := x.(*Binary); ok && precedence(b.Op) < least {
			p.put("(")
			defer p.put(")")
		}
		p.expr(x)
	}
	side(e.X, prec)
	p.put(" ", e.Op, " ")
	side(e.Y, prec+1)
}

func precedence(op string) int {
	switch op {
	case "||":
		return 1
	case "&&":
		return 2
	case "==", "!=", "<", "<=", ">", ">=":
		return 3
	case "+", "-", "|", "^":
		return 4
	}
	return 5
}

// condition prints what a branch depends on. A literal in it would be read as
// the block.
func (p *printer) condition(e Expr) {
	literal := false
	walkExpr(e, func(n any) bool {
		switch n.(type) {
		case *Lit, *FuncLit:
			literal = true
		}
		return !literal
	})
	if literal {
		p.put("(")
		defer p.put(")")
	}
	p.expr(e)
}

// value prints what is assigned, passed on or returned. Of the operators only
// those of arithmetic may write where the value goes; the others are kept from
// it by a parenthesis.
func (p *printer) value(e Expr) {
	if b, ok := e.(*Binary); ok && (precedence(b.Op) < 4 || b.T.Kind != Basic) {
		p.put("(")
		defer p.put(")")
	}
	p.expr(e)
}

func (p *printer) sliceExpr(e *SliceOfExpr) {
	p.operand(e.X)
	p.put("[")
	if e.Low != nil {
		p.expr(e.Low)
	}
	p.put(":")
	if e.Hi != nil {
		p.expr(e.Hi)
	}
	if e.Max != nil {
		p.put(":")
		p.expr(e.Max)
	}
	p.put("]")
}

func (p *printer) call(e *Call) {
	p.operand(e.Fun)
	p.put("(")
	args, spread := e.Args, e.Spread
	if n := len(args); spread && n > 0 {
		// yaegi's compiler panics on nil... to a native function.
		if _, ok := args[n-1].(*Nil); ok {
			args, spread = args[:n-1], false
		}
	}
	p.exprs(args)
	if spread {
		p.put("...")
	}
	p.put(")")
}

func (p *printer) builtin(e *Builtin) {
	p.put(e.Name, "(")
	if e.Of != nil {
		p.put(e.Of.text)
		if len(e.Args) > 0 {
			p.put(", ")
		}
	}
	p.exprs(e.Args)
	if e.Spread {
		p.put("...")
	}
	p.put(")")
}

func (p *printer) literal(e *Lit) {
	p.put(e.T.text, "{")
	for i, v := range e.Vals {
		if i > 0 {
			p.put(", ")
		}
		switch {
		case e.Names != nil:
			p.put(e.Names[i], ": ")
		case e.Keys != nil && e.Keys[i] != nil:
			p.expr(e.Keys[i])
			p.put(": ")
		}
		if u, ok := v.(*Unary); ok { // in brackets yaegi takes -*p for a pointer
			p.unary(u)
		} else {
			p.expr(v)
		}
	}
	p.put("}")
}

func (p *printer) convert(e *Convert) {
	switch e.T.Kind {
	case Pointer, Func, Chan, Slice, Map:
		p.put("(", e.T.text, ")(")
	default:
		p.put(e.T.text, "(")
	}
	p.expr(e.X)
	p.put(")")
}

// constant prints a folded constant. Everything but int, string, bool and
// positive float64 stands in a conversion: yaegi's untyped constants are not
// to be trusted in shifts, in interfaces or as arguments.
func (p *printer) constant(e *Const) {
	name := e.T.text
	basic := e.T.Name
	if e.T.Kind != Basic {
		basic = "" // a native named type: the value's kind decides
	}
	switch e.Val.Kind() {
	case constant.Bool:
		p.converted(name, basic == "bool", e.Val.ExactString())
	case constant.String:
		p.converted(name, basic == "string", strconv.Quote(constant.StringVal(e.Val)))
	case constant.Complex:
		p.complexConst(e)
	case constant.Int:
		if strings.HasPrefix(basic, "float") {
			p.float(e)
			return
		}
		if strings.HasPrefix(basic, "complex") {
			p.complexConst(e)
			return
		}
		s := e.Val.ExactString()
		if basic == "int" && constant.Sign(e.Val) < 0 {
			s = "(" + s + ")"
		}
		p.converted(name, basic == "int", s)
	default:
		if strings.HasPrefix(basic, "complex") {
			p.complexConst(e)
			return
		}
		p.float(e)
	}
}

func (p *printer) converted(name string, plain bool, s string) {
	if plain {
		p.put(s)
		return
	}
	p.put(name, "(", s, ")")
}

func (p *printer) float(e *Const) {
	x, _ := constant.Float64Val(constant.ToFloat(e.Val))
	if e.T.Name == "float32" {
		y, _ := constant.Float32Val(constant.ToFloat(e.Val))
		x = float64(y)
	}
	if math.IsInf(x, 0) {
		p.put(e.T.text, "(", Alias(RT), ".Inf(", strconv.FormatBool(x > 0), "))")
		return
	}
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	p.converted(e.T.text, e.T.Kind == Basic && e.T.Name == "float64" && x >= 0, s)
}

// complexConst goes through the run time: yaegi's complex of two constants
// panics.
func (p *printer) complexConst(e *Const) {
	v := constant.ToComplex(e.Val)
	part, f := Float64, "C128"
	if e.T.Name == "complex64" {
		part, f = BasicType("float32"), "C64"
	}
	p.put(e.T.text, "(", Alias(RT), ".", f, "(")
	p.float(&Const{constant.Real(v), part})
	p.put(", ")
	p.float(&Const{constant.Imag(v), part})
	p.put("))")
}
