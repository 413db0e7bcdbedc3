package ir

import (
	"go/constant"
	"strings"
	"testing"
)

// parts of the programs below
var (
	tI, tX, tP = &Var{Name: "i", T: Int}, &Var{Name: "x", T: SliceOf(Int)}, &Var{Name: "p", T: PointerTo(NamedType("T"))}
	tS         = &Var{Name: "s", T: Int}
	tG         = &Var{Name: "g", T: SliceOf(Int), Global: true}
)

func tNum(n int64) *Const  { return &Const{constant.MakeInt64(n), Int} }
func tLen(x *Var) *Builtin { return &Builtin{Name: "len", Args: []Expr{x}, T: Int} }

func tAdd(x, i *Var) Stmt { return &Assign{L: tS, Op: "+", X: &IndexOf{x, i, Int}} }

func tFor(post string, x *Var, body ...Stmt) []Stmt {
	return []Stmt{&Define{tI, tNum(0)}, &For{Cond: &Binary{"<", tI, tLen(x), Bool}, Post: &Assign{L: tI, Op: post}, Body: body}}
}

// What is dropped must not have been needed: the rows that keep their marks
// matter most.
func TestSure(t *testing.T) {
	mark := func(n int) Stmt { return &Mark{N: n} }
	field := &FieldOf{tP, "n", Int}
	load := func() Stmt { return &Assign{L: tS, Op: "+", X: field} }
	add := tAdd(tX, tI)
	for _, c := range []struct {
		name  string
		body  []Stmt
		marks int
	}{
		{"twice the same index", []Stmt{mark(1), add, mark(2), add}, 1},
		{"the index changes in between", []Stmt{mark(1), add, &Assign{L: tI, Op: "++"}, mark(2), add}, 2},
		{"the slice changes in between", []Stmt{mark(1), add, &Assign{L: tX, X: tG}, mark(2), add}, 2},
		{"a global", []Stmt{mark(1), tAdd(tG, tI), mark(2), tAdd(tG, tI)}, 2},
		{"a branch may change it", []Stmt{mark(1), add, &If{Cond: tS, Then: []Stmt{&Assign{L: tI, Op: "++"}}}, mark(2), add}, 2},
		{"indexed behind && only", []Stmt{&Assign{L: tS, X: &Binary{"&&", tS, &IndexOf{tX, tI, Int}, Bool}}, mark(1), add}, 1},
		{"an index that depends on another", []Stmt{mark(1), &Assign{L: tI, X: &IndexOf{tX, tI, Int}}, mark(2), add}, 2},
		{"set and read", []Stmt{mark(1), &Assign{L: &IndexOf{tX, tI, Int}, X: tS}, mark(2), add}, 1},
		{"a loop up to the length", tFor("++", tX, mark(1), add), 0},
		{"a loop down", tFor("--", tX, mark(1), add), 1},
		{"a loop up to the length of another", tFor("++", tG, mark(1), add), 1},
		{"a loop that changes its variable", tFor("++", tX, mark(1), add, &Assign{L: tI, Op: "+", X: tNum(2)}), 1},
		{"a loop that changes its slice", tFor("++", tX, mark(1), add, &Assign{L: tX, X: &SliceOfExpr{X: tX, T: tX.T}}), 1},
		{"a closure changes the slice", append(tFor("++", tX, mark(1), add),
			&Define{&Var{Name: "f", T: FuncOf(nil, nil)}, &FuncLit{T: FuncOf(nil, nil), Body: []Stmt{&Assign{L: tX, X: &Nil{tX.T}}}}}), 1},
		{"the address of the index is taken", append(tFor("++", tX, mark(1), add),
			&Define{&Var{Name: "q", T: PointerTo(Int)}, &AddrOf{tI, PointerTo(Int)}}), 1},
		{"indexed before a loop that goes on", []Stmt{mark(1), add, &For{Cond: &Binary{"<", tI, tNum(9), Bool}, Post: &Assign{L: tI, Op: "++"},
			Body: []Stmt{mark(2), add}}}, 2},
		{"a pointer followed twice", []Stmt{mark(1), load(), mark(2), load()}, 1},
		{"a new pointer in between", []Stmt{mark(1), load(), &Assign{L: tP, X: &Nil{tP.T}}, mark(2), load()}, 2},
		{"followed in a branch only", []Stmt{&If{Cond: tS, Then: []Stmt{mark(1), load()}}, mark(2), load()}, 2},
		{"the address of something", []Stmt{&Define{tP, &AddrOf{&Lit{T: tP.T.Elem}, tP.T}}, mark(1), load()}, 0},
		{"a division", []Stmt{mark(1), &Assign{L: tS, Op: "/", X: tI}}, 1},
		{"a division by a constant", []Stmt{mark(1), &Assign{L: tS, Op: "/", X: tNum(3)}}, 0},
		{"a function of the notebook", []Stmt{mark(1), &Do{&Call{Fun: &FuncRef{Name: "f"}, Args: []Expr{tI}}}}, 0},
		{"a function value, perhaps nil", []Stmt{mark(1), &Do{&Call{Fun: tP}}}, 1},
		{"a native function", []Stmt{mark(1), &Do{&Call{Fun: &Native{Pkg: "strings", Name: "Repeat"}, Args: []Expr{tI}}}}, 1},
		{"an argument that may fail", []Stmt{mark(1), &Do{&Call{Fun: &FuncRef{Name: "f"}, Args: []Expr{field}}}}, 1},
	} {
		p := &printer{unit: &Unit{}}
		p.stmts(Sure(c.body, []*Var{tS, tX, tP}))
		text := p.b.String()
		if marks := strings.Count(text, Line); marks != c.marks {
			t.Errorf("%s: %d marks, want %d:\n%s", c.name, marks, c.marks, text)
		}
	}
}

