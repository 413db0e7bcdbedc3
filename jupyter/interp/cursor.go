package interp

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// offset is the byte that the code point cursor is at, within the text.
func offset(code string, cursor int) int {
	for i := range code {
		if cursor <= 0 {
			return i
		}
		cursor--
	}
	return len(code)
}

// cursor is what stands before a place in a cell.
type cursor struct {
	code  string
	start int    // where the name begins that is being written
	off   int    // the place itself
	end   int    // where the name ends, beyond the place
	name  string // code[start:off]

	member bool   // a period stands before the name
	path   bool   // inside an import path: the name is what stands of it
	idle   bool   // inside a comment, a number or a string: nothing to complete
	close  string // what closes the brackets and headers that are open
}

// level is one open bracket, or the text outside of all.
type level struct {
	tok    token.Token
	header bool // if, for, switch or select without its block yet
	call   bool // go or defer, whose function literal is to be called
}

// look reads code up to off.
func look(code string, off int) *cursor {
	c := &cursor{code: code, start: off, off: off, end: off}
	levels := []level{{}}
	var last token.Token // before the name
	importing := false
	file := token.NewFileSet().AddFile("", -1, off)
	cutShort := -1 // where a string or comment begins that off is inside of
	var sc scanner.Scanner
	sc.Init(file, []byte(code[:off]), func(pos token.Position, msg string) {
		if strings.Contains(msg, "not terminated") {
			cutShort = pos.Offset
		}
	}, scanner.ScanComments)
	for {
		pos, tok, lit := sc.Scan()
		at := file.Offset(pos)
		if tok == token.EOF || at >= off {
			break // at the end the scanner makes up a semicolon
		}
		top := &levels[len(levels)-1]
		if cutShort >= 0 {
			c.idle = true
			if importing && tok == token.STRING && code[at] != '\'' {
				c.start, c.name = at+1, code[at+1:off]
				c.path, c.idle = true, false
			}
			return c
		}
		switch tok {
		case token.COMMENT:
			c.idle = c.idle || at+len(lit) >= off && strings.HasPrefix(lit, "//")
			continue
		case token.INT, token.FLOAT, token.IMAG:
			c.idle = at+len(lit) == off
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if tok == token.LBRACE && top.header {
				top.header = false
			}
			levels = append(levels, level{tok: tok})
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(levels) > 1 {
				levels = levels[:len(levels)-1]
			}
		case token.IF, token.FOR, token.SWITCH, token.SELECT:
			top.header = true
		case token.GO, token.DEFER:
			top.call = true
		case token.SEMICOLON:
			if lit == "\n" {
				top.header, top.call = false, false
				importing = importing && top.tok == token.LPAREN
			}
		case token.IMPORT:
			importing = true
		}
		if (tok == token.IDENT || tok.IsKeyword()) && at+len(lit) == off {
			c.start = at
			if tok.IsKeyword() {
				top.header = false // for is a name that may become format
			}
			break
		}
		last = tok
	}
	c.member = last == token.PERIOD
	c.name = code[c.start:off]
	c.end = off + nameLen(code[off:])
	c.close = closing(levels)
	return c
}

// closing closes what is open, the innermost first.
func closing(levels []level) string {
	var b strings.Builder
	for i := len(levels) - 1; i >= 0; i-- {
		if levels[i].header {
			b.WriteString("{}")
		}
		switch levels[i].tok {
		case token.LPAREN:
			b.WriteString(")")
		case token.LBRACK:
			b.WriteString("]")
		case token.LBRACE:
			b.WriteString("}")
			if levels[i-1].call {
				b.WriteString("()")
			}
		}
	}
	return b.String()
}

// nameLen is the length of the letters and digits that text begins with.
func nameLen(text string) int {
	for i, r := range text {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return i
		}
	}
	return len(text)
}

// points counts the code points of text.
func points(text string) int { return utf8.RuneCountInString(text) }

// whole is the cell with the placeholder for the name; short is the same up to
// there, closed.
func (c *cursor) whole() string { return c.code[:c.start] + placeholder + c.code[c.end:] }
func (c *cursor) short() string { return c.code[:c.start] + placeholder + c.close }
