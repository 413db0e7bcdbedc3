package ptx

import "fmt"

// A token is a word, a number, a string or one character of punctuation. Dots
// belong to words: an opcode with its modifiers is one token.
type token struct {
	text string
	line int
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '_' || c == '$' || c == '%' || c == '.'
}

// lex splits PTX text. Comments go.
func lex(src string) ([]token, error) {
	tokens := make([]token, 0, len(src)/4)
	line := 1
	for i := 0; i < len(src); {
		c := src[i]
		start := i
		switch {
		case c == '\n':
			line++
			i++
			continue
		case c == ' ' || c == '\t' || c == '\r':
			i++
			continue
		case c == '/' && i+1 < len(src) && src[i+1] == '/':
			for i < len(src) && src[i] != '\n' {
				i++
			}
			continue
		case c == '/' && i+1 < len(src) && src[i+1] == '*':
			first := line
			for i += 2; ; i++ {
				if i+1 >= len(src) {
					return nil, fmt.Errorf("line %d: comment without end", first)
				}
				if src[i] == '\n' {
					line++
				}
				if src[i] == '*' && src[i+1] == '/' {
					break
				}
			}
			i += 2
			continue
		case c == '"':
			for i++; i < len(src) && src[i] != '"' && src[i] != '\n'; i++ {
			}
			if i >= len(src) || src[i] != '"' {
				return nil, fmt.Errorf("line %d: string without end", line)
			}
			i++
		case isWord(c):
			for i < len(src) && (isWord(src[i]) || pairOfColons(src, i)) {
				if src[i] == ':' {
					i++
				}
				i++
			}
		case c > ' ' && c < 0x7f:
			i++
		default:
			return nil, fmt.Errorf("line %d: byte %#02x: PTX is plain ASCII", line, c)
		}
		tokens = append(tokens, token{src[start:i], line})
	}
	return tokens, nil
}

// pairOfColons says whether a "::" inside a word starts at i, as in
// shared::cluster. A label ends in one colon.
func pairOfColons(src string, i int) bool {
	return src[i] == ':' && i+2 < len(src) && src[i+1] == ':' && isWord(src[i+2])
}
