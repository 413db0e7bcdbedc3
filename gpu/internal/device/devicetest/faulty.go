package devicetest

import (
	"errors"
	"reflect"
	"sync"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/ptx"
)

// Faulty is the simulator behind a table of calls that fail where Fail says so. After
// a code that the context does not survive all fail, and are counted.
type Faulty struct {
	ptx.Simulator
	Fail func(call string) driver.Code // nil: none

	mu    sync.Mutex
	dead  driver.Code
	after int
}

// Device is open on the table.
func (f *Faulty) Device(t *testing.T) *gpu.Device {
	t.Helper()
	f.Major = 8
	on, err := device.Open(device.Options{Calls: f.calls(), Arch: "sm_80"})
	if err != nil {
		t.Fatal(err)
	}
	d := gpu.With(gpu.Simulator, on)
	return &d
}

// AfterLoss is how many calls came when all were failing.
func (f *Faulty) AfterLoss() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.after
}

func (f *Faulty) calls() *driver.Calls {
	c := *f.Simulator.Calls()
	v := reflect.ValueOf(&c).Elem()
	for i := range v.NumField() {
		name, real := v.Type().Field(i).Name, v.Field(i)
		t := real.Type()
		if t.NumOut() == 0 || t.Out(t.NumOut()-1) != reflect.TypeFor[driver.Code]() || real.IsNil() {
			continue
		}
		inner := reflect.ValueOf(real.Interface())
		real.Set(reflect.MakeFunc(t, func(in []reflect.Value) []reflect.Value {
			if code := f.now(name); code != driver.Success {
				var out []reflect.Value
				for o := range t.Outs() {
					out = append(out, reflect.Zero(o))
				}
				out[len(out)-1] = reflect.ValueOf(code)
				return out
			}
			return inner.Call(in)
		}))
	}
	return &c
}

func (f *Faulty) now(call string) driver.Code {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead != driver.Success {
		f.after++
		return f.dead
	}
	if f.Fail == nil {
		return driver.Success
	}
	code := f.Fail(call)
	if code.Sticky() {
		f.dead = code
	}
	return code
}

// set changes Fail while calls may be under way.
func (f *Faulty) set(fail func(call string) driver.Code) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Fail = fail
}

// AnyFailure runs an op on a device that has done it before, while each of its calls
// fails, one at a time; then, of every fifth, all of that name to the end of the op.
// What the op returns without an error must be right, an error must be that of the
// call, the op after it must be right, and nothing may be left.
func AnyFailure[R any](t *testing.T, op func(on *gpu.Device) (R, error), same func(a, b R) bool) {
	t.Helper()
	f := new(Faulty)
	d := f.Device(t)
	want, err := op(d)
	if err != nil {
		t.Fatal(err)
	}
	places, failed := 0, ""
	for _, lasting := range []bool{false, true} {
		step := 1
		if lasting {
			step = 5
		}
		for at := 1; ; at += step {
			n := 0
			failed = ""
			f.set(func(call string) driver.Code {
				if n++; n == at {
					failed = call
				}
				if n == at || lasting && call == failed {
					return driver.InvalidValue
				}
				return driver.Success
			})
			got, err := op(d)
			f.set(nil)
			if failed == "" {
				break
			}
			places++
			if at > 3000 {
				t.Fatal("there is no end of calls")
			}
			switch {
			case err == nil && !same(got, want):
				t.Errorf("%s fails as call %d (lasting: %v): no error, and another result", failed, at, lasting)
			case err != nil && !errors.Is(err, &driver.Error{Code: driver.InvalidValue}):
				t.Errorf("%s fails as call %d (lasting: %v): %v", failed, at, lasting, err)
			}
			if got, err := op(d); err != nil || !same(got, want) {
				t.Errorf("after %s had failed as call %d (lasting: %v): another result, or the error %v", failed, at, lasting, err)
			}
			if in := d.Several()[0].Stats().InUse; in != 0 {
				t.Errorf("after %s had failed as call %d (lasting: %v): %d bytes are in use", failed, at, lasting, in)
			}
		}
	}
	if places < 20 {
		t.Errorf("only %d calls failed", places)
	}
	if err := d.Close(); err != nil || len(f.Live()) > 0 {
		t.Errorf("left over: %v, %v", f.Live(), err)
	}
	t.Logf("%d failures", places)
}
