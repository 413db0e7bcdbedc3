package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// setting is a variable of the Makefile, as the shell reads it.
func setting(t *testing.T, name string) *regexp.Regexp {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + ` *:= *(.*)$`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("the Makefile has no %s", name)
	}
	return regexp.MustCompile(string(m[1]))
}

// deviceTests are the tests of a folder that open the machine's device, in themselves
// or in what they call of their package, by name.
func deviceTests(t *testing.T, dir string) (tests []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	calls, opens := map[string][]string{}, map[string]bool{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			d, ok := d.(*ast.FuncDecl)
			if !ok || d.Body == nil {
				continue
			}
			ast.Inspect(d.Body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && (x.Name == "devicetest" && (n.Sel.Name == "Open" || n.Sel.Name == "OnTheGPU") || x.Name == "gpu" && n.Sel.Name == "All") {
						opens[d.Name.Name] = true
					}
				case *ast.Ident:
					calls[d.Name.Name] = append(calls[d.Name.Name], n.Name)
				}
				return true
			})
		}
	}
	for more := true; more; {
		more = false
		for f, called := range calls {
			if !opens[f] && slices.ContainsFunc(called, func(c string) bool { return opens[c] }) {
				opens[f], more = true, true
			}
		}
	}
	for f := range opens {
		if strings.HasPrefix(f, "Test") {
			tests = append(tests, f)
		}
	}
	slices.Sort(tests)
	return tests
}

// make test-gpu runs all tests that use the machine's GPU, in all packages that have
// an op for it.
func TestGPUTargetSelectsWhatOpensADevice(t *testing.T) {
	name, opens := setting(t, "ON_GPU"), setting(t, "USES_GPU")
	found := map[string][]string{}
	if err := filepath.WalkDir(filepath.Join(root(t), "gpu"), func(dir string, d os.DirEntry, err error) error {
		if err != nil || !d.IsDir() || d.Name() == "devicetest" {
			return err
		}
		tests := deviceTests(t, dir)
		if len(tests) == 0 {
			return nil
		}
		rel, err := filepath.Rel(root(t), dir)
		found[rel] = tests
		if !selected(t, dir, opens) {
			t.Errorf("%s is no package of make test-gpu: %v", rel, tests)
		}
		for _, f := range tests {
			if !name.MatchString(f) {
				t.Errorf("%s: %s opens a device, and make test-gpu does not run it: name it TestDevice…, or …OnTheGPU if it needs one", rel, f)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"gpu/prim", "gpu/imaging", "gpu/info", "gpu/causal", "gpu/internal/device", "gpu/internal/windows", "gpu/internal/boxes"} {
		if len(found[p]) == 0 {
			t.Errorf("nothing of %s runs on a GPU", p)
		}
	}
}

// selected says whether a test file of the folder holds what the target looks for.
func selected(t *testing.T, dir string, opens *regexp.Regexp) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(name string) bool {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return opens.Match(text)
	})
}

func TestDeviceTestsAreFound(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a_test.go"), []byte(`package a
func TestOpens(t *testing.T)    { devicetest.Open(t) }
func TestByHelper(t *testing.T) { f(t) }
func TestNone(t *testing.T)     { gpu.Open(gpu.CPU) }
func TestAll(t *testing.T)      { gpu.Open(gpu.All) }
func f(t *testing.T)            { func() { g(t) }() }
func g(t *testing.T)            { devicetest.OnTheGPU(t) }
func BenchmarkOpens(b *testing.B) { devicetest.Open(b) }
`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := deviceTests(t, dir); !slices.Equal(got, []string{"TestAll", "TestByHelper", "TestOpens"}) {
		t.Errorf("found %v", got)
	}
}
