package interp

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// manyCells are the notebooks that redefine: they make no sense as one cell.
var manyCells = map[string]bool{"27-redefine-variable": true, "28-redefine-function": true, "29-redefine-type": true}

// TestNotebooks runs notebooks whose output the compiler has fixed, cell by
// cell, and all cells as one.
func TestNotebooks(t *testing.T) {
	files, err := filepath.Glob("../../validation/data/lang/*.txt")
	if err != nil || len(files) != 30 {
		t.Fatalf("notebooks: %d files, %v", len(files), err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".txt")
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(f, ".txt") + ".out")
		if err != nil {
			t.Fatal(err)
		}
		cells := strings.Split(strings.TrimPrefix(string(src), "// %%\n"), "\n// %%\n")
		forms := map[string][]string{"cells": cells, "one cell": {strings.Join(cells, "\n")}}
		if manyCells[name] {
			delete(forms, "one cell")
		}
		for form, cells := range forms {
			t.Run(name+"/"+form, func(t *testing.T) {
				b := newNotebook(t)
				for _, cell := range cells {
					if _, e := b.run(context.Background(), cell); e != nil {
						t.Fatalf("cell:\n%s\n%s", cell, plain(e))
					}
				}
				if got := withoutNotes(b.printed()); got != string(want) {
					t.Errorf("prints:\n%s\nwant:\n%s", got, want)
				}
			})
		}
	}
}

// withoutNotes drops what the session remarks on standard error.
func withoutNotes(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if !strings.HasPrefix(line, "note: ") {
			b.WriteString(line)
		}
	}
	return b.String()
}
