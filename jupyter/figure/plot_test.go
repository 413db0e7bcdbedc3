package figure

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"surprisal/jupyter/display"
)

func TestPlot(t *testing.T) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text = "Growth", "t (s)"
	l, err := plotter.NewLine(plotter.XYs{{X: 0, Y: 1}, {X: 2, Y: 5}})
	if err != nil {
		t.Fatal(err)
	}
	p.Add(l)
	b := display.Of(Of(p))
	if got, want := b.Data["text/plain"], `plot "Growth": t (s) from 0 to 2, y from 1 to 5`; got != want {
		t.Errorf("sentence %q, want %q", got, want)
	}
	img, err := png.Decode(bytes.NewReader(b.Data["image/png"].([]byte)))
	if err != nil {
		t.Fatal(err)
	}
	if s := img.Bounds().Size(); s.X != 2*plotWidth || s.Y != 2*plotHeight {
		t.Errorf("%v dots, want two a screen pixel", s)
	}
	colours := map[any]bool{}
	for x := range img.Bounds().Dx() {
		colours[img.At(x, img.Bounds().Dy()/2)] = true
	}
	if len(colours) < 2 {
		t.Error("the picture is blank")
	}
}

func TestPlotThatCannotBeDrawn(t *testing.T) {
	log := plot.New()
	log.Y.Scale = plot.LogScale{} // the log of an axis that starts at 0
	log.Y.Min, log.Y.Max = 0, 1
	for _, test := range []struct {
		name, want string
		plot       *plot.Plot
	}{
		{"nil", "no plot", nil},
		{"panic", "gonum/plot cannot draw it", log},
	} {
		text, _ := display.Of(Plot(test.plot)).Data["text/plain"].(string)
		if !strings.Contains(text, test.want) {
			t.Errorf("%s: %q does not say %q", test.name, text, test.want)
		}
	}
	if got := Of(3); got != 3 {
		t.Errorf("Of(3) = %v", got)
	}
}
