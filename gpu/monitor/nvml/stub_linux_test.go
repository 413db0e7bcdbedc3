//go:build linux && (amd64 || arm64)

package nvml

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"surprisal/gpu/monitor"
)

// stub compiles testdata/stub.c as a driver's library and returns its path.
// The compiler is part of what the test needs, as a browser is elsewhere.
func stub(t *testing.T, flags ...string) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Fatalf("no C compiler (%v): install one (apt install gcc libc6-dev); it builds the stand-in for the driver", err)
	}
	out := filepath.Join(t.TempDir(), "libnvidia-ml.so.1")
	args := append([]string{"-shared", "-fPIC", "-O1", "-w", "-o", out}, flags...)
	if text, err := exec.Command(cc, append(args, "testdata/stub.c")...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cc, err, text)
	}
	return out
}

func source(library string) Source {
	return Source{Load: func() (Calls, error) { return Load(library) }}
}

// read opens the stub and reads its device once.
func read(t *testing.T, flags ...string) monitor.Device {
	t.Helper()
	f, err := source(stub(t, flags...)).Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	if len(f.Devices) != 1 || f.Driver != "999.12.34" {
		t.Fatalf("%d devices, driver %q", len(f.Devices), f.Driver)
	}
	return f.Devices[0].Read(time.Now())
}

func TestLibraryIsRead(t *testing.T) {
	d := read(t)
	for _, c := range []struct {
		name string
		got  monitor.Value
		want monitor.Value
	}{
		{"utilisation", d.Utilisation, monitor.Of(73, "%")},
		{"used memory is what was allocated", d.MemoryUsed, monitor.Of(9<<30, "B")},
		{"memory", d.MemoryTotal, monitor.Of(80<<30, "B")},
		{"the power of now", d.Power, monitor.Of(412.345, "W")},
		{"limit", d.PowerLimit, monitor.Of(700, "W")},
		{"temperature", d.Temperature, monitor.Of(61, "°C")},
		{"clock of the multiprocessors", d.Clock, monitor.Of(1980, "MHz")},
		{"memory of process 1003", d.Share(1003).Memory, monitor.Of(3<<20, "B")},
		{"memory that the driver does not tell", d.Share(1099).Memory, monitor.Without("B", monitor.Unsupported)},
		{"a share over 100 %", d.Share(1001).Utilisation, monitor.Of(100, "%")},
		{"a sample of long ago", d.Share(1002).Utilisation, monitor.Of(0, "%")},
	} {
		if c.got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, c.got, c.want)
		}
	}
	if d.Name != "Stub 100" || d.UUID != "GPU-stub" || len(d.Processes.List) != 100 {
		t.Errorf("name %q, uuid %q, %d processes", d.Name, d.UUID, len(d.Processes.List))
	}
}

