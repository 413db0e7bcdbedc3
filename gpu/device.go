package gpu

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/ptx"
)

// Device is where computing runs. Copies are the same device.
type Device struct {
	Place  Place  // never Auto
	Reason string // a sentence without its full stop: why it runs there
	err    error
	on     *device.Device   // nil: the CPU
	all    []*device.Device // of All, on among them
}

// Err is nil if the device runs where it was asked to, and else wraps
// ErrNoDevice. Such a device works all the same, on the CPU.
func (d Device) Err() error {
	if d.err == nil && d.on == nil && d.Place == Auto {
		return errZero
	}
	return d.err
}

// errZero is what stands in the way of a Device that nobody has opened.
var errZero = fmt.Errorf("gpu: %w: a gpu.Device{} is no device: take one from gpu.Open, as in d := gpu.Open(gpu.Auto)", ErrNoDevice)

// String is the place and the reason.
func (d Device) String() string { return d.Place.String() + ": " + d.Reason }

// Do runs f with the permission to use the device, on the caller's goroutine. It
// is for the ops of this module. It returns what f returns, and on the CPU an
// ErrNoDevice.
func (d Device) Do(f func(*device.Thread) error) error {
	if d.on == nil {
		if d.Place == Auto {
			return d.Err()
		}
		return fmt.Errorf("gpu: %w: computing runs on the CPU (%s)", ErrNoDevice, d.Reason)
	}
	return d.on.Do(f)
}

// Several are the devices of which d is made up, in the order of their numbers: none
// for the CPU, most often one. It is for the ops of this module.
func (d Device) Several() []*device.Device {
	if d.on == nil || len(d.all) > 0 {
		return d.all
	}
	return []*device.Device{d.on}
}

// Close waits for work on the device and gives back what it holds. Nothing runs
// on the device afterwards. For the CPU it does nothing.
func (d Device) Close() (err error) {
	for _, on := range d.Several() {
		err = errors.Join(err, on.Close())
	}
	return err
}

// With is a device of which more is to be said than a place: for tests and benches
// of this module.
func With(p Place, on ...*device.Device) Device {
	d := Device{Place: p, Reason: describe(on[0].Info), on: on[0]}
	if len(on) > 1 {
		d.all, d.Reason = on, fmt.Sprintf("%d devices, the first %s", len(on), d.Reason)
	}
	return d
}

// Info is what a GPU is.
type Info struct {
	Name            string
	UUID            string
	Compute         string // capability, as in "9.0"
	Multiprocessors int
	Memory          uint64 // bytes
	Driver          string // the newest CUDA that the driver serves, as in "12.4"
}

// Info is the zero value for the CPU.
func (d Device) Info() Info {
	if d.on == nil {
		return Info{}
	}
	i := d.on.Info
	return Info{Name: i.Name, UUID: i.UUID, Compute: fmt.Sprintf("%d.%d", i.Major, i.Minor), Multiprocessors: i.Multiprocessors,
		Memory: i.Memory, Driver: fmt.Sprintf("%d.%d", i.Driver/1000, i.Driver%1000/10)}
}

// Open returns the device for a place. It never fails: what is not there is
// replaced by the CPU, and Err says so. Close gives it back.
func Open(p Place) Device {
	return drivers{
		libcuda:   func() (*driver.Calls, error) { return driver.Load() },
		simulator: func() (*driver.Calls, error) { return new(ptx.Simulator).Calls(), nil },
		cache:     Cache(),
	}.open(p, os.Getenv("SURPRISAL_GPU"))
}

// Cache is the folder where kernels are kept that the driver has compiled, "" where
// there is no such place. Each write cuts it down to 256 MiB and to what was used in the
// last 90 days.
func Cache() string {
	folder, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(folder, "surprisal", "kernels")
}

// drivers are what answers for GPUs and for the simulator.
type drivers struct {
	libcuda, simulator func() (*driver.Calls, error)
	cache              string
}

// open is Open with the value of SURPRISAL_GPU.
func (r drivers) open(p Place, env string) Device {
	var asked string // what is required, and by whom
	if p == Auto {
		switch env {
		case "", "auto":
			d := r.gpu(0)
			d.err = nil // the CPU is as good
			return d
		case "off":
			return Device{Place: CPU, Reason: "SURPRISAL_GPU=off asks for it"}
		case "require":
			p, asked = Index(0), "a GPU, which SURPRISAL_GPU=require asks for"
		case "sim":
			p, asked = Simulator, "the simulator, which SURPRISAL_GPU=sim asks for"
		default:
			return missing(fmt.Sprintf("what SURPRISAL_GPU=%s asks for", env), errors.New("it is none of auto, off, require and sim"))
		}
	}
	var d Device
	switch {
	case p == CPU:
		return Device{Place: CPU, Reason: "it was asked for"}
	case p == Simulator:
		d = r.start(Simulator, r.simulator, device.Options{})
	case p == All:
		d = r.every()
	default:
		d = r.gpu(int(p) - 1)
	}
	if d.err != nil {
		return missing(cmp.Or(asked, p.String()), d.err)
	}
	return d
}

func (r drivers) gpu(index int) Device {
	return r.start(Index(index), r.libcuda, device.Options{Index: index, Cache: r.cache})
}

// every is all GPUs that can be used.
func (r drivers) every() Device {
	first := r.gpu(0)
	if first.err != nil {
		return first
	}
	on := []*device.Device{first.on}
	for i := 1; ; i++ {
		d := r.gpu(i)
		if errors.Is(d.err, ErrNoDevice) || errors.Is(d.err, ErrNoDriver) {
			return With(All, on...)
		}
		if d.err == nil { // else too old a one
			on = append(on, d.on)
		}
	}
}

// start opens a device by its driver. If that fails it is the CPU, for the error.
func (r drivers) start(p Place, load func() (*driver.Calls, error), o device.Options) Device {
	calls, err := load()
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrNoDriver, err)
	} else {
		o.Calls = calls
		var on *device.Device
		if on, err = device.Open(o); err == nil {
			return Device{Place: p, Reason: describe(on.Info), on: on}
		}
	}
	return Device{Place: CPU, Reason: sentence(err), err: err}
}

func describe(i device.Info) string {
	return fmt.Sprintf("%s, compute capability %d.%d, %.1f GiB, driver for CUDA %d.%d", i.Name, i.Major, i.Minor, float64(i.Memory)/(1<<30), i.Driver/1000, i.Driver%1000/10)
}

// sentence is an error for people.
func sentence(err error) string {
	s := strings.TrimPrefix(err.Error(), "gpu: ")
	for _, kind := range []error{ErrNoDriver, ErrNoDevice, ErrUnsupported} {
		s = strings.TrimPrefix(s, kind.Error()+": ")
	}
	return s
}

// missing is the CPU in place of something that is not there.
func missing(asked string, why error) Device {
	s := sentence(why)
	err := fmt.Errorf("gpu: %s: %w: %s", asked, ErrNoDevice, s)
	if !errors.Is(why, ErrNoDevice) {
		err = notThere{err, why}
	}
	return Device{Place: CPU, Reason: "in place of " + asked + ": " + s, err: err}
}

// notThere is an ErrNoDevice that is also what it comes from.
type notThere struct {
	error
	cause error
}

func (e notThere) Unwrap() []error { return []error{e.error, e.cause} }
