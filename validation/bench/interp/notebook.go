package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"surprisal/jupyter/interp"
	"surprisal/jupyter/interp/check"
	"surprisal/jupyter/interp/guard"
	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/lower"
	"surprisal/jupyter/symbols"
)

// notebook is a session with the packages that cells see.
type notebook struct {
	*interp.Session
	n uint64
}

func open() (*notebook, error) {
	g := guard.New()
	t := symbols.New(symbols.Options{Wrap: g.Wrap, Sleep: g.Sleep, Exit: g.Exit, Cell: g.Owner})
	s, err := interp.New(interp.Config{Packages: t, Guard: g, Preload: t.Preload(), Bind: t.Bind()})
	return &notebook{Session: s}, err
}

// run runs a cell and returns the first of its values.
func (n *notebook) run(ctx context.Context, code string) (any, error) {
	n.n++
	r, e := n.Run(ctx, interp.Cell{ID: n.n, Count: int(n.n), Code: code})
	if e != nil {
		return nil, errors.New(strings.Join(e.Traceback, "\n"))
	}
	if len(r.Values) == 0 {
		return nil, nil
	}
	return r.Values[0], nil
}

// compiler is the part of a session that comes before the interpreter.
type compiler struct {
	*check.Checker
	low *lower.Lowerer
	n   int
}

func newCompiler() *compiler {
	t := symbols.New(symbols.Options{})
	c := check.New(check.Options{Export: t.Export, Preload: t.Preload()})
	return &compiler{Checker: c, low: lower.New(lower.Options{Importer: c})}
}

// cell checks and lowers a cell and remembers what it defines.
func (c *compiler) cell(code string) (*ir.Unit, error) {
	c.n++
	cell, errs := c.Check(uint64(c.n), c.n, code)
	if errs != nil {
		return nil, errs
	}
	u, err := c.low.Cell(cell)
	if err != nil {
		return nil, err
	}
	c.low.Commit(u)
	c.Commit(cell)
	return u, nil
}

// emitted prints what the interpreter gets of a program.
func emitted(name string) error {
	for _, p := range append(programs[:len(programs):len(programs)], interfaceCalls) {
		if p.name != name {
			continue
		}
		u, err := newCompiler().cell(p.imports() + p.code + "\nrun()")
		if err != nil {
			return err
		}
		fmt.Print(ir.Text(u, nil))
		return nil
	}
	return fmt.Errorf("no program is called %q", name)
}
