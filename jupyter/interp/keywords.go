package interp

import "go/token"

// statement says whether a statement begins at the cursor.
func (c *cursor) statement() bool {
	top := &c.levels[len(c.levels)-1]
	if !top.code() || top.header != token.ILLEGAL || top.of == token.SWITCH || top.of == token.SELECT {
		return false
	}
	switch c.last {
	case token.ILLEGAL, token.SEMICOLON, token.LBRACE, token.COLON:
		return true
	}
	return false
}

// inside says whether the cursor is in a block of one of these words, in the
// function that it is in.
func (c *cursor) inside(words ...token.Token) bool {
	for i := len(c.levels) - 1; i >= 0; i-- {
		for _, w := range words {
			if c.levels[i].of == w {
				return true
			}
		}
		if c.levels[i].of == token.FUNC {
			break
		}
	}
	return false
}

// clause says that a case must stand at the cursor: nothing of a switch or
// select has come yet.
func (c *cursor) clause() bool {
	of := c.levels[len(c.levels)-1].of
	return (of == token.SWITCH || of == token.SELECT) && c.last == token.LBRACE
}

// keywords returns the words of the language that fit at the cursor.
func (c *cursor) keywords() []token.Token {
	top := &c.levels[len(c.levels)-1]
	types := []token.Token{token.FUNC, token.MAP, token.STRUCT, token.CHAN, token.INTERFACE}
	clauses := top.of == token.SWITCH || top.of == token.SELECT
	switch {
	case c.last == token.RBRACE && top.ended == token.IF:
		return []token.Token{token.ELSE}
	case c.last == token.ELSE:
		return []token.Token{token.IF}
	case c.last == token.GO || c.last == token.DEFER:
		return types[:1]
	case c.last == token.FOR || top.header == token.FOR && (c.last == token.DEFINE || c.last == token.ASSIGN):
		return append(types, token.RANGE)
	case c.clause():
		return []token.Token{token.CASE, token.DEFAULT}
	case c.statement() || clauses && (c.last == token.SEMICOLON || c.last == token.COLON):
		return c.statements(clauses)
	case c.expression():
		return types
	}
	return nil
}

// statements returns the words that begin a statement, or a clause.
func (c *cursor) statements(clauses bool) []token.Token {
	out := []token.Token{token.IF, token.FOR, token.SWITCH, token.SELECT, token.VAR, token.CONST, token.TYPE, token.FUNC, token.GO, token.DEFER, token.GOTO, token.RETURN}
	if clauses {
		out = append(out, token.FALLTHROUGH)
		if c.last == token.SEMICOLON {
			out = append(out, token.CASE, token.DEFAULT)
		}
	}
	if len(c.levels) == 1 {
		out = append(out, token.IMPORT)
		if c.last == token.ILLEGAL {
			out = append(out, token.PACKAGE)
		}
	}
	if c.inside(token.FOR) {
		out = append(out, token.BREAK, token.CONTINUE)
	} else if c.inside(token.SWITCH, token.SELECT) {
		out = append(out, token.BREAK)
	}
	return out
}

// expression says whether an operand, or a type, may begin at the cursor: it
// follows an operator, or what opens or goes on with a list.
func (c *cursor) expression() bool {
	switch c.last {
	case token.PERIOD, token.SEMICOLON, token.INC, token.DEC, token.RBRACE:
		return false
	case token.IDENT, token.RETURN, token.CASE, token.RANGE, token.IF, token.SWITCH, token.FOR, token.CHAN:
		return true
	}
	return c.last.IsOperator()
}

// names says that a new name is being written, which nothing can complete.
func (c *cursor) names() bool {
	switch c.last {
	case token.VAR, token.CONST, token.TYPE, token.FUNC, token.PACKAGE:
		return true
	}
	return false
}
