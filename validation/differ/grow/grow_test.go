package grow

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// A seed has one text, which parses.
func TestProgram(t *testing.T) {
	for seed := range uint64(200) {
		text := Program(seed)
		if text != Program(seed) {
			t.Fatalf("seed %d has two texts", seed)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), "main.go", text, parser.SkipObjectResolution); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

// What the grammar is for appears in its programs.
func TestForms(t *testing.T) {
	var all strings.Builder
	for seed := range uint64(200) {
		all.WriteString(Program(seed))
	}
	for _, form := range []string{"goto L", "select {", "fallthrough", "recover()", "go func", "range func(", ".(type)", "iota", "clear(", "min(", "...)", "math.NaN()", "errors.As", "defer ", "%#v", "chan ", "break L", "complex(", "copy(", "[...]", "struct{", "(*S", "&^", "append(", ") Swap(i, j int)", "%2] = f"} {
		if !strings.Contains(all.String(), form) {
			t.Errorf("no program of 200 has %s", form)
		}
	}
}
