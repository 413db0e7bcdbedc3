package nvml

import (
	"slices"
	"time"

	"surprisal/gpu/monitor"
)

// processPause is the time between two lists of processes: making one takes
// the driver milliseconds, in which it serves nobody else.
const processPause = 10 * time.Second

// listProcesses returns who computes on the device, with memory and, where the
// driver samples it, utilisation.
func (d *device) listProcesses(now time.Time) monitor.Processes {
	out := monitor.Processes{Read: now, Foreign: d.foreign}
	infos, r := d.running()
	if out.Status = r.status(); r != Success {
		return out
	}
	busy, r := d.sampled(now)
	for _, p := range infos {
		q := monitor.Process{PID: int(p.PID), Memory: monitor.Without("B", monitor.Unsupported), Utilisation: value(r, float64(busy[p.PID]), "%")}
		if p.Memory != noValue {
			q.Memory = monitor.Of(float64(p.Memory), "B")
		}
		out.List = append(out.List, q)
	}
	slices.SortFunc(out.List, func(a, b monitor.Process) int { return a.PID - b.PID })
	return out
}

// lists of this length are asked for first, and of four times it at most
const (
	someProcesses = 64
	grownTimes    = 4
)

func (d *device) running() ([]Process, Return) {
	c := d.calls
	for size := someProcesses; ; size *= 2 {
		list := make([]Process, size)
		n := uint32(size)
		r := d.ask("nvmlDeviceGetComputeRunningProcesses", c.Processes != nil, func() Return { return c.Processes(d.handle, &n, list) })
		if r == ErrInsufficientSize && size < someProcesses*grownTimes {
			continue
		}
		return list[:min(int(n), size)], r
	}
}

// sampled returns the newest utilisation of each process in percent. The
// driver keeps samples of the last seconds; none at all means that nothing ran.
func (d *device) sampled(now time.Time) (map[uint32]uint32, Return) {
	c := d.calls
	since := uint64(now.Add(-processPause).UnixMicro())
	for size := someProcesses; ; size *= 2 {
		list := make([]ProcessSample, size)
		n := uint32(size)
		r := d.ask("nvmlDeviceGetProcessUtilization", c.ProcessUtilisation != nil, func() Return { return c.ProcessUtilisation(d.handle, list, &n, since) })
		switch {
		case r == ErrInsufficientSize && size < someProcesses*grownTimes:
			continue
		case r == ErrNotFound:
			return nil, Success
		case r != Success:
			return nil, r
		}
		return newest(list[:min(int(n), size)], since), Success
	}
}

// newest keeps the last sample of each process. Drivers are known to return
// samples of long ago and shares over 100 %.
func newest(list []ProcessSample, since uint64) map[uint32]uint32 {
	busy, at := map[uint32]uint32{}, map[uint32]uint64{}
	for _, s := range list {
		if s.PID != 0 && s.Timestamp >= since && s.Timestamp >= at[s.PID] {
			busy[s.PID], at[s.PID] = min(s.SM, 100), s.Timestamp
		}
	}
	return busy
}
