package rt

import (
	"bytes"
	"encoding/xml"
	"io"
	"maps"
	"slices"
)

// element is an element of XML that is decoded later: its start, what is inside
// as it was written, and the names of spaces that hold there.
type element struct {
	start   xml.StartElement
	names   map[string]string
	from    xml.Decoder // for its settings
	content struct {
		Inner []byte `xml:",innerxml"`
		Text  []byte `xml:",chardata"`
	}
}

// decoder reads what is inside the element, up to its end. An element of
// another name stands around it and names the spaces.
func (e *element) decoder() (*xml.Decoder, error) {
	var b bytes.Buffer
	b.WriteString("<within")
	for _, prefix := range slices.Sorted(maps.Keys(e.names)) {
		b.WriteString(" xmlns")
		if prefix != "" {
			b.WriteString(":" + prefix)
		}
		b.WriteString(`="`)
		xml.EscapeText(&b, []byte(e.names[prefix]))
		b.WriteByte('"')
	}
	b.WriteByte('>')
	d := xml.NewDecoder(io.MultiReader(&b, bytes.NewReader(e.content.Inner), bytes.NewReader([]byte("</within>"))))
	d.Strict, d.AutoClose, d.Entity, d.DefaultSpace = e.from.Strict, e.from.AutoClose, e.from.Entity, e.from.DefaultSpace
	_, err := d.Token()
	return d, err
}
