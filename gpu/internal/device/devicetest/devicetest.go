// Package devicetest is what tests of kernels begin with: a GPU if there is one,
// the simulator, and time taken on either.
package devicetest

import (
	"os"
	"slices"
	"testing"
	"time"

	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/ptx"
)

// OnTheGPU is the options for the machine's first GPU. Without one the test is
// skipped, or with SURPRISAL_GPU=require, as make test-gpu sets it, fails. Its name
// ends in OnTheGPU, by which make test-gpu finds it.
func OnTheGPU(t *testing.T) device.Options {
	t.Helper()
	say := t.Skipf
	if os.Getenv("SURPRISAL_GPU") == "require" {
		say = t.Fatalf
	}
	calls, err := driver.Load()
	if err != nil {
		say("NOT RUN ON A GPU: %v", err)
	}
	d, err := device.Open(device.Options{Calls: calls})
	if err != nil {
		say("NOT RUN ON A GPU: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return device.Options{Calls: calls}
}

// Simulated is the simulator of a compute capability, in which nothing may be left
// when the test ends.
func Simulated(t *testing.T, major, minor int) device.Options {
	s := &ptx.Simulator{Major: major, Minor: minor}
	t.Cleanup(func() {
		if left := s.Live(); len(left) > 0 {
			t.Errorf("left over in the simulator: %v", left)
		}
	})
	return device.Options{Calls: s.Calls()}
}

// Opened is a device that is closed when the test ends.
func Opened(t *testing.T, o device.Options) *device.Device {
	t.Helper()
	d, err := device.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// Open is the device where ops are tested, the simulator, or with
// SURPRISAL_GPU=require the machine's first GPU. It is closed when the test ends.
// make test-gpu finds such tests by their names: TestDevice….
func Open(t testing.TB) *gpu.Device {
	t.Helper()
	p := gpu.Simulator
	if os.Getenv("SURPRISAL_GPU") == "require" {
		p = gpu.Index(0)
	}
	d := gpu.Open(p)
	if d.Err() != nil {
		t.Fatal(d.Err())
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return &d
}

// In runs f on a device with an arena.
func In(t *testing.T, d *device.Device, f func(*device.Thread, *device.Arena) error) {
	t.Helper()
	if err := d.Do(func(th *device.Thread) error {
		a, err := th.Arena(t.Name())
		if err != nil {
			return err
		}
		defer a.Close()
		return f(th, a)
	}); err != nil {
		t.Fatal(err)
	}
}

// Archs are the generations whose images a device runs.
func Archs(d *device.Device) []string {
	switch {
	case d.Major == 9 && d.Minor == 0:
		return []string{"sm_75", "sm_80", "sm_90a"}
	case d.Major >= 8:
		return []string{"sm_75", "sm_80"}
	}
	return []string{"sm_75"}
}

// Median is the middle of the times that f takes, in half a second or five calls.
// The first call warms up.
func Median(f func() error) (time.Duration, error) {
	var times []time.Duration
	for begin := time.Now(); len(times) < 6 || len(times) < 101 && time.Since(begin) < time.Second/2; {
		start := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
	}
	times = times[1:]
	slices.Sort(times)
	return times[len(times)/2], nil
}
