package nvml

// Handle is the library's name of a device.
type Handle uintptr

// Calls is the library as the monitor uses it. A function that the library
// lacks is nil; Init, Count and Handle must be there.
type Calls struct {
	Init          func() Return
	Shutdown      func() Return
	DriverVersion func(text []byte) Return
	Count         func(n *uint32) Return
	Handle        func(index uint32, h *Handle) Return

	Name        func(h Handle, text []byte) Return
	UUID        func(h Handle, text []byte) Return
	Utilisation func(h Handle, u *Utilisation) Return
	Memory      func(h Handle, m *Memory) Return
	MemoryV2    func(h Handle, m *MemoryV2) Return
	Fields      func(h Handle, f []Field) Return
	Power       func(h Handle, milliwatt *uint32) Return // of the last second on Ampere and later
	PowerLimit  func(h Handle, milliwatt *uint32) Return // enforced now
	PowerTarget func(h Handle, milliwatt *uint32) Return // set by the administrator
	Temperature func(h Handle, sensor uint32, celsius *uint32) Return
	// TemperatureV takes the place of Temperature in later drivers.
	TemperatureV       func(h Handle, t *Temperature) Return
	Clock              func(h Handle, domain uint32, megahertz *uint32) Return
	Processes          func(h Handle, n *uint32, list []Process) Return
	ProcessUtilisation func(h Handle, list []ProcessSample, n *uint32, since uint64) Return
}

// Utilisation is nvmlUtilization_t, in percent.
type Utilisation struct{ GPU, Memory uint32 }

// Memory is nvmlMemory_t, in bytes. Used counts what the driver keeps for
// itself.
type Memory struct{ Total, Free, Used uint64 }

// MemoryV2 is nvmlMemory_v2_t: Used is what was allocated.
type MemoryV2 struct {
	Version                     uint32
	Total, Reserved, Free, Used uint64
}

// Field is nvmlFieldValue_t.
type Field struct {
	ID, Scope     uint32
	Timestamp     int64
	LatencyMicros int64
	Type          uint32
	Return        Return
	Value         uint64 // a union, as its bits
}

// Temperature is nvmlTemperature_v1_t.
type Temperature struct {
	Version, Sensor uint32
	Celsius         int32
}

// Process is nvmlProcessInfo_v2_t, which versions 2 and 3 of the function fill.
type Process struct {
	PID               uint32
	Memory            uint64
	Instance, Compute uint32
}

// ProcessSample is nvmlProcessUtilizationSample_t.
type ProcessSample struct {
	PID                        uint32
	Timestamp                  uint64 // µs since 1970
	SM, Memory, Encode, Decode uint32
}

// Constants of nvml.h.
const (
	fieldPowerInstant = 186 // mW
	clockSM           = 1
	sensorGPU         = 0
	typeDouble        = 0
	noValue           = ^uint64(0) // NVML_VALUE_NOT_AVAILABLE

	memoryV2Version    = 40 | 2<<24 // size of the structure and its version
	temperatureVersion = 12 | 1<<24
)
