package ir

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// RT is the import path of the run time that lowered code calls.
const RT = "surprisal/jupyter/interp/rt"

// Line is the name of the global variable that marks store into.
const Line = "line__"

// TopLine is the name of the one that marks of a cell's own statements store
// into.
const TopLine = "top__"

// Stop and Stuck are the names of the global variables that lowered code polls,
// at the heads of loops and after native calls. zero is always 0.
const (
	Stop  = "stop__"
	Stuck = "stuck__"
	zero  = "zero__"
)

// Entry is the name of the global variable through which a unit hands out its
// entry.
const Entry = "entry__"

// Text prints the declarations of a unit as one file of package main for
// yaegi. Packages in known are imported already: yaegi keeps imports from one
// file to the next and refuses a second one.
func Text(u *Unit, known map[string]bool) string {
	p := &printer{unit: u}
	p.line("package main")
	paths := append([]string(nil), u.Imports...)
	sort.Strings(paths)
	for _, path := range paths {
		if !known[path] {
			p.line("import ", Alias(path), " ", strconv.Quote(path))
		}
	}
	types(p, u.Types)
	for _, v := range u.Vars {
		p.line("var ", v.Name, " ", v.T.text)
	}
	for _, f := range u.Funcs {
		p.function(f, nil)
	}
	if u.Entry != nil {
		p.function(u.Entry, u.Init)
		p.line("func init() { ", Entry, " = ", u.Entry.Name, " }")
	}
	return p.b.String()
}

func types(p *printer, ts []TypeDecl) {
	for _, t := range ts {
		p.line("type ", t.Name, " ", t.T.text)
	}
	for _, t := range ts {
		if t.Holds {
			p.line("var first_", t.Name, " *", t.Name)
		}
	}
}

type printer struct {
	b     strings.Builder
	unit  *Unit
	again bool          // what is printed may run several times in one frame
	kept  map[*Var]bool // see keptVars
	apart *apart        // nil where literals stay where they are
}

func (p *printer) put(ss ...string) {
	for _, s := range ss {
		p.b.WriteString(s)
	}
}

func (p *printer) line(ss ...string) {
	p.put(ss...)
	p.b.WriteByte('\n')
}

func (p *printer) function(f *Function, first []Stmt) {
	if f.Pos.Line > 0 {
		p.directive(f.Pos.Line, f.Pos.Column)
	}
	p.put("func ", f.Name, "(")
	p.params(f.Params)
	p.put(")", results(f.Results), " {\n")
	p.again, p.kept, p.apart = hasLabel(f.Body), keptVars(f.Body), newApart(f)
	p.stmts(first)
	p.stmts(f.Body)
	p.line("}")
	if p.apart != nil {
		p.put(p.apart.text.String())
	}
}

// directive tells yaegi where the next token stands in the cell. yaegi keys
// imports by the base name of the file, so the base name is always the same
// and the folder says which cell it is.
func (p *printer) directive(line, column int) {
	fmt.Fprintf(&p.b, "/*line cell%d/_.go:%d:%d*/", p.unit.ID, line, max(column, 1))
}

func (p *printer) params(vs []*Var) {
	for i, v := range vs {
		if i > 0 {
			p.put(", ")
		}
		p.put(v.Name, " ", v.T.text)
	}
}

func results(ts []*Type) string { return strings.TrimPrefix(signature(nil, ts), "()") }

func (p *printer) stmts(ss []Stmt) {
	for _, s := range ss {
		p.stmt(s)
	}
}

func (p *printer) poll(on bool) {
	if on {
		p.line("if ", Stop, " { ", Alias(RT), ".Check() }")
	}
}

func (p *printer) label(l string) {
	if l != "" {
		p.line(l, ":")
	}
}

func (p *printer) stmt(s Stmt) {
	switch s := s.(type) {
	case *Define:
		p.define(s)
	case *DefineAll:
		if c, ok := isOp(s.X); ok {
			for _, v := range s.Vs {
				p.line("var ", v.Name, " ", v.T.text)
			}
			p.operation(c, s.Vs...)
			return
		}
		for i, v := range s.Vs {
			if i > 0 {
				p.put(", ")
			}
			p.put(v.Name)
		}
		p.put(" := ")
		p.expr(s.X)
		p.line()
	case *Assign:
		if c, ok := isOp(s.X); ok {
			p.operation(c, s.L.(*Var))
			return
		}
		p.assign(s)
		p.line()
	case *Do:
		if c, ok := isOp(s.X); ok {
			p.operation(c)
			return
		}
		p.expr(s.X)
		p.line()
	case *If:
		p.ifElse(s)
	case *Block:
		p.line("{")
		p.stmts(s.Body)
		p.line("}")
	case *For:
		p.forLoop(s)
	case *Range:
		p.rangeLoop(s)
	case *Switch:
		p.switchCases(s)
	case *Jump:
		p.line(strings.TrimSuffix(s.Word+" "+s.Label, " "))
	case *Poll:
		p.line("if ", Stuck, " { ", Alias(RT), ".Check() }")
	case *Label:
		p.line(s.Name, ":")
		p.poll(true) // a goto may make a loop of what follows
	case *Return:
		p.put("return ")
		for i, x := range s.Xs {
			if i > 0 {
				p.put(", ")
			}
			p.value(x)
		}
		p.line()
	case *Mark:
		p.mark(s)
	default:
		panic(fmt.Sprintf("ir: internal error: statement %T", s))
	}
}

