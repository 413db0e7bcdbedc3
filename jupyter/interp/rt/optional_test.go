package rt

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"io"
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
	for _, name := range []string{"io.Reader", "io.Writer", "io.ReadWriter", "io/fs.FS", "io/fs.File", "net/http.ResponseWriter", "image.Image", "image/draw.Image", "flag.Value", "math/rand.Source", "net/http.RoundTripper", "database/sql/driver.Driver", "database/sql/driver.Connector", "database/sql/driver.Conn", "database/sql/driver.Stmt", "database/sql/driver.Rows"} {
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

// What a driver has not is answered as package sql does without it.
func TestDriversWithoutOptionalMethods(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	closed, undone := false, false
	stmt := isStmt{WClose: func() error { closed = true; return nil }, WExec: func(args []driver.Value) (driver.Result, error) { return driver.RowsAffected(len(args)), nil }, WQuery: func([]driver.Value) (driver.Rows, error) { return isRows{}, nil }}
	c := isConn{WPrepare: func(string) (driver.Stmt, error) { return stmt, nil }, WBegin: func() (driver.Tx, error) { return undoes{&undone}, nil }}
	if err := c.Ping(ended); err != nil {
		t.Error("Ping", err)
	}
	if _, err := c.PrepareContext(ended, ""); !errors.Is(err, context.Canceled) || !closed {
		t.Error("PrepareContext", err, closed)
	}
	if s, err := c.PrepareContext(t.Context(), ""); err != nil || s == nil {
		t.Error("PrepareContext", s, err)
	}
	for _, o := range []driver.TxOptions{{Isolation: 1}, {ReadOnly: true}} {
		if tx, err := c.BeginTx(t.Context(), o); err == nil || tx != nil {
			t.Error("BeginTx", o, err)
		}
	}
	if _, err := c.BeginTx(ended, driver.TxOptions{}); !errors.Is(err, context.Canceled) || !undone {
		t.Error("BeginTx", err, undone)
	}
	named, plain := []driver.NamedValue{{Name: "a"}}, []driver.NamedValue{{Value: 1}}
	if _, err := c.ExecContext(t.Context(), "", plain); err != driver.ErrSkip {
		t.Error("ExecContext", err)
	}
	if _, err := c.QueryContext(t.Context(), "", plain); err != driver.ErrSkip {
		t.Error("QueryContext", err)
	}
	if err := c.CheckNamedValue(&plain[0]); err != driver.ErrSkip {
		t.Error("CheckNamedValue", err)
	}
	c.WExec = func(_ string, args []driver.Value) (driver.Result, error) { return driver.RowsAffected(len(args)), nil }
	for name, exec := range map[string]func(context.Context, []driver.NamedValue) (driver.Result, error){
		"conn": func(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
			return c.ExecContext(ctx, "", args)
		},
		"stmt": stmt.ExecContext,
	} {
		if _, err := exec(t.Context(), named); err == nil || err.Error() != "sql: driver does not support the use of Named Parameters" {
			t.Error(name, err)
		}
		if _, err := exec(ended, plain); !errors.Is(err, context.Canceled) {
			t.Error(name, err)
		}
		if r, err := exec(t.Context(), plain); err != nil || r != driver.RowsAffected(1) {
			t.Error(name, r, err)
		}
	}
	rows := isRows{}
	if rows.HasNextResultSet() || rows.NextResultSet() != io.EOF || rows.ColumnTypeScanType(0) != reflect.TypeFor[any]() || rows.ColumnTypeDatabaseTypeName(0) != "" {
		t.Error("rows tell what they do not know")
	}
	_, length := rows.ColumnTypeLength(0)
	_, null := rows.ColumnTypeNullable(0)
	_, _, scale := rows.ColumnTypePrecisionScale(0)
	if length || null || scale {
		t.Error("rows tell what they do not know", length, null, scale)
	}
}

type undoes struct{ done *bool }

func (u undoes) Commit() error   { return nil }
func (u undoes) Rollback() error { *u.done = true; return nil }
