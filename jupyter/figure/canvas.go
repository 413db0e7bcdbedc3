package figure

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// picture is an image laid out: everything in dots of the PNG.
type picture struct {
	dots          int // a screen pixel
	width, height int
	g             *grid
	full          *grid // before it was made smaller, by step
	step          int
	s             *scale
	at            image.Rectangle // of the map
	factor        int             // dots a value
	bar           image.Rectangle // empty: none
	lines         []image.Rectangle
	labels        []label
	hdlr          text.Plain
}

type label struct {
	x, y   int // of the anchor
	text   string
	size   int // dots
	xa, ya float64
	grey   uint8
	bold   bool
}

// sizes in screen pixels.
const (
	margin    = 8
	tickSize  = 4
	labelSize = 11
	titleSize = 14
	lineGrey  = 64 // grey of lines
	barWidth  = 14
	barGap    = 14
	minWidth  = 280 // so that the line of numbers is not a column of words
	minBar    = 120
)

func (p *picture) style(l label) text.Style {
	w := stdfont.WeightNormal
	if l.bold {
		w = stdfont.WeightBold
	}
	return text.Style{
		Color:  color.Gray{l.grey},
		Font:   font.Font{Typeface: "Liberation", Variant: "Sans", Weight: w, Size: font.Length(l.size)},
		XAlign: text.XAlignment(l.xa), YAlign: text.YAlignment(l.ya),
		Handler: p.hdlr,
	}
}

func (p *picture) measure(s string, size int, bold bool) int {
	return int(p.style(label{size: size, bold: bold}).Width(s)) + 1
}

// layOut decides where everything goes. Nothing is drawn yet.
func layOut(full, g *grid, s *scale, o Options, sentence string, factor, step, dots int) *picture {
	p := &picture{dots: dots, g: g, full: full, step: step, s: s, factor: factor * dots, hdlr: text.Plain{Fonts: font.NewCache(liberation.Collection())}}
	mapW, mapH := g.w*p.factor, g.h*p.factor
	size, m := labelSize*dots, margin*dots

	top := m
	if o.Title != "" {
		p.labels = append(p.labels, label{x: m, y: top, text: o.Title, size: titleSize * dots, ya: -1, bold: true})
		top += titleSize*dots*5/4 + m
	}
	unit := unitOf(full, o)
	hasBar := full.colour == nil && s.some
	if hasBar && unit != "" {
		top += size
	}
	top = max(top, m+size/2) // half of the topmost tick label
	ys := p.pixelTicks(full.h, step, 40)
	left := m + p.widest(ys, size) + (tickSize+3)*dots
	p.at = image.Rect(left, top, left+mapW, top+mapH)
	p.frame(p.at)
	bottom := p.axes(p.pixelTicks(full.w, step, 60), ys, size)
	right := p.at.Max.X + m
	if hasBar {
		var barBottom int
		right, barBottom = p.layOutBar(unit, size)
		bottom = max(bottom, barBottom)
	}
	p.width = max(right, minWidth*dots)
	if o.Title != "" {
		p.width = max(p.width, 2*m+p.measure(o.Title, titleSize*dots, true))
	}
	if !o.NoText {
		bottom += m / 2
		for _, line := range p.wrap(sentence, size, p.width-2*m) {
			p.labels = append(p.labels, label{x: m, y: bottom, text: line, size: size, ya: -1, grey: 80})
			bottom += size * 4 / 3
		}
	}
	p.height = bottom + m
	p.width, p.height = (p.width+dots-1)/dots*dots, (p.height+dots-1)/dots*dots
	return p
}

// pixelTicks returns ticks of an axis of n pixels, at the middle of a pixel,
// one every apart screen pixels or so.
func (p *picture) pixelTicks(n, step, apart int) []tick {
	span := float64(n) / float64(step) * float64(p.factor/p.dots)
	t := ticks(0, float64(n-1), max(1, min(int(span)/apart, n-1)))
	out := t[:0]
	for _, k := range t {
		if k.at == float64(int(k.at)) {
			k.at = (k.at + 0.5) / float64(step) * float64(p.factor)
			out = append(out, k)
		}
	}
	return out
}

func (p *picture) widest(t []tick, size int) int {
	w := 0
	for _, k := range t {
		w = max(w, p.measure(k.label, size, false))
	}
	return w
}

// frame surrounds r by a line outside of it.
func (p *picture) frame(r image.Rectangle) {
	d := p.dots
	o := r.Inset(-d)
	p.lines = append(p.lines,
		image.Rect(o.Min.X, o.Min.Y, o.Max.X, r.Min.Y), image.Rect(o.Min.X, r.Max.Y, o.Max.X, o.Max.Y),
		image.Rect(o.Min.X, o.Min.Y, r.Min.X, o.Max.Y), image.Rect(r.Max.X, o.Min.Y, o.Max.X, o.Max.Y))
}

// axes adds ticks and labels of the map and returns where they end below.
func (p *picture) axes(xs, ys []tick, size int) int {
	d, long := p.dots, tickSize*p.dots
	low := p.at.Max.Y + d + long
	for _, k := range xs {
		x := p.at.Min.X + int(k.at)
		p.lines = append(p.lines, image.Rect(x-d/2, p.at.Max.Y+d, x-d/2+d, low))
		p.labels = append(p.labels, label{x: x, y: low + 2*d, text: k.label, size: size, xa: -0.5, ya: -1})
	}
	for _, k := range ys {
		y, x := p.at.Min.Y+int(k.at), p.at.Min.X-d
		p.lines = append(p.lines, image.Rect(x-long, y-d/2, x, y-d/2+d))
		p.labels = append(p.labels, label{x: x - long - 2*d, y: y, text: k.label, size: size, xa: -1, ya: -0.5})
	}
	return low + 2*d + size*5/4
}

