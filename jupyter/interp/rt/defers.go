package rt

import (
	"bytes"
	"runtime"
	"strconv"
	"sync"
)

// Defers holds the deferred calls of one function call. Lowered functions that
// defer are written as Run(d, body): yaegi's own defer keeps references to
// variables of a loop, drops the dots of variadic calls, skips the remaining
// calls when one panics, and can hang.
type Defers struct {
	r         *Runtime
	calls     []deferred
	armed     bool // the next function that asks is the deferred one
	panicking bool
	value     any
	recovered bool
	earlier   []Earlier // panics that value came on top of
}

type deferred struct {
	f    func()
	deaf bool
}

// NewDefers returns an empty list.
func (r *Runtime) NewDefers() *Defers { return &Defers{r: r} }

// Push defers a call.
func (d *Defers) Push(f func()) { d.calls = append(d.calls, deferred{f: f}) }

// PushDeaf defers a call of a function that does not call recover itself: what
// it calls cannot end the panic.
func (d *Defers) PushDeaf(f func()) { d.calls = append(d.calls, deferred{f, true}) }

// Run calls body and then the deferred calls, last first, as Go does: also
// after a panic and after Goexit, and also when one of them panics.
func Run(d *Defers, body func()) {
	returned := false
	defer func() {
		if !returned {
			if v := recover(); v != nil {
				d.panicking, d.value, d.earlier = true, v, d.r.flight.land(v)
			}
		}
		// Deferred functions poll as all do: without a mark the first would
		// end at its first line when the cell has been stopped meanwhile.
		leaving := *d.r.stuck && d.r.Config.Leaving()
		d.unwind()
		if leaving {
			runtime.Goexit() // nothing runs after them
		}
	}()
	body()
	returned = true
}

func (d *Defers) unwind() {
	for len(d.calls) > 0 {
		if *d.r.stuck && d.r.Config.Exited() { // os.Exit ends a program at once
			d.calls, d.panicking = nil, false
			return
		}
		c := d.calls[len(d.calls)-1]
		d.calls = d.calls[:len(d.calls)-1]
		d.call(c)
	}
	if d.panicking {
		v := d.r.Fault(d.value)
		d.r.flight.start(v, d.earlier)
		panic(v)
	}
}

// call runs one deferred call; a Goexit in it still runs the others.
func (d *Defers) call(c deferred) {
	if d.panicking {
		d.armed = !c.deaf
		leave := d.r.panics.enter(d)
		defer leave()
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v == nil { // Goexit: it ends a panic too
			d.panicking = false
			d.r.flight.over()
			d.unwind()
			return
		}
		onTop := d.r.flight.land(v)
		if d.panicking {
			onTop = append(append(d.earlier, Earlier{d.value, d.recovered}), onTop...)
		}
		d.panicking, d.recovered, d.value, d.earlier = true, false, v, onTop
	}()
	c.f()
	returned = true
	if d.recovered {
		d.panicking, d.recovered, d.value, d.earlier = false, false, nil, nil
		d.r.flight.over()
	}
}

// Armed tells a function that calls recover, as it begins, whether a panic is
// running it: the functions that it calls in turn hear no.
func (r *Runtime) Armed() bool {
	d := r.panics.current()
	if d == nil || !d.armed {
		return false
	}
	d.armed = false
	return true
}

// Recover is the predeclared recover in a function that was armed or not: the
// value of the panic that is running it, in the words of compiled Go, and the
// panic ends.
func (r *Runtime) Recover(armed bool) any {
	d := r.panics.current()
	if !armed || d == nil || !d.panicking || d.recovered {
		return nil
	}
	d.recovered = true
	v := r.Fault(d.value)
	return v
}

// frames knows the panicking function calls of each goroutine, by its number;
// it is empty and costs one load while nothing panics.
type frames struct {
	mu  sync.RWMutex
	top map[uint64][]*Defers
}

func (f *frames) enter(d *Defers) (leave func()) {
	id := Goroutine()
	f.mu.Lock()
	if f.top == nil {
		f.top = map[uint64][]*Defers{}
	}
	f.top[id] = append(f.top[id], d)
	f.mu.Unlock()
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if s := f.top[id]; len(s) > 1 {
			f.top[id] = s[:len(s)-1]
		} else {
			delete(f.top, id)
		}
	}
}

func (f *frames) current() *Defers {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if len(f.top) == 0 {
		return nil
	}
	if s := f.top[Goroutine()]; len(s) > 0 {
		return s[len(s)-1]
	}
	return nil
}

// Goroutine is the number of the calling goroutine. The runtime gives it only
// in the text of a stack; about a microsecond, paid while a panic unwinds.
func Goroutine() uint64 {
	var buf [64]byte
	b := buf[:runtime.Stack(buf[:], false)]
	b = bytes.TrimPrefix(b, []byte("goroutine "))
	if i := bytes.IndexByte(b, ' '); i > 0 {
		b = b[:i]
	}
	id, _ := strconv.ParseUint(string(b), 10, 64)
	return id
}
