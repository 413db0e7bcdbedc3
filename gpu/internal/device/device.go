package device

import (
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"surprisal/cuda"
	"surprisal/gpu/internal/driver"
)

// Options say which device and how it is used.
type Options struct {
	Calls  *driver.Calls
	Index  int    // of the device, as the driver counts
	Budget uint64 // bytes of device memory; 0: 80 % of what is free at the first use
	Cache  string // folder for compiled kernels; "" keeps none
	Arch   string // as in "sm_80": the images to use, proven or not; "" chooses
}

// Info is what the driver says about a device.
type Info struct {
	Name            string
	UUID            string // as other tools print it
	Major, Minor    int    // compute capability
	Multiprocessors int
	Memory          uint64 // bytes
	Driver          int    // newest CUDA that the driver serves, as 1000 major + 10 minor
}

// Oldest that images are made for.
const (
	oldestCompute = 75
	oldestDriver  = 10000
)

// Device is one GPU. It starts to use it at the first Do.
type Device struct {
	Info

	options Options
	calls   *driver.Calls
	device  driver.Device

	lost    atomic.Pointer[LostError]
	journal journal
	stats   stats

	mu     sync.Mutex // of what follows
	idle   sync.Cond  // active has become 0
	active int        // goroutines inside of Do
	closed bool

	start   sync.Mutex // held while the context is made
	context driver.Context
	pools   bool // memory is allocated in the order of a stream

	pool    pool
	streams streams
	events  events
	staging staging
	flags   flags
	modules modules
	graphs  graphs
}

// Open finds a device and asks for its properties. It makes no context.
func Open(o Options) (*Device, error) {
	d := &Device{options: o, calls: o.Calls}
	d.idle.L = &d.mu
	c := o.Calls
	if code := c.Init(); code != driver.Success {
		return nil, d.unusable("Init", code)
	}
	v, code := c.Version()
	if code != driver.Success {
		return nil, d.unusable("Version", code)
	}
	if d.Driver = v; v < oldestDriver {
		return nil, &UnsupportedError{What: "PTX 6.3", Driver: v, Needs: version(oldestDriver)}
	}
	n, code := c.DeviceCount()
	switch {
	case code != driver.Success && code != driver.NoDevice:
		return nil, d.unusable("DeviceCount", code)
	case n == 0 || code == driver.NoDevice:
		return nil, fmt.Errorf("gpu: %w: the NVIDIA driver is there but shows this process no GPU (is CUDA_VISIBLE_DEVICES set?)", ErrNoDevice)
	case o.Index < 0 || o.Index >= n:
		return nil, fmt.Errorf("gpu: %w: GPU %d: the driver shows %d, counted from 0", ErrNoDevice, o.Index, n)
	}
	if err := d.describe(); err != nil {
		return nil, err
	}
	manifest, err := cuda.Load()
	if err != nil {
		return nil, err
	}
	d.modules.manifest = manifest
	if d.Major*10+d.Minor < oldestCompute {
		return nil, fmt.Errorf("gpu: %w: %s has compute capability %d.%d, the kernels need 7.5", ErrUnsupported, d.Name, d.Major, d.Minor)
	}
	return d, nil
}

// unusable is a driver that does not start.
func (d *Device) unusable(call string, code driver.Code) error {
	why := ErrNoDriver
	if code == driver.NoDevice {
		why = ErrNoDevice
	}
	return fmt.Errorf("gpu: %w: %w", why, d.calls.Err(driver.Symbol(call), code))
}

