package interp

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"io"
	"log"
	"slices"

	"surprisal/jupyter/interp/check"
	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/lower"
)

// compile takes a cell as far as it gets without running: checked, lowered and
// defined, and then known to the cells that follow. A cell that fails on the
// way has changed nothing.
func (s *Session) compile(c Cell) (compiled, *Error) {
	if err := s.predeclare(c.Code); err != nil {
		return compiled{}, s.given(internal(err))
	}
	cell, errs := s.checker.Check(c.ID, c.Count, c.Code)
	if errs != nil {
		return compiled{}, s.given(s.compileError(errs))
	}
	p := compiled{mute: returnsError(cell), notes: cell.Notes}
	var e *Error
	p.unit, e = s.define(cell, func() bool { return s.fate.CompareAndSwap(undecided, defined) })
	return p, e
}

// compiled is a cell that can run.
type compiled struct {
	unit  *ir.Unit
	mute  bool // a nil at its end is no news: see returnsError
	notes []check.Remark
}

// remark tells the reader, under the cell, what it leaves as it was.
func (s *Session) remark(notes []check.Remark) {
	live := s.guard.Live()
	for _, n := range notes {
		switch {
		case n.Live != 0 && !slices.Contains(live, n.Live):
		case s.cfg.Remark != nil:
			s.cfg.Remark(n.Text)
		default:
			fmt.Fprintln(s.stderr(), n.Text)
		}
	}
}

// returnsError says whether the cell ends with a call that returns an error
// and nothing else, such as file.Close(). A variable err that stands there
// alone is a question and shows <nil>.
func returnsError(c *check.Cell) bool {
	if c.Show == nil {
		return false
	}
	_, call := ast.Unparen(c.Show).(*ast.CallExpr)
	return call && types.Identical(c.Info.TypeOf(c.Show), types.Universe.Lookup("error").Type())
}

// compileExpr compiles one expression.
func (s *Session) compileExpr(c Cell) (*ir.Unit, *Error) {
	if err := s.predeclare(c.Code); err != nil {
		return nil, internal(err)
	}
	cell, errs := s.checker.Check(c.ID, c.Count, c.Code)
	if errs != nil {
		return nil, s.compileError(errs)
	}
	if cell.Show == nil || len(cell.Body)+len(cell.Funcs)+len(cell.Types) > 0 {
		s.checker.Drop(cell)
		return nil, s.compileError(check.Errors{{Pos: check.Position(c.Count, c.Code, 0), Msg: "not an expression that has a value"}})
	}
	return s.define(cell, nil)
}

// define defines a cell, if then it is still to be, and knows it from then on.
func (s *Session) define(cell *check.Cell, still func() bool) (*ir.Unit, *Error) {
	unit, err := s.lowerer.Cell(cell)
	if err != nil {
		s.checker.Drop(cell)
		return nil, s.given(s.limit(cell, err))
	}
	if s.givenUp() {
		s.checker.Drop(cell)
		return nil, interruption("")
	}
	if err := s.defineQuietly(unit); err != nil {
		s.checker.Drop(cell)
		return nil, s.refused(unit, err)
	}
	if still != nil && !still() {
		s.checker.Drop(cell)
		return nil, interruption("")
	}
	s.lowerer.Commit(unit)
	s.arrival.start(cell, unit.Fresh)
	s.garbage = append(s.garbage, s.checker.Commit(cell)...)
	s.marks.add(unit)
	return unit, nil
}

// defineQuietly keeps from the reader what yaegi's compiler logs before it
// gives up; the error says it all.
func (s *Session) defineQuietly(u *ir.Unit) error {
	w := log.Writer()
	log.SetOutput(muffler{w})
	defer log.SetOutput(w)
	return s.backend.Define(u)
}

type muffler struct{ io.Writer }

func (m muffler) Write(b []byte) (int, error) {
	if bytes.HasSuffix(b, []byte("nil type\n")) || bytes.HasSuffix(b, []byte("nil reflect type\n")) || bytes.Contains(b, []byte("compositeGenerator")) {
		return len(b), nil
	}
	return m.Writer.Write(b)
}

// limit is a construct that the lowering refuses, with its place.
func (s *Session) limit(cell *check.Cell, err error) *Error {
	var l *lower.Limit
	if !errors.As(err, &l) {
		return internal(err)
	}
	var pos token.Position
	if l.Pos.IsValid() {
		pos = cell.Name(l.Pos)
	}
	return s.failure("InterpreterLimit", []*check.Error{{Pos: pos, Msg: limitWords(l)}})
}

// refused is a cell that is right Go and that yaegi's compiler does not take.
// The text that it got is what a report of the defect needs.
func (s *Session) refused(u *ir.Unit, err error) *Error {
	e := &Error{Name: "InterpreterLimit", Value: "the interpreter cannot run this cell, though it is right Go: " + err.Error()}
	e.Traceback = append(e.Traceback, red(e.Name)+": "+e.Value, "", "What the interpreter got, for a report of this defect:", ir.Text(u, nil))
	return e
}

func internal(err error) *Error {
	v := fmt.Sprintf("internal error: %v", err)
	return &Error{Name: "InternalError", Value: v, Traceback: []string{red("InternalError") + ": " + v}}
}