// Whatever a driver lacks or refuses costs that value and nothing else.
func TestLibraryThatLacksFunctions(t *testing.T) {
	status := func(v monitor.Value) string { return string(v.Status) }
	for _, c := range []struct {
		reason string
		flags  []string
		look   func(monitor.Device) string
		want   string
	}{
		{"no utilisation", []string{"-DLACK_utilisation"}, func(d monitor.Device) string { return status(d.Utilisation) }, "unsupported"},
		{"the rest is there", []string{"-DLACK_utilisation"}, func(d monitor.Device) string { return d.Temperature.String() }, "61 °C"},
		{"an older memory call", []string{"-DLACK_memory_v2"}, func(d monitor.Device) string { return d.MemoryUsed.String() }, "10.0 GiB"},
		{"no memory call", []string{"-DLACK_memory_v2", "-DLACK_memory"}, func(d monitor.Device) string { return status(d.MemoryTotal) }, "unsupported"},
		{"no fields: mean power", []string{"-DLACK_fields"}, func(d monitor.Device) string { return d.Power.String() }, "400 W"},
		{"no power at all", []string{"-DLACK_fields", "-DLACK_power"}, func(d monitor.Device) string { return status(d.Power) }, "unsupported"},
		{"no limit", []string{"-DLACK_power_limit"}, func(d monitor.Device) string { return status(d.PowerLimit) }, "unsupported"},
		{"a later temperature call", []string{"-DLACK_temperature", "-DWITH_temperature_v"}, func(d monitor.Device) string { return d.Temperature.String() }, "62 °C"},
		{"no temperature", []string{"-DLACK_temperature"}, func(d monitor.Device) string { return status(d.Temperature) }, "unsupported"},
		{"no clock", []string{"-DLACK_clock"}, func(d monitor.Device) string { return status(d.Clock) }, "unsupported"},
		{"no processes", []string{"-DLACK_processes"}, func(d monitor.Device) string { return string(d.Processes.Status) }, "unsupported"},
		{"processes without utilisation", []string{"-DLACK_process_utilisation"}, func(d monitor.Device) string { return status(d.Share(1001).Utilisation) }, "unsupported"},
		{"processes are refused", []string{"-DFAIL_processes=4"}, func(d monitor.Device) string { return string(d.Processes.Status) }, "no permission"},
		{"utilisation of an instance", []string{"-DFAIL_utilisation=3"}, func(d monitor.Device) string { return status(d.Utilisation) }, "unsupported"},
		{"an error nobody knows", []string{"-DFAIL_utilisation=999"}, func(d monitor.Device) string { return status(d.Utilisation) }, "error"},
		{"a lost device", []string{"-DFAIL_utilisation=15"}, func(d monitor.Device) string { return d.Note }, "the GPU has fallen off the bus: the machine must be restarted."},
		{"a device that cannot be used", []string{"-DFAIL_handle=15"}, func(d monitor.Device) string { return d.Note }, "GPU 0 cannot be used: the GPU has fallen off the bus: the machine must be restarted."},
	} {
		t.Run(c.reason, func(t *testing.T) {
			if got := c.look(read(t, c.flags...)); got != c.want {
				t.Errorf("%v: %q, want %q", c.flags, got, c.want)
			}
		})
	}
}

func TestLibraryThatCannotBeUsed(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ reason, library, want string }{
		{"nothing there", "/nowhere/libnvidia-ml.so.1", "no NVIDIA driver was found"},
		{"no library", text, "could not be opened"},
		{"no start", stub(t, "-DLACK_init"), "lacks nvmlInit"},
		{"module not loaded", stub(t, "-DFAIL_init=9"), "the NVIDIA driver is not loaded"},
		{"library and module differ", stub(t, "-DFAIL_init=18"), "of different versions"},
		{"no device", stub(t, "-DCOUNT=0"), "sees no GPU"},
	} {
		f, err := source(c.library).Open()
		if err == nil || !strings.Contains(err.Error(), c.want) || len(f.Devices) > 0 {
			t.Errorf("%s: %d devices, error %v, want %q", c.reason, len(f.Devices), err, c.want)
		}
	}
	if _, err := source(stub(t, "-DFAIL_init=9")).Open(); !errors.Is(err, ErrDriverNotLoaded) {
		t.Errorf("the code is lost: %v", err)
	}
}

// A call that hangs in C makes the device stale; the poller goes on and makes
// no second call.
func TestLibraryThatHangs(t *testing.T) {
	for _, c := range []struct{ flag, want string }{
		{"-DHANG_utilisation", "nvmlDeviceGetUtilizationRates"},
		{"-DHANG_init", "while devices were looked for"},
	} {
		p := monitor.NewPoller(source(stub(t, c.flag)))
		p.Interval, p.Watchdog = 20*time.Millisecond, 60*time.Millisecond
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		_, next, stop := p.Subscribe()
		go p.Run(ctx)
		for said := ""; !strings.Contains(said, c.want); {
			select {
			case s := <-next:
				said = s.String()
			case <-ctx.Done():
				t.Fatalf("%s: never said %q, last:\n%s", c.flag, c.want, said)
			}
		}
		stop()
		cancel()
	}
}
