package figure

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"

	"surprisal/jupyter/figure/internal/raster"
)

// sheet is a picture as a list of marks, in screen pixels from its top left
// corner; the same list becomes the PNG and the SVG.
type sheet struct {
	width, height float64
	look
	lettering
	marks []mark
}

// mark is a filled area, a line or a text.
type mark struct {
	path   vg.Path // y grows downwards, unlike in vg; its arcs are whole circles
	colour color.NRGBA
	width  float64 // of a line; 0: the path is an area
	dash   []vg.Length

	text string // instead of a path
	x, y float64
	font style
	turn bool // written upwards
	box  box  // of the text
}

type style struct {
	size float64
	bold bool
}

// box is a rectangle: of a text, from a little above its capitals to below the
// baseline.
type box struct{ x0, y0, x1, y1 float64 }

func (b box) meets(o box) bool { return b.x0 < o.x1 && o.x0 < b.x1 && b.y0 < o.y1 && o.y0 < b.y1 }

func (b box) grown(d float64) box { return box{b.x0 - d, b.y0 - d, b.x1 + d, b.y1 + d} }

func (b box) within(o box) bool {
	return b.x0 >= o.x0 && b.y0 >= o.y0 && b.x1 <= o.x1 && b.y1 <= o.y1
}

// Share of the size of a font: capitals, and what hangs below the baseline.
const (
	capitals = 0.73
	descent  = 0.22
)

func newSheet(l look) *sheet { return &sheet{look: l, lettering: newLettering()} }

func (s *sheet) area(c color.NRGBA, p vg.Path) {
	s.marks = append(s.marks, mark{path: p, colour: c})
}

func (s *sheet) rect(c color.NRGBA, x0, y0, x1, y1 float64) {
	s.area(c, polygon(pt(x0, y0), pt(x1, y0), pt(x1, y1), pt(x0, y1)))
}

func (s *sheet) line(c color.NRGBA, width float64, dash []vg.Length, p vg.Path) {
	s.marks = append(s.marks, mark{path: p, colour: c, width: width, dash: dash})
}

func (s *sheet) segment(c color.NRGBA, width, x0, y0, x1, y1 float64) {
	s.line(c, width, nil, open(pt(x0, y0), pt(x1, y1)))
}

// write puts text with its left end (align 0), middle (0.5) or right end (1)
// at x and its baseline at y.
func (s *sheet) write(c color.NRGBA, f style, x, y, align float64, text string) box {
	w := s.lettering.width(text, f.size, f.bold)
	x -= align * w
	b := box{x, y - capitals*f.size, x + w, y + descent*f.size}
	if text != "" {
		s.marks = append(s.marks, mark{text: text, colour: c, font: f, x: x, y: y, box: b})
	}
	return b
}

// writeUp is write for text that runs upwards; its baseline is at x.
func (s *sheet) writeUp(c color.NRGBA, f style, x, y, align float64, text string) box {
	w := s.lettering.width(text, f.size, f.bold)
	y += align * w
	b := box{x - capitals*f.size, y - w, x + descent*f.size, y}
	if text != "" {
		s.marks = append(s.marks, mark{text: text, colour: c, font: f, x: x, y: y, turn: true, box: b})
	}
	return b
}

// paragraph writes lines from y down and returns where they end.
func (s *sheet) paragraph(c color.NRGBA, f style, x, y float64, lines []string) float64 {
	for _, l := range lines {
		s.write(c, f, x, y+f.size, 0, l)
		y += math.Round(f.size * 1.35)
	}
	return y
}

func pt(x, y float64) vg.Point { return vg.Point{X: vg.Length(x), Y: vg.Length(y)} }

func open(p ...vg.Point) vg.Path {
	out := make(vg.Path, 0, len(p))
	for i, q := range p {
		if i == 0 {
			out.Move(q)
		} else {
			out.Line(q)
		}
	}
	return out
}

func polygon(p ...vg.Point) vg.Path {
	out := open(p...)
	out.Close()
	return out
}

func disc(x, y, r float64) vg.Path {
	var p vg.Path
	p.Move(pt(x+r, y))
	p.Arc(pt(x, y), vg.Length(r), 0, 2*math.Pi)
	p.Close()
	return p
}

// paint draws the sheet on a canvas of its size, whose y grows upwards.
func (s *sheet) paint(c vg.Canvas) {
	up := func(p vg.Point) vg.Point { return vg.Point{X: p.X, Y: vg.Length(s.height) - p.Y} }
	for _, m := range s.marks {
		c.SetColor(m.colour)
		if m.text != "" {
			at := up(pt(m.x, m.y))
			if m.turn {
				c.Push()
				c.Translate(at)
				c.Rotate(math.Pi / 2)
				at = vg.Point{}
			}
			c.FillString(s.face(m.font.size, m.font.bold), at, m.text)
			if m.turn {
				c.Pop()
			}
			continue
		}
		p := make(vg.Path, len(m.path))
		for i, k := range m.path {
			k.Pos = up(k.Pos)
			if len(k.Control) > 0 {
				control := make([]vg.Point, len(k.Control))
				for j, q := range k.Control {
					control[j] = up(q)
				}
				k.Control = control
			}
			p[i] = k
		}
		if m.width > 0 {
			c.SetLineWidth(vg.Length(m.width))
			c.SetLineDash(m.dash, 0)
			c.Stroke(p)
		} else {
			c.Fill(p)
		}
	}
}

// dots is how many dots of the PNG make a screen pixel.
const dots = 2

// render draws the sheet in both forms. kind is the title of a figure that has
// none. An SVG of more than 2 MB is left out.
func (s *sheet) render(o Options, kind, text string) (rendered, error) {
	if s.width > maxSide || s.height > maxSide {
		return rendered{}, fmt.Errorf("the picture would have %v × %v pixels: at most %d on a side", s.width, s.height, maxSide)
	}
	title := clean(o.Title)
	if title != "" {
		text = title + ": " + text
	}
	s.width, s.height = math.Ceil(s.width), math.Ceil(s.height)
	c := raster.New(int(s.width), int(s.height), dots, s.ground)
	s.paint(c)
	b, err := c.PNG()
	if err != nil {
		return rendered{}, err
	}
	svg := s.svg(or(title, kind), text)
	if len(svg) > maxBytes {
		svg = ""
	}
	return rendered{png: b, svg: svg, theme: s.theme, width: int(s.width), height: int(s.height), sentence: text}, nil
}

// maxSide is in screen pixels.
const maxSide = 4000
