package check

import (
	"go/scanner"
	"go/token"
	"strings"
)

// What Completeness says of a cell, in the protocol's words.
const (
	Complete   = "complete"
	Incomplete = "incomplete"
	Invalid    = "invalid"
	Unknown    = "unknown"
)

// Completeness tells whether code can run, goes on, or is wrong, and for code
// that goes on, the tabs that indent its next line. Types play no part.
func Completeness(code string) (status, indent string) {
	defer func() {
		if recover() != nil {
			status, indent = Unknown, ""
		}
	}()
	code = unix(code)
	p := split(code)
	tabs := strings.Repeat("\t", len(p.open))
	if p.cut {
		return Incomplete, ""
	}
	if len(p.errs) > 0 {
		return Invalid, ""
	}
	if len(p.open) > 0 {
		return Incomplete, tabs
	}
	_, errs := parse(token.NewFileSet(), 0, 0, code)
	if len(errs) == 0 {
		return Complete, ""
	}
	// Only an error behind the last token can be cured by more text, and not
	// even that if the line end has closed the statement already: if x⏎{ is
	// wrong in Go.
	switch {
	case endsStatement(code):
		return Invalid, ""
	case errs[0].Pos.Offset >= p.last || listGoesOn(code):
		return Incomplete, tabs
	}
	return Invalid, ""
}

// listGoesOn tells whether more text makes code right though the parser finds
// fault with what is there: a list of several expressions, "x," or "for i,",
// is nothing without the assignment behind it.
func listGoesOn(code string) bool {
	for _, rest := range [...]string{" _ = _", " _ := range _ {\n}", " range _ {\n}"} {
		if _, errs := parse(token.NewFileSet(), 0, 0, code+rest); len(errs) == 0 {
			return true
		}
	}
	return false
}

// endsStatement tells whether the end of code stands for a semicolon.
func endsStatement(code string) bool {
	fset := token.NewFileSet()
	var sc scanner.Scanner
	sc.Init(fset.AddFile("", -1, len(code)), []byte(code), nil, 0)
	ends := false
	for {
		_, tok, lit := sc.Scan()
		if tok == token.EOF {
			return ends
		}
		ends = tok == token.SEMICOLON && lit == "\n"
	}
}
