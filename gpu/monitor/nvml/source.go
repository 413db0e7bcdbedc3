package nvml

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"surprisal/gpu/monitor"
)

// Source is the devices of the driver's library. The zero value opens the
// system's.
type Source struct {
	// Load opens the library; nil is the function Load without paths.
	Load func() (Calls, error)
}

var _ monitor.Source = Source{}

// Open implements monitor.Source.
func (s Source) Open() (monitor.Found, error) {
	load := s.Load
	if load == nil {
		load = func() (Calls, error) { return Load() }
	}
	c, err := load()
	if err != nil {
		return monitor.Found{}, err
	}
	if r := c.Init(); r != Success {
		return monitor.Found{}, fmt.Errorf("the NVIDIA driver's library is there but could not be started: %w", r)
	}
	found, err := c.devices()
	if err != nil {
		c.shutdown()
		return monitor.Found{}, err
	}
	found.Close = c.shutdown
	return found, nil
}

func (c Calls) shutdown() {
	if c.Shutdown != nil {
		c.Shutdown()
	}
}

func (c Calls) devices() (monitor.Found, error) {
	f := monitor.Found{Source: "nvml"}
	var version [80]byte
	if c.DriverVersion != nil && c.DriverVersion(version[:]) == Success {
		f.Driver = str(version[:])
	}
	var n uint32
	if r := c.Count(&n); r != Success {
		return f, fmt.Errorf("the NVIDIA driver does not say how many GPUs there are: %w", r)
	}
	if n == 0 {
		return f, errors.New("the NVIDIA driver is there, but it sees no GPU")
	}
	foreign := inContainer()
	for i := range n {
		d := &device{calls: c, index: int(i), foreign: foreign}
		if r := c.Handle(i, &d.handle); r != Success {
			d.broken = fmt.Sprintf("GPU %d cannot be used: %v.", i, r)
		}
		f.Devices = append(f.Devices, d)
	}
	return f, nil
}

// inContainer reports whether processes have other numbers here than the
// driver, which counts them on the host, gives them: whether this is not the
// first namespace of processes, whose number Linux fixes.
func inContainer() bool {
	ns, err := os.Readlink("/proc/self/ns/pid")
	return err == nil && ns != "pid:[4026531836]"
}

// str is the text before the zero byte.
func str(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return string(bytes.ToValidUTF8(b, []byte("?")))
}
