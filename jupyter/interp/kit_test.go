package interp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/traefik/yaegi/stdlib"

	"surprisal/jupyter/interp/guard"
	"surprisal/jupyter/interp/module"
)

// stock is the standard library: values from the interpreter's own tables,
// types from the build cache.
type stock struct{}

var exported = sync.OnceValues(func() (map[string]string, error) {
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "crypto/hkdf", "crypto/pbkdf2"}
	for k := range stdlib.Symbols {
		if p := path.Dir(k); !strings.Contains(k, "syscall") && p != "." && !strings.HasPrefix(p, "github.com") {
			args = append(args, p)
		}
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	m := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 2 {
			m[f[0]] = f[1]
		}
	}
	return m, nil
})

func (stock) Values(p string) map[string]reflect.Value {
	if v := stdlib.Symbols[p+"/"+path.Base(p)]; v != nil {
		return v
	}
	switch p {
	case "slices", "maps", "iter", "cmp", "unique", "crypto/hkdf", "crypto/pbkdf2":
		return map[string]reflect.Value{}
	}
	return nil
}

func (stock) Export(p string) (io.ReadCloser, error) {
	m, err := exported()
	if err != nil {
		return nil, err
	}
	if m[p] == "" {
		return nil, fmt.Errorf("can't find import: %q", p)
	}
	b, err := os.ReadFile(m[p])
	return io.NopCloser(bytes.NewReader(b)), err
}

func (stock) Doc(string, string) string { return "" }

// notebook is a notebook under test. What it prints lands in a file, by os.Stdout
// and by fmt.Print alike.
type notebook struct {
	*Session
	t     testing.TB
	out   *os.File
	guard *guard.Guard
	n     uint64
	late  chan *Error
	ping  chan bool // hears runtime.GC, the cells' way to say that they are there
}

func newNotebook(t testing.TB) *notebook {
	t.Helper()
	return newNotebookWith(t, nil)
}

// newNotebookWith is a notebook that imports packages of modules.
func newNotebookWith(t testing.TB, m *module.Set) *notebook {
	t.Helper()
	if _, err := exported(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	b := &notebook{t: t, out: f, guard: guard.New(), late: make(chan *Error, 16), ping: make(chan bool, 64)}
	pre := map[string]string{}
	for k := range stdlib.Symbols {
		p := path.Dir(k)
		if !strings.Contains(p, "/") {
			pre[p] = p
		}
	}
	maps.Copy(pre, map[string]string{"rand": "math/rand", "json": "encoding/json", "slices": "slices", "maps": "maps", "atomic": "sync/atomic", "http": "net/http", "heap": "container/heap", "list": "container/list", "utf8": "unicode/utf8", "filepath": "path/filepath"})
	b.Session, err = New(Config{
		Packages: stock{}, Guard: b.guard, Preload: pre, Modules: m, Remark: func(text string) { fmt.Fprintln(f, text) },
		Bind: map[string]map[string]reflect.Value{
			"fmt": {
				"Println": reflect.ValueOf(func(a ...any) (int, error) { return fmt.Fprintln(f, a...) }),
				"Printf":  reflect.ValueOf(func(s string, a ...any) (int, error) { return fmt.Fprintf(f, s, a...) }),
				"Print":   reflect.ValueOf(func(a ...any) (int, error) { return fmt.Fprint(f, a...) }),
			},
			"os":      {"Stdout": reflect.ValueOf(&f).Elem(), "Stderr": reflect.ValueOf(&f).Elem()},
			"runtime": {"GC": reflect.ValueOf(func() { b.ping <- true })},
			"time":    {"Sleep": reflect.ValueOf(b.guard.Sleep), "AfterFunc": reflect.ValueOf(func(d time.Duration, g func()) *time.Timer { return time.AfterFunc(d, b.guard.Wrap(g)) })},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.OnFailure(func(_ uint64, e *Error) { b.late <- e })
	return b
}

// run runs a cell under a context.
func (b *notebook) run(ctx context.Context, code string) (Result, *Error) {
	b.n++
	return b.Run(ctx, Cell{ID: b.n, Count: int(b.n), Code: code})
}

// ok is a cell that must succeed.
func (b *notebook) ok(code string) Result {
	b.t.Helper()
	r, e := b.run(context.Background(), code)
	if e != nil {
		b.t.Fatalf("cell %d:\n%s\n%s", b.n, code, strings.Join(e.Traceback, "\n"))
	}
	return r
}

// bad is a cell that must fail.
func (b *notebook) bad(code, name string, texts ...string) *Error {
	b.t.Helper()
	_, e := b.run(context.Background(), code)
	if e == nil {
		b.t.Errorf("cell %d succeeded:\n%s\nwanted %s %q", b.n, code, name, texts)
		return &Error{}
	}
	all := plain(e)
	if e.Name != name {
		b.t.Errorf("cell %d:\n%s\nis a %s, wanted %s:\n%s", b.n, code, e.Name, name, all)
	}
	for _, s := range texts {
		if !strings.Contains(all, s) {
			b.t.Errorf("cell %d:\n%s\nsays:\n%s\nwanted: %s", b.n, code, all, s)
		}
	}
	return e
}

// plain is an error as it reads without colours.
func plain(e *Error) string {
	s := strings.Join(e.Traceback, "\n")
	for _, c := range []string{"\x1b[31m", "\x1b[1m", "\x1b[0m"} {
		s = strings.ReplaceAll(s, c, "")
	}
	return s
}

// shows is a cell whose values, printed, are want.
func (b *notebook) shows(code string, want ...string) {
	b.t.Helper()
	r := b.ok(code)
	var got []string
	for _, v := range r.Values {
		got = append(got, fmt.Sprint(v))
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		b.t.Errorf("%s\nshows %q, want %q", code, got, want)
	}
}

// printed returns what cells have printed so far.
func (b *notebook) printed() string {
	s, err := os.ReadFile(b.out.Name())
	if err != nil {
		b.t.Fatal(err)
	}
	return string(s)
}

// prints is a cell that prints want.
func (b *notebook) prints(code, want string) {
	b.t.Helper()
	before := len(b.printed())
	b.ok(code)
	if got := b.printed()[before:]; got != want {
		b.t.Errorf("%s\nprints %q, want %q", code, got, want)
	}
}

func within[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: nothing in 20 s", what)
		panic("unreachable")
	}
}
