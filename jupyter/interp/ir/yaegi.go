package ir

import (
	"fmt"
	"go/parser"
	"maps"
	"reflect"
	"runtime/debug"
	"strconv"

	"github.com/traefik/yaegi/interp"
)

// Yaegi runs units in a yaegi interpreter. Not safe for concurrent use of
// Define; units may run at the same time.
type Yaegi struct {
	in    *interp.Interpreter
	entry *func() // the interpreter's variable Entry
	keeps keeps
	steps *bounded
	known map[string]bool
	load  func(path string) (map[string]reflect.Value, error)
}

// NewYaegi returns a back end on an interpreter without symbols. rt is the
// table of the run time, whose functions LineAt and FlagsAt are told where
// marks store and what polls read; ops are its operations. load gives the
// symbols of a native package when a unit imports it for the first time.
func NewYaegi(in *interp.Interpreter, rt map[string]reflect.Value, ops map[string]Op, load func(path string) (map[string]reflect.Value, error)) (*Yaegi, error) {
	y := &Yaegi{in: in, known: map[string]bool{RT: true}, load: load}
	rt = maps.Clone(rt)
	steps, err := carry(in, ops)
	if err != nil {
		return nil, err
	}
	if y.steps, err = newBounded(in, steps, rt); err != nil {
		return nil, err
	}
	rt["EntryAt"] = reflect.ValueOf(func(p *func()) { y.entry = p })
	if err := in.Use(interp.Exports{RT + "/rt": rt}); err != nil {
		return nil, fmt.Errorf("ir: symbols of the run time: %w", err)
	}
	a := Alias(RT)
	err = y.eval("package main\nimport " + a + " \"" + RT + "\"\nvar " + Line + ", " + TopLine + ", " + zero + " int\nvar " + Stop + ", " + Stuck + " bool\nvar " + Entry + " func()\n" +
		"func init() {\n" + a + ".LineAt(&" + Line + ", &" + TopLine + ")\n" + a + ".FlagsAt(&" + Stop + ", &" + Stuck + ")\n" + a + ".EntryAt(&" + Entry + ")\n}\n")
	y.keeps = keptBy(in)
	return y, err
}

// Define makes the declarations of a unit known to the interpreter. It runs no
// code of the cell.
func (y *Yaegi) Define(u *Unit) error {
	for _, path := range u.Imports {
		if y.known[path] {
			continue
		}
		syms, err := y.load(path)
		if err != nil {
			return err
		}
		if syms == nil { // the interpreter has them
			continue
		}
		if err := y.in.Use(interp.Exports{exportKey(path): syms}); err != nil {
			return fmt.Errorf("ir: symbols of %s: %w", path, err)
		}
	}
	// An import outlives a unit that fails behind it, and a second one of the
	// same package is refused.
	for _, path := range u.Imports {
		if y.known[path] {
			continue
		}
		if err := y.eval("package main\nimport " + Alias(path) + " " + strconv.Quote(path) + "\n"); err != nil {
			return err
		}
		y.known[path] = true
	}
	if err := y.defineTypes(u); err != nil {
		return err
	}
	if err := y.link(u.Links); err != nil {
		return err
	}
	for _, name := range u.apart { // what calls them has found them
		y.keeps.forget(name)
	}
	u.apart = nil
	if u.Entry != nil {
		u.run, *y.entry = *y.entry, nil
		y.keeps.forget(u.Entry.Name)
	}
	return nil
}

// Run calls the unit's entry on this goroutine, once. There is no stop from outside: yaegi's is
// global and leaves closures of earlier units dead.
func (y *Yaegi) Run(u *Unit) (err error) {
	run := u.run
	u.run = nil
	defer func() {
		if v := recover(); v != nil {
			err = interp.Panic{Value: v, Stack: debug.Stack()}
		}
	}()
	run()
	return nil
}

// Link points slots while a unit runs.
func (y *Yaegi) Link(ls []Link) error { return y.link(ls) }

// eval defines the declarations of a file. It does what yaegi's Eval does, but
// parses once instead of twice, and leaves out what yaegi never looks at.
func (y *Yaegi) eval(src string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("ir: the interpreter's compiler failed: %v", r)
		}
	}()
	file, err := parser.ParseFile(y.in.FileSet(), interp.DefaultSourceName, src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	p, err := y.in.CompileAST(file)
	if err != nil {
		return err
	}
	y.steps.replace(p)
	_, err = y.in.Execute(p)
	return err
}

// exportKey is how yaegi's symbol tables are keyed: path and package name. A
// unit always imports under its own alias, so the name itself does not matter;
// but the key fmt/fmt would make yaegi replace fmt.Print and its like by its
// own and compile generic sources that no unit uses.
func exportKey(path string) string { return path + "/native" }
