package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"surprisal/jupyter/wire"
)

// The README says what Go means in a cell by example. Each example is a
// notebook here: its cells are parted by // %%, and what follows // Output: is
// all that it shows, errors by their first line.
func TestReadmeMeansWhatItSays(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(raw), "<!-- cells -->")
	section, _, closed := strings.Cut(section, "<!-- /cells -->")
	examples := fenced(section)
	if !closed || len(examples) < 10 {
		t.Fatalf("the README has %d examples between <!-- cells --> and <!-- /cells -->", len(examples))
	}
	for _, e := range examples {
		code, want, ok := strings.Cut(e, "\n// Output:")
		if !ok {
			t.Errorf("an example without // Output: proves nothing:\n%s", e)
			continue
		}
		n := newBook(t)
		var got strings.Builder
		for _, cell := range strings.Split(code, "// %%\n") {
			var notes strings.Builder // two streams have no order
			for _, m := range n.run(cell).out {
				seen(&got, &notes, m)
			}
			got.WriteString(notes.String())
		}
		n.stop()
		if got.String() != uncommented(want) {
			t.Errorf("%s\nshows\n%s", e, got.String())
		}
	}
}

// seen writes down what a reader sees of an output, of standard error in notes.
func seen(b, notes *strings.Builder, m *wire.Message) {
	var c content
	json.Unmarshal(m.Content, &c)
	if c.Name == "stderr" {
		b = notes
	}
	switch m.Header.Type {
	case wire.Stream:
		b.WriteString(c.Text)
	case wire.DisplayData, wire.ExecuteResult:
		fmt.Fprintln(b, c.Data["text/plain"])
	case wire.Error:
		first, _, _ := strings.Cut(c.Value, "\n")
		fmt.Fprintf(b, "%s: %s\n", c.Error, first)
	}
}

// fenced returns the text of the blocks of Go.
func fenced(s string) []string {
	var blocks []string
	for {
		_, rest, ok := strings.Cut(s, "```go\n")
		if !ok {
			return blocks
		}
		var b string
		b, s, _ = strings.Cut(rest, "\n```")
		blocks = append(blocks, b)
	}
}

// uncommented takes the // off, and space at the ends of lines.
func uncommented(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "//")); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}
