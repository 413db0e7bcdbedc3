package interp

import (
	"io"
	"reflect"

	"surprisal/jupyter/interp/guard"
	"surprisal/jupyter/interp/module"
)

// Packages is what a session knows of native packages; symbols.Table
// implements it. Paths are import paths.
type Packages interface {
	// Values returns the symbols of a package as yaegi wants them (functions,
	// addresses of variables, constants, nil pointers for types, and _Name
	// wrappers for interfaces), or nil if the package is not there.
	Values(path string) map[string]reflect.Value
	// Export opens the package's export data for go/importer.
	Export(path string) (io.ReadCloser, error)
	// Doc returns the documentation of name ("Sort", "Builder.WriteString"),
	// of the package if name is empty, and "" if there is none.
	Doc(path, name string) string
}

// Lister is what Packages may also implement: the paths of all packages, which
// completion offers in an import. Without it, those that Config preloads are
// offered.
type Lister interface {
	Paths() []string
}

// Config is what a Session is made of.
type Config struct {
	Packages Packages
	Guard    *guard.Guard
	// Preload maps a package name to the import path that a cell may use
	// without an import declaration.
	Preload map[string]string
	// Bind replaces functions of native packages by ones that belong to this
	// session, by import path and name: display.Show, notebook.Input.
	Bind map[string]map[string]reflect.Value
	// Modules finds the source of packages that Packages does not have. Nil: a
	// session without modules.
	Modules *module.Set
	// Remark hears what a cell that defines names again leaves as it was. Nil: it
	// goes to standard error.
	Remark func(text string)
}

// Cell is one piece of source to run.
type Cell struct {
	ID    uint64 // its owner number, see guard
	Count int    // shown in positions as Cell [Count]
	Code  string
}

// Result is what a cell ended with: the values of its last expression, made
// fit for native eyes (a notebook type's methods String, HTML, SVG and PNG can
// be called), and none if it was no expression or has no value.
type Result struct{ Values []any }

// Error is how a cell failed. Value is plain text; Traceback may hold ANSI
// colour and shows cell, line and column with the source line and a caret.
type Error struct {
	Name      string // CompileError, Panic, Exit, Interrupted, …
	Value     string
	Traceback []string
}

func (e *Error) Error() string { return e.Name + ": " + e.Value }

// Completion replaces the code points [Start, End) by one of Matches.
type Completion struct {
	Start, End int
	Matches    []Match
}

// Match is one completion. Type is a word of Jupyter's completer (function,
// class, instance, module, keyword, …), Signature the declared type.
type Match struct{ Text, Type, Signature string }

// Inspection is the documentation of a name, in plain text and in Markdown.
type Inspection struct {
	Found    bool
	Text     string
	Markdown string
}

// Completeness is complete, incomplete, with the indent of the next line, or
// invalid.
type Completeness struct{ Status, Indent string }
