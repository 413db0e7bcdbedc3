package device

import (
	"errors"
	"fmt"
	"strings"

	"surprisal/gpu/internal/driver"
)

// What callers tell apart, with errors.Is.
var (
	ErrNoDriver    = errors.New("no usable NVIDIA driver")
	ErrNoDevice    = errors.New("this place is not there")
	ErrOutOfMemory = errors.New("out of device memory")
	ErrDeviceLost  = errors.New("the device is lost")
	ErrUnsupported = errors.New("the driver or the device is too old")
	ErrClosed      = errors.New("the device is closed; gpu.Open opens one")
)

// UnsupportedError is a call or an image that the driver is too old for. It is an
// ErrUnsupported.
type UnsupportedError struct {
	What   string // a symbol of the driver, or a version of PTX
	Driver int    // newest CUDA that the driver serves, as 1000 major + 10 minor
	Needs  string // CUDA, as in "11.4"; "" if unknown
}

func (e *UnsupportedError) Error() string {
	s := fmt.Sprintf("gpu: the driver, which serves CUDA up to %s, lacks %s", version(e.Driver), e.What)
	if e.Needs != "" {
		s += ": it came with CUDA " + e.Needs
	}
	return s + "; install a newer driver"
}

// Is is true of ErrUnsupported.
func (e *UnsupportedError) Is(target error) bool { return target == ErrUnsupported }

func version(v int) string { return fmt.Sprintf("%d.%d", v/1000, v%1000/10) }

// MemoryError is an allocation that failed after everything had been tried. It is
// an ErrOutOfMemory.
type MemoryError struct {
	Wanted, InUse, Budget uint64   // bytes; the budget is of this device for this process
	Free                  uint64   // bytes that nobody uses, other processes considered; 0 if unknown
	Holders               []Holder // largest first, at most 4
	Err                   error    // of the driver; nil if the budget was the limit
}

// Holder is an arena and what it holds.
type Holder struct {
	Name  string
	Bytes uint64
}

func (e *MemoryError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "gpu: %s more were wanted, %s of a budget of %s are in use", size(e.Wanted), size(e.InUse), size(e.Budget))
	if e.Err != nil {
		fmt.Fprintf(&b, ", %s of the device are free (%v)", size(e.Free), e.Err)
	}
	for i, h := range e.Holders {
		b.WriteString([]string{"; ", ", "}[min(i, 1)])
		fmt.Fprintf(&b, "%s holds %s", h.Name, size(h.Bytes))
	}
	b.WriteString(": use smaller batches, or free what earlier work holds")
	return b.String()
}

// Is is true of ErrOutOfMemory.
func (e *MemoryError) Is(target error) bool { return target == ErrOutOfMemory }

func (e *MemoryError) Unwrap() error { return e.Err }

func size(n uint64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d bytes", n)
}

// simulator is what the simulator calls its device.
const simulator = "simulator"

// LostError is the first error that the context did not survive, and the launches
// before it. It is an ErrDeviceLost.
type LostError struct {
	Err       error
	Launches  []Record // the last ones, oldest first, at most 64
	simulated bool     // it was that of the simulator
}

func (e *LostError) Error() string {
	next := "only a new process can use the device again"
	if e.simulated {
		next = "this simulator has ended; gpu.Open(gpu.Simulator) begins another"
	}
	s := fmt.Sprintf("gpu: %v: what lay in device memory is gone, and %s", e.Err, next)
	if n := len(e.Launches); n > 0 {
		s += fmt.Sprintf("; the last launch before was %v", e.Launches[n-1])
	}
	return s
}

// Is is true of ErrDeviceLost.
func (e *LostError) Is(target error) bool { return target == ErrDeviceLost }

func (e *LostError) Unwrap() error { return e.Err }

// outOfMemory is a *driver.Error that is also an ErrOutOfMemory: something other
// than device memory that there was no room for, such as a stream.
type outOfMemory struct{ error }

func (e outOfMemory) Is(target error) bool { return target == ErrOutOfMemory }
func (e outOfMemory) Unwrap() error        { return e.error }

// failed is the error of a call, nil for Success. With a sticky code the device is
// lost from here on.
func (d *Device) failed(call string, code driver.Code) error {
	if code == driver.Success {
		return nil
	}
	err := d.calls.Err(driver.Symbol(call), code)
	switch {
	case code.Sticky():
		return d.lose(err)
	case code == driver.OutOfMemory:
		return outOfMemory{fmt.Errorf("gpu: %w", err)}
	}
	return fmt.Errorf("gpu: %w", err)
}

// try makes a call, unless the device is lost.
func (d *Device) try(call string, f func() driver.Code) error {
	if lost := d.lost.Load(); lost != nil {
		return lost
	}
	return d.failed(call, f())
}

// lose makes err the reason why the device is lost, if it has none yet.
func (d *Device) lose(err error) error {
	d.lost.CompareAndSwap(nil, &LostError{Err: err, Launches: d.journal.records(), simulated: d.Name == simulator})
	return d.lost.Load()
}

// lacks is the error of a call that the table does not have.
func (d *Device) lacks(call string) error {
	return &UnsupportedError{What: driver.Symbol(call), Driver: d.Driver, Needs: driver.Since(call)}
}
