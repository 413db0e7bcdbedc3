package device_test

import (
	"os"
	"testing"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/ptx"
)

// onTheGPU is the options for the machine's first GPU. Without one the test is
// skipped, or with SURPRISAL_GPU=require, as make test-gpu sets it, fails.
func onTheGPU(t *testing.T) device.Options {
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

// opened is a device that is closed when the test ends.
func opened(t *testing.T, o device.Options) *device.Device {
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

// simulated is the simulator of a compute capability. When the test ends nothing
// may be left in it.
func simulated(t *testing.T, major, minor int) device.Options {
	s := &ptx.Simulator{Major: major, Minor: minor}
	t.Cleanup(func() {
		if left := s.Live(); len(left) > 0 {
			t.Errorf("left over in the simulator: %v", left)
		}
	})
	return device.Options{Calls: s.Calls()}
}
