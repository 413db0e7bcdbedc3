package notebook

import (
	"html"
	"strings"
	"text/tabwriter"
)

// Var is one variable of a notebook: its name, its type as Go writes it, and
// its value as text.
type Var struct{ Name, Type, Value string }

// Table is a list of variables that renders as a table.
type Table []Var

// String returns the table as aligned text, one variable a line.
func (t Table) String() string {
	if len(t) == 0 {
		return "no variables yet"
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	w.Write([]byte("name\ttype\tvalue\n"))
	for _, v := range t {
		w.Write([]byte(v.Name + "\t" + v.Type + "\t" + line(v.Value) + "\n"))
	}
	w.Flush() // a strings.Builder takes everything
	return strings.TrimSuffix(b.String(), "\n")
}

// HTML returns the table as an HTML table.
func (t Table) HTML() string {
	if len(t) == 0 {
		return "<i>no variables yet</i>"
	}
	var b strings.Builder
	b.WriteString("<table><thead><tr><th>name</th><th>type</th><th>value</th></tr></thead><tbody>")
	for _, v := range t {
		b.WriteString("<tr>")
		for _, s := range []string{v.Name, v.Type, line(v.Value)} {
			b.WriteString(`<td style="text-align:left"><code>` + html.EscapeString(s) + "</code></td>")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	return b.String()
}

// line makes s fit in a cell of a table: one line of at most 80 characters.
func line(s string) string {
	s = strings.NewReplacer("\n", "⏎", "\t", " ", "\r", "").Replace(s)
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}
