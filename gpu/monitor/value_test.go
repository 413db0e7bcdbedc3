package monitor

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

func TestValuesSayWhatIsKnown(t *testing.T) {
	for _, c := range []struct {
		value      Value
		text, wire string
		reason     string
	}{
		{Of(73, "%"), "73 %", `{"value":73,"unit":"%","status":"ok"}`, "a number"},
		{Of(0, "W"), "0 W", `{"value":0,"unit":"W","status":"ok"}`, "zero is a number"},
		{Of(12.4*(1<<30), "B"), "12.4 GiB", `{"value":13314398617.6,"unit":"B","status":"ok"}`, "bytes for people"},
		{Of(141*(1<<30), "B"), "141 GiB", `{"value":151397597184,"unit":"B","status":"ok"}`, "no false digits"},
		{Of(1536, "B"), "1.5 KiB", `{"value":1536,"unit":"B","status":"ok"}`, "small"},
		{Of(12, "B"), "12 B", `{"value":12,"unit":"B","status":"ok"}`, "smaller"},
		{Of(3, "%").stale(), "3 % (stale)", `{"value":3,"unit":"%","status":"stale"}`, "the last number"},
		{Without("W", Unsupported), "unsupported", `{"value":null,"unit":"W","status":"unsupported"}`, "null, never 0"},
		{Without("W", NoPermission).stale(), "no permission", `{"value":null,"unit":"W","status":"no permission"}`, "what was never known does not grow stale"},
		{Of(math.NaN(), "W"), "error", `{"value":null,"unit":"W","status":"error"}`, "JSON has no NaN"},
		{Of(math.Inf(1), "W"), "error", `{"value":null,"unit":"W","status":"error"}`, "nor infinity"},
		{Value{}, "unknown", `{"value":null,"unit":"","status":""}`, "the zero value is not known"},
	} {
		wire, err := json.Marshal(c.value)
		if c.value.String() != c.text || string(wire) != c.wire || err != nil {
			t.Errorf("%s: %q %s %v, want %q %s", c.reason, c.value, wire, err, c.text, c.wire)
		}
		var back Value
		if err := json.Unmarshal(wire, &back); err != nil || back != c.value {
			t.Errorf("%s: came back as %+v, %v", c.reason, back, err)
		}
	}
}

func TestValueThatClaimsToBeKnown(t *testing.T) {
	for _, text := range []string{`{"value":null,"unit":"%","status":"ok"}`, `{"status":"stale"}`, `7`, `{"value":"7"}`} {
		var v Value
		if err := json.Unmarshal([]byte(text), &v); err == nil {
			t.Errorf("%s was taken for %+v", text, v)
		}
	}
	v := Of(1, "W")
	if err := json.Unmarshal([]byte(`{"value":7,"unit":"W","status":"unsupported"}`), &v); err != nil || v != Without("W", Unsupported) {
		t.Errorf("a number beside unsupported: %+v, %v", v, err)
	}
}

func TestShareOfAProcess(t *testing.T) {
	two := []Process{{PID: 7, Memory: Of(5, "B"), Utilisation: Of(20, "%")}, {PID: 8, Memory: Without("B", Unsupported), Utilisation: Of(1, "%")}}
	for _, c := range []struct {
		list        Processes
		pid         int
		memory, use string
		reason      string
	}{
		{Processes{Status: OK, List: two}, 7, "5 B", "20 %", "in the list"},
		{Processes{Status: OK, List: two}, 9, "0 B", "0 %", "not in the list: it holds nothing"},
		{Processes{Status: OK, List: two, Foreign: true}, 9, "unsupported", "unsupported", "it may have another number there"},
		{Processes{Status: NoPermission}, 7, "no permission", "no permission", "no list"},
		{Processes{Status: Unsupported, List: two}, 7, "unsupported", "unsupported", "a list that says nothing"},
		{Processes{Status: Stale, List: two}, 9, "0 B (stale)", "0 % (stale)", "an old list"},
		{Processes{Status: OK, List: two}, 8, "unsupported", "1 %", "memory is not told"},
		{Processes{Status: OK, List: []Process{{Memory: Of(3, "B"), Utilisation: Of(2, "%")}}}, 7, "3 B", "2 %", "a demo's process is whoever looks"},
	} {
		p := Device{Processes: c.list}.Share(c.pid)
		if p.Memory.String() != c.memory || p.Utilisation.String() != c.use {
			t.Errorf("%s: memory %v, utilisation %v, want %s, %s", c.reason, p.Memory, p.Utilisation, c.memory, c.use)
		}
	}
}

