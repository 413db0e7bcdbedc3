package display

import (
	"cmp"
	"fmt"
	"image"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"surprisal/jupyter/display/cycle"
)

// What is longer is abbreviated, so that a slice of a million numbers as the
// last expression of a cell does not fill the notebook file. fmt.Println shows
// everything.
const (
	maxElements = 1000 // of slices, arrays and maps, as NumPy does
	edge        = 10   // elements shown at either end
	maxBytes    = 64 << 10
)

// plain is the text form of v.
func plain(v any) string {
	if cycle.In(v) {
		return "a value that contains itself"
	}
	switch x := v.(type) {
	case fmt.Stringer, error:
		return cut(fmt.Sprint(x))
	case image.Image:
		r := x.Bounds()
		return fmt.Sprintf("image, %d × %d pixels", r.Dx(), r.Dy())
	case string:
		if len(x) <= maxBytes {
			return strconv.Quote(x)
		}
		return strconv.Quote(head(x)) + fmt.Sprintf("… (%d bytes)", len(x))
	}
	if s, ok := matrixText(v); ok {
		return s
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Func:
		if !r.IsNil() {
			return fmt.Sprintf("%T", v) // an address tells nobody anything
		}
	case reflect.Slice, reflect.Array:
		if shape := shapeOf(r); max(shape.total, r.Len()) > maxElements {
			var b strings.Builder
			brief(&b, r)
			return cut(fmt.Sprintf("%s (%s elements)", b.String(), shape.text))
		}
	case reflect.Map:
		if r.Len() > maxElements {
			return cut(briefMap(r))
		}
	}
	return cut(fmt.Sprintf("%v", v))
}

// cut shortens s to maxBytes.
func cut(s string) string {
	if len(s) <= maxBytes {
		return s
	}
	return head(s) + fmt.Sprintf("…\n(%d of %d bytes)", len(head(s)), len(s))
}

// head is the start of a long s, whole characters only.
func head(s string) string {
	n := maxBytes
	for n > maxBytes-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// shape is how many elements nested slices hold, as a number and in words:
// 3 × 4, or 11 if the rows differ.
type shape struct {
	total int
	text  string
}

func shapeOf(r reflect.Value) shape {
	n := r.Len()
	if k := r.Type().Elem().Kind(); k != reflect.Slice && k != reflect.Array || n == 0 {
		return shape{n, strconv.Itoa(n)}
	}
	s := shapeOf(r.Index(0))
	even := true
	total := s.total
	for i := 1; i < n; i++ {
		row := shapeOf(r.Index(i))
		even = even && row.text == s.text
		total += row.total
	}
	if even {
		return shape{total, strconv.Itoa(n) + " × " + s.text}
	}
	return shape{total, strconv.Itoa(total)}
}

// brief writes a slice with its middle left out, at every depth.
func brief(b *strings.Builder, r reflect.Value) {
	b.WriteByte('[')
	n := r.Len()
	for i := 0; i < n; i++ {
		if i > 0 {
			b.WriteByte(' ')
		}
		if i == edge && n > 2*edge {
			b.WriteString("… ")
			i = n - edge
		}
		if e := r.Index(i); e.Kind() == reflect.Slice || e.Kind() == reflect.Array {
			brief(b, e)
		} else {
			fmt.Fprintf(b, "%v", e)
		}
	}
	b.WriteByte(']')
}

// briefMap shows the first entries by key if keys have an order, and else only
// how many there are.
func briefMap(r reflect.Value) string {
	var b strings.Builder
	b.WriteString("map[")
	keys := r.MapKeys()
	if less := order(r.Type().Key().Kind()); less != nil {
		slices.SortFunc(keys, less)
		for _, k := range keys[:edge] {
			fmt.Fprintf(&b, "%v:%v ", k, r.MapIndex(k))
		}
	}
	fmt.Fprintf(&b, "…] (%d entries)", r.Len())
	return b.String()
}

func order(k reflect.Kind) func(a, b reflect.Value) int {
	switch {
	case k == reflect.String:
		return func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) }
	case k >= reflect.Int && k <= reflect.Int64:
		return func(a, b reflect.Value) int { return cmp.Compare(a.Int(), b.Int()) }
	case k >= reflect.Uint && k <= reflect.Uintptr:
		return func(a, b reflect.Value) int { return cmp.Compare(a.Uint(), b.Uint()) }
	case k == reflect.Float32 || k == reflect.Float64:
		return func(a, b reflect.Value) int { return cmp.Compare(a.Float(), b.Float()) }
	}
	return nil
}