// describe fills in Info.
func (d *Device) describe() error {
	c := d.calls
	h, code := c.DeviceGet(d.options.Index)
	if code != driver.Success {
		return d.unusable("DeviceGet", code)
	}
	d.device = h
	if d.Name, code = c.DeviceName(h); code != driver.Success {
		return d.unusable("DeviceName", code)
	}
	if d.Memory, code = c.DeviceTotalMem(h); code != driver.Success {
		return d.unusable("DeviceTotalMem", code)
	}
	if id, code := c.DeviceUUID(h); code == driver.Success {
		x := hex.EncodeToString(id[:])
		d.UUID = "GPU-" + x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
	}
	for _, a := range []struct {
		attribute driver.Attribute
		to        *int
	}{{driver.ComputeMajor, &d.Major}, {driver.ComputeMinor, &d.Minor}, {driver.Multiprocessors, &d.Multiprocessors}} {
		if *a.to, code = c.DeviceAttribute(a.attribute, h); code != driver.Success {
			return d.unusable("DeviceAttribute", code)
		}
	}
	return nil
}

// begin makes the context, once; the caller is tied to its thread.
func (d *Device) begin() error {
	d.start.Lock()
	defer d.start.Unlock()
	if d.context != 0 {
		return d.failed("CtxSetCurrent", d.calls.CtxSetCurrent(d.context))
	}
	// Without this a goroutine that waits spins a core. It fails if somebody else
	// in the process has made the context already: then it is as it is.
	if code := d.calls.PrimaryCtxSetFlags(d.device, driver.CtxBlockingSync); code.Sticky() {
		return d.failed("PrimaryCtxSetFlags", code)
	}
	context, code := d.calls.PrimaryCtxRetain(d.device)
	if code != driver.Success {
		return d.failed("PrimaryCtxRetain", code)
	}
	err := d.failed("CtxSetCurrent", d.calls.CtxSetCurrent(context))
	if err == nil {
		err = d.prepare()
	}
	if err != nil {
		d.try("PrimaryCtxRelease", func() driver.Code { return d.calls.PrimaryCtxRelease(d.device) })
		return err
	}
	d.context = context
	return nil
}

// prepare looks at the memory of a new context.
func (d *Device) prepare() error {
	d.pool.budget = d.options.Budget
	if d.pool.budget == 0 {
		free, _, code := d.calls.MemInfo()
		if code != driver.Success {
			return d.failed("MemInfo", code)
		}
		d.pool.budget = free / 5 * 4
	}
	c := d.calls
	if c.MemAllocAsync == nil || c.MemFreeAsync == nil || c.DefaultPool == nil || c.PoolTrim == nil || c.PoolThreshold == nil {
		return nil
	}
	has, code := c.DeviceAttribute(driver.MemoryPools, d.device)
	if code != driver.Success || has == 0 { // vGPU, WSL
		return d.failed("DeviceAttribute", code)
	}
	p, code := c.DefaultPool(d.device)
	if code != driver.Success {
		return d.failed("DefaultPool", code)
	}
	// By default a pool gives all that is free back at each wait.
	if err := d.failed("PoolThreshold", c.PoolThreshold(p, d.pool.budget)); err != nil {
		return err
	}
	d.pools, d.pool.handle = true, p
	return nil
}

// Close waits for the goroutines inside of Do and for the device, and gives
// everything back. A second Close does nothing. Close inside of Do never returns.
func (d *Device) Close() error {
	d.mu.Lock()
	if d.closed {
		d.mu.Unlock()
		return nil
	}
	d.closed = true
	for d.active > 0 {
		d.idle.Wait()
	}
	d.mu.Unlock()
	if d.context == 0 || d.lost.Load() != nil {
		return nil // a lost context takes everything with it
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := d.failed("CtxSetCurrent", d.calls.CtxSetCurrent(d.context)); err != nil {
		return err
	}
	// Each of these leaves off if the device turns out to be lost, and goes on after
	// any other error.
	err := errors.Join(
		d.try("CtxSynchronize", d.calls.CtxSynchronize),
		d.graphs.close(d), d.pool.close(d), d.staging.close(d), d.flags.shut(d), d.events.close(d), d.streams.close(d), d.modules.close(d),
		d.try("PrimaryCtxRelease", func() driver.Code { return d.calls.PrimaryCtxRelease(d.device) }))
	if lost := d.lost.Load(); lost != nil {
		return lost
	}
	return err
}
