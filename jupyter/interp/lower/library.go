package lower

import (
	"go/ast"
	"go/parser"
	"strconv"
)

func itoa(n int) string { return strconv.Itoa(n) }

// librarySource gives the files of a generic standard package: ours where the
// real one leans on what cells cannot have, else what Options.Source gives.
func (l *Lowerer) librarySource(path string) ([]*ast.File, error) {
	if src, ok := overlays[path]; ok {
		f, err := parser.ParseFile(l.fset, path+"/overlay.go", src, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		return []*ast.File{f}, nil
	}
	if l.opt.Source == nil || !generic[path] {
		return nil, nil
	}
	return l.opt.Source(l.fset, path)
}

// generic are the packages that are generic throughout, and small.
var generic = map[string]bool{"slices": true, "maps": true, "cmp": true}

// overlays are generic parts of packages whose rest is native, in plain Go.
var overlays = map[string]string{
	"iter": `package iter

type Seq[V any] func(yield func(V) bool)
type Seq2[K, V any] func(yield func(K, V) bool)

func Pull[V any](seq Seq[V]) (next func() (V, bool), stop func()) {
	next2, stop := Pull2(func(yield func(V, struct{}) bool) {
		seq(func(v V) bool { return yield(v, struct{}{}) })
	})
	return func() (V, bool) {
		v, _, ok := next2()
		return v, ok
	}, stop
}

type pulled[K, V any] struct {
	k  K
	v  V
	ok bool
}

func Pull2[K, V any](seq Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	more := make(chan bool)
	out := make(chan pulled[K, V])
	var failure any
	started, done := false, false
	run := func() {
		defer func() {
			failure = recover()
			out <- pulled[K, V]{}
		}()
		if <-more {
			seq(func(k K, v V) bool {
				out <- pulled[K, V]{k, v, true}
				return <-more
			})
		}
	}
	step := func(on bool) pulled[K, V] {
		if !started {
			started = true
			go run()
		}
		more <- on
		p := <-out
		if !p.ok {
			done = true
			if failure != nil {
				panic(failure)
			}
		}
		return p
	}
	next = func() (K, V, bool) {
		if done {
			var p pulled[K, V]
			return p.k, p.v, false
		}
		p := step(true)
		return p.k, p.v, p.ok
	}
	stop = func() {
		if !done && started {
			step(false)
		}
		done = true
	}
	return next, stop
}
`,
	"errors": `package errors

import native "errors"

func AsType[E error](err error) (E, bool) {
	var e E
	ok := native.As(err, &e)
	return e, ok
}
`,
	"math/rand/v2": `package rand

import native "math/rand/v2"

func N[Int interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}](n Int) Int {
	if n <= 0 {
		panic("invalid argument to N")
	}
	return Int(native.Uint64N(uint64(n)))
}
`,
	"sync": `package sync

import native "sync"

func OnceValue[T any](f func() T) func() T {
	var once native.Once
	var result T
	var failure any
	finished := false
	return func() T {
		once.Do(func() {
			defer func() {
				if !finished {
					failure = recover()
				}
			}()
			result = f()
			finished = true
		})
		if !finished {
			panic(failure)
		}
		return result
	}
}

func OnceValues[T1, T2 any](f func() (T1, T2)) func() (T1, T2) {
	type pair struct {
		a T1
		b T2
	}
	get := OnceValue(func() pair {
		a, b := f()
		return pair{a, b}
	})
	return func() (T1, T2) {
		p := get()
		return p.a, p.b
	}
}
`,
	"sync/atomic": `package atomic

import native "sync"

type Pointer[T any] struct {
	mu native.Mutex
	p  *T
}

func (x *Pointer[T]) Load() *T {
	x.mu.Lock()
	p := x.p
	x.mu.Unlock()
	return p
}

func (x *Pointer[T]) Store(p *T) {
	x.mu.Lock()
	x.p = p
	x.mu.Unlock()
}

func (x *Pointer[T]) Swap(p *T) *T {
	x.mu.Lock()
	old := x.p
	x.p = p
	x.mu.Unlock()
	return old
}

func (x *Pointer[T]) CompareAndSwap(old, p *T) bool {
	x.mu.Lock()
	same := x.p == old
	if same {
		x.p = p
	}
	x.mu.Unlock()
	return same
}
`,
	// Handles live as long as the notebook.
	"unique": `package unique

import "sync"

var made sync.Map

type key[T comparable] struct{ v T }

type Handle[T comparable] struct{ value *T }

func (h Handle[T]) Value() T { return *h.value }

func Make[T comparable](value T) Handle[T] {
	p, ok := made.Load(key[T]{value})
	if !ok {
		p, _ = made.LoadOrStore(key[T]{value}, &value)
	}
	return Handle[T]{p.(*T)}
}
`,
	"hash/maphash": `package maphash

import native "hash/maphash"

func hash(seed native.Seed, v any) uint64
func write(h *native.Hash, v any)

func Comparable[T comparable](seed native.Seed, v T) uint64 { return hash(seed, v) }
func WriteComparable[T comparable](h *native.Hash, x T) { write(h, x) }
`,
	"crypto/hkdf": `package hkdf

import "hash"

func extract(h func() hash.Hash, secret, salt []byte) ([]byte, error)
func expand(h func() hash.Hash, key []byte, info string, n int) ([]byte, error)
func key(h func() hash.Hash, secret, salt []byte, info string, n int) ([]byte, error)

func Extract[H hash.Hash](h func() H, secret, salt []byte) ([]byte, error) {
	return extract(func() hash.Hash { return h() }, secret, salt)
}

func Expand[H hash.Hash](h func() H, pseudorandomKey []byte, info string, keyLength int) ([]byte, error) {
	return expand(func() hash.Hash { return h() }, pseudorandomKey, info, keyLength)
}

func Key[H hash.Hash](h func() H, secret, salt []byte, info string, keyLength int) ([]byte, error) {
	return key(func() hash.Hash { return h() }, secret, salt, info, keyLength)
}
`,
	"crypto/pbkdf2": `package pbkdf2

import "hash"

func key(h func() hash.Hash, password string, salt []byte, iter, n int) ([]byte, error)

func Key[H hash.Hash](h func() H, password string, salt []byte, iter, keyLength int) ([]byte, error) {
	return key(func() hash.Hash { return h() }, password, salt, iter, keyLength)
}
`,
	"reflect": `package reflect

import native "reflect"

func TypeFor[T any]() native.Type { return native.TypeOf((*T)(nil)).Elem() }
`,
}
