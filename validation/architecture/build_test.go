package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// The binary is one file of plain Go wherever Go runs; Linux is what is
// promised, the others must at least compile. Types are checked from source,
// the bodies of other people's functions left out: 10 s a platform where
// compiling all of it takes 100. `make cross` compiles.
func TestTypesCheckOnEveryPlatformWithoutCgo(t *testing.T) {
	for _, platform := range []string{"linux/arm64", "darwin/arm64", "windows/amd64"} {
		t.Run(platform, func(t *testing.T) {
			goos, goarch, _ := strings.Cut(platform, "/")
			dir := root(t)
			cfg := &packages.Config{
				Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedTypes |
					packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedFiles | packages.NeedModule,
				Dir: dir,
				Env: append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch),
				ParseFile: func(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
					f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
					if f != nil && !strings.HasPrefix(name, dir+string(filepath.Separator)) {
						dropBodies(f)
					}
					return f, err
				},
			}
			loaded, err := packages.Load(cfg, "./...")
			if err != nil {
				t.Fatal(err)
			}
			if len(loaded) < 10 {
				t.Fatalf("%d packages, want all of ours", len(loaded))
			}
			for _, p := range loaded {
				for _, err := range p.Errors {
					t.Errorf("%s: %v", p.PkgPath, err)
				}
				if p.Imports["C"] != nil {
					t.Errorf("%s needs cgo", p.PkgPath)
				}
			}
		})
	}
}

// dropBodies leaves the declarations of a file, which is all that an importer
// of its package sees.
func dropBodies(f *ast.File) {
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Type.TypeParams == nil {
			fn.Body = nil
		}
	}
}

func TestModuleHasNoReplace(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?m)^\s*replace\b`).Match(text) {
		t.Error("go.mod replaces a module: a clone elsewhere would build something else")
	}
}

// Whoever adds a module says why, where everybody looks.
func TestReadmeGivesAReasonForEachDependency(t *testing.T) {
	gomod, err := os.ReadFile(filepath.Join(root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	direct := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(string(gomod), -1) {
		direct[m[1]] = true
	}
	if len(direct) < 5 {
		t.Fatalf("go.mod requires %v: the pattern does not read it any more", direct)
	}
	reasons := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([a-z.]+/\S+) \| .{10,} \|$`).FindAllStringSubmatch(string(readme), -1) {
		reasons[m[1]] = true
	}
	for m := range direct {
		if !reasons[m] {
			t.Errorf("go.mod requires %s: give its reason a line in the README", m)
		}
	}
	for m := range reasons {
		if !direct[m] {
			t.Errorf("the README gives a reason for %s, which go.mod does not require itself", m)
		}
	}
}
