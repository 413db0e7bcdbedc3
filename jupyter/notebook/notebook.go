// Package notebook is what a cell may ask of its notebook: a line of input, the
// pager, the next cell, a shell, the environment, modules, and what is defined. Other
// kernels give these to magic commands; here they are functions, so that every
// cell stays plain Go.
//
//	name, err := notebook.Input("name? ")
//	notebook.Sh(ctx, "ls -l")
//	notebook.Vars()
//
// Outside of a notebook what needs one returns an error that wraps
// ErrNoNotebook.
package notebook

import (
	"errors"
	"fmt"
	"io"
	"os"

	"surprisal/jupyter/display"
)

// ErrNoNotebook is returned where there is no notebook to ask.
var ErrNoNotebook = errors.New("this program does not run in a notebook; call it from a cell")

// Host is the notebook's side.
type Host interface {
	// Input asks the user for a line, hidden while typed if password is set. It
	// returns an error at once where nobody can answer.
	Input(prompt string, password bool) (string, error)
	// Page shows b in the pager when the cell has ended.
	Page(b display.Bundle)
	// NextInput makes a new cell of code below the running one when that has
	// ended.
	NextInput(code string)
}

// Notebook is one session's notebook. Its methods are bound to a cell's
// symbols. The fields are set before the first cell runs.
type Notebook struct {
	host Host

	// Stdout and Stderr take what shell commands print; nil is os.Stdout and
	// os.Stderr.
	Stdout, Stderr io.Writer
	// List returns what cells have defined.
	List func() []Var
	// Modules makes packages of modules importable.
	Modules func(modules ...string) error
}

// New returns a Notebook that asks host, or one that can ask nobody if host is
// nil.
func New(host Host) *Notebook { return &Notebook{host: host} }

// Input asks the user for a line and returns it without its end.
func (n *Notebook) Input(prompt string) (string, error) { return n.ask("Input", prompt, false) }

// Password is Input with what is typed hidden.
func (n *Notebook) Password(prompt string) (string, error) { return n.ask("Password", prompt, true) }

func (n *Notebook) ask(name, prompt string, password bool) (string, error) {
	if n.host == nil {
		return "", missing(name)
	}
	s, err := n.host.Input(prompt, password)
	if err != nil {
		return "", fmt.Errorf("notebook: %s: %w", name, err)
	}
	return s, nil
}

// Page shows v in the pager when the cell has ended.
func (n *Notebook) Page(v any) error {
	if n.host == nil {
		return missing("Page")
	}
	n.host.Page(display.Of(v))
	return nil
}

// NextInput makes a new cell of code below the running one when that has
// ended.
func (n *Notebook) NextInput(code string) error {
	if n.host == nil {
		return missing("NextInput")
	}
	n.host.NextInput(code)
	return nil
}

// Vars returns the variables that cells have defined; it renders as a table.
func (n *Notebook) Vars() (Table, error) {
	if n.List == nil {
		return nil, missing("Vars")
	}
	return n.List(), nil
}

// Get makes the packages of modules importable in the cells that follow:
// "golang.org/x/text@v0.43.0", or "golang.org/x/text" for the newest version. The
// source comes from the module cache, or is downloaded if a Go toolchain is on
// the PATH. It must be plain Go: no cgo, no assembly, no unsafe. What a go.mod
// beside the notebook requires needs no Get. On an error nothing has changed.
func (n *Notebook) Get(modules ...string) error {
	if n.Modules == nil {
		return missing("Get")
	}
	if err := n.Modules(modules...); err != nil {
		return fmt.Errorf("notebook: Get: %w", err)
	}
	return nil
}

func missing(name string) error { return fmt.Errorf("notebook: %s: %w", name, ErrNoNotebook) }

// Env sets an environment variable for this session's code and what it starts.
func Env(name, value string) error {
	if err := os.Setenv(name, value); err != nil {
		return fmt.Errorf("notebook: Env: %q cannot be set: %w", name, err)
	}
	return nil
}

// Input asks the user for a line and returns it without its end.
func Input(prompt string) (string, error) { return New(nil).Input(prompt) }

// Password is Input with what is typed hidden.
func Password(prompt string) (string, error) { return New(nil).Password(prompt) }

// Page shows v in the pager when the cell has ended.
func Page(v any) error { return New(nil).Page(v) }

// NextInput makes a new cell of code below the running one when that has
// ended.
func NextInput(code string) error { return New(nil).NextInput(code) }

// Get makes the packages of modules importable in the cells that follow:
// "golang.org/x/text@v0.43.0".
func Get(modules ...string) error { return New(nil).Get(modules...) }

// Vars returns the variables that cells have defined; it renders as a table.
func Vars() (Table, error) { return New(nil).Vars() }
