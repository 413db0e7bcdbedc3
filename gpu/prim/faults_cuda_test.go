package prim_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/ptx"
	"surprisal/gpu/prim"
)

// faulty is the simulator behind a table of calls that fail where fail says so. After
// a code that the context does not survive all fail, and are counted.
type faulty struct {
	*ptx.Simulator
	fail func(call string) driver.Code

	mu    sync.Mutex
	dead  driver.Code
	after int
}

func (f *faulty) calls() *driver.Calls {
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

func (f *faulty) now(call string) driver.Code {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead != driver.Success {
		f.after++
		return f.dead
	}
	code := f.fail(call)
	if code.Sticky() {
		f.dead = code
	}
	return code
}

// device is open on the table, and closed when the test ends.
func (f *faulty) device(t *testing.T) *gpu.Device {
	t.Helper()
	on, err := device.Open(device.Options{Calls: f.calls(), Arch: "sm_80"})
	if err != nil {
		t.Fatal(err)
	}
	d := gpu.With(gpu.Simulator, on)
	return &d
}

// small is a batch of the families sort and joint_windows, which load fast.
func small(on *gpu.Device) prim.JointCounts {
	b := transferEntropy(40).WindowsFrom(2)
	b.On = on
	return b
}

func psi(b prim.JointCounts) [][]int64 {
	t := prim.PsiFixed(len(b.Columns[0]) + 1)[1:]
	return [][]int64{t, t, t}
}

// Whatever call of an estimate fails: the error is of its kind, names no other, and
// the device goes on, with nothing left over when it is closed.
func TestDeviceSurvivesAnyFailure(t *testing.T) {
	for _, c := range []struct {
		code  driver.Code
		is    error
		warm  bool // the device has been used before
		calls string
	}{
		{driver.InvalidValue, nil, true, ""},
		{driver.OutOfMemory, gpu.ErrOutOfMemory, false, "MemAllocAsync MemAlloc HostAlloc StreamCreate EventCreate ModuleLoad LinkCreate LinkComplete PrimaryCtxRetain"},
	} {
		for at, failed := 1, "any"; failed != ""; at++ {
			n, armed := 0, !c.warm
			failed = ""
			f := &faulty{Simulator: &ptx.Simulator{Major: 8}, fail: func(call string) driver.Code {
				if !armed || c.calls != "" && !strings.Contains(c.calls, call) {
					return driver.Success
				}
				if n++; n == at {
					failed = call
					return c.code
				}
				return driver.Success
			}}
			d := f.device(t)
			b := small(d)
			if c.warm {
				if _, err := b.Sums(t.Context(), psi(b)); err != nil {
					t.Fatal(err)
				}
			}
			armed = true
			_, err := b.Sums(t.Context(), psi(b))
			armed = false
			switch {
			case err != nil && c.is != nil && !errors.Is(err, c.is), err != nil && !errors.Is(err, &driver.Error{Code: c.code}):
				t.Errorf("%s fails with %d: %v", failed, c.code, err)
			case err != nil && at%7 == 0:
				t.Logf("%s: %v", failed, err)
			}
			if _, err := b.Sums(t.Context(), psi(b)); err != nil {
				t.Errorf("after %s had failed with %d: %v", failed, c.code, err)
			}
			if err := d.Close(); err != nil {
				t.Errorf("closing after %s had failed with %d: %v", failed, c.code, err)
			}
			if left := f.Live(); len(left) > 0 {
				t.Errorf("%s fails with %d: left over: %v", failed, c.code, left)
			}
			if at > 300 {
				t.Fatal("there is no end of calls")
			}
			if failed == "" && at < 12 {
				t.Errorf("only %d calls", at)
			}
		}
	}
}

// A device that is lost says so, whatever was under way, and is not called again. The
// CPU steps in where the place was nobody's choice, and there alone.
func TestDeviceIsLostAmidABatch(t *testing.T) {
	for _, call := range []string{"CopyToDevice", "Fill", "Launch", "EventRecord", "StreamWaitEvent", "EventQuery", "CopyToHost"} {
		f := &faulty{Simulator: &ptx.Simulator{Major: 8}, fail: func(string) driver.Code { return driver.Success }}
		d := f.device(t)
		b := small(d)
		if call == "Fill" { // windows do without
			b = b.BoxesFrom(1)
		}
		want, err := b.Sums(t.Context(), psi(b))
		if err != nil {
			t.Fatal(err)
		}
		f.fail = func(c string) driver.Code {
			if c == call {
				return driver.ECCUncorrectable
			}
			return driver.Success
		}
		var lost *device.LostError
		_, err = b.Sums(t.Context(), psi(b))
		if !errors.Is(err, gpu.ErrDeviceLost) || !errors.As(err, &lost) {
			t.Errorf("%s: %v", call, err)
		}
		if _, again := b.Sums(t.Context(), psi(b)); !errors.Is(again, gpu.ErrDeviceLost) || again.Error() != lost.Error() {
			t.Errorf("%s, and once more: %v", call, again)
		}
		got, err := b.SumsWhere(t.Context(), psi(b), *d, true)
		if err != nil || got[0][0].Place != gpu.CPU {
			t.Errorf("%s: the CPU does not step in: %+v, %v", call, got, err)
		} else if got[0][0].Place = want[0][0].Place; got[0][0] != want[0][0] {
			t.Errorf("%s: the CPU finds %+v, the device found %+v", call, got[0][0], want[0][0])
		}
		if err := d.Close(); err != nil || f.after > 0 {
			t.Errorf("%s: closing: %v; %d calls after the loss", call, err, f.after)
		}
		t.Log(lost)
	}
}

// Drivers that lack what came later do the same work.
func TestDeviceOfAnOlderDriver(t *testing.T) {
	calls := reflect.TypeFor[driver.Calls]()
	for i := range calls.NumField() {
		field := calls.Field(i)
		if field.Tag.Get("optional") == "" {
			continue
		}
		s := &ptx.Simulator{Major: 8}
		c := *s.Calls()
		reflect.ValueOf(&c).Elem().Field(i).SetZero()
		on, err := device.Open(device.Options{Calls: &c, Arch: "sm_80"})
		if err != nil {
			t.Fatal(err)
		}
		d := gpu.With(gpu.Simulator, on)
		b := small(&d)
		if _, err := b.Sums(t.Context(), psi(b)); err != nil {
			t.Errorf("without %s: %v", field.Name, err)
		}
		if err := d.Close(); err != nil || len(s.Live()) > 0 {
			t.Errorf("without %s: left over %v, %v", field.Name, s.Live(), err)
		}
	}
}

func TestClosedDeviceRefusesBatches(t *testing.T) {
	f := &faulty{Simulator: &ptx.Simulator{Major: 8}, fail: func(string) driver.Code { return driver.Success }}
	d := f.device(t)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := small(d).Counts(t.Context()); !errors.Is(err, gpu.ErrClosed) {
		t.Errorf("a closed device: %v", err)
	}
}

// Goroutines that use a device at once do not see each other.
func TestGoroutinesShareADevice(t *testing.T) {
	f := &faulty{Simulator: &ptx.Simulator{Major: 8}, fail: func(string) driver.Code { return driver.Success }}
	d := f.device(t)
	cpu := gpu.Open(gpu.CPU)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			b := small(&cpu)
			for c := range b.Columns {
				b.Columns[c] = slices.Clone(b.Columns[c])
				for i := range b.Columns[c] {
					b.Columns[c][i] *= float64(1 + g*c)
				}
			}
			want, err := b.Counts(t.Context())
			for range 5 {
				if err != nil {
					break
				}
				b.On = d
				var got [][]prim.Counts
				if got, err = b.Counts(t.Context()); err == nil && !slices.EqualFunc(got[0][0].N, want[0][0].N, slices.Equal) {
					err = fmt.Errorf("counts of another")
				}
			}
			if err != nil {
				t.Errorf("goroutine %d: %v", g, err)
			}
		})
	}
	all.Wait()
	if err := d.Close(); err != nil || len(f.Live()) > 0 {
		t.Errorf("left over %v, %v", f.Live(), err)
	}
}
