package widget

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"surprisal/gpu/monitor"
	"surprisal/jupyter/display"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.Local)

// minute is a minute of a device up to noon, as change leaves it.
func minute(source, reason string, change func(*monitor.Device)) []monitor.Snapshot {
	f, _ := monitor.Demo{}.Open()
	var past []monitor.Snapshot
	for i := range 60 {
		at := noon.Add(time.Duration(i-60) * time.Second)
		d := f.Devices[0].Read(at)
		if change != nil {
			change(&d)
		}
		past = append(past, monitor.Snapshot{Version: monitor.Version, Time: at, Source: source, Reason: reason, Devices: []monitor.Device{d}})
	}
	return past
}

func fixed(d *monitor.Device) {
	d.Name, d.Index = "NVIDIA <H200>", 1
	d.Utilisation, d.MemoryUsed, d.MemoryTotal = monitor.Of(73, "%"), monitor.Of(12<<30, "B"), monitor.Of(141<<30, "B")
	d.Power, d.PowerLimit, d.Temperature, d.Clock = monitor.Of(412, "W"), monitor.Of(700, "W"), monitor.Of(61, "°C"), monitor.Of(1980, "MHz")
	d.Processes.List = []monitor.Process{{PID: 42, Memory: monitor.Of(3<<30, "B"), Utilisation: monitor.Of(41, "%")}}
}

// text returns what a reader of the panel sees, and fails if its markup is not
// well formed: browsers mend HTML, SVG viewers do not.
func text(t *testing.T, page string) string {
	t.Helper()
	var b strings.Builder
	for d := xml.NewDecoder(strings.NewReader(page)); ; {
		tok, err := d.Token()
		if err == io.EOF {
			return b.String()
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, page)
		}
		if c, ok := tok.(xml.CharData); ok {
			b.Write(c)
			b.WriteByte('|')
		}
	}
}

