package lower

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The notebooks of validation/data/lang, cell by cell in one session each.
func TestNotebooks(t *testing.T) {
	files, err := filepath.Glob("../../../validation/data/lang/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no notebooks: %v", err)
	}
	right := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".txt") + ".out")
			if err != nil {
				t.Fatal(err)
			}
			b := newBook(t)
			var got strings.Builder
			for i, cell := range strings.Split(strings.TrimRight(string(src), "\n"), "\n// %%\n") {
				out, err := b.eval(cell)
				got.WriteString(out)
				if err != nil {
					t.Fatalf("cell %d: %v\n%s", i+1, err, numbered(b.text))
				}
			}
			if got.String() != string(want) {
				t.Fatalf("got\n%s\nwant\n%s", got.String(), want)
			}
			right++
		})
	}
	t.Logf("%d of %d notebooks right", right, len(files))
}
