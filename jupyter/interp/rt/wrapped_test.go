package rt

import (
	"errors"
	"io"
	"reflect"
	"runtime"
	"testing"
	"time"
)

// A pointer has one wrapper for an interface while it is in use, which native
// code can compare and have as a key; afterwards nothing is kept of it.
func TestWrappersAreComparedAsTheirValues(t *testing.T) {
	r := New(Config{Wrapper: func(string, string) reflect.Type {
		return reflect.TypeFor[struct {
			IValue any
			WRead  func([]byte) (int, error)
		}]()
	}})
	type source struct{ n int }
	r.Describe([]*Desc{{ID: 1, Name: "*main.source", Own: true}}, []*Iface{{ID: 2, Name: "io.Reader"}})
	r.Known(1, new(*source))
	r.NativeIface(2, new(io.Reader))
	r.Method(1, "Read", func(any) any { return func([]byte) (int, error) { return 0, io.EOF } })
	r.Method(1, "Close", func(any) any { return func() error { return nil } })
	a, b := &source{1}, &source{1}
	wa, wb := r.ToNative(a, 2), r.ToNative(b, 2)
	keys := map[any]int{wa: 1, wb: 2}
	if wa != r.ToNative(a, 2) || wa == wb || keys[r.ToNative(b, 2)] != 2 || r.Un(wa) != any(a) {
		t.Error("wrappers do not compare as what they wrap")
	}
	kept := func() (n int) {
		r.living.Range(func(any, any) bool { n++; return true })
		return n
	}
	if kept() != 2 {
		t.Errorf("%d wrappers, want 2", kept())
	}
	wa, wb, keys = nil, nil, nil
	for end := time.Now().Add(5 * time.Second); kept() > 0 && time.Now().Before(end); {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if kept() != 0 {
		t.Errorf("%d wrappers are kept after their use", kept())
	}
	runtime.KeepAlive(a)
	runtime.KeepAlive(b)
}

// Package errors compares an error of a type that cannot be compared with none.
func TestErrorsThatCannotBeCompared(t *testing.T) {
	r := New(Config{})
	list := r.ToErr(Box{1, []int{1}, r})
	other := r.ToErr(Box{1, []int{1}, r})
	one := r.ToErr(Box{1, 1, r})
	if errors.Is(list, other) || errors.Is(other, io.EOF) || !errors.Is(one, r.ToErr(Box{1, 1, r})) {
		t.Error("errors are compared wrongly")
	}
}
