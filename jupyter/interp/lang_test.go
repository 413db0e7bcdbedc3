package interp

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// known are the notebooks that fail, each with what it lacks.
var known = map[string]string{}

// TestNotebooks runs whole notebooks whose output the compiler has fixed.
func TestNotebooks(t *testing.T) {
	files, err := filepath.Glob("../../validation/data/lang/*.txt")
	if err != nil || len(files) != 30 {
		t.Fatalf("notebooks: %d files, %v", len(files), err)
	}
	right := 0
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".txt")
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(f, ".txt") + ".out")
			if err != nil {
				t.Fatal(err)
			}
			b := newNotebook(t)
			failed := ""
			for _, cell := range strings.Split(string(src), "\n// %%\n") {
				if _, e := b.run(context.Background(), strings.TrimPrefix(cell, "// %%\n")); e != nil {
					failed = "cell:\n" + cell + "\n" + plain(e)
					break
				}
			}
			if got := b.printed(); failed == "" && got != string(want) {
				failed = "prints:\n" + got + "\nwant:\n" + string(want)
			}
			switch why, ok := known[name]; {
			case failed == "":
				right++
				if ok {
					t.Errorf("runs right now, though listed as failing for: %s", why)
				}
			case ok:
				t.Logf("fails as listed (%s): %s", why, failed)
			default:
				t.Error(failed)
			}
		})
	}
	t.Logf("%d of %d notebooks run right", right, len(files))
}
