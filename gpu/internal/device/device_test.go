package device

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"surprisal/cuda"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/driver/drivertest"
)

// kernelName is a kernel whose part is played by stand: map value i is pixel i
// plus 1.
const kernelName = "entropy_map_u8_256"

func stand(f *drivertest.Fake) func(string, *driver.Launch) driver.Code {
	return func(name string, l *driver.Launch) driver.Code {
		p := binary.LittleEndian
		n := uint64(p.Uint32(l.Params[32:]))
		in, out := f.Bytes(driver.Address(p.Uint64(l.Params)), n), f.Bytes(driver.Address(p.Uint64(l.Params[8:])), 4*n)
		if name != kernelName || in == nil || out == nil {
			return driver.IllegalAddress
		}
		for i, v := range in {
			p.PutUint32(out[4*i:], math.Float32bits(float32(v)+1))
		}
		return driver.Success
	}
}

// open opens the fake's device. When the test ends nothing may be left.
func open(t *testing.T, f *drivertest.Fake, o Options) *Device {
	t.Helper()
	if o.Calls == nil {
		o.Calls = f.Calls()
	}
	if f.Run == nil {
		f.Run = stand(f)
	}
	d, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	d.staging.bytes = 1 << 10
	t.Cleanup(func() {
		d.Close()
		if d.lost.Load() == nil && len(f.Live()) > 0 {
			t.Errorf("left over: %v", f.Live())
		}
		if late := f.AfterDeath(); len(late) > 0 {
			t.Errorf("calls after the device was lost: %v", late)
		}
	})
	return d
}

// work is what an op does: it uploads n bytes, launches, replays a graph where
// there are graphs, and looks at the result.
func work(ctx context.Context, d *Device, n int) error {
	return d.Do(func(t *Thread) error { return steps(ctx, t, n) })
}

func steps(ctx context.Context, t *Thread, n int) error {
	k, err := t.Kernel(kernelName)
	if err != nil {
		return err
	}
	a, err := t.Arena("work")
	if err != nil {
		return err
	}
	defer a.Close()
	pixels := make([]uint8, n)
	for i := range pixels {
		pixels[i] = uint8(i * 7)
	}
	in, err := Upload(t, a, pixels)
	if err != nil {
		return err
	}
	out, err := Alloc[float32](t, a, n)
	if err != nil {
		return err
	}
	if err := Zero(t, a.Stream, out); err != nil {
		return err
	}
	flag, err := t.Flag(ctx)
	if err != nil {
		return err
	}
	defer flag.Close()
	launch := func() error {
		return t.Launch(a.Stream, k, Dim{X: 3}, cuda.EntropyMap{Image: in.Address(), Map: out.Address(), PlaneW: int32(n)}.Params())
	}
	g, err := t.Capture(a.Stream, launch)
	if err != nil {
		return err
	}
	defer g.Close()
	for range 3 {
		if err := launch(); err != nil {
			return err
		}
		if err := t.Replay(a.Stream, g); err != nil {
			return err
		}
	}
	side, err := t.Stream()
	if err != nil {
		return err
	}
	defer side.Release()
	if err := t.Order(a.Stream, side); err != nil {
		return err
	}
	got := make([]float32, n)
	if err := Download(ctx, t, side, got, out); err != nil {
		return err
	}
	for i, v := range got {
		if v != float32(pixels[i])+1 {
			return fmt.Errorf("value %d is %v, want %v", i, v, float32(pixels[i])+1)
		}
	}
	return nil
}

func TestWorkIsDoneAndNothingIsLeft(t *testing.T) {
	for _, n := range []int{1, 1000, 3<<10 + 17} {
		f := new(drivertest.Fake)
		d := open(t, f, Options{})
		if err := work(t.Context(), d, n); err != nil {
			t.Fatal(err)
		}
		if s := d.Stats(); s.InUse != 0 || s.Kept == 0 || s.Leaked != 0 {
			t.Errorf("%d: %+v", n, s)
		}
		if f.Called("MemAllocAsync") != 2 || f.Called("MemAlloc") != 1 { // flags
			t.Errorf("%d and %d allocations", f.Called("MemAllocAsync"), f.Called("MemAlloc"))
		}
		if err := work(t.Context(), d, n); err != nil {
			t.Fatal(err)
		}
		if f.Called("MemAllocAsync") != 2 || f.Called("ModuleLoad") != 1 || f.Called("StreamCreate") != 2 {
			t.Errorf("the second time anew: %d allocations, %d modules, %d streams", f.Called("MemAllocAsync"), f.Called("ModuleLoad"), f.Called("StreamCreate"))
		}
	}
}

