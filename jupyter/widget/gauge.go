package widget

import (
	"fmt"
	"strings"

	"surprisal/gpu/monitor"
)

// gauge is one quantity of a device: its value, what that is a part of, the
// share of this session, and how they are found in a snapshot.
type gauge struct {
	label  string
	colour string                                            // legible on white and on black
	value  func(monitor.Device) monitor.Value                // shown
	full   func(monitor.Device) (monitor.Value, bool)        // what 100 % of the bar is; false: not said in words
	own    func(monitor.Device, int) (monitor.Value, string) // part of value
}

// gauges are the quantities of the panel, left to right.
func gauges() []gauge {
	fixed := func(x float64, unit string) func(monitor.Device) (monitor.Value, bool) {
		return func(monitor.Device) (monitor.Value, bool) { return monitor.Of(x, unit), false }
	}
	return []gauge{
		{"Utilisation", "#388bfd",
			func(d monitor.Device) monitor.Value { return d.Utilisation }, fixed(100, "%"),
			func(d monitor.Device, pid int) (monitor.Value, string) {
				return share(d.Share(pid).Utilisation)
			}},
		{"Memory", "#a371f7",
			func(d monitor.Device) monitor.Value { return d.MemoryUsed },
			func(d monitor.Device) (monitor.Value, bool) { return d.MemoryTotal, true },
			func(d monitor.Device, pid int) (monitor.Value, string) {
				return share(d.Share(pid).Memory)
			}},
		{"Power", "#d4892a",
			func(d monitor.Device) monitor.Value { return d.Power },
			func(d monitor.Device) (monitor.Value, bool) { return d.PowerLimit, true }, nil},
		{"Temperature", "#e5534b",
			func(d monitor.Device) monitor.Value { return d.Temperature }, fixed(100, "°C"),
			func(d monitor.Device, _ int) (monitor.Value, string) {
				return monitor.Value{}, "clock " + d.Clock.String()
			}},
	}
}

// share is this session's part with its words.
func share(s monitor.Value) (monitor.Value, string) {
	if !s.Known() {
		return s, "this kernel: not told"
	}
	return s, "this kernel " + strings.TrimSuffix(s.String(), " (stale)")
}

// fraction is value as a part of the whole, between 0 and 1; false if either is
// not known.
func fraction(value, whole monitor.Value) (float64, bool) {
	if !value.Known() || !whole.Known() || !(whole.Number > 0) {
		return 0, false
	}
	return min(max(value.Number/whole.Number, 0), 1), true
}

// Measures of a tile, in units of the picture.
const (
	tileWidth, tileHeight = 168.0, 120.0
	meterY, meterHeight   = 60.0, 6.0
	lineY, lineHeight     = 78.0, 38.0
)

// draw writes the tile of g for device i at its newest, with its history.
func (g gauge) draw(b *strings.Builder, v view, i int) {
	d := v.devices()[i]
	value := g.value(d)
	whole, told := g.full(d)
	fmt.Fprintf(b, `<text x="0" y="11" font-size="11" opacity=".65">%s</text>`, g.label)
	number, unit, _ := strings.Cut(value.String(), " ")
	switch {
	case !value.Known():
		fmt.Fprintf(b, `<text x="0" y="36" font-size="14" opacity=".65">%s</text>`, value)
	default:
		unit = strings.TrimSuffix(unit, " (stale)")
		fmt.Fprintf(b, `<text x="0" y="36" font-size="24" font-weight="600">%s<tspan font-size="13" font-weight="400" dx="4">%s</tspan></text>`, number, unit)
	}
	if told && whole.Known() {
		fmt.Fprintf(b, `<text x="%g" y="11" font-size="11" text-anchor="end" opacity=".65">of %s</text>`, tileWidth, whole)
	}
	var own float64
	if g.own != nil {
		share, text := g.own(d, v.pid)
		own, _ = fraction(share, whole)
		fmt.Fprintf(b, `<text x="0" y="51" font-size="11" opacity=".8">%s</text>`, text)
	}
	g.meter(b, value, whole, own)
	g.history(b, v, i)
}

// meter draws the bar: all of it faint, the value lighter, this session's share
// in full colour.
func (g gauge) meter(b *strings.Builder, value, whole monitor.Value, own float64) {
	bar := func(width, opacity float64) {
		if width > 0 {
			fmt.Fprintf(b, `<rect y="%g" width="%.1f" height="%g" rx="%g" fill="%s" opacity="%g"/>`, meterY, width, meterHeight, meterHeight/2, g.colour, opacity)
		}
	}
	bar(tileWidth, 0.18)
	f, ok := fraction(value, whole)
	if !ok {
		return
	}
	if own == 0 {
		bar(f*tileWidth, 1)
		return
	}
	bar(f*tileWidth, 0.5)
	bar(min(own, f)*tileWidth, 1)
}
