package main

import (
	"context"
	"fmt"
	"log"

	"surprisal/jupyter/comm"
	"surprisal/jupyter/display"
	"surprisal/jupyter/figure"
	"surprisal/jupyter/interp"
	"surprisal/jupyter/interp/guard"
	"surprisal/jupyter/interp/module"
	"surprisal/jupyter/notebook"
	"surprisal/jupyter/symbols"
	"surprisal/jupyter/widget"
	"surprisal/jupyter/worker"
)

// build joins what a worker drives: a session that sees the packages of a
// symbol table, bound to the screen, the comms and the notebook of this
// worker.
func build(s *worker.Server) (worker.Backend, error) {
	g := guard.New()
	screen := display.NewScreen(s)
	screen.Draw = figure.Of
	book := notebook.New(s)
	book.Stdout, book.Stderr = s.Stdout(), s.Stderr()
	comms := comm.New(s, comm.Owner{Current: g.Owner, Run: func(id uint64, f func()) {
		g.Run(id, func() { g.Wrap(f)() }) // so that a panic is the cell's error
	}})
	deck := &widget.Deck{Screen: screen, Start: s.StartMonitor}
	deck.Open()
	table := symbols.New(symbols.Options{
		Screen:   screen,
		Comms:    comms,
		Notebook: book,
		Widgets:  deck,
		Stdout:   s.Stdout(),
		Stderr:   s.Stderr(),
		Wrap:     g.Wrap,
		Sleep:    g.Sleep,
		Exit:     g.Exit,
		Cell:     g.Owner,
	})
	session, err := interp.New(interp.Config{Packages: table, Guard: g, Preload: table.Preload(), Bind: table.Bind(),
		Modules: module.New(module.Options{Progress: s.Stdout(), Preload: "the standard library, gonum, gonum/plot and the packages of surprisal"})})
	if err != nil {
		return worker.Backend{}, err
	}
	session.OnFailure(s.Fail)
	log.SetOutput(session.Served(log.Writer()))
	book.Modules = session.Get
	book.List = func() []notebook.Var {
		var vars []notebook.Var
		for _, v := range session.Vars() {
			vars = append(vars, notebook.Var(v))
		}
		return vars
	}
	return worker.Backend{Session: drawing{session, deck}, Owners: g, Comms: comms}, nil
}

// drawing is a session whose results are figures where they can be: a plot of
// gonum is shown as a picture. Its widgets know when a cell runs.
type drawing struct {
	*interp.Session
	deck *widget.Deck
}

func (d drawing) Run(ctx context.Context, c interp.Cell) (interp.Result, *interp.Error) {
	d.deck.Begin()
	defer d.deck.End()
	r, err := d.Session.Run(ctx, c)
	for i, v := range r.Values {
		r.Values[i] = figure.Of(v)
		if f, ok := r.Values[i].(*figure.Figure); ok && f != nil {
			if why := undrawable(f); why != nil {
				return interp.Result{}, &interp.Error{Name: "FigureError", Value: why.Error(),
					Traceback: []string{"\x1b[31mFigureError\x1b[0m: " + why.Error()}}
			}
		}
	}
	return r, err
}

// undrawable says why a figure has no picture. A cell that asks for one and gets
// none has failed: run all must stop there. The figure keeps what it has drawn.
func undrawable(f *figure.Figure) (why error) {
	defer func() {
		if v := recover(); v != nil {
			why = fmt.Errorf("figure: the plot panicked while it was drawn: %v", v)
		}
	}()
	_, why = f.Bundle()
	return why
}
