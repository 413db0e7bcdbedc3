package figure

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// The size of a plot: 624 × 384 screen pixels, two dots each.
const (
	plotWidth, plotHeight = 624, 384
	plotDPI               = 192
)

// Plot returns the figure of a plot that was made with gonum/plot. It is drawn
// as the plot is when the figure is first shown.
func Plot(p *plot.Plot) *Figure {
	return &Figure{kind: "plot", render: func() (r rendered, err error) {
		if p == nil {
			return rendered{}, errors.New("no plot: nil was given")
		}
		defer func() { // gonum/plot panics where axes or fonts cannot be drawn
			if v := recover(); v != nil {
				err = fmt.Errorf("gonum/plot cannot draw it: %v", v)
			}
		}()
		const inch = plotDPI / 2 // screen pixels
		c := vgimg.NewWith(vgimg.UseWH(plotWidth*vg.Inch/inch, plotHeight*vg.Inch/inch), vgimg.UseDPI(plotDPI))
		p.Draw(vgdraw.New(c))
		var buf bytes.Buffer
		if _, err := (vgimg.PngCanvas{Canvas: c}).WriteTo(&buf); err != nil {
			return rendered{}, err
		}
		return rendered{png: buf.Bytes(), width: plotWidth, height: plotHeight, sentence: plotSentence(p)}, nil
	}}
}

// Of returns the figure of a value that another package draws with, a
// *plot.Plot, and any other value as it is.
func Of(v any) any {
	if p, ok := v.(*plot.Plot); ok {
		return Plot(p)
	}
	return v
}

func plotSentence(p *plot.Plot) string {
	var b strings.Builder
	b.WriteString("plot")
	if t := strings.TrimSpace(p.Title.Text); t != "" {
		fmt.Fprintf(&b, " %q", t)
	}
	for i, a := range []plot.Axis{p.X, p.Y} {
		name := a.Label.Text
		if name == "" {
			name = []string{"x", "y"}[i]
		}
		fmt.Fprintf(&b, "%s %s from %.4g to %.4g", []string{":", ","}[i], name, a.Min, a.Max)
	}
	return b.String()
}
