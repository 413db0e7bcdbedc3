package widget

import (
	"fmt"
	"strings"
	"time"
)

const (
	span = time.Minute     // of the history
	gap  = 3 * time.Second // between two values that a line still joins
)

// history draws the last minute of g on device i, oldest left: a line over a
// faint area, broken where values are missing.
func (g gauge) history(b *strings.Builder, v view, i int) {
	end := v.now
	if !v.live {
		end = v.latest().Time
	}
	fmt.Fprintf(b, `<path d="M0 %gH%g" stroke="currentColor" stroke-width=".5" opacity=".35"/>`, lineY+lineHeight, tileWidth)
	var run []point
	flush := func() {
		g.stroke(b, run)
		run = nil
	}
	var before time.Time
	for _, s := range v.past {
		if i >= len(s.Devices) {
			continue
		}
		d := s.Devices[i]
		whole, _ := g.full(d)
		f, ok := fraction(g.value(d), whole)
		age := end.Sub(d.Read)
		if !ok || age > span || age < 0 || d.Read.Sub(before) > gap {
			flush()
		}
		if !ok || age > span || age < 0 || d.Read.Equal(before) {
			continue
		}
		before = d.Read
		run = append(run, point{tileWidth * (1 - age.Seconds()/span.Seconds()), lineY + lineHeight*(1-f)})
	}
	flush()
}

type point struct{ x, y float64 }

func (g gauge) stroke(b *strings.Builder, run []point) {
	if len(run) == 0 {
		return
	}
	last := run[len(run)-1]
	if len(run) > 1 {
		var line strings.Builder
		for i, p := range run {
			fmt.Fprintf(&line, "%c%.1f %.1f", "ML"[min(i, 1)], p.x, p.y)
		}
		fmt.Fprintf(b, `<path d="%sV%gH%.1fZ" fill="%s" opacity=".16"/>`, line.String(), lineY+lineHeight, run[0].x, g.colour)
		fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="1.5" stroke-linejoin="round"/>`, line.String(), g.colour)
	}
	fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="2.2" fill="%s"/>`, last.x, last.y, g.colour)
}
