package check

import (
	"bytes"
	"errors"
	"fmt"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

var preload = map[string]string{
	"fmt": "fmt", "math": "math", "strings": "strings", "os": "os", "time": "time", "sort": "sort",
	"errors": "errors", "context": "context", "sync": "sync", "json": "encoding/json", "bytes": "bytes", "bufio": "bufio",
	"rand": "math/rand/v2", "oldrand": "math/rand",
}

// exports finds the export data of the packages above in the build cache.
var exports = sync.OnceValues(func() (map[string]string, error) {
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	for _, p := range preload {
		args = append(args, p)
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		return nil, err
	}
	m := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 2 {
			m[f[0]] = f[1]
		}
	}
	return m, nil
})

func open1(path string) (io.ReadCloser, error) {
	m, err := exports()
	if err != nil {
		return nil, err
	}
	if m[path] == "" {
		return nil, fmt.Errorf("can't find import: %q", path)
	}
	b, err := os.ReadFile(m[path])
	return io.NopCloser(bytes.NewReader(b)), err
}

// book is a notebook under test.
type book struct {
	*Checker
	t testing.TB
	n int
}

func newBook(t testing.TB) *book {
	if _, err := exports(); err != nil {
		t.Fatalf("go list: %v", err)
	}
	return &book{Checker: New(Options{Export: open1, Preload: preload}), t: t}
}

// try checks a cell and commits it if it is right.
func (b *book) try(code string) (*Cell, Errors) {
	b.n++
	c, errs := b.Check(uint64(b.n), b.n, code)
	if len(errs) == 0 {
		b.Commit(c)
	}
	return c, errs
}

// ok is a cell that must be right.
func (b *book) ok(code string) *Cell {
	b.t.Helper()
	c, errs := b.try(code)
	if len(errs) > 0 {
		b.t.Fatalf("cell %d:\n%s\n%v", b.n, code, errs)
	}
	return c
}

// bad is a cell that must fail with texts in its error.
func (b *book) bad(code string, texts ...string) {
	b.t.Helper()
	_, errs := b.try(code)
	if len(errs) == 0 {
		b.t.Errorf("cell %d passed:\n%s\nwanted %q", b.n, code, texts)
		return
	}
	for _, s := range texts {
		if !strings.Contains(errs.Error(), s) {
			b.t.Errorf("cell %d:\n%s\nsays: %v\nwanted: %s", b.n, code, errs, s)
		}
	}
}

// shows checks the type of what a cell shows.
func (b *book) shows(code, want string) {
	b.t.Helper()
	c := b.ok(code)
	got := "nothing"
	if c.Show != nil {
		got = types.TypeString(c.Info.TypeOf(c.Show), func(p *types.Package) string {
			if p == b.pkg {
				return ""
			}
			return p.Name()
		})
	}
	if got != want {
		b.t.Errorf("%s shows %s, want %s", code, got, want)
	}
}

var _ = errors.Is
