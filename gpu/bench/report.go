package bench

import (
	"fmt"
	"strings"
	"time"
)

// Failed counts the cases that did not agree with the CPU, or failed.
func (r *Report) Failed() (n int) {
	for _, row := range r.Rows {
		if row.Error != "" {
			n++
		}
	}
	return n
}

// String is a case in a line.
func (r Row) String() string {
	if r.Error != "" {
		return r.Name + ": FAILED: " + r.Error
	}
	s := fmt.Sprintf("%s: on the device %s, in a graph %s (%s), from host to host %s", r.Name, duration(r.DeviceMS), duration(r.GraphMS), r.share(), duration(r.HostMS))
	for _, p := range r.versus() {
		s += "; " + p
	}
	return s
}

// best is our time on the device.
func (r Row) best() float64 {
	if r.GraphMS > 0 && r.GraphMS < r.DeviceMS {
		return r.GraphMS
	}
	return r.DeviceMS
}

// share is how much of the time the floor is.
func (r Row) share() string {
	if r.FloorMS == 0 || r.best() == 0 {
		return "no floor"
	}
	return fmt.Sprintf("%.0f %% of the floor's speed", 100*r.FloorMS/r.best())
}

// versus is everybody's time and how often ours goes into it. What others do where
// their data lie is held against ours on the device with the cache flushed, what
// they do from host to host against ours from host to host.
func (r Row) versus() []string {
	out := []string{fmt.Sprintf("own CPU, one core: %s, **%s**", duration(r.CoreMS), ratio(r.CoreMS/r.DeviceMS))}
	if r.SharedMS > 0 {
		out = append(out, fmt.Sprintf("on all devices: %s, %s as fast", duration(r.SharedMS), ratio(r.HostMS/r.SharedMS)))
	}
	for _, p := range r.Peers {
		switch {
		case p.Error != "":
			out = append(out, p.Name+": failed: "+p.Error)
			continue
		case p.DeviceMS > 0:
			out = append(out, fmt.Sprintf("%s: %s, **%s**", p.Name, duration(p.DeviceMS), ratio(p.DeviceMS/r.DeviceMS)))
		case p.HostMS > 0:
			out = append(out, fmt.Sprintf("%s: %s, **%s**", p.Name, duration(p.HostMS), ratio(p.HostMS/r.HostMS)))
		}
		last := &out[len(out)-1]
		if p.Share < 1 {
			*last += fmt.Sprintf(" (from %.2g of the work)", p.Share)
		}
		if p.Difference != 0 {
			*last += fmt.Sprintf(" (off by %.1g)", p.Difference)
		}
	}
	for _, p := range r.Recorded {
		out = append(out, fmt.Sprintf("%s, recorded: %s, **%s**", p.Who, duration(p.MS), ratio(p.MS/r.HostMS)))
	}
	return out
}

// Table is the report in Markdown.
func (r *Report) Table() string {
	var s strings.Builder
	fmt.Fprintf(&s, "Measured %s on %s", r.Date.Format(time.DateOnly), r.machine())
	fmt.Fprintf(&s, ". TE is transfer entropy by KSG, k = %d, counts equal to the CPU's; medians of rounds in which everybody takes a turn. Ratios to what runs on a GPU and to our own CPU are of the times on the device with the L2 cache flushed, all others of ours from host to host.\n\n", neighbours)
	s.WriteString("| what | on the device | in a graph | of the floor | host to host | wanted | others: time, **ratio** |\n|---|---:|---:|---:|---:|---|---|\n")
	for _, row := range r.Rows {
		if row.Error != "" {
			fmt.Fprintf(&s, "| %s | FAILED: %s | | | | | |\n", row.Name, row.Error)
			continue
		}
		floor := "–"
		if row.FloorMS > 0 && row.best() > 0 {
			floor = fmt.Sprintf("%.0f %%", 100*row.FloorMS/row.best())
		}
		fmt.Fprintf(&s, "| %s | %s | %s | %s | %s | %s | %s |\n", row.Name, duration(row.DeviceMS), duration(row.GraphMS), floor, duration(row.HostMS), row.wanted(), strings.Join(row.versus(), "<br>"))
	}
	f := r.FirstUse
	fmt.Fprintf(&s, "\nFirst use: driver and device %s, context %s, two families of kernels %s, compiled by the driver for the first time %s.\n",
		duration(f.OpenMS), duration(f.ContextMS[1]), duration(f.KernelsMS[1]), duration(f.KernelsMS[0]))
	s.WriteString("The floor is arithmetic, for comparing all rows with all in float32, for counting every pixel of windows in shared memory, or for reading all values of a histogram once; a way that looks at fewer rows may beat it.\n")
	if len(r.Rows) > 0 {
		for _, row := range r.Rows {
			if len(row.Recorded) > 0 {
				fmt.Fprintf(&s, "JIDT's times were recorded on %s; they are not of this run.\n", row.Recorded[0].Source)
				break
			}
		}
	}
	return s.String()
}

// wanted are the goals and whether they are met.
func (r Row) wanted() string {
	mark := func(got, goal float64, what string) string {
		sign := "missed"
		if got <= goal {
			sign = "met"
		}
		return fmt.Sprintf("≤ %s%s: %s", duration(goal), what, sign)
	}
	var s []string
	if r.GoalMS > 0 {
		s = append(s, mark(r.best(), r.GoalMS, ""))
	}
	if r.HostGoalMS > 0 {
		s = append(s, mark(r.HostMS, r.HostGoalMS, " host to host"))
	}
	return strings.Join(s, "<br>")
}

func (r *Report) machine() string {
	d := r.Device
	s := fmt.Sprintf("%s (%d multiprocessors, compute capability %s), %s with %d cores", d.Name, d.Multiprocessors, d.Compute, r.CPU, r.Cores)
	for _, name := range []string{"go", "python", "torch", "cupy", "cucim", "skimage"} {
		if v := r.Versions[name]; v != "" {
			s += ", " + name + " " + strings.TrimPrefix(v, "go")
		}
	}
	return s
}

// duration is milliseconds for people.
func duration(ms float64) string {
	switch {
	case ms == 0:
		return "–"
	case ms < 0.0995:
		return fmt.Sprintf("%.3g µs", ms*1e3)
	case ms < 999.5:
		return fmt.Sprintf("%.3g ms", ms)
	}
	return fmt.Sprintf("%.3g s", ms/1e3)
}

// ratio is a ratio in three digits.
func ratio(x float64) string {
	if x >= 1000 {
		return fmt.Sprintf("%.0f×", x)
	}
	return fmt.Sprintf("%.3g×", x)
}