// layOutBar places the bar of colours and returns where it ends.
func (p *picture) layOutBar(unit string, size int) (right, bottom int) {
	d := p.dots
	x := p.at.Max.X + barGap*d
	p.bar = image.Rect(x, p.at.Min.Y, x+barWidth*d, p.at.Min.Y+max(p.at.Dy(), minBar*d))
	p.frame(p.bar)
	right = p.bar.Max.X
	if unit != "" {
		p.labels = append(p.labels, label{x: x, y: p.bar.Min.Y - 5*d, text: unit, size: size})
		right = max(right, x+p.measure(unit, size, false))
	}
	at := p.bar.Max.X + d
	for _, k := range ticks(p.s.lo, p.s.hi, max(4, min(8, p.bar.Dy()/(36*d)))) {
		y := p.bar.Min.Y + p.bar.Dy()/2
		if p.s.hi > p.s.lo {
			y = p.bar.Max.Y - int(p.s.share(k.at)*float64(p.bar.Dy())+0.5)
		}
		p.lines = append(p.lines, image.Rect(at, y-d/2, at+tickSize*d, y-d/2+d))
		p.labels = append(p.labels, label{x: at + (tickSize+2)*d, y: y, text: k.label, size: size, ya: -0.5})
		right = max(right, at+(tickSize+2)*d+p.measure(k.label, size, false))
	}
	return right + margin*d, p.bar.Max.Y + size
}

// wrap breaks s into lines of at most width dots.
func (p *picture) wrap(s string, size, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		next := strings.TrimSpace(line + " " + word)
		if line != "" && p.measure(next, size, false) > width {
			lines, next = append(lines, line), word
		}
		line = next
	}
	return append(lines, line)
}

// png draws the picture and encodes it.
func (p *picture) png() ([]byte, error) {
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(p.width), vg.Length(p.height)), vgimg.UseDPI(72)) // one dot a point
	dc := vgdraw.New(c)
	for _, l := range p.labels {
		dc.FillText(p.style(l), vg.Point{X: vg.Length(l.x), Y: vg.Length(p.height - l.y)}, l.text)
	}
	var img image.Image
	if p.full.colour != nil {
		img = p.composeColour(c.Image())
	} else {
		img = p.compose(c.Image())
	}
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(&b, img); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// compose puts text, lines, map and bar into one picture of 256 colours, which
// takes a quarter of the time and room of one in true colour.
func (p *picture) compose(letters draw.Image) *image.Paletted {
	out := image.NewPaletted(image.Rect(0, 0, p.width, p.height), p.s.palette)
	src, ok := letters.(*image.RGBA)
	if !ok {
		src = image.NewRGBA(letters.Bounds())
		draw.Draw(src, src.Rect, letters, image.Point{}, draw.Src)
	}
	for i := range out.Pix {
		out.Pix[i] = uint8(firstGrey + int(src.Pix[4*i])*(greys-1)/255)
	}
	for _, r := range p.lines {
		fill(out, r, firstGrey+lineGrey*greys/256)
	}
	for y := range p.bar.Dy() {
		t := 1 - (float64(y)+0.5)/float64(p.bar.Dy())
		fill(out, image.Rect(p.bar.Min.X, p.bar.Min.Y+y, p.bar.Max.X, p.bar.Min.Y+y+1), p.s.index(p.s.at(t)))
	}
	f, g := p.factor, p.g
	for y := range g.h {
		first := out.Pix[out.PixOffset(p.at.Min.X, p.at.Min.Y+y*f):][:p.at.Dx()]
		for x, v := range g.v[y*g.w : (y+1)*g.w] {
			c := p.s.index(v)
			for i := range f {
				first[x*f+i] = c
			}
		}
		for j := 1; j < f; j++ {
			copy(out.Pix[out.PixOffset(p.at.Min.X, p.at.Min.Y+y*f+j):], first)
		}
	}
	return out
}

func fill(m *image.Paletted, r image.Rectangle, c uint8) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for i := range m.Pix[m.PixOffset(r.Min.X, y):][:r.Dx()] {
			m.Pix[m.PixOffset(r.Min.X, y)+i] = c
		}
	}
}

// composeColour is compose for a picture with colours of its own, which lies
// on white where it is transparent.
func (p *picture) composeColour(letters draw.Image) image.Image {
	if p.s.look.theme != Light {
		b := letters.Bounds()
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				g, _ := color.GrayModel.Convert(letters.At(x, y)).(color.Gray)
				letters.Set(x, y, p.s.look.paper(g.Y))
			}
		}
	}
	for _, r := range p.lines {
		draw.Draw(letters, r, image.NewUniform(p.s.look.paper(lineGrey)), image.Point{}, draw.Src)
	}
	b := p.full.colour.Bounds()
	plain := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(plain, plain.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(plain, plain.Rect, p.full.colour, b.Min, draw.Over)
	row := image.NewRGBA(image.Rect(0, 0, p.at.Dx(), 1))
	for y := range p.g.h {
		for x := range p.at.Dx() {
			copy(row.Pix[4*x:4*x+4], plain.Pix[plain.PixOffset(x/p.factor*p.step, y*p.step):])
		}
		for j := range p.factor {
			top := p.at.Min.Y + y*p.factor + j
			draw.Draw(letters, image.Rect(p.at.Min.X, top, p.at.Max.X, top+1), row, image.Point{}, draw.Src)
		}
	}
	return letters
}
