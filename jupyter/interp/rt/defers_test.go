package rt

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// Run must do what Go's own defer does: the same script runs both ways.
func TestDefersAreGos(t *testing.T) {
	type script struct {
		name, reason string
		defers       []func(log func(string), recov func() any)
		body         func()
	}
	say := func(s string) func(func(string), func() any) {
		return func(log func(string), _ func() any) { log(s) }
	}
	rec := func(log func(string), recov func() any) { log(fmt.Sprint("rec ", recov())) }
	for _, s := range []script{
		{"order", "last first", []func(func(string), func() any){say("a"), say("b")}, func() {}},
		{"panic", "calls run, the panic goes on", []func(func(string), func() any){say("a"), say("b")}, func() { panic("p") }},
		{"recovered", "calls before the recover still run", []func(func(string), func() any){say("a"), rec, say("b")}, func() { panic("p") }},
		{"twice", "a second recover finds nothing", []func(func(string), func() any){rec, rec}, func() { panic("p") }},
		{"replaced", "a panic in a deferred call replaces the first", []func(func(string), func() any){rec, func(func(string), func() any) { panic("q") }}, func() { panic("p") }},
		{"late", "a panic in a deferred call after a normal end", []func(func(string), func() any){rec, func(func(string), func() any) { panic("q") }, say("a")}, func() {}},
		{"recover and panic again", "the new panic goes on", []func(func(string), func() any){say("a"), func(log func(string), recov func() any) { log(fmt.Sprint(recov())); panic("again") }}, func() { panic("p") }},
		{"no panic", "recover gives nil", []func(func(string), func() any){rec}, func() {}},
		//lint:ignore SA5000 the panic is what is tested
		{"runtime error", "keeps its words", []func(func(string), func() any){rec}, func() { var m map[int]int; m[1] = 2 }},
	} {
		run := func(native bool) string {
			var b strings.Builder
			log := func(m string) { b.WriteString(m + ";") }
			func() {
				defer func() {
					if v := recover(); v != nil {
						b.WriteString(fmt.Sprint("out ", v))
					}
				}()
				if native {
					withDefers(s.defers, log, s.body)
					return
				}
				r := New(Config{})
				d := r.NewDefers()
				Run(d, func() {
					for _, f := range s.defers {
						d.Push(func() { f(log, func() any { return r.Recover(r.Armed()) }) })
					}
					s.body()
				})
			}()
			return b.String()
		}
		if got, want := run(false), run(true); got != want {
			t.Errorf("%s (%s): %q, Go does %q", s.name, s.reason, got, want)
		}
	}
}

// withDefers defers the calls with Go's own statement; each recovers through a
// closure that is called by the deferred function itself.
func withDefers(fs []func(func(string), func() any), log func(string), body func()) {
	for _, f := range fs {
		defer func() {
			v := recover()
			taken := false
			f(log, func() any {
				if taken {
					return nil
				}
				taken = true
				return v
			})
			if v != nil && !taken {
				panic(v)
			}
		}()
	}
	body()
}

func TestGoexitRunsDeferredCalls(t *testing.T) {
	r := New(Config{})
	done := make(chan string, 1)
	go func() {
		var log string
		defer func() { done <- log }()
		d := r.NewDefers()
		Run(d, func() {
			d.Push(func() { log += "a" })
			d.Push(func() { log += fmt.Sprint(r.Recover(r.Armed())) })
			runtime.Goexit()
		})
		log += "never"
	}()
	if got := <-done; got != "<nil>a" {
		t.Errorf("got %q", got)
	}
}

func TestFault(t *testing.T) {
	r := New(Config{})
	for _, c := range []struct {
		in   any
		want string
	}{
		{"reflect: slice index out of range", "reflect: slice index out of range"},
		{"reflect.Value.Slice: slice index out of bounds", "reflect.Value.Slice: slice index out of bounds"},
		{"reflect: call of reflect.Value.Field on zero Value", "runtime error: invalid memory address or nil pointer dereference"},
		{errors.New("own"), "own"},
		{"reflections", "reflections"},
		{7, "7"},
	} {
		got := r.Fault(c.in)
		if fmt.Sprint(got) != c.want {
			t.Errorf("%v becomes %v, want %s", c.in, got, c.want)
		}
		if _, isErr := got.(runtime.Error); isErr != strings.HasPrefix(c.want, "runtime error") {
			t.Errorf("%v: a runtime.Error: %v", c.in, isErr)
		}
	}
}
