package interp

import (
	"maps"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"surprisal/jupyter/interp/rt"
)

// Waiting for a lock or a group cannot be stopped in native code. What stands
// in for it waits on a goroutine of its own, once it has to wait at all.
// sync.Cond.Wait is left alone: to end it without its lock would make the
// caller's deferred Unlock a fatal error.

// standIns are the functions that replace methods of native types, by path and
// Type.Method: those of the package table, and the waits.
func (s *Session) standIns() map[string]map[string]reflect.Value {
	out := map[string]map[string]reflect.Value{"sync": {
		"Mutex.Lock":     reflect.ValueOf(func(m *sync.Mutex) { s.lock(m.TryLock, m.Lock, m.Unlock) }),
		"RWMutex.Lock":   reflect.ValueOf(func(m *sync.RWMutex) { s.lock(m.TryLock, m.Lock, m.Unlock) }),
		"RWMutex.RLock":  reflect.ValueOf(func(m *sync.RWMutex) { s.lock(m.TryRLock, m.RLock, m.RUnlock) }),
		"WaitGroup.Wait": reflect.ValueOf(s.waitGroup),
		"WaitGroup.Go":   reflect.ValueOf(func(g *sync.WaitGroup, f func()) { g.Go(s.guard.Wrap(f)) }),
	}, "flag": s.flagMethods(), "log": s.logMethods(), "sync/atomic": {
		"Value.Store":          reflect.ValueOf(rt.AtomicStore),
		"Value.Swap":           reflect.ValueOf(rt.AtomicSwap),
		"Value.CompareAndSwap": reflect.ValueOf(func(v *atomic.Value, old, x any) bool { return s.runtime.AtomicCompareAndSwap(v, old, x) }),
	}}
	for path, fs := range s.cfg.Bind {
		for name, f := range fs {
			if !strings.Contains(name, ".") {
				continue
			}
			if out[path] == nil {
				out[path] = map[string]reflect.Value{}
			}
			out[path][name] = f
		}
	}
	return out
}

func (s *Session) standsIn(path, method string) bool {
	return s.stands[path][method].IsValid()
}

func (s *Session) lock(try func() bool, lock, unlock func()) {
	if try() {
		return
	}
	stop := s.guard.Stopping()
	if stop == nil {
		lock()
		return
	}
	got := make(chan struct{})
	go func() {
		lock()
		select {
		case got <- struct{}{}:
		case <-stop:
			// The one who waited has gone, unless both were ready.
			select {
			case got <- struct{}{}:
			default:
				unlock()
			}
		}
	}()
	select {
	case <-got:
	case <-stop:
		s.guard.Check()
		lock() // in a deferred function
	}
}

func (s *Session) waitGroup(g *sync.WaitGroup) {
	stop := s.guard.Stopping()
	if stop == nil {
		g.Wait()
		return
	}
	done := make(chan struct{})
	go func() {
		g.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-stop:
		s.guard.Check()
		g.Wait()
	}
}

// withoutMethods drops from a package's bindings what is not a name of it.
func withoutMethods(b map[string]reflect.Value) map[string]reflect.Value {
	b = maps.Clone(b)
	maps.DeleteFunc(b, func(name string, _ reflect.Value) bool { return strings.Contains(name, ".") })
	return b
}