// Whatever call fails, and whenever: the error is of its kind, nothing is left,
// and after a loss nothing is called.
func TestAnyCallMayFail(t *testing.T) {
	for _, c := range []struct {
		code driver.Code
		is   error
	}{{driver.OutOfMemory, ErrOutOfMemory}, {driver.InvalidValue, nil}, {driver.IllegalAddress, ErrDeviceLost}, {driver.Unknown, ErrDeviceLost}} {
		failures := 0
		for at := 1; ; at++ {
			n, failed := 0, ""
			f := &drivertest.Fake{Fail: func(call string, _ int) driver.Code {
				if n++; n == at {
					failed = call
					return c.code
				}
				return driver.Success
			}}
			f.Run = stand(f)
			d, err := Open(Options{Calls: f.Calls()})
			if err != nil {
				if !errors.Is(err, ErrNoDriver) {
					t.Errorf("%s fails with %d on opening: %v", failed, c.code, err)
				}
				continue
			}
			d.staging.bytes = 512
			err = work(t.Context(), d, 1000)
			closing := d.Close()
			if failed == "" {
				break
			}
			if err != nil {
				failures++
			}
			lost := errors.Is(c.is, ErrDeviceLost)
			switch {
			case err != nil && c.is != nil && !errors.Is(err, c.is):
				t.Errorf("%s fails with %d: %v", failed, c.code, err)
			case err != nil && !errors.Is(err, &driver.Error{Code: c.code}):
				t.Errorf("%s fails with %d: the code is lost: %v", failed, c.code, err)
			case !lost && len(f.Live()) > 0 && !gives(failed):
				t.Errorf("%s fails with %d: left over: %v (%v, %v)", failed, c.code, f.Live(), err, closing)
			case lost && len(f.AfterDeath()) > 0:
				t.Errorf("%s fails with %d: called after: %v", failed, c.code, f.AfterDeath())
			}
		}
		if failures < 20 {
			t.Errorf("code %d: only %d failures", c.code, failures)
		}
	}
}

// gives reports whether a call gives something back: if it fails that is left.
func gives(call string) bool {
	return strings.Contains(call, "Free") || strings.Contains(call, "Destroy") || strings.Contains(call, "Release") || call == "ModuleUnload" ||
		call == "CtxSetCurrent" || call == "CtxSynchronize"
}

func TestOpenRefuses(t *testing.T) {
	code := func(call string, code driver.Code) func(string, int) driver.Code {
		return func(c string, _ int) driver.Code {
			if c == call {
				return code
			}
			return driver.Success
		}
	}
	for _, c := range []struct {
		reason string
		fake   *drivertest.Fake
		index  int
		is     error
		says   string
	}{
		{"a library without its kernel module", &drivertest.Fake{Fail: code("Init", driver.DriverMismatch)}, 0, ErrNoDriver, "words for 803"},
		{"no device at all", &drivertest.Fake{Fail: code("Init", driver.NoDevice)}, 0, ErrNoDevice, "words for 100"},
		{"none shown", &drivertest.Fake{Devices: -1}, 0, ErrNoDevice, "CUDA_VISIBLE_DEVICES"},
		{"too few", &drivertest.Fake{Devices: 2}, 2, ErrNoDevice, "the driver shows 2"},
		{"a negative one", &drivertest.Fake{}, -1, ErrNoDevice, "GPU -1"},
		{"an old device", &drivertest.Fake{Major: 7}, 0, ErrUnsupported, "compute capability 7.0"},
		{"an old driver", &drivertest.Fake{Version: 9020}, 0, ErrUnsupported, "serves CUDA up to 9.2"},
	} {
		d, err := Open(Options{Calls: c.fake.Calls(), Index: c.index})
		if d != nil || !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v and %q", c.reason, err, c.is, c.says)
		}
		if len(c.fake.Live()) > 0 {
			t.Errorf("%s: left over: %v", c.reason, c.fake.Live())
		}
	}
}

