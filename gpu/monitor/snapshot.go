package monitor

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Version is the version of Snapshot as it travels.
const Version = 1

// Snapshot is what was known of all devices at one moment. It is never changed
// after it was made.
type Snapshot struct {
	Version int       `json:"version"`
	Time    time.Time `json:"time"`
	Source  string    `json:"source"`           // nvml, demo or none
	Reason  string    `json:"reason,omitempty"` // a sentence: why there are no devices, or why they are made up
	Driver  string    `json:"driver,omitempty"` // version of the driver
	Devices []Device  `json:"devices,omitempty"`
}

// Device is one GPU.
type Device struct {
	Index int       `json:"index"`
	Name  string    `json:"name"`
	UUID  string    `json:"uuid"`
	Read  time.Time `json:"read"`           // when its values were read
	Note  string    `json:"note,omitempty"` // a sentence: what is wrong with the device

	Utilisation Value `json:"utilisation"` // % of the last moments in which a kernel ran
	MemoryUsed  Value `json:"memory_used"` // B
	MemoryTotal Value `json:"memory_total"`
	Power       Value `json:"power"` // W
	PowerLimit  Value `json:"power_limit"`
	Temperature Value `json:"temperature"` // °C
	Clock       Value `json:"clock"`       // MHz, of the multiprocessors

	Processes Processes `json:"processes"`
}

// Processes are those that compute on a device. The driver makes their list
// slowly, so it is read every ten seconds. Without OK the list says nothing.
type Processes struct {
	Status Status    `json:"status"`
	Read   time.Time `json:"read"`
	List   []Process `json:"list,omitempty"`
	// Foreign says that the driver numbers processes otherwise than this
	// machine's processes see themselves, as in a container: one that is not in
	// the list may be there under another number.
	Foreign bool `json:"foreign,omitempty"`
}

// Process is one process's share of a device.
type Process struct {
	PID         int   `json:"pid"`         // 0 in a demo: whoever looks
	Memory      Value `json:"memory"`      // B
	Utilisation Value `json:"utilisation"` // %
}

// Share returns the share of process pid. It is zero for one that does not
// compute there, and unknown where the list cannot tell.
func (d Device) Share(pid int) Process {
	ps := d.Processes
	for _, p := range ps.List {
		if (p.PID == pid || p.PID == 0) && (ps.Status == OK || ps.Status == Stale) {
			return p
		}
	}
	share := Process{PID: pid, Memory: Value{0, "B", ps.Status}, Utilisation: Value{0, "%", ps.Status}}
	if ps.Foreign {
		share.Memory, share.Utilisation = Without("B", Unsupported), Without("%", Unsupported)
	}
	return share
}

// stale is d once its driver has stopped answering.
func (d Device) stale(note string) Device {
	for _, v := range []*Value{&d.Utilisation, &d.MemoryUsed, &d.MemoryTotal, &d.Power, &d.PowerLimit, &d.Temperature, &d.Clock} {
		*v = v.stale()
	}
	if d.Processes.Status == OK {
		d.Processes.Status = Stale
	}
	d.Note = note
	return d
}

// String is the snapshot as a table.
func (s Snapshot) String() string {
	var b strings.Builder
	switch {
	case s.Source == "" && s.Reason == "" && len(s.Devices) == 0:
		return "no reading of GPUs" // what stands beside an error
	case s.Source == "demo":
		fmt.Fprintf(&b, "demo, made up: %s\n", s.Reason)
	case s.Source == "none" || len(s.Devices) == 0:
		fmt.Fprintf(&b, "no GPU: %s\n", s.Reason)
	default:
		fmt.Fprintf(&b, "%s, driver %s, %s\n", s.Source, cmp.Or(s.Driver, "of unknown version"), s.Time.Format(time.DateTime))
	}
	for _, d := range s.Devices {
		d.write(&b)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (d Device) write(b *strings.Builder) {
	fmt.Fprintf(b, "%d  %s  %s\n", d.Index, d.Name, d.UUID)
	for _, row := range []struct {
		name  string
		value string
	}{
		{"utilisation", d.Utilisation.String()},
		{"memory", d.MemoryUsed.String() + " of " + d.MemoryTotal.String()},
		{"power", d.Power.String() + ", limit " + d.PowerLimit.String()},
		{"temperature", d.Temperature.String()},
		{"clock", d.Clock.String()},
		{"processes", d.Processes.String()},
	} {
		fmt.Fprintf(b, "   %-12s %s\n", row.name, row.value)
	}
	for _, p := range d.Processes.List {
		fmt.Fprintf(b, "     %-10d memory %s, utilisation %s\n", p.PID, p.Memory, p.Utilisation)
	}
	if d.Note != "" {
		fmt.Fprintf(b, "   %s\n", d.Note)
	}
}

// String says how many processes there are, or why that is not known.
func (p Processes) String() string {
	switch {
	case p.Status != OK && p.Status != Stale:
		return cmp.Or(string(p.Status), "unknown")
	case p.Foreign:
		return fmt.Sprintf("%d, numbered as the host does", len(p.List))
	}
	return fmt.Sprint(len(p.List))
}

// Settled reports whether the snapshot tells what there is: whether no first
// answer of a driver is still waited for.
func (s Snapshot) Settled() bool {
	if s.Source == "none" {
		return s.Reason != looking
	}
	for _, d := range s.Devices {
		if d.Read.IsZero() && d.Note == "" {
			return false
		}
	}
	return true
}
