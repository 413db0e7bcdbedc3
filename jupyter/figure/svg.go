package figure

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// svg draws the sheet as SVG. Its head says what the picture shows, for
// readers that do not see it.
func (s *sheet) svg(title, text string) string {
	c := vgsvg.New(vg.Length(s.width), vg.Length(s.height))
	s.paint(c)
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		panic(fmt.Errorf("figure: internal error: writing to memory: %w", err))
	}
	_, body, ok := strings.Cut(b.String(), "xlink\">") // the end of vgsvg's head
	if !ok {
		panic("figure: internal error: vgsvg has another head")
	}
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%[1]v" height="%[2]v" viewBox="0 0 %[1]v %[2]v" font-family="`+families+`">`, s.width, s.height)
	if title == "" {
		title = "Figure"
	}
	fmt.Fprintf(&out, "\n<title>%s</title>\n<desc>%s</desc>\n", html.EscapeString(title), html.EscapeString(text))
	g := s.ground
	fmt.Fprintf(&out, `<rect width="100%%" height="100%%" fill="#%02x%02x%02x"/>`+"\n", g.R, g.G, g.B)
	out.WriteString(s.measured(shorter.Replace(strings.TrimSpace(body))))
	out.WriteByte('\n')
	return out.String()
}

// measured tells each text how wide it is: in a font that is wider than the one
// that was measured it is drawn narrower, and neither leaves the page nor meets
// its neighbours. Texts stand in body in the order of the marks, and what they
// say is escaped, so that it holds no tag.
func (s *sheet) measured(body string) string {
	var out strings.Builder
	const tag = "<text "
	for _, m := range s.marks {
		if m.text == "" {
			continue
		}
		before, after, ok := strings.Cut(body, tag)
		if !ok {
			panic("figure: internal error: vgsvg left out a text")
		}
		w := s.lettering.width(m.text, m.font.size, m.font.bold)
		fmt.Fprintf(&out, `%s%stextLength="%.4g" lengthAdjust="spacingAndGlyphs" `, before, tag, w)
		body = after
	}
	out.WriteString(body)
	return out.String()
}

// families name fonts of the same widths, because a reader need not have the
// first.
const families = "Liberation Sans,Arimo,Helvetica,Arial,sans-serif"

// shorter leaves out what the head says once for all.
var shorter = strings.NewReplacer(
	"font-family:Liberation Sans;font-variant:normal;font-weight:normal;font-style:normal;", "",
	"font-family:Liberation Sans;font-variant:normal;font-weight:bold;font-style:normal;", "font-weight:bold;",
	"\n\tstyle=", " style=",
)
