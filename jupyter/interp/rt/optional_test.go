package rt

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
)

// A wrapper that is missing would lose a value its methods, in silence.
func TestWrappersAreThoseOfTheGenerator(t *testing.T) {
	have, err := os.ReadFile("wrappers.go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	gen, err := filepath.Abs("internal/wrappers")
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "gen")
	if out, err := exec.Command("go", "build", "-o", bin, gen).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c := exec.Command(bin)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want, err := os.ReadFile(filepath.Join(dir, "wrappers.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Error("wrappers.go is not what go generate makes")
	}
}

// Each part hands its call to its own function.
func TestWrappersCallTheirFunctions(t *testing.T) {
	for _, name := range []string{"io.Reader", "io.Writer", "io.ReadWriter", "io/fs.FS", "io/fs.File", "net/http.ResponseWriter", "image.Image", "image/draw.Image", "flag.Value", "math/rand.Source", "net/http.RoundTripper"} {
		path, iface := name[:len(name)-len(filepath.Ext(name))], filepath.Ext(name)[1:]
		for _, w := range family(path, iface) {
			for i := range w.NumMethod() {
				checkMethod(t, w, w.Method(i).Name)
			}
		}
	}
}

// checkMethod calls a method of a wrapper whose functions note their names.
func checkMethod(t *testing.T, w reflect.Type, name string) {
	t.Helper()
	v := reflect.New(w).Elem()
	called := ""
	var note func(v reflect.Value)
	note = func(v reflect.Value) {
		for i := range v.NumField() {
			switch f, field := v.Field(i), v.Type().Field(i).Name; f.Kind() {
			case reflect.Struct:
				note(f)
			case reflect.Func:
				f.Set(reflect.MakeFunc(f.Type(), func([]reflect.Value) (out []reflect.Value) {
					called += field
					for o := range f.Type().Outs() {
						out = append(out, reflect.Zero(o))
					}
					return out
				}))
			}
		}
	}
	note(v)
	m := v.MethodByName(name)
	var in []reflect.Value
	for p := range m.Type().Ins() {
		in = append(in, reflect.Zero(p))
	}
	m.Call(in)
	if called != "W"+name {
		t.Errorf("%s of %v calls %q", name, w, called)
	}
}
