package check

import (
	"go/scanner"
	"go/token"
	"regexp"
	"strings"
)

// The type checker speaks the compiler's words already but for labels and
// branches; the scanner and the parser of the standard library do not.

var typeTable = strings.NewReplacer(
	"declared and not used", "defined and not used",
	"not declared", "not defined",
	"already declared", "already defined",
	"break not in for, switch, or select statement", "break is not in a loop, switch, or select",
	"continue not in for statement", "continue is not in a loop",
)

func typeWords(msg string) string {
	if strings.HasPrefix(msg, "label ") || strings.HasPrefix(msg, "break ") || strings.HasPrefix(msg, "continue ") {
		return typeTable.Replace(msg)
	}
	return msg
}

var scanTable = map[string]string{
	"string literal not terminated":           "string not terminated",
	"rune literal not terminated":             "rune literal not terminated",
	"raw string literal not terminated":       "string not terminated",
	"comment not terminated":                  "comment not terminated",
	"illegal rune literal":                    "more than one character in rune literal",
	"escape is invalid Unicode code point U+": "escape is invalid Unicode code point U+",
}

func scanWords(msg string) string {
	if w, ok := scanTable[msg]; ok {
		return w
	}
	if rest, ok := strings.CutPrefix(msg, "illegal character"); ok {
		return "invalid character" + rest
	}
	return msg
}

var unseparated = regexp.MustCompile(`^missing ',' (?:before newline )?in (.+)$`)

var parseShape = regexp.MustCompile(`^(?:missing|expected) (.+?), found (.+)$`)

var expectedTable = map[string]string{
	"operand":     "expression",
	"'IDENT'":     "name",
	"declaration": "non-declaration statement outside function body",
	"type":        "type",
	"statement":   "statement",

	"selector or type assertion": "name or (",
}

// parseWords puts a parser's message about the text at rest into the compiler's
// words.
func parseWords(msg, rest string) string {
	switch {
	case strings.Contains(msg, "found assignment"):
		return "syntax error: cannot use assignment as value"
	case msg == "expected 1 expression":
		return "syntax error: unexpected comma at end of statement"
	case msg == "expected at most 2 expressions":
		return "range clause permits at most two iteration variables"
	case strings.HasSuffix(msg, "must be function call"):
		return msg
	case strings.HasPrefix(msg, "missing import path"):
		return "syntax error: missing import path; require quoted string"
	}
	if m := unseparated.FindStringSubmatch(msg); m != nil {
		end := ")"
		if m[1] == "composite literal" {
			end = "}"
		}
		return "syntax error: unexpected " + first(rest) + " in " + m[1] + "; possibly missing comma or " + end
	}
	m := parseShape.FindStringSubmatch(msg)
	if m == nil {
		if strings.HasPrefix(msg, "syntax error") {
			return msg
		}
		return "syntax error: " + strings.Replace(msg, "expecting", "expected", 1)
	}
	want, got := strings.Trim(m[1], "'"), found(m[2])
	if w, ok := expectedTable[m[1]]; ok {
		want = w
	}
	switch {
	case m[1] == "';'" || m[1] == "semicolon or newline" || m[1] == "'=='":
		return "syntax error: unexpected " + got + " at end of statement"
	case strings.HasPrefix(msg, "missing "):
		return "syntax error: unexpected " + got + ", missing " + want
	}
	return "syntax error: unexpected " + got + ", expected " + want
}

// first names the first token of a text.
func first(text string) string {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(text)), []byte(text), func(token.Position, string) {}, 0)
	switch _, tok, lit := s.Scan(); {
	case strings.HasPrefix(text, "\n"):
		return "newline"
	case tok == token.SEMICOLON:
		return "semicolon"
	case lit != "":
		return found(lit)
	default:
		return found("'" + tok.String() + "'")
	}
}

// found names a token as the compiler does: keyword for, name x, literal 5.
func found(tok string) string {
	if q, ok := strings.CutPrefix(tok, "'"); ok {
		tok = strings.TrimSuffix(q, "'")
		if token.Lookup(tok).IsKeyword() {
			return "keyword " + tok
		}
		return tok
	}
	switch {
	case tok == "newline" || tok == "EOF" || tok == "":
		return tok
	case token.Lookup(tok).IsKeyword():
		return "keyword " + tok
	case token.IsIdentifier(tok):
		return "name " + tok
	}
	return "literal " + tok
}
