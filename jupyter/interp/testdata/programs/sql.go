package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
)

type drv struct{}

func (drv) Open(name string) (driver.Conn, error) { return &conn{name: name}, nil }

type conn struct {
	name string
	n    int
}

func (c *conn) Prepare(q string) (driver.Stmt, error) {
	fmt.Println("Prepare", q)
	return &stmt{c, q}, nil
}
func (c *conn) Close() error                   { return nil }
func (c *conn) Begin() (driver.Tx, error)      { return tx{}, nil }
func (c *conn) Ping(ctx context.Context) error { fmt.Println("Ping"); return nil }
func (c *conn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	fmt.Println("ExecContext", q, len(args), args[0].Value, args[0].Ordinal)
	return driver.RowsAffected(3), nil
}
func (c *conn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	fmt.Println("QueryContext", q)
	return &rows{left: 2}, nil
}
func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	fmt.Println("BeginTx", o.ReadOnly)
	return tx{}, nil
}
func (c *conn) ResetSession(ctx context.Context) error { c.n++; fmt.Println("Reset"); return nil }
func (c *conn) IsValid() bool                          { return true }

type tx struct{}

func (tx) Commit() error   { fmt.Println("commit"); return nil }
func (tx) Rollback() error { fmt.Println("rollback"); return nil }

type stmt struct {
	c *conn
	q string
}

func (s *stmt) Close() error  { return nil }
func (s *stmt) NumInput() int { return -1 }
func (s *stmt) Exec(a []driver.Value) (driver.Result, error) {
	fmt.Println("Exec")
	return nil, errors.New("old")
}
func (s *stmt) Query(a []driver.Value) (driver.Rows, error) {
	fmt.Println("Query")
	return &rows{left: 1}, nil
}
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	fmt.Println("stmt.QueryContext", len(args))
	return &rows{left: 1}, nil
}

type rows struct{ left int }

func (r *rows) Columns() []string { return []string{"id", "name"} }
func (r *rows) Close() error      { return nil }
func (r *rows) Next(dest []driver.Value) error {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	dest[0], dest[1] = int64(r.left), fmt.Sprint("n", r.left)
	return nil
}
func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return []string{"INT", "TEXT"}[i] }

type connector struct{}

func (connector) Connect(context.Context) (driver.Conn, error) { return &conn{name: "c"}, nil }
func (connector) Driver() driver.Driver                        { return drv{} }

type ID int64

func (id *ID) Scan(v any) error            { *id = ID(v.(int64) * 10); return nil }
func (id ID) Value() (driver.Value, error) { return int64(id) / 10, nil }

func main() {
	sql.Register("late", drv{})
	for _, open := range []func() *sql.DB{func() *sql.DB { db, err := sql.Open("late", "x"); fmt.Println(err); return db }, func() *sql.DB { return sql.OpenDB(connector{}) }} {
		db := open()
		db.SetMaxOpenConns(1)
		fmt.Println(db.Ping())
		res, err := db.Exec("insert", ID(70))
		fmt.Println(err)
		n, _ := res.RowsAffected()
		fmt.Println(n)
		rs, err := db.Query("select")
		fmt.Println(err)
		cts, _ := rs.ColumnTypes()
		fmt.Println(cts[0].DatabaseTypeName(), cts[1].Name())
		for rs.Next() {
			var id ID
			var name string
			fmt.Println(rs.Scan(&id, &name), id, name)
		}
		st, err := db.Prepare("p")
		fmt.Println(err)
		var id int
		var name string
		fmt.Println(st.QueryRow(1).Scan(&id, &name), id, name)
		t, err := db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true})
		fmt.Println(err, t.Commit())
		fmt.Println(db.Close())
	}
}
