package architecture

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// packageDocs names the files of p that carry a package doc.
func packageDocs(t *testing.T, p listed) []string {
	t.Helper()
	var docs []string
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		if f.Doc != nil && strings.TrimSpace(f.Doc.Text()) != "" {
			docs = append(docs, name)
		}
	}
	return docs
}

// line matches what a lock may hold: a pinned name with its marker, or a hash.
var line = regexp.MustCompile(`^([a-z0-9][a-z0-9-]*==[0-9][^ ]*( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?)$`)

func TestLocksHoldNamesAndHashesOnly(t *testing.T) {
	dir := filepath.Join(root(t), "jupyter/python/locks")
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%d locks in %s (%v), want jupyter, data, bench and client-old", len(files), dir, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
			if !line.MatchString(l) {
				t.Errorf("%s:%d: %q is neither a pinned name nor a hash: write the lock with relock.sh", filepath.Base(file), i+1, l)
			}
		}
		if _, err := os.Stat(strings.TrimSuffix(file, ".txt") + ".in"); err != nil {
			t.Errorf("%s: its source is missing: %v", filepath.Base(file), err)
		}
	}
}

func TestLockLinePatternRefusesPlaces(t *testing.T) {
	for _, bad := range []string{
		"--index-url https://example.org/simple",
		"numpy @ https://example.org/numpy.whl",
		"-e .",
		"numpy==2.0.0",
		"numpy>=2 \\",
		"# via scikit-image",
	} {
		if line.MatchString(bad) {
			t.Errorf("the pattern lets %q through", bad)
		}
	}
}

// Stored outputs make every run a change, and may carry somebody's data.
func TestNotebooksAreStoredWithoutOutputs(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root(t), "notebooks/*.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var nb struct {
			Metadata struct {
				Kernelspec struct{ Name, Language string }
			}
			Cells []struct {
				CellType string `json:"cell_type"`
				ID       string
				Count    *int `json:"execution_count"`
				Outputs  []json.RawMessage
			}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		if err := json.Unmarshal(text, &nb); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if k := nb.Metadata.Kernelspec; k.Name != "surprisal" || k.Language != "go" {
			t.Errorf("%s: kernelspec %+v, want surprisal, go", name, k)
		}
		if len(nb.Cells) == 0 {
			t.Errorf("%s has no cells", name)
		}
		for i, c := range nb.Cells {
			if c.CellType == "code" && (len(c.Outputs) > 0 || c.Count != nil) {
				t.Errorf("%s: cell %d is stored with its output: clear it", name, i)
			}
			if c.ID == "" {
				t.Errorf("%s: cell %d has no id: tools would invent another each time", name, i)
			}
		}
	}
}
