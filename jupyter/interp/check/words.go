package check

import (
	"go/token"
	"regexp"
	"strings"
)

// The type checker speaks the compiler's words already; the scanner and the
// parser of the standard library do not.

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

var parseShape = regexp.MustCompile(`^(?:missing|expected) (.+?), found (.+)$`)

var expectedTable = map[string]string{
	"operand":     "expression",
	"'IDENT'":     "name",
	"declaration": "non-declaration statement outside function body",
	"type":        "type",
	"statement":   "statement",
}

// parseWords puts a parser's message into the compiler's words.
func parseWords(msg string) string {
	if strings.Contains(msg, "found assignment") {
		return "syntax error: cannot use assignment as value"
	}
	if msg == "expected 1 expression" {
		return "syntax error: unexpected comma at end of statement"
	}
	m := parseShape.FindStringSubmatch(msg)
	if m == nil {
		if strings.HasPrefix(msg, "syntax error") {
			return msg
		}
		return "syntax error: " + msg
	}
	want, got := strings.Trim(m[1], "'"), found(m[2])
	if w, ok := expectedTable[m[1]]; ok {
		want = w
	}
	switch {
	case m[1] == "';'" || m[1] == "semicolon or newline":
		return "syntax error: unexpected " + got + " at end of statement"
	case strings.HasPrefix(msg, "missing "):
		return "syntax error: unexpected " + got + ", missing " + want
	}
	return "syntax error: unexpected " + got + ", expected " + want
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
