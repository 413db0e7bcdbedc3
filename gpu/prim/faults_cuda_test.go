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
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/ptx"
	"surprisal/gpu/prim"
)

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

// Whatever call of a batch fails, on every way that batches take through a device: the
// error is that of the call, or there is none and the result is right; so are the next.
func TestDeviceSurvivesAnyFailure(t *testing.T) {
	ordered := func(b prim.JointCounts) prim.JointCounts {
		p := &b.Problems[0]
		p.Orders = [][]int32{order(len(b.Columns[0]), 7), order(len(b.Columns[0]), 11)}
		return b
	}
	for _, c := range []struct {
		name string
		b    prim.JointCounts
		way  string
	}{
		{"windows", transferEntropy(40).WindowsFrom(2), "windows"},
		{"windows under orderings", ordered(transferEntropy(40)).WindowsFrom(2), "windows"},
		{"boxes", transferEntropy(24).BoxesFrom(2), "boxes"},
		{"boxes under orderings", ordered(transferEntropy(24)).BoxesFrom(2), "boxes"},
		{"triples", transferEntropy(40).TriplesFrom(1), "a block"},
		{"triples under orderings", ordered(transferEntropy(40)).TriplesFrom(1), "a block"},
		{"rows", transferEntropy(30), "neither"},
		{"rows under orderings", ordered(transferEntropy(30)), "neither"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if way, err := c.b.Swept(); err != nil || way != c.way {
				t.Fatalf("counted in %s, %v", way, err)
			}
			sums := func(on *gpu.Device) ([]prim.Sum, error) {
				b := c.b
				b.On = on
				sums, err := b.Sums(t.Context(), psi(b))
				if err != nil {
					return nil, err
				}
				return sums[0], nil
			}
			counts := func(on *gpu.Device) ([]prim.Counts, error) {
				b := c.b
				b.On = on
				counts, err := b.InLaunchesOf(1).Counts(t.Context())
				if err != nil {
					return nil, err
				}
				return counts[0], nil
			}
			boxes := c.way == "boxes" // have many launches, which take long: each one of the two
			if !boxes || c.b.Problems[0].Orders == nil {
				devicetest.AnyFailure(t, sums, slices.Equal)
			}
			if !boxes || c.b.Problems[0].Orders != nil {
				devicetest.AnyFailure(t, counts, func(a, b []prim.Counts) bool { return reflect.DeepEqual(a, b) })
			}
		})
	}
}

// order is a permutation of n rows: they move on by so many.
func order(n, by int) (rows []int32) {
	for i := range n {
		rows = append(rows, int32((i+by)%n))
	}
	return rows
}

func TestDeviceHistogramsSurviveAnyFailure(t *testing.T) {
	x := make([]float64, 1000)
	for i := range x {
		x[i] = float64(i*i%97) / 90
	}
	devicetest.AnyFailure(t, func(on *gpu.Device) (*prim.Binned, error) {
		return prim.Histogram{Bins: 7, Max: 1}.CountInPieces(t.Context(), *on, x, 300)
	}, func(a, b *prim.Binned) bool { return reflect.DeepEqual(a, b) })
}

// What has no room, whichever it is, is an ErrOutOfMemory; a device that was new goes on.
func TestNewDeviceSurvivesWhatItHasNoRoomFor(t *testing.T) {
	const calls = "MemAllocAsync MemAlloc HostAlloc StreamCreate EventCreate ModuleLoad LinkCreate LinkComplete PrimaryCtxRetain"
	for at, failed := 1, "any"; failed != ""; at++ {
		n := 0
		failed = ""
		f := &devicetest.Faulty{Fail: func(call string) driver.Code {
			if !strings.Contains(calls, call) {
				return driver.Success
			}
			if n++; n == at {
				failed = call
				return driver.OutOfMemory
			}
			return driver.Success
		}}
		d := f.Device(t)
		b := small(d)
		if _, err := b.Sums(t.Context(), psi(b)); err != nil && !errors.Is(err, gpu.ErrOutOfMemory) {
			t.Errorf("%s fails: %v", failed, err)
		}
		if _, err := b.Sums(t.Context(), psi(b)); err != nil {
			t.Errorf("after %s had failed: %v", failed, err)
		}
		if err := d.Close(); err != nil || len(f.Live()) > 0 {
			t.Errorf("after %s had failed: left over: %v, %v", failed, f.Live(), err)
		}
		if failed == "" && at < 8 {
			t.Errorf("only %d calls", at)
		}
	}
}

// A device that is lost says so, whatever was under way, and is not called again. The
// CPU steps in where the place was nobody's choice, and there alone.
func TestDeviceIsLostAmidABatch(t *testing.T) {
	for _, call := range []string{"CopyToDevice", "Fill", "Launch", "EventRecord", "StreamWaitEvent", "EventQuery", "CopyToHost"} {
		f := new(devicetest.Faulty)
		d := f.Device(t)
		b := small(d)
		if call == "Fill" { // windows do without
			b = b.BoxesFrom(1)
		}
		want, err := b.Sums(t.Context(), psi(b))
		if err != nil {
			t.Fatal(err)
		}
		f.Fail = func(c string) driver.Code {
			if c == call {
				return driver.ECCUncorrectable
			}
			return driver.Success
		}
		var lost *device.LostError
		_, err = b.Sums(t.Context(), psi(b))
		if !errors.Is(err, gpu.ErrDeviceLost) || !errors.As(err, &lost) || !strings.Contains(err.Error(), "gpu.Open(gpu.Simulator) begins another") {
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
		if err := d.Close(); err != nil || f.AfterLoss() > 0 {
			t.Errorf("%s: closing: %v; %d calls after the loss", call, err, f.AfterLoss())
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
	f := new(devicetest.Faulty)
	d := f.Device(t)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := small(d).Counts(t.Context()); !errors.Is(err, gpu.ErrClosed) {
		t.Errorf("a closed device: %v", err)
	}
}

// Goroutines that use a device at once do not see each other.
func TestGoroutinesShareADevice(t *testing.T) {
	f := new(devicetest.Faulty)
	d := f.Device(t)
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
