package rt

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"reflect"
)

// Package database/sql looks behind the interfaces of a driver for some twenty
// methods. There are too many sets of them for a type each: what a wrapper has
// and the driver has not, it answers as the package does without it. Only what
// the package looks for without calling it is told apart.

type (
	opensConns struct {
		WOpen func(string) (driver.Conn, error)
	}
	opensConnectors struct {
		WOpenConnector func(string) (driver.Connector, error)
	}
	connects struct {
		WConnect func(context.Context) (driver.Conn, error)
		WDriver  func() driver.Driver
	}
	isConn struct {
		WPrepare func(string) (driver.Stmt, error)
		WClose   func() error
		WBegin   func() (driver.Tx, error)
		maybeConn
	}
	maybeConn struct {
		WPing            func(context.Context) error
		WPrepareContext  func(context.Context, string) (driver.Stmt, error)
		WBeginTx         func(context.Context, driver.TxOptions) (driver.Tx, error)
		WExecContext     func(context.Context, string, []driver.NamedValue) (driver.Result, error)
		WExec            func(string, []driver.Value) (driver.Result, error)
		WQueryContext    func(context.Context, string, []driver.NamedValue) (driver.Rows, error)
		WQuery           func(string, []driver.Value) (driver.Rows, error)
		WCheckNamedValue func(*driver.NamedValue) error
	}
	resetsSessions struct {
		WResetSession func(context.Context) error
	}
	tellsValid struct{ WIsValid func() bool }
	isStmt     struct {
		WClose    func() error
		WNumInput func() int
		WExec     func([]driver.Value) (driver.Result, error)
		WQuery    func([]driver.Value) (driver.Rows, error)
		maybeStmt
	}
	maybeStmt struct {
		WExecContext  func(context.Context, []driver.NamedValue) (driver.Result, error)
		WQueryContext func(context.Context, []driver.NamedValue) (driver.Rows, error)
	}
	checksNamed struct {
		WCheckNamedValue func(*driver.NamedValue) error
	}
	convertsColumns struct {
		WColumnConverter func(int) driver.ValueConverter
	}
	isRows struct {
		WColumns func() []string
		WClose   func() error
		WNext    func([]driver.Value) error
		maybeRows
	}
	maybeRows struct {
		WHasNextResultSet           func() bool
		WNextResultSet              func() error
		WColumnTypeScanType         func(int) reflect.Type
		WColumnTypeDatabaseTypeName func(int) string
		WColumnTypeLength           func(int) (int64, bool)
		WColumnTypeNullable         func(int) (nullable, ok bool)
		WColumnTypePrecisionScale   func(int) (precision, scale int64, ok bool)
	}
)

func (p opensConns) Open(name string) (driver.Conn, error) { return p.WOpen(name) }

func (p opensConnectors) OpenConnector(name string) (driver.Connector, error) {
	return p.WOpenConnector(name)
}

func (p connects) Connect(ctx context.Context) (driver.Conn, error) { return p.WConnect(ctx) }
func (p connects) Driver() driver.Driver                            { return p.WDriver() }

func (p isConn) Prepare(query string) (driver.Stmt, error) { return p.WPrepare(query) }
func (p isConn) Close() error                              { return p.WClose() }
func (p isConn) Begin() (driver.Tx, error)                 { return p.WBegin() }

func (p resetsSessions) ResetSession(ctx context.Context) error { return p.WResetSession(ctx) }
func (p tellsValid) IsValid() bool                              { return p.WIsValid() }

func (p isConn) Ping(ctx context.Context) error {
	if p.WPing == nil {
		return nil
	}
	return p.WPing(ctx)
}

func (p isConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if p.WPrepareContext != nil {
		return p.WPrepareContext(ctx, query)
	}
	s, err := p.WPrepare(query)
	if err == nil && ctx.Err() != nil {
		s.Close()
		return nil, ctx.Err()
	}
	return s, err
}

