package interp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Programs print in a cell what they print compiled.
func TestProgramsOfTestdata(t *testing.T) {
	files, err := filepath.Glob("testdata/programs/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no programs", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			source, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(f, ".go") + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			got := newNotebook(t).play([]string{string(source)})
			have, wanted := strings.Split(got, "\n"), strings.Split(string(want), "\n")
			for i := range max(len(have), len(wanted)) {
				if i >= len(have) || i >= len(wanted) || have[i] != wanted[i] {
					t.Fatalf("from line %d on it prints\n%s\nwant\n%s", i+1, strings.Join(have[min(i, len(have)):min(i+5, len(have))], "\n"), strings.Join(wanted[min(i, len(wanted)):min(i+5, len(wanted))], "\n"))
				}
			}
		})
	}
}
