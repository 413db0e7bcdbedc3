package check

import (
	"errors"
	"go/parser"
	"go/token"
	"strconv"
)

// Imports returns the paths that a cell imports, as far as it can be read.
func Imports(text string) []string {
	text = unix(text)
	p := split(text)
	if !p.has(importPiece) {
		return nil
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", declHead+p.only(text, importPiece), parser.ImportsOnly)
	if err != nil {
		return nil // Check says what is wrong
	}
	var paths []string
	for _, sp := range f.Imports {
		if path, err := strconv.Unquote(sp.Path.Value); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// absent is a package that cannot be imported for a reason that the session
// knows.
type absent struct{ why error }

func (a absent) Error() string { return a.why.Error() }
func (a absent) Unwrap() error { return a.why }

// missing words why a package cannot be imported; err is what the importer says.
func (c *Checker) missing(path string, err error) error {
	if c.why != nil {
		if why := c.why(path); why != nil {
			return absent{why}
		}
	}
	return err
}

// known returns the session's reason, nil if it gave none.
func known(err error) error {
	var a absent
	if errors.As(err, &a) {
		return a.why
	}
	return nil
}