func (p *printer) define(s *Define) {
	p.put("var ", s.V.Name, " ", s.V.T.text)
	if c, ok := isOp(s.X); ok {
		p.line()
		p.operation(c, s.V)
		return
	}
	if l, ok := s.X.(*Lit); ok && l.T.Kind != Named && l.T.Kind != Struct {
		// yaegi makes no new variable for such a literal: closures of all
		// iterations would share one
		p.put("\n", s.V.Name)
	}
	if l, ok := s.X.(*FuncLit); ok {
		p.put(" = ")
		p.closure(l, l.Here || !p.kept[s.V])
	} else if s.X != nil {
		p.put(" = ")
		p.value(s.X)
	}
	p.line()
}

func (p *printer) ifElse(s *If) {
	p.put("if ")
	p.condition(s.Cond)
	p.line(" {")
	p.stmts(s.Then)
	if len(s.Else) > 0 {
		p.line("} else {")
		p.stmts(s.Else)
	}
	p.line("}")
}

func (p *printer) switchCases(s *Switch) {
	p.label(s.Label)
	p.line("switch {")
	for _, c := range s.Cases {
		if c.Cond == nil {
			p.line("default:")
		} else {
			p.put("case ")
			p.condition(c.Cond)
			p.line(":")
		}
		p.caseBody(c.Body)
	}
	p.line("}")
}

func (p *printer) mark(s *Mark) {
	if i := s.N - p.unit.First; i >= 0 && i < len(p.unit.Marks) {
		pos := p.unit.Marks[i].Pos
		p.directive(pos.Line, pos.Column)
	}
	if s.Top {
		p.line(TopLine, " = ", zero, " + ", strconv.Itoa(s.N))
	}
	p.line(Line, " = ", zero, " + ", strconv.Itoa(s.N)) // a third cheaper than the constant alone
}

func (p *printer) assign(s *Assign) {
	p.expr(s.L)
	if s.X == nil {
		p.put(s.Op)
		return
	}
	p.put(" ", s.Op, "= ")
	if at, ok := s.L.(*IndexOf); ok && at.X.Type() != nil && at.X.Type().Kind == Map {
		p.parenthesized(s.X)
		return
	}
	p.value(s.X)
}

// parenthesized prints a value for an element of a map, which has no place that
// an operator could write to.
func (p *printer) parenthesized(e Expr) {
	if _, ok := e.(*Binary); ok {
		p.put("(")
		defer p.put(")")
	}
	p.expr(e)
}

func (p *printer) forLoop(s *For) {
	p.label(s.Label)
	p.put("for ")
	if s.Post != nil {
		p.put("; ")
	}
	if s.Cond != nil {
		p.condition(s.Cond)
	}
	if a, ok := s.Post.(*Assign); ok {
		p.put("; ")
		p.assign(a)
	}
	p.line(" {")
	p.loopBody(s.Body, s.Poll)
}

func (p *printer) loopBody(body []Stmt, poll bool) {
	again := p.again
	p.again = true
	p.poll(poll && !beginsWithPoll(body))
	p.stmts(body)
	p.again = again
	p.line("}")
}

// caseBody prints statements; those with labels in a block, for yaegi knows
// beforehand of the labels of blocks alone.
func (p *printer) caseBody(body []Stmt) {
	for _, s := range body {
		if labelled(s) {
			p.line("{")
			p.stmts(body)
			p.line("}")
			return
		}
	}
	p.stmts(body)
}

func labelled(s Stmt) bool {
	switch s := s.(type) {
	case *For:
		return s.Label != ""
	case *Range:
		return s.Label != ""
	case *Switch:
		return s.Label != ""
	case *Label:
		return true
	}
	return false
}

func (p *printer) rangeLoop(s *Range) {
	p.label(s.Label)
	key := "_"
	if s.Key != nil {
		key = s.Key.Name
	}
	p.put("for ", key)
	if s.Val != nil {
		p.put(", ", s.Val.Name)
	}
	p.put(" := range ")
	p.expr(s.X)
	p.line(" {")
	p.loopBody(s.Body, s.Poll)
}
