// Package check holds a cell that has passed the type checker: its syntax, its
// types, and which of its variables live on in the session.
package check

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Cell is one type-checked cell, ready to be lowered.
type Cell struct {
	ID   uint64
	Fset *token.FileSet
	Pkg  *types.Package
	// Info has Types, Defs, Uses, Implicits, Selections, Scopes and Instances
	// filled. InitOrder is empty: Body has the order already.
	Info  *types.Info
	Funcs []*ast.FuncDecl // functions and methods, in source order
	Types []*ast.TypeSpec // of the cell's top level
	// Body are the statements in the order in which they run. A top-level var
	// is one, const needs none. In a cell of declarations only, the variables
	// stand in the order of their dependencies. Calls of init, whose functions
	// are named init__1 and so on, and of main, in a program, are in it.
	Body []ast.Stmt
	// Show is the last expression, whose values are shown; nil if there is
	// none. It is not in Body.
	Show ast.Expr
	Top  []*types.Var // variables that Body declares at its top level: they live on
	// Same maps a variable that is declared again with an identical type to
	// the variable that goes on.
	Same map[*types.Var]*types.Var
	// Renewed maps generic types of earlier cells to what the cell declares in
	// their place: the same types, perhaps with more methods.
	Renewed map[*types.Named]*types.Named
	// Fresh are those of Top that are no variables of earlier cells: they are
	// declared when their statements have run, see Checker.Missed.
	Fresh map[*types.Var]bool
	// Waits are functions of earlier cells, compiled again for variables of Fresh.
	Waits map[*ast.FuncDecl][]*types.Var
	// Notes tell the reader what keeps an earlier meaning of a name.
	Notes []Remark
	// Name gives the position that a reader knows: Cell [n], line and column.
	Name func(token.Pos) token.Position

	commit func() []*types.Var
	drop   func()
	missed func(names []string) []*types.Func
}
