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

	last   token.Token // before the name; ILLEGAL at the start of the cell
	levels []level     // the outermost first
	member bool        // a period stands before the name
	path   bool        // inside an import path: the name is what stands of it
	spec   bool        // where an import path may begin
	idle   bool        // inside a comment, a number or a string: nothing to complete
	close  string      // what closes the brackets and headers that are open
	called string      // what makes a call of the name: go and defer take nothing else
}

// level is one open bracket, or the text outside of all.
type level struct {
	tok    token.Token
	of     token.Token // what a brace is of: if, for, func, struct, …, { for a bare block, ILLEGAL for a literal
	header token.Token // if, for, switch or select without its block yet
	fn     bool        // func without its body yet
	call   bool        // go or defer, whose function literal is to be called
	ended  token.Token // what the block was of that has just been closed
}

// code says whether statements stand at this level.
func (l *level) code() bool {
	switch l.of {
	case token.ILLEGAL, token.STRUCT, token.INTERFACE:
		return l.tok == token.ILLEGAL
	}
	return true
}

// opened is what the brace that follows the token last begins at this level.
// typed says that the last tokens are a type such as []point.
func (l *level) opened(last token.Token, typed bool) (of token.Token) {
	switch {
	case last == token.STRUCT || last == token.INTERFACE:
		return last
	case l.fn:
		l.fn = false
		return token.FUNC
	case typed:
		return token.ILLEGAL
	case l.header != token.ILLEGAL:
		of, l.header = l.header, token.ILLEGAL
		return of
	case last == token.ELSE:
		return last
	case l.code():
		switch last {
		case token.ILLEGAL, token.SEMICOLON, token.LBRACE, token.COLON:
			return token.LBRACE
		}
	}
	return token.ILLEGAL
}

// look reads code up to off.
func look(code string, off int) *cursor {
	c := &cursor{code: code, start: off, off: off, end: off}
	levels := []level{{}}
	importing := false
	typed := 0 // tokens since a ] that may be those of its type
	file := token.NewFileSet().AddFile("", -1, off)
	open := false // a string or comment is not terminated
	var sc scanner.Scanner
	sc.Init(file, []byte(code[:off]), func(_ token.Position, msg string) {
		open = open || strings.Contains(msg, "not terminated")
	}, scanner.ScanComments)
	for {
		pos, tok, lit := sc.Scan()
		at := file.Offset(pos)
		if tok == token.EOF || at >= off {
			break // at the end the scanner makes up a semicolon
		}
		top := &levels[len(levels)-1]
		if open && at+len(lit) >= off { // an earlier line's quote ends with its line
			c.idle = true
			if importing && tok == token.STRING && code[at] != '\'' {
				c.start, c.name = at+1, code[at+1:off]
				c.path, c.idle = true, false
			}
			return c
		}
		open = false
		if tok == token.COMMENT {
			c.idle = c.idle || at+len(lit) >= off && strings.HasPrefix(lit, "//")
			continue
		}
		ended := token.ILLEGAL
		switch tok {
		case token.INT, token.FLOAT, token.IMAG:
			c.idle = at+len(lit) == off
		case token.LPAREN, token.LBRACK:
			levels = append(levels, level{tok: tok})
		case token.LBRACE:
			levels = append(levels, level{tok: tok, of: top.opened(c.last, typed > 1)})
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(levels) > 1 {
				ended = top.of
				levels = levels[:len(levels)-1]
				top = &levels[len(levels)-1]
			}
		case token.IF, token.FOR, token.SWITCH, token.SELECT:
			top.header = tok
		case token.FUNC:
			top.fn = true
		case token.GO, token.DEFER:
			top.call = true
		case token.SEMICOLON:
			if lit == "\n" {
				top.header, top.call = token.ILLEGAL, false
			}
			top.fn = false
			importing = importing && top.tok == token.LPAREN
		case token.IMPORT:
			importing = true
		}
		if (tok == token.IDENT || tok.IsKeyword()) && at+len(lit) == off {
			c.start = at
			switch tok { // for is a name that may become format
			case token.IF, token.FOR, token.SWITCH, token.SELECT:
				top.header = token.ILLEGAL
			case token.FUNC:
				top.fn = false
			case token.IMPORT:
				importing = false
			}
			break
		}
		typed = typedBy(tok, typed)
		top.ended = ended
		c.last = tok
	}
	c.levels = levels
	c.member = c.last == token.PERIOD
	c.name = code[c.start:off]
	c.end = off + nameLen(code[off:])
	c.close = closing(levels)
	if levels[len(levels)-1].call && (c.member || c.last == token.GO || c.last == token.DEFER) && !strings.HasPrefix(code[c.end:], "(") {
		c.called = "()"
	}
	c.spec = importing && (c.last == token.IMPORT || levels[len(levels)-1].tok == token.LPAREN && (c.last == token.LPAREN || c.last == token.SEMICOLON))
	return c
}

// typedBy counts on where a ] and the name of an element type may precede a
// literal's brace: after them it begins no block.
func typedBy(tok token.Token, n int) int {
	switch {
	case tok == token.RBRACK:
		return 1
	case n > 0 && (tok == token.IDENT || tok == token.MUL || tok == token.LBRACK), n > 1 && tok == token.PERIOD:
		return n + 1
	}
	return 0
}

// closing closes what is open, the innermost first.
func closing(levels []level) string {
	var b strings.Builder
	for i := len(levels) - 1; i >= 0; i-- {
		if levels[i].header != token.ILLEGAL {
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
// there, closed; line is that of the cursor's line alone.
func (c *cursor) whole() string { return c.code[:c.start] + placeholder + c.called + c.code[c.end:] }
func (c *cursor) short() string { return c.code[:c.start] + placeholder + c.called + c.close }

func (c *cursor) line() string {
	begin := strings.LastIndexByte(c.code[:c.start], '\n') + 1
	before := c.code[begin:c.start]
	return string(blank(c.code[:begin])) + before + placeholder + c.called + look(before, len(before)).close
}
