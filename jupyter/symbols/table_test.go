package symbols

import (
	"bytes"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/traefik/yaegi/interp"
)

// Every package with values can be checked, and every one that can be checked
// has values, but for those that hold nothing but generics.
func TestValuesAgreeWithExportData(t *testing.T) {
	tab := New(Options{})
	imp := importer.ForCompiler(token.NewFileSet(), "gc", tab.Export)
	for _, path := range Paths() {
		pkg, err := imp.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		if pkg.Name() != packageName(path) {
			t.Errorf("%s: package name is %s, but preloading uses %s", path, pkg.Name(), packageName(path))
		}
		values := tab.Values(path)
		for name, v := range values {
			if obj := pkg.Scope().Lookup(strings.TrimPrefix(name, "_")); obj == nil {
				t.Errorf("%s.%s: a value %v without a type", path, name, v.Type())
			}
		}
		for _, name := range pkg.Scope().Names() {
			if path == "syscall" {
				break // names that only one architecture has are left out
			}
			if obj := pkg.Scope().Lookup(name); obj.Exported() && wanted(obj) {
				if _, ok := values[name]; !ok {
					t.Errorf("%s.%s: a %v without a value", path, name, obj)
				}
			}
		}
	}
	if err := tab.export.err; err != nil {
		t.Fatal(err)
	}
	for path := range tab.export.files {
		if tab.Values(path) == nil {
			pkg, err := imp.Import(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range pkg.Scope().Names() {
				if obj := pkg.Scope().Lookup(name); obj.Exported() && wanted(obj) {
					t.Errorf("%s: can be imported but has no values, not even %s", path, name)
				}
			}
		}
	}
}

// wanted tells whether yaegi can hold a value of obj: no generics.
func wanted(obj types.Object) bool {
	switch typ := obj.Type().(type) {
	case *types.Signature:
		return typ.TypeParams().Len() == 0
	case *types.Named:
		if _, ok := obj.(*types.TypeName); ok && typ.TypeParams().Len() > 0 {
			return false
		}
	case *types.Alias:
		if typ.TypeParams().Len() > 0 {
			return false
		}
	}
	if i, ok := obj.Type().Underlying().(*types.Interface); ok {
		if _, isType := obj.(*types.TypeName); isType {
			return i.IsMethodSet()
		}
	}
	return true
}

// yaegi must take every table, and a cell must be able to use what is in it.
func TestYaegiTakesAllTables(t *testing.T) {
	tab := New(Options{})
	i := interp.New(interp.Options{})
	for _, p := range Paths() {
		if err := i.Use(interp.Exports{p + "/" + packageName(p): tab.Values(p)}); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
	_, err := i.Eval(`
		import ("bytes"; "io"; "math"; "os/exec"; "strings"; "gonum.org/v1/gonum/mat")
		type up struct{ r io.Reader }
		func (u up) Read(p []byte) (int, error) { n, err := u.r.Read(p); copy(p, bytes.ToUpper(p[:n])); return n, err }
		func f() string {
			b, _ := io.ReadAll(up{strings.NewReader("abc")})
			_ = exec.ErrDot
			s := string(b)
			if math.Pi > 3 && mat.NewDense(1, 1, nil).At(0, 0) == 0 { s += "!" }
			return s
		}`)
	if err != nil {
		t.Fatal(err)
	}
	v, err := i.Eval("f()")
	if err != nil || v.Interface() != "ABC!" {
		t.Errorf("the cell gave %v, %v", v, err)
	}
}

func TestPreload(t *testing.T) {
	tab := New(Options{})
	pre := tab.Preload()
	for name, path := range pre {
		if tab.Values(path) == nil && path != "cmp" && path != "iter" {
			t.Errorf("%s is preloaded from %s, which has no values", name, path)
		}
	}
	for name, path := range map[string]string{
		"fmt": "fmt", "http": "net/http", "rand": "math/rand/v2", "exec": "os/exec", "template": "text/template",
		"mat": "gonum.org/v1/gonum/mat", "fourier": "gonum.org/v1/gonum/dsp/fourier", "vgimg": "gonum.org/v1/plot/vg/vgimg",
		"display": "surprisal/jupyter/display", "interp": "gonum.org/v1/gonum/interp",
	} {
		if pre[name] != path {
			t.Errorf("%s is %q, want %q", name, pre[name], path)
		}
	}
	// Two packages of one name without a ruling would be decided by the alphabet.
	ruled := map[string]bool{}
	for _, a := range ambiguous {
		ruled[a.name] = true
	}
	seen := map[string]string{}
	for _, p := range Paths() {
		n := packageName(p)
		if other, twice := seen[n]; twice && !ruled[n] {
			t.Errorf("%s may be %s or %s: say which", n, other, p)
		}
		seen[n] = p
	}
}

// The README prints the rulings: a reader whose rand is not the one that was
// meant finds out there. In its last column stands every other package of the
// name that cells can import.
func TestReadmePrintsTheAmbiguousNames(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(raw), "| name | means | not |\n|---|---|---|\n")
	text, _, _ = strings.Cut(text, "\n\n")
	rows := strings.Split(strings.TrimSpace(text), "\n")
	if len(rows) != len(ambiguous) {
		t.Fatalf("%d rows for %d names:\n%s", len(rows), len(ambiguous), text)
	}
	for i, a := range ambiguous {
		cells := strings.Split(rows[i], "|")
		if len(cells) != 5 || strings.TrimSpace(cells[1]) != "`"+a.name+"`" || strings.TrimSpace(cells[2]) != "`"+a.path+"`" {
			t.Errorf("row %d is %q, want %s, %s", i+1, rows[i], a.name, a.path)
			continue
		}
		for _, p := range Paths() {
			if packageName(p) == a.name && p != a.path && !strings.Contains(cells[3], "`"+p+"`") {
				t.Errorf("%s: %s is not in %q", a.name, p, cells[3])
			}
		}
	}
}

func TestDoc(t *testing.T) {
	tab := New(Options{})
	for _, c := range []struct{ path, name, has, reason string }{
		{"strings", "", "UTF-8", "the package"},
		{"strings", "Builder.WriteString", "appends", "a method"},
		{"sort", "Sort", "ascending", "a function"},
		{"math", "Pi", "oeis", "a constant"},
		{"net/http", "Request.Method", "GET", "a field"},
		{"io", "Reader.Read", "", "a method of an interface without a comment of its own"},
		{"gonum.org/v1/gonum/mat", "Dense.Mul", "matrix product", "gonum"},
		{"builtin", "append", "\tfunc append(", "the language's own, with its declaration"},
		{"surprisal/jupyter/display", "Show", "handle", "our own"},
	} {
		if got := tab.Doc(c.path, c.name); !strings.Contains(got, c.has) || (c.has == "") != (got == "") {
			t.Errorf("%s: %s.%s is documented as %q", c.reason, c.path, c.name, got)
		}
	}
	if got := tab.Doc("no/such", "X"); got != "" {
		t.Errorf("a package that is not there is documented as %q", got)
	}
}

func TestSource(t *testing.T) {
	tab := New(Options{})
	text, err := tab.Source("slices")
	if err != nil || !strings.Contains(text["sort.go"], "func Sort[") {
		t.Errorf("slices has no Sort: %v", err)
	}
	if _, err := tab.Source("fmt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("fmt, which is native: %v", err)
	}
}

func TestArchiveErrors(t *testing.T) {
	if _, err := read(fstest.MapFS{}, "export.zip"); !errors.Is(err, ErrNotBuilt) || !strings.Contains(err.Error(), "make build") {
		t.Errorf("without archives: %v", err)
	}
	if _, err := read(fstest.MapFS{"build/export.zip": {Data: []byte("PK")}}, "export.zip"); err == nil {
		t.Error("a truncated archive is read")
	}
	b, err := os.ReadFile("build/docs.zip")
	if err != nil {
		t.Fatal(err)
	}
	v := goVersion(runtime.Version())
	i := bytes.LastIndex(b, []byte(v))
	if i < 0 {
		t.Fatalf("docs.zip does not name %s", v)
	}
	b = slices.Clone(b)
	copy(b[i:], "go0")
	if _, err := read(fstest.MapFS{"build/docs.zip": {Data: b}}, "docs.zip"); err == nil || !strings.Contains(err.Error(), v) {
		t.Errorf("another toolchain's archive: %v", err)
	}
	if _, err := New(Options{}).Export("no/such"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a package that is not there: %v", err)
	}
}

func TestConstants(t *testing.T) {
	for _, c := range []struct{ path, name, want string }{
		{"math", "MaxUint64", "18446744073709551615"},
		{"math", "Pi", "3.14159"},
		{"net/http", "MethodGet", `"GET"`},
		{"time", "Second", "1s"},
		{"unicode/utf8", "MaxRune", "1114111"},
	} {
		if got := fmt.Sprint(New(Options{}).Values(c.path)[c.name].Interface()); got != c.want {
			t.Errorf("%s.%s is %s, want %s", c.path, c.name, got, c.want)
		}
	}
}

func TestVariablesAreAddressable(t *testing.T) {
	v := New(Options{}).Values("os")["Args"]
	if !v.CanSet() || v.Interface().([]string)[0] != os.Args[0] {
		t.Error("os.Args is a copy")
	}
}

func TestPlatformTable(t *testing.T) {
	v := New(Options{}).Values("syscall")
	if v["EINTR"] == (reflect.Value{}) {
		t.Error("syscall.EINTR, which every platform has, is missing")
	}
	if _, err := io.WriteString(io.Discard, ""); err != nil {
		t.Fatal(err)
	}
}