func TestSnapshotPrintsAsATable(t *testing.T) {
	f, err := Demo{}.Open()
	if err != nil {
		t.Fatal(err)
	}
	s := Snapshot{Version: Version, Time: time.Unix(1e9, 0).UTC(), Source: "nvml", Driver: "580.1", Devices: []Device{f.Devices[0].Read(time.Unix(1e9, 0))}}
	s.Devices[0].PowerLimit = Without("W", Unsupported)
	s.Devices[0].Note = "A note."
	for _, want := range []string{"nvml, driver 580.1, 2001-09-09", "0  Demo GPU  GPU-demo", "utilisation  ", " of 80.0 GiB", "limit unsupported", "A note."} {
		if !strings.Contains(s.String(), want) {
			t.Errorf("no %q in\n%s", want, s)
		}
	}
	for _, c := range []struct {
		s    Snapshot
		want string
	}{
		{Snapshot{}, "no reading of GPUs"},
		{Snapshot{Source: "none", Reason: "why"}, "no GPU: why"},
		{Snapshot{Source: "demo", Reason: "why"}, "demo, made up: why"},
	} {
		if c.s.String() != c.want {
			t.Errorf("%q, want %q", c.s, c.want)
		}
	}
}

// The demo keeps to what its device could do, whenever one looks, and moves.
func TestDemoIsPlausible(t *testing.T) {
	f, _ := Demo{}.Open()
	if f.Source != "demo" || f.Reason == "" {
		t.Errorf("the demo does not say what it is: %+v", f)
	}
	seen := map[float64]bool{}
	for i := range 3600 {
		d := f.Devices[0].Read(time.Unix(1_700_000_000+int64(i)*17, 0))
		own := d.Share(1)
		for _, v := range []struct {
			name    string
			x       Value
			max     float64
			atLeast float64
		}{
			{"utilisation", d.Utilisation, 100, 0}, {"memory", d.MemoryUsed, d.MemoryTotal.Number, 1}, {"power", d.Power, d.PowerLimit.Number, 1},
			{"temperature", d.Temperature, 90, 20}, {"own memory", own.Memory, d.MemoryUsed.Number, 0}, {"own utilisation", own.Utilisation, d.Utilisation.Number, 0},
		} {
			if !v.x.Known() || !(v.x.Number >= v.atLeast && v.x.Number <= v.max) {
				t.Fatalf("%s is %v at second %d, want %g to %g", v.name, v.x, i, v.atLeast, v.max)
			}
		}
		seen[d.Utilisation.Number] = true
	}
	if len(seen) < 20 {
		t.Errorf("only %d values of utilisation", len(seen))
	}
}

func TestRingKeepsTheNewestMinute(t *testing.T) {
	var r Ring
	if _, ok := r.Last(); ok || len(r.All()) != 0 {
		t.Error("an empty ring holds something")
	}
	for i := range 150 {
		r.Add(Snapshot{Version: i})
		all := r.All()
		if last, ok := r.Last(); !ok || last.Version != i || len(all) != min(i+1, 60) || all[0].Version != max(0, i-59) || all[len(all)-1].Version != i {
			t.Fatalf("after %d: %d kept, from %d to %d", i, len(all), all[0].Version, all[len(all)-1].Version)
		}
	}
}
