package gpu

import (
	"errors"
	"strings"
	"testing"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/driver/drivertest"
)

// with are drivers where GPUs are a fake's, and the simulator is another fake.
func with(f *drivertest.Fake) drivers {
	return drivers{
		libcuda:   func() (*driver.Calls, error) { return f.Calls(), nil },
		simulator: func() (*driver.Calls, error) { return new(drivertest.Fake).Calls(), nil },
	}
}

func without(why string) drivers {
	return drivers{
		libcuda:   func() (*driver.Calls, error) { return nil, errors.New(why) },
		simulator: func() (*driver.Calls, error) { return new(drivertest.Fake).Calls(), nil },
	}
}

func TestOpenSaysWhereAndWhy(t *testing.T) {
	const why = "no driver here"
	for _, c := range []struct {
		drivers drivers
		place   Place
		env     string
		gets    Place
		says    string
		fails   bool
		reason  string
	}{
		{without(why), Auto, "", CPU, why, false, "auto falls back"},
		{without(why), Auto, "auto", CPU, why, false, "the default, written out"},
		{without(why), Auto, "off", CPU, "SURPRISAL_GPU=off", false, "nobody wants a GPU"},
		{without(why), Auto, "require", CPU, "SURPRISAL_GPU=require asks for: no driver here", true, "a GPU is required"},
		{without(why), Auto, "sim", Simulator, "Fake 0", false, "the simulator needs no driver"},
		{without(why), Auto, "yes", CPU, "none of auto, off", true, "a word that is none"},
		{without(why), CPU, "require", CPU, "asked for", false, "the argument goes before the environment"},
		{without(why), Simulator, "off", Simulator, "Fake 0", false, "the simulator by argument"},
		{without(why), Index(3), "off", CPU, "in place of GPU 3: no driver here", true, "a certain GPU"},
		{without(why), Place(0), "", CPU, why, false, "the zero value is Auto"},
		{with(&drivertest.Fake{}), Auto, "", Index(0), "Fake 0, compute capability 8.6, 1.0 GiB, driver for CUDA 12.4", false, "a GPU"},
		{with(&drivertest.Fake{}), Auto, "require", Index(0), "Fake 0", false, "a GPU that is required is there"},
		{with(&drivertest.Fake{}), Auto, "off", CPU, "asks for it", false, "a GPU that nobody wants"},
		{with(&drivertest.Fake{Devices: 2}), Index(1), "", Index(1), "Fake 1", false, "the second"},
		{with(&drivertest.Fake{Devices: 2}), Index(2), "", CPU, "in place of GPU 2: GPU 2: the driver shows 2", true, "the third of two"},
		{with(&drivertest.Fake{Devices: 3}), All, "", All, "all GPUs: 3 devices, the first Fake 0", false, "all of them"},
		{with(&drivertest.Fake{}), All, "", All, "Fake 0", false, "all of one"},
		{without(why), All, "", CPU, "in place of all GPUs: no driver here", true, "all of none"},
		{with(&drivertest.Fake{Devices: -1}), Auto, "", CPU, "shows this process no GPU", false, "a driver without a GPU"},
		{with(&drivertest.Fake{Major: 6}), Auto, "", CPU, "Fake 0 has compute capability 6.0, the kernels need 7.5", false, "an old GPU"},
		{with(&drivertest.Fake{Version: 9000}), Auto, "", CPU, "serves CUDA up to 9.0", false, "an old driver"},
	} {
		d := c.drivers.open(c.place, c.env)
		if d.Place != c.gets || !strings.Contains(d.String(), c.says) || !strings.HasPrefix(d.String(), c.gets.String()+": ") {
			t.Errorf("%s: %v, want %v and %q", c.reason, d, c.gets, c.says)
		}
		if failed := d.Err() != nil; failed != c.fails || failed != errors.Is(d.Err(), ErrNoDevice) {
			t.Errorf("%s: error %v", c.reason, d.Err())
		}
		if err := d.Do(func(*device.Thread) error { return nil }); (err == nil) != (d.Place != CPU) {
			t.Errorf("%s: Do: %v", c.reason, err)
		}
		if i := d.Info(); (i.Name == "") != (d.Place == CPU) {
			t.Errorf("%s: %+v", c.reason, i)
		}
		if err := d.Close(); err != nil {
			t.Errorf("%s: Close: %v", c.reason, err)
		}
	}
}

func TestErrorsKeepTheirCause(t *testing.T) {
	for _, c := range []struct {
		device Device
		is     error
		reason string
	}{
		{without("none").open(Index(0), ""), ErrNoDriver, "no library"},
		{with(&drivertest.Fake{Version: 9000}).open(Auto, "require"), ErrUnsupported, "an old driver"},
		{with(&drivertest.Fake{Fail: func(string, int) driver.Code { return driver.DriverMismatch }}).open(Auto, "require"), ErrNoDriver, "a driver that does not start"},
	} {
		if !errors.Is(c.device.Err(), c.is) || !errors.Is(c.device.Err(), ErrNoDevice) {
			t.Errorf("%s: %v", c.reason, c.device.Err())
		}
	}
}

func TestClosedDeviceSaysSo(t *testing.T) {
	f := new(drivertest.Fake)
	d := with(f).open(Auto, "")
	if err := d.Do(func(th *device.Thread) error { _, err := th.Arena("x"); return err }); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := d.Do(func(*device.Thread) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if len(f.Live()) > 0 {
		t.Errorf("left over: %v", f.Live())
	}
}

func TestOpenOfThisMachine(t *testing.T) {
	t.Setenv("SURPRISAL_GPU", "")
	d := Open(Auto)
	defer d.Close()
	if d.Place != CPU && d.Place != Index(0) || len(d.Reason) < 20 || d.Err() != nil {
		t.Errorf("%+v", d)
	}
	t.Log(d)
}

func TestPlacesHaveNames(t *testing.T) {
	for p, want := range map[Place]string{Auto: "auto", CPU: "CPU", Simulator: "simulator", Index(2): "GPU 2", All: "all GPUs"} {
		if p.String() != want {
			t.Errorf("%q, want %q", p, want)
		}
	}
}

// A Device that nobody has opened says so, and what to do.
func TestZeroDevice(t *testing.T) {
	var d Device
	for _, err := range []error{d.Err(), d.Do(func(*device.Thread) error { return nil })} {
		if !errors.Is(err, ErrNoDevice) || !strings.Contains(err.Error(), "gpu.Open(gpu.Auto)") {
			t.Error(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
