package nvml

import (
	"math"
	"sync/atomic"
	"time"

	"surprisal/gpu/monitor"
)

// device reads one GPU.
type device struct {
	calls      Calls
	handle     Handle
	index      int
	foreign    bool
	broken     string // why there is no handle
	name, uuid string
	waiting    atomic.Pointer[waiting]
	processes  monitor.Processes
	next       time.Time // when the processes are read again
}

type waiting struct {
	call  string
	since time.Time
}

// Now implements monitor.Reader.
func (d *device) Now() (string, time.Time) {
	if w := d.waiting.Load(); w != nil {
		return w.call, w.since
	}
	return "", time.Time{}
}

// ask makes one call of the driver, which may hang. A function that is not
// there was not asked.
func (d *device) ask(name string, there bool, call func() Return) Return {
	if !there {
		return ErrFunctionNotFound
	}
	d.waiting.Store(&waiting{name, time.Now()})
	defer d.waiting.Store(nil)
	return call()
}

// Read implements monitor.Reader.
func (d *device) Read(now time.Time) monitor.Device {
	out := monitor.Device{Index: d.index, Read: now, Note: d.broken}
	if d.broken != "" {
		none := monitor.Without("", monitor.Failed)
		out.Utilisation, out.MemoryUsed, out.MemoryTotal, out.Power = none, none, none, none
		out.PowerLimit, out.Temperature, out.Clock = none, none, none
		out.Processes.Status = monitor.Failed
		return out
	}
	d.identify()
	out.Name, out.UUID = d.name, d.uuid
	out.Utilisation, out.Note = d.utilisation()
	out.MemoryUsed, out.MemoryTotal = d.memory()
	out.Power, out.PowerLimit = d.power(), d.powerLimit()
	out.Temperature, out.Clock = d.temperature(), d.clock()
	if !now.Before(d.next) {
		d.processes = d.listProcesses(now)
		d.next = now.Add(processPause)
	}
	out.Processes = d.processes
	return out
}

// identify asks for what never changes, until it is known.
func (d *device) identify() {
	c := d.calls
	var b [96]byte
	if d.name == "" && d.ask("nvmlDeviceGetName", c.Name != nil, func() Return { return c.Name(d.handle, b[:]) }) == Success {
		d.name = str(b[:])
	}
	if d.uuid == "" && d.ask("nvmlDeviceGetUUID", c.UUID != nil, func() Return { return c.UUID(d.handle, b[:]) }) == Success {
		d.uuid = str(b[:])
	}
}

func (d *device) utilisation() (v monitor.Value, note string) {
	var u Utilisation
	r := d.ask("nvmlDeviceGetUtilizationRates", d.calls.Utilisation != nil, func() Return { return d.calls.Utilisation(d.handle, &u) })
	if r == ErrGPULost || r == ErrResetRequired {
		note = r.Error() + "."
	}
	return value(r, min(float64(u.GPU), 100), "%"), note
}

// memory asks for allocated memory, and where an older driver cannot tell that
// apart for all that is in use.
func (d *device) memory() (used, total monitor.Value) {
	c := d.calls
	m := MemoryV2{Version: memoryV2Version}
	r := d.ask("nvmlDeviceGetMemoryInfo_v2", c.MemoryV2 != nil, func() Return { return c.MemoryV2(d.handle, &m) })
	if r.status() == monitor.Unsupported {
		var old Memory
		r = d.ask("nvmlDeviceGetMemoryInfo", c.Memory != nil, func() Return { return c.Memory(d.handle, &old) })
		m.Used, m.Total = old.Used, old.Total
	}
	return value(r, float64(m.Used), "B"), value(r, float64(m.Total), "B")
}

// power is what the device draws now. The plain call is a mean over a second
// on most devices since Ampere, and only the fallback.
func (d *device) power() monitor.Value {
	c := d.calls
	f := []Field{{ID: fieldPowerInstant}}
	r := d.ask("nvmlDeviceGetFieldValues", c.Fields != nil, func() Return { return c.Fields(d.handle, f) })
	if r == Success {
		r = f[0].Return
	}
	if r == Success {
		if f[0].Type == typeDouble {
			return monitor.Of(math.Float64frombits(f[0].Value)/1000, "W")
		}
		// All integer types of the union lie in its low bytes; milliwatts fit in 32 bits.
		return monitor.Of(float64(uint32(f[0].Value))/1000, "W")
	}
	return d.milliwatt("nvmlDeviceGetPowerUsage", c.Power)
}

func (d *device) powerLimit() monitor.Value {
	v := d.milliwatt("nvmlDeviceGetEnforcedPowerLimit", d.calls.PowerLimit)
	if v.Status == monitor.Unsupported {
		v = d.milliwatt("nvmlDeviceGetPowerManagementLimit", d.calls.PowerTarget)
	}
	return v
}

func (d *device) milliwatt(name string, call func(Handle, *uint32) Return) monitor.Value {
	var mw uint32
	r := d.ask(name, call != nil, func() Return { return call(d.handle, &mw) })
	return value(r, float64(mw)/1000, "W")
}

func (d *device) temperature() monitor.Value {
	c := d.calls
	var t uint32
	r := d.ask("nvmlDeviceGetTemperature", c.Temperature != nil, func() Return { return c.Temperature(d.handle, sensorGPU, &t) })
	if r.status() != monitor.Unsupported {
		return value(r, float64(int32(t)), "°C")
	}
	v := Temperature{Version: temperatureVersion, Sensor: sensorGPU}
	r = d.ask("nvmlDeviceGetTemperatureV", c.TemperatureV != nil, func() Return { return c.TemperatureV(d.handle, &v) })
	return value(r, float64(v.Celsius), "°C")
}

func (d *device) clock() monitor.Value {
	var mhz uint32
	r := d.ask("nvmlDeviceGetClockInfo", d.calls.Clock != nil, func() Return { return d.calls.Clock(d.handle, clockSM, &mhz) })
	return value(r, float64(mhz), "MHz")
}

// value is a number that was asked for with result r.
func value(r Return, number float64, unit string) monitor.Value {
	if s := r.status(); s != monitor.OK {
		return monitor.Without(unit, s)
	}
	return monitor.Of(number, unit)
}
