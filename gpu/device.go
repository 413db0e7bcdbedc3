package gpu

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strconv"
)

// Place is where something is asked to run; GPUs have an Index.
type Place int

// Places that Open takes. Auto is a GPU where one can be used, else the CPU;
// the environment variable SURPRISAL_GPU narrows it: auto, off (the CPU),
// require (a GPU), sim (the simulator).
const (
	Auto      Place = 0
	CPU       Place = -1
	Simulator Place = -2
)

// Index is the GPU of number i, as the driver counts them from 0.
func Index(i int) Place { return Place(i + 1) }

// String is auto, CPU, simulator or GPU 0.
func (p Place) String() string {
	switch p {
	case Auto:
		return "auto"
	case CPU:
		return "CPU"
	case Simulator:
		return "simulator"
	}
	return "GPU " + strconv.Itoa(int(p)-1)
}

// ErrNoDevice is wrapped by the error of a Device that does not run where it
// was asked to.
var ErrNoDevice = errors.New("this place is not there")

// Device is where computing runs.
type Device struct {
	Place  Place  // never Auto
	Reason string // a sentence without its full stop: why it runs there
	err    error
}

// Err is nil if the device runs where it was asked to, and else wraps
// ErrNoDevice. Such a device works all the same, on the CPU.
func (d Device) Err() error { return d.err }

// String is the place and the reason.
func (d Device) String() string { return d.Place.String() + ": " + d.Reason }

// Open returns the device for a place. It never fails: what is not there is
// replaced by the CPU, and Err says so.
func Open(p Place) Device { return open(p, os.Getenv("SURPRISAL_GPU"), driver) }

// open is Open with the value of SURPRISAL_GPU and what looks for a driver,
// which returns a sentence.
func open(p Place, env string, driver func() string) Device {
	var asked string // what is required, and by whom
	if p == Auto {
		switch env {
		case "", "auto":
			return Device{Place: CPU, Reason: driver()}
		case "off":
			return Device{Place: CPU, Reason: "SURPRISAL_GPU=off asks for it"}
		case "require":
			asked = "a GPU, which SURPRISAL_GPU=require asks for"
		case "sim":
			p, asked = Simulator, "the simulator, which SURPRISAL_GPU=sim asks for"
		default:
			asked = fmt.Sprintf("what SURPRISAL_GPU=%s asks for, which is none of auto, off, require and sim", env)
			return missing(asked, driver())
		}
	}
	switch p {
	case CPU:
		return Device{Place: CPU, Reason: "it was asked for"}
	case Simulator:
		return missing(cmp.Or(asked, "the simulator"), "this version has no kernels that it could run")
	}
	return missing(cmp.Or(asked, p.String()), driver())
}

// missing is the CPU in place of something that is not there.
func missing(asked, why string) Device {
	return Device{Place: CPU, Reason: "in place of " + asked + ": " + why,
		err: fmt.Errorf("gpu: %s: %w: %s", asked, ErrNoDevice, why)}
}