// A temporary stays where moving it could be seen.
func TestDirect(t *testing.T) {
	z1, z2 := &Var{Name: "z1", T: Int}, &Var{Name: "z2", T: Int}
	f := func(args ...Expr) Expr { return &Call{Fun: &FuncRef{Name: "f"}, Args: args, T: Int} }
	sum := func(x, y Expr) Expr { return &Binary{"+", x, y, Int} }
	s, i, x := &Var{Name: "s", T: Int}, &Var{Name: "i", T: Int}, &Var{Name: "x", T: SliceOf(Int)}
	for _, c := range []struct {
		name string
		body []Stmt
		want string
	}{
		{"two calls of a return", []Stmt{&Define{z1, f(i)}, &Define{z2, f(s)}, &Return{[]Expr{sum(z1, z2)}}}, "return f(i) + f(s)\n"},
		{"a call to add", []Stmt{&Define{z1, f(i)}, &Assign{L: s, Op: "+", X: z1}}, "s += f(i)\n"},
		{"a call to assign may write early", []Stmt{&Define{z1, f(i)}, &Assign{L: s, X: z1}}, "var z1 int = f(i)\ns = z1\n"},
		{"a call after an element", []Stmt{&Define{z1, f(i)}, &Return{[]Expr{sum(&IndexOf{x, i, Int}, z1)}}}, "var z1 int = f(i)\nreturn x[i] + z1\n"},
		{"a call after a sum of variables", []Stmt{&Define{z1, f(i)}, &Return{[]Expr{sum(sum(s, i), z1)}}}, "var z1 int = f(i)\nreturn s + i + z1\n"},
		{"used twice", []Stmt{&Define{z1, f(i)}, &Return{[]Expr{sum(z1, z1)}}}, "var z1 int = f(i)\nreturn z1 + z1\n"},
		{"a parallel assignment", []Stmt{&Define{z1, s}, &Define{z2, sum(s, i)}, &Assign{L: s, X: z1}, &Assign{L: i, X: z2}}, "var z1 int = s\nvar z2 int = s + i\ns = z1\ni = z2\n"},
		{"parallel definitions", []Stmt{&Define{z1, sum(s, i)}, &Define{z2, sum(i, i)}, &Define{&Var{Name: "a", T: Int}, z1}, &Define{&Var{Name: "b", T: Int}, z2}}, "var a int = s + i\nvar b int = i + i\n"},
		{"a condition", []Stmt{&Define{z1, f(i)}, &If{Cond: &Binary{">", z1, s, Bool}}}, "if f(i) > s {\n}\n"},
		{"not into the right side of &&", []Stmt{&Define{z1, f(i)}, &If{Cond: &Binary{"&&", s, &Binary{">", z1, s, Bool}, Bool}}}, "var z1 int = f(i)\nif s && z1 > s {\n}\n"},
		{"not into a loop", []Stmt{&Define{z1, f(i)}, &For{Cond: &Binary{"<", s, z1, Bool}}}, "var z1 int = f(i)\nfor s < z1 {\n}\n"},
		{"not into a closure", []Stmt{&Define{z1, f(i)}, &Define{&Var{Name: "g", T: FuncOf(nil, nil)}, &FuncLit{T: FuncOf(nil, []*Type{Int}), Body: []Stmt{&Return{[]Expr{z1}}}}}},
			"var z1 int = f(i)\nvar g func() = func() int {\nreturn z1\n}\n"},
	} {
		p := &printer{unit: &Unit{}}
		p.stmts(Direct(c.body))
		if got := p.b.String(); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}
