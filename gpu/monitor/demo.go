package monitor

import (
	"math"
	"time"
)

// Demo is a source of one device that does not exist. Its numbers are made up,
// from the time of day alone, and every snapshot says so.
type Demo struct{}

var _ Source = Demo{}

// Open implements Source.
func (Demo) Open() (Found, error) {
	return Found{Source: "demo", Reason: "a demo was asked for", Devices: []Reader{demoDevice{}}}, nil
}

type demoDevice struct{}

// Now implements Reader: nothing to wait for.
func (demoDevice) Now() (string, time.Time) { return "", time.Time{} }

// Read implements Reader. Work comes and goes every 40 seconds, memory and
// temperature follow.
func (demoDevice) Read(now time.Time) Device {
	const gib = 1 << 30
	t := math.Mod(float64(now.UnixMilli())/1000, 86400)
	wave := func(period, phase float64) float64 { return 0.5 + 0.5*math.Sin(2*math.Pi*(t/period+phase)) }
	load := 1 / (1 + math.Exp(-9*(wave(40, 0)-0.45))) // long plateaus, quick ramps
	busy := math.Round(100 * (0.04 + 0.9*load*(0.9+0.1*wave(3.7, 0.3))))
	used := (4 + 22*wave(40, -0.08) + 1.5*wave(11, 0)) * gib
	own := 0.7 * used
	return Device{
		Name: "Demo GPU", UUID: "GPU-demo", Read: now,
		Utilisation: Of(busy, "%"),
		MemoryUsed:  Of(math.Round(used), "B"),
		MemoryTotal: Of(80*gib, "B"),
		Power:       Of(math.Round(70+3.9*busy+25*wave(5.3, 0.1)), "W"),
		PowerLimit:  Of(600, "W"),
		Temperature: Of(math.Round(36+32*wave(40, -0.12)), "°C"),
		Clock:       Of(math.Round(345+1635*load), "MHz"),
		Processes: Processes{Status: OK, Read: now, List: []Process{
			{Memory: Of(math.Round(own), "B"), Utilisation: Of(math.Round(0.8*busy), "%")},
		}},
	}
}
