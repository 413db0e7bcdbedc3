package widget

import (
	"fmt"
	"html"
	"strings"

	"surprisal/gpu/monitor"
)

const (
	width      = 4*tileWidth + 3*gutter
	gutter     = 18.0
	headHeight = 30.0
	margin     = 3.0 // right, for half of a dot
	shown      = 4   // devices that are drawn; the others are in the sentence
)

// HTML is the panel as a picture with its sentences. It takes its text colour
// from the page, so that it is legible in light and dark themes, and asks for
// no script, style sheet or font.
func (v view) HTML() string {
	var b strings.Builder
	b.WriteString(`<div class="surprisal-gpu" style="max-width:760px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif">`)
	n := min(len(v.devices()), shown)
	if n > 0 {
		height := float64(n)*(headHeight+tileHeight+14) - 14 + 2
		fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="100%%" role="img" aria-label="%s" fill="currentColor" style="display:block;font-variant-numeric:tabular-nums">`,
			width+margin, height, html.EscapeString(v.String()))
		for i := range n {
			fmt.Fprintf(&b, `<g transform="translate(0 %g)">`, float64(i)*(headHeight+tileHeight+14))
			v.device(&b, i)
			b.WriteString(`</g>`)
		}
		b.WriteString(`</svg>`)
	}
	for _, s := range v.below() {
		fmt.Fprintf(&b, `<div style="font-size:12px;line-height:1.5;opacity:.75;margin-top:4px">%s</div>`, html.EscapeString(s))
	}
	b.WriteString(`</div>`)
	return b.String()
}

// below is the text under the picture: the sentences that stand for it where it
// cannot be shown, live too so that the page does not jump, and what is wrong.
func (v view) below() []string {
	var out []string
	for _, d := range v.devices() {
		out = append(out, v.sentence(d))
		if d.Note != "" {
			out = append(out, full(d.Note))
		}
	}
	return append(out, v.remarks()...)
}

// device draws the head and the tiles of device i.
func (v view) device(b *strings.Builder, i int) {
	d := v.devices()[i]
	x := 0.0
	if v.latest().Source == "demo" {
		b.WriteString(`<rect x=".5" y="1.5" width="46" height="18" rx="9" fill="#d4892a" fill-opacity=".2" stroke="#d4892a"/><text x="23.5" y="14.5" font-size="11" font-weight="600" text-anchor="middle">demo</text>`)
		x = 56
	}
	fmt.Fprintf(b, `<text x="%g" y="15" font-size="14" font-weight="600">%s<tspan font-size="11" font-weight="400" opacity=".65" dx="8">%s</tspan></text>`,
		x, html.EscapeString(name(d)), html.EscapeString(v.origin(d)))
	v.state(b, d)
	for j, g := range gauges() {
		fmt.Fprintf(b, `<g transform="translate(%g %g)"><title>%s</title>`, float64(j)*(tileWidth+gutter), headHeight, g.label)
		g.draw(b, v, i)
		b.WriteString(`</g>`)
	}
}

// origin says which device it is.
func (v view) origin(d monitor.Device) string {
	s := v.latest()
	if s.Source == "demo" {
		return ""
	}
	text := fmt.Sprintf("GPU %d", d.Index)
	if s.Driver != "" {
		text += ", driver " + s.Driver
	}
	return text
}

// state draws, at the right of the head, whether the values are live, and of
// when they are.
func (v view) state(b *strings.Builder, d monitor.Device) {
	text := v.age(d)
	mark := `<tspan fill="#2da44e">●</tspan> live `
	switch {
	case d.Utilisation.Status == monitor.Stale, v.fault != "", d.Note != "", v.live && v.now.Sub(d.Read) > late:
		mark = `<tspan fill="#d4892a">●</tspan> stale, read `
	case !v.live:
		mark = `○ `
	}
	fmt.Fprintf(b, `<text x="%g" y="15" font-size="11" text-anchor="end" opacity=".8">%s%s</text>`, width, mark, html.EscapeString(text))
}