func TestLossTellsWhatWasLaunched(t *testing.T) {
	f := new(drivertest.Fake)
	play, n := stand(f), 0
	f.Run = func(name string, l *driver.Launch) driver.Code {
		if n++; n == 70 {
			return driver.MisalignedAddress
		}
		return play(name, l)
	}
	d := open(t, f, Options{})
	var first error
	for range 80 {
		if first = work(t.Context(), d, 8); first != nil {
			break
		}
	}
	var lost *LostError
	if !errors.As(first, &lost) || !errors.Is(first, ErrDeviceLost) || !errors.Is(first, &driver.Error{Code: driver.MisalignedAddress}) {
		t.Fatalf("%v", first)
	}
	if len(lost.Launches) != 64 || !strings.Contains(lost.Error(), "words for 716") {
		t.Errorf("%d launches: %v", len(lost.Launches), lost)
	}
	for i, r := range lost.Launches[1:] {
		if r.Number != lost.Launches[i].Number+1 {
			t.Fatalf("launch %d comes after %d", r.Number, lost.Launches[i].Number)
		}
	}
	if err := work(t.Context(), d, 8); !errors.Is(err, ErrDeviceLost) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestNothingWorksAfterClose(t *testing.T) {
	f := new(drivertest.Fake)
	d := open(t, f, Options{})
	var a *Arena
	var g *Graph
	if err := d.Do(func(th *Thread) (err error) {
		if a, err = th.Arena("kept"); err != nil {
			return err
		}
		if _, err = Upload(th, a, []int32{1, 2, 3}); err != nil {
			return err
		}
		g, err = th.Capture(a.Stream, func() error { return nil })
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.Live()) > 0 {
		t.Errorf("left over: %v", f.Live())
	}
	for what, err := range map[string]error{"Do": work(t.Context(), d, 8), "an arena": a.Close(), "a graph": g.Close()} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestArenaAndGraphAreClosedOnce(t *testing.T) {
	d := open(t, new(drivertest.Fake), Options{})
	if err := d.Do(func(th *Thread) error {
		a, err := th.Arena("once")
		if err != nil {
			return err
		}
		g, err := th.Capture(a.Stream, func() error { return nil })
		if err != nil {
			return err
		}
		for range 2 {
			if err := errors.Join(g.Close(), a.Close()); err != nil {
				return err
			}
		}
		if err := th.Replay(a.Stream, g); !errors.Is(err, ErrClosed) {
			t.Errorf("a closed graph: %v", err)
		}
		if _, err := Alloc[int8](th, a, 5); !errors.Is(err, ErrClosed) {
			t.Errorf("a closed arena: %v", err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestCloseWaitsForWork(t *testing.T) {
	d := open(t, new(drivertest.Fake), Options{})
	inside, closed := make(chan bool), make(chan bool)
	var order []string
	var mu sync.Mutex
	say := func(s string) { mu.Lock(); defer mu.Unlock(); order = append(order, s) }
	go func() {
		<-inside
		d.Close()
		say("closed")
		close(closed)
	}()
	d.Do(func(*Thread) error {
		close(inside)
		time.Sleep(20 * time.Millisecond)
		say("done")
		return nil
	})
	<-closed
	if !slices.Equal(order, []string{"done", "closed"}) {
		t.Error(order)
	}
}

func TestTwoGoroutinesOnOneStream(t *testing.T) {
	d := open(t, new(drivertest.Fake), Options{})
	var s *Stream
	if err := d.Do(func(th *Thread) (err error) { s, err = th.Stream(); return err }); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for g := range 2 {
		all.Go(func() {
			for range 50 {
				err := d.Do(func(th *Thread) error {
					a, err := th.Arena(fmt.Sprint("goroutine ", g))
					if err != nil {
						return err
					}
					defer a.Close()
					b, err := Alloc[int32](th, a, 100)
					if err != nil {
						return err
					}
					want := slices.Repeat([]int32{int32(g)}, 100)
					if err := Write(th, s, b, want); err != nil {
						return err
					}
					got := make([]int32, 100)
					if err := Download(context.Background(), th, s, got, b); err != nil || !slices.Equal(got, want) {
						return fmt.Errorf("got %v: %v", got, err)
					}
					return th.Order(s, a.Stream)
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestThreadEndsWithDo(t *testing.T) {
	d := open(t, new(drivertest.Fake), Options{})
	var kept *Thread
	d.Do(func(th *Thread) error { kept = th; return nil })
	defer func() {
		if recover() == nil {
			t.Error("a Thread works outside of its Do")
		}
	}()
	kept.Stream()
}