func TestPanelSaysWhatThereIs(t *testing.T) {
	stale := func(d *monitor.Device) {
		fixed(d)
		d.Utilisation.Status, d.Note = monitor.Stale, "The driver has not answered nvmlX for 5 s: it may hang."
	}
	for _, c := range []struct {
		reason string
		view   view
		says   []string // in the picture or under it
		hides  []string
	}{
		{"a device at work", view{past: minute("nvml", "", fixed), live: true, pid: 42, now: noon},
			[]string{"NVIDIA <H200>", "73|%", "this kernel 41 %", "12.0|GiB", "of 141 GiB", "this kernel 3.0 GiB", "412|W", "of 700 W", "61|°C", "clock 1980 MHz", "live at 11:59:59, 1.0 s old|",
				"GPU 1, NVIDIA <H200>, at 11:59:59: utilisation 73 % (this kernel 41 %), memory 12.0 GiB of 141 GiB (this kernel 3.0 GiB), power 412 W of 700 W, temperature 61 °C, clock 1980 MHz."},
			[]string{"demo", "stale"}},
		{"a monitor that says nothing", view{past: minute("nvml", "", fixed), live: true, pid: 42, now: noon.Add(4 * time.Second)}, []string{"stale, read at 11:59:59, 5.0 s old"}, []string{"live"}},
		{"at rest", view{past: minute("nvml", "", fixed), pid: 42, now: noon.Add(time.Hour)}, []string{"○ at 11:59:59", "73|%"}, []string{"live", "old"}},
		{"a process that holds nothing", view{past: minute("nvml", "", fixed), live: true, pid: 43, now: noon}, []string{"this kernel 0 %", "this kernel 0 B"}, nil},
		{"made up", view{past: minute("demo", "no driver was found", nil), live: true, pid: 1, now: noon}, []string{"|demo|", "Demo: the numbers are made up. No driver was found."}, nil},
		{"no device", view{past: []monitor.Snapshot{{Source: "none", Reason: "the driver sees no GPU"}}, live: true, now: noon}, []string{"No GPU. The driver sees no GPU."}, []string{"<svg"}},
		{"a library", view{past: []monitor.Snapshot{{Source: "none", Reason: "libnvidia-ml.so.1 lacks nvmlInit"}}, live: true, now: noon}, []string{"No GPU. libnvidia-ml.so.1 lacks nvmlInit."}, nil},
		{"nothing yet", view{live: true, now: noon}, []string{"not told anything"}, nil},
		{"no monitor", view{fault: "monitor: the monitor has ended; it is tried again in 1s", live: true, now: noon}, []string{"The monitor has ended; it is tried again in 1s."}, []string{"not told"}},
		{"a monitor that has ended", view{past: minute("nvml", "", fixed), fault: "monitor: the monitor has ended", live: true, now: noon.Add(8 * time.Second)}, []string{"stale, read at 11:59:59, 9.0 s old", "The monitor has ended."}, []string{"live"}},
		{"a driver that hangs", view{past: minute("nvml", "", stale), live: true, pid: 42, now: noon}, []string{"stale, read at ", "73|%", "has not answered nvmlX"}, []string{"live", "(stale) %"}},
		{"values that are missing", view{past: minute("nvml", "", func(d *monitor.Device) {
			fixed(d)
			d.Utilisation, d.Power = monitor.Without("%", monitor.Unsupported), monitor.Without("W", monitor.NoPermission)
			d.PowerLimit, d.Processes = monitor.Without("W", monitor.Unsupported), monitor.Processes{Status: monitor.OK, Foreign: true}
		}), live: true, pid: 42, now: noon}, []string{"|unsupported|", "|no permission|", "this kernel: not told", "power no permission,"}, []string{"0|%", "of unsupported"}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			got := strings.ReplaceAll(text(t, c.view.HTML()), "||", "|")
			for _, want := range c.says {
				if !strings.Contains("|"+got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
			for _, no := range c.hides {
				if strings.Contains(got, no) {
					t.Errorf("%q in\n%s", no, got)
				}
			}
			if b := display.Of(c.view); b.Data["text/plain"] == "" || b.Data["text/html"] == nil {
				t.Errorf("bundle %v", b)
			}
		})
	}
}

// The line spans the minute, and breaks where readings are missing.
func TestHistoryIsAMinute(t *testing.T) {
	v := view{past: minute("nvml", "", fixed), live: true, now: noon}
	lines := func(v view) []string {
		var b strings.Builder
		gauges()[0].history(&b, v, 0)
		return strings.Split(b.String(), `fill="none"`)
	}
	whole := lines(v)
	if len(whole) != 2 || !strings.Contains(whole[0], `d="M0.0 `) || !strings.Contains(whole[1], `cx="165.2"`) {
		t.Errorf("%v", whole)
	}
	cut := append(append([]monitor.Snapshot(nil), v.past[:20]...), v.past[30:]...)
	if broken := lines(view{past: cut, live: true, now: noon}); len(broken) != 3 {
		t.Errorf("a gap of ten seconds: %d lines, want 2: %v", len(broken)-1, broken)
	}
	if old := lines(view{past: v.past, live: true, now: noon.Add(time.Hour)}); len(old) != 1 {
		t.Errorf("readings of an hour ago are drawn: %v", old)
	}
}

// Several devices stand below each other; more than four are told in words.
func TestPanelOfSixDevices(t *testing.T) {
	past := minute("nvml", "", fixed)
	for i := range past {
		for j := 2; j < 7; j++ {
			d := past[i].Devices[0]
			d.Index = j
			past[i].Devices = append(past[i].Devices, d)
		}
	}
	page := view{past: past, live: true, now: noon}.HTML()
	got := text(t, page)
	if n := strings.Count(page, "<title>Memory</title>"); n != shown {
		t.Errorf("%d devices are drawn, want %d", n, shown)
	}
	if n := strings.Count(got, ": utilisation"); n != 6 {
		t.Errorf("%d devices are told, want 6", n)
	}
}
