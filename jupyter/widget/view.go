package widget

import (
	"fmt"
	"strings"
	"time"

	"surprisal/gpu/monitor"
)

// view is one state of the panel: what there is to draw, and when.
type view struct {
	past  []monitor.Snapshot // oldest first
	fault string             // what is wrong with the monitor
	live  bool               // it will be updated
	pid   int                // whose share is shown
	now   time.Time
}

// late is the age at which a live value counts as stale: two beats were missed.
const late = 3 * time.Second

// latest returns the newest snapshot, the zero one if there is none.
func (v view) latest() monitor.Snapshot {
	if len(v.past) == 0 {
		return monitor.Snapshot{}
	}
	return v.past[len(v.past)-1]
}

// devices returns the devices of the newest snapshot, demo ones included.
func (v view) devices() []monitor.Device { return v.latest().Devices }

// String is the panel in a sentence for each device, and what is wrong.
func (v view) String() string {
	s := v.latest()
	var b []string
	for _, d := range s.Devices {
		b = append(b, v.sentence(d))
		if d.Note != "" {
			b = append(b, full(d.Note))
		}
	}
	return strings.Join(append(b, v.remarks()...), " ")
}

// remarks are the sentences that stand under the picture.
func (v view) remarks() []string {
	s := v.latest()
	var b []string
	switch {
	case s.Source == "demo":
		b = append(b, "Demo: the numbers are made up. "+full(s.Reason))
	case s.Source == "none":
		b = append(b, "No GPU. "+full(s.Reason))
	case len(s.Devices) == 0 && v.fault == "":
		b = append(b, "The monitor has not told anything about GPUs yet.")
	}
	if v.fault != "" {
		b = append(b, full(strings.TrimPrefix(v.fault, "monitor: ")))
	}
	return b
}

// full is text as a sentence: with a full stop and a large first letter, unless
// it begins with a name such as nvmlInit or a file.
func full(text string) string {
	if text == "" {
		return ""
	}
	if first, _, _ := strings.Cut(text, " "); first == strings.ToLower(first) && !strings.ContainsAny(first, ":./") {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

func (v view) sentence(d monitor.Device) string {
	share := d.Share(v.pid)
	own := func(x monitor.Value) string {
		if !x.Known() {
			return ""
		}
		return " (this kernel " + x.String() + ")"
	}
	of := func(x, limit monitor.Value) string {
		if !limit.Known() {
			return x.String()
		}
		return x.String() + " of " + limit.String()
	}
	return fmt.Sprintf("GPU %d, %s, at %s: utilisation %v%s, memory %s%s, power %s, temperature %v, clock %v.",
		d.Index, name(d), d.Read.Local().Format(time.TimeOnly), d.Utilisation, own(share.Utilisation),
		of(d.MemoryUsed, d.MemoryTotal), own(share.Memory), of(d.Power, d.PowerLimit), d.Temperature, d.Clock)
}

func name(d monitor.Device) string {
	if d.Name == "" {
		return "of unknown name"
	}
	return d.Name
}

// age is when the values of d were read and, while they may grow old, how long
// ago that is. A picture that was left behind by a worker that died still tells
// its time.
func (v view) age(d monitor.Device) string {
	if d.Read.IsZero() {
		return "no answer yet"
	}
	at := "at " + d.Read.Local().Format(time.TimeOnly)
	if !v.live {
		return at
	}
	return fmt.Sprintf("%s, %.1f s old", at, max(0, v.now.Sub(d.Read).Seconds()))
}
