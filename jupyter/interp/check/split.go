package check

import (
	"fmt"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// kind is what a piece of a cell is to the session.
type kind int

const (
	clausePiece kind = iota // package main
	importPiece
	declPiece // func, method, type, const
	varPiece  // a statement, or a declaration in a cell of declarations only
	leadPiece // var before any statement: a declaration
	stmtPiece
)

// piece is one top-level element of a cell: src[start:end]. lead is where the
// comment lines right above it begin.
type piece struct {
	kind             kind
	lead, start, end int
}

// lexeme is a token with its place in the cell.
type lexeme struct {
	tok   token.Token
	start int
	end   int
	auto  bool // a semicolon that a line end stands for
}

// open is a bracket that waits for its other half.
type open struct {
	tok token.Token
	off int
}

// pieces is a cell cut at the semicolons outside all brackets.
type pieces struct {
	list []piece
	open []open  // brackets left open at the end
	last int     // end of the last token
	errs []fault // what the scanner could not read
	cut  bool    // a comment or raw string does not end
}

// fault is an error at an offset of the cell.
type fault struct {
	off int
	msg string
}

// maxNesting bounds how deep brackets may stand in one another. What follows
// takes the square of it for function literals: 10,000 of them take a minute.
const maxNesting = 1000

var closer = map[token.Token]token.Token{token.LPAREN: token.RPAREN, token.LBRACK: token.RBRACK, token.LBRACE: token.RBRACE}

// unix drops the line ends of Windows; columns stay.
func unix(src string) string { return strings.ReplaceAll(src, "\r\n", "\n") }

// split reads src as tokens only, so that it also works on a cell that does
// not parse.
func split(src string) *pieces {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(src))
	p := &pieces{}
	var sc scanner.Scanner
	sc.Init(file, []byte(src), func(pos token.Position, msg string) {
		if strings.Contains(msg, "not terminated") && (strings.HasPrefix(msg, "comment") || strings.HasPrefix(msg, "raw string")) {
			p.cut = true
		}
		p.errs = append(p.errs, fault{pos.Offset, scanWords(msg)})
	}, scanner.ScanComments)
	var cur []lexeme
	lead := -1
	flush := func(end int) {
		if len(cur) > 0 {
			start := cur[0].start
			if lead < 0 {
				lead = start
			}
			p.list = append(p.list, piece{classify(cur), lead, start, end})
		}
		cur, lead = nil, -1
	}
	for {
		pos, tok, lit := sc.Scan()
		off := file.Offset(pos)
		switch {
		case tok == token.EOF:
			flush(p.last)
			return p
		case tok == token.COMMENT:
			if strings.HasPrefix(lit, "//go:embed ") {
				p.errs = append(p.errs, fault{off, "go:embed puts files into a program that is built: in a cell, read the file with os.ReadFile"})
			}
			if len(cur) == 0 && lead < 0 {
				lead = off
			}
			continue
		case tok == token.SEMICOLON && len(p.open) == 0:
			if inHeader(cur) {
				break
			}
			if len(cur) == 0 {
				lead = -1
			}
			flush(off)
			continue
		}
		l := lexeme{tok: tok, start: off, end: off + len(lit), auto: tok == token.SEMICOLON && lit == "\n"}
		if lit == "" || tok.IsOperator() && tok != token.SEMICOLON {
			l.end = off + len(tok.String())
		}
		if l.auto {
			l.end = off
		}
		l.end = min(l.end, len(src)) // a bad byte is told as a rune of three
		p.bracket(l)
		p.last = max(p.last, l.end)
		cur = append(cur, l)
	}
}

// bracket keeps the stack of open brackets.
func (p *pieces) bracket(l lexeme) {
	switch l.tok {
	case token.LPAREN, token.LBRACK, token.LBRACE:
		p.open = append(p.open, open{l.tok, l.start})
		if len(p.open) == maxNesting+1 {
			p.errs = append(p.errs, fault{l.start, fmt.Sprintf("brackets stand more than %d deep in one another: take the inner ones out into variables or functions", maxNesting)})
		}
	case token.RPAREN, token.RBRACK, token.RBRACE:
		n := len(p.open)
		switch {
		case n == 0:
			p.errs = append(p.errs, fault{l.start, "syntax error: unexpected " + l.tok.String() + ", nothing is open here"})
		case closer[p.open[n-1].tok] != l.tok:
			p.errs = append(p.errs, fault{l.start, "syntax error: unexpected " + l.tok.String() + ", expected " + closer[p.open[n-1].tok].String()})
			p.open = p.open[:n-1]
		default:
			p.open = p.open[:n-1]
		}
	}
}

func classify(toks []lexeme) kind {
	switch toks[0].tok {
	case token.PACKAGE:
		return clausePiece
	case token.IMPORT:
		return importPiece
	case token.TYPE, token.CONST:
		return declPiece
	case token.VAR:
		return varPiece
	case token.FUNC:
		if len(toks) > 1 && (toks[1].tok == token.IDENT || toks[1].tok == token.LPAREN && isMethod(toks)) {
			return declPiece
		}
	}
	return stmtPiece
}

// isMethod tells func (r T) Name( from a literal, func(a int) T {.
func isMethod(toks []lexeme) bool {
	depth := 0
	for i := 1; i < len(toks); i++ {
		switch toks[i].tok {
		case token.LPAREN:
			depth++
		case token.RPAREN:
			if depth--; depth == 0 {
				return i+2 < len(toks) && toks[i+1].tok == token.IDENT && toks[i+2].tok == token.LPAREN
			}
		}
	}
	return false
}

// inHeader tells whether a semicolon after toks belongs to the header of a
// for, if or switch, whose block has not begun yet.
func inHeader(toks []lexeme) bool {
	i := 0
	for i+1 < len(toks) && toks[i].tok == token.IDENT && toks[i+1].tok == token.COLON {
		i += 2
	}
	if i >= len(toks) || !slices.Contains([]token.Token{token.FOR, token.IF, token.SWITCH}, toks[i].tok) {
		return false
	}
	depth, block := 0, false
	for ; i < len(toks); i++ {
		switch toks[i].tok {
		case token.IF: // else if: its own header
			if depth == 0 {
				block = false
			}
		case token.LBRACE:
			block = block || depth == 0
			depth++
		case token.LPAREN, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		}
	}
	return !block
}

// only returns src with everything but the pieces of the wanted kinds blanked,
// byte for byte, so that offsets, lines and columns stay.
func (p *pieces) only(src string, want ...kind) string {
	b := []byte(src)
	for i, c := range b {
		if c != '\n' {
			b[i] = ' '
		}
	}
	for _, pc := range p.list {
		if slices.Contains(want, pc.kind) {
			copy(b[pc.lead:pc.end], src[pc.lead:pc.end])
			// A comment may end the line, and with it the piece.
			if pc.end < len(b) && (src[pc.end] == ';' || src[pc.end] == '/') {
				b[pc.end] = ';'
			}
		}
	}
	return string(b)
}

func (p *pieces) has(k kind) bool {
	return slices.ContainsFunc(p.list, func(pc piece) bool { return pc.kind == k })
}
