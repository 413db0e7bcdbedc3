package main

import (
	"strings"

	"surprisal/gpu"
)

// on is a place as --on names it.
type on string

// place is the place, for a flag that says "" for what it does by default.
func (o on) place() (gpu.Place, error) {
	switch o {
	case "":
		return gpu.Auto, nil
	case "cpu":
		return gpu.CPU, nil
	case "gpu":
		return gpu.Index(0), nil
	case "sim":
		return gpu.Simulator, nil
	}
	return 0, usage("--on %s: there is no such place: choose cpu, gpu or sim", string(o))
}

// open opens the device of a place. One that is not there is not replaced.
func (o on) open() (gpu.Device, error) {
	p, err := o.place()
	if err != nil {
		return gpu.Device{}, err
	}
	d := gpu.Open(p)
	switch err := d.Err(); {
	case err != nil && o == "": // SURPRISAL_GPU asks for it
		return d, usageError{err}
	case err != nil:
		return d, usage("--on %s: %s", string(o), strings.TrimPrefix(d.Reason, "in place of "+p.String()+": "))
	}
	return d, nil
}
