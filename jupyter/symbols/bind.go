package symbols

import (
	"context"
	"maps"
	"reflect"
	"sync"
	"time"
)

// bindings are replaced values by import path and name.
type bindings map[string]map[string]reflect.Value

func (b bindings) set(path, name string, f any) {
	if b[path] == nil {
		b[path] = map[string]reflect.Value{}
	}
	b[path][name] = reflect.ValueOf(f)
}

// Bind returns what stands in this session for functions of packages, by
// import path and name. A method stands under Type.Method, as a function whose
// first parameter is the receiver and to which a variadic tail is a slice.
func (t *Table) Bind() map[string]map[string]reflect.Value {
	b := bindings{}
	t.bindNotebook(b)
	t.bindGoroutines(b)
	t.bindPrint(b)
	t.bindLog(b)
	t.bindInput(b)
	t.bindOptimize(b)
	t.bindFlags(b)
	return maps.Clone(b)
}

func (t *Table) bindNotebook(b bindings) {
	if s := t.opt.Screen; s != nil {
		b.set("surprisal/jupyter/display", "Show", s.Show)
		b.set("surprisal/jupyter/display", "Clear", s.Clear)
	}
	if m := t.opt.Comms; m != nil {
		b.set("surprisal/jupyter/comm", "Register", m.Register)
		b.set("surprisal/jupyter/comm", "Open", m.Open)
	}
	if d := t.opt.Widgets; d != nil {
		b.set("surprisal/jupyter/widget", "GPU", d.GPU)
		b.set("surprisal/jupyter/widget", "NewProgress", d.NewProgress)
		b.set("surprisal/gpu/monitor", "Read", d.Read)
	}
	if n := t.opt.Notebook; n != nil {
		const path = "surprisal/jupyter/notebook"
		b.set(path, "Input", n.Input)
		b.set(path, "Password", n.Password)
		b.set(path, "Page", n.Page)
		b.set(path, "NextInput", n.NextInput)
		b.set(path, "Sh", n.Sh)
		b.set(path, "Vars", n.Vars)
		b.set(path, "Get", n.Get)
	}
}

// bindGoroutines gives what runs a function later, on a goroutine that the
// cell did not start, to the cell.
func (t *Table) bindGoroutines(b bindings) {
	if wrap := t.opt.Wrap; wrap != nil {
		b.set("time", "AfterFunc", func(d time.Duration, f func()) *time.Timer { return time.AfterFunc(d, wrap(f)) })
		b.set("context", "AfterFunc", func(ctx context.Context, f func()) (stop func() bool) { return context.AfterFunc(ctx, wrap(f)) })
		b.set("sync", "WaitGroup.Go", func(wg *sync.WaitGroup, f func()) { wg.Go(wrap(f)) })
	}
	if t.opt.Sleep != nil {
		b.set("time", "Sleep", t.opt.Sleep)
	}
	if t.opt.Exit != nil {
		b.set("os", "Exit", t.opt.Exit)
	}
}