func (p isConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	switch {
	case p.WBeginTx != nil:
		return p.WBeginTx(ctx, opts)
	case opts.Isolation != 0:
		return nil, errors.New("sql: driver does not support non-default isolation level")
	case opts.ReadOnly:
		return nil, errors.New("sql: driver does not support read-only transactions")
	}
	tx, err := p.WBegin()
	if err == nil && ctx.Err() != nil {
		tx.Rollback()
		return nil, ctx.Err()
	}
	return tx, err
}

// unnamed are arguments for a method that knows none with names, before which
// the package looks at the context.
func unnamed(ctx context.Context, named []driver.NamedValue) ([]driver.Value, error) {
	args := make([]driver.Value, len(named))
	for i, a := range named {
		if a.Name != "" {
			return nil, errors.New("sql: driver does not support the use of Named Parameters")
		}
		args[i] = a.Value
	}
	return args, ctx.Err()
}

func (p isConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if p.WExecContext != nil {
		return p.WExecContext(ctx, query, args)
	} else if p.WExec == nil {
		return nil, driver.ErrSkip
	}
	plain, err := unnamed(ctx, args)
	if err != nil {
		return nil, err
	}
	return p.WExec(query, plain)
}

func (p isConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if p.WQueryContext != nil {
		return p.WQueryContext(ctx, query, args)
	} else if p.WQuery == nil {
		return nil, driver.ErrSkip
	}
	plain, err := unnamed(ctx, args)
	if err != nil {
		return nil, err
	}
	return p.WQuery(query, plain)
}

func (p isConn) CheckNamedValue(v *driver.NamedValue) error {
	if p.WCheckNamedValue == nil {
		return driver.ErrSkip
	}
	return p.WCheckNamedValue(v)
}

func (p isStmt) Close() error                                         { return p.WClose() }
func (p isStmt) NumInput() int                                        { return p.WNumInput() }
func (p isStmt) Exec(args []driver.Value) (driver.Result, error)      { return p.WExec(args) }
func (p isStmt) Query(args []driver.Value) (driver.Rows, error)       { return p.WQuery(args) }
func (p checksNamed) CheckNamedValue(v *driver.NamedValue) error      { return p.WCheckNamedValue(v) }
func (p convertsColumns) ColumnConverter(i int) driver.ValueConverter { return p.WColumnConverter(i) }

func (p isStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if p.WExecContext != nil {
		return p.WExecContext(ctx, args)
	}
	plain, err := unnamed(ctx, args)
	if err != nil {
		return nil, err
	}
	return p.WExec(plain)
}

func (p isStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if p.WQueryContext != nil {
		return p.WQueryContext(ctx, args)
	}
	plain, err := unnamed(ctx, args)
	if err != nil {
		return nil, err
	}
	return p.WQuery(plain)
}

func (p isRows) Columns() []string              { return p.WColumns() }
func (p isRows) Close() error                   { return p.WClose() }
func (p isRows) Next(dest []driver.Value) error { return p.WNext(dest) }

func (p isRows) HasNextResultSet() bool {
	return p.WHasNextResultSet != nil && p.WHasNextResultSet()
}

func (p isRows) NextResultSet() error {
	if p.WNextResultSet == nil {
		return io.EOF
	}
	return p.WNextResultSet()
}

func (p isRows) ColumnTypeScanType(i int) reflect.Type {
	if p.WColumnTypeScanType == nil {
		return anything
	}
	return p.WColumnTypeScanType(i)
}

func (p isRows) ColumnTypeDatabaseTypeName(i int) string {
	if p.WColumnTypeDatabaseTypeName == nil {
		return ""
	}
	return p.WColumnTypeDatabaseTypeName(i)
}

func (p isRows) ColumnTypeLength(i int) (length int64, ok bool) {
	if p.WColumnTypeLength == nil {
		return 0, false
	}
	return p.WColumnTypeLength(i)
}

func (p isRows) ColumnTypeNullable(i int) (nullable, ok bool) {
	if p.WColumnTypeNullable == nil {
		return false, false
	}
	return p.WColumnTypeNullable(i)
}

func (p isRows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	if p.WColumnTypePrecisionScale == nil {
		return 0, 0, false
	}
	return p.WColumnTypePrecisionScale(i)
}
