package interp

import (
	"fmt"
	"go/types"
	"image"
	"reflect"
	"strings"
)

// shape says how much a value holds: elements, rows and columns, entries, and
// the memory behind it. It is empty for what one can see at a glance.
func (g *glance) shape(v reflect.Value, t types.Type) string {
	v, t = g.inner(v, t)
	if v.IsValid() && v.Kind() == reflect.Pointer && !v.IsNil() {
		if s := sized(v); s != "" {
			return s + memory(v)
		}
		v, _ = g.inner(v.Elem(), elem(t))
	}
	if !v.IsValid() {
		return ""
	}
	if s := sized(v); s != "" {
		return s + memory(v)
	}
	switch v.Kind() {
	case reflect.Slice:
		text := extent(v)
		if c := v.Cap(); c > v.Len() && v.Len() > 0 {
			text += fmt.Sprintf(", capacity %d", c)
		}
		return text + memory(v)
	case reflect.Array:
		return extent(v) + memory(v)
	case reflect.Map:
		return count(v.Len(), "entry", "entries") + memory(v)
	case reflect.String:
		if v.Len() > 40 {
			return count(v.Len(), "byte", "bytes")
		}
	case reflect.Chan:
		if !v.IsNil() && v.Cap() > 0 {
			return fmt.Sprintf("%d of %d in it", v.Len(), v.Cap())
		}
	case reflect.Struct:
		return strings.TrimPrefix(memory(v), ", ")
	}
	return ""
}

// sized is the shape of native matrices and pictures, which say it themselves.
func sized(v reflect.Value) string {
	if !v.CanInterface() {
		return ""
	}
	switch x := v.Interface().(type) {
	case interface{ Dims() (r, c int) }:
		if from(v.Type(), "gonum.org/") || ours(v.Type()) {
			r, c := x.Dims()
			return fmt.Sprintf("%d×%d", r, c)
		}
	case image.Image:
		if from(v.Type(), "image") {
			return fmt.Sprintf("%d×%d pixels", x.Bounds().Dx(), x.Bounds().Dy())
		}
	}
	return ""
}

// extent is the number of elements, r×c if all rows are of one length.
func extent(v reflect.Value) string {
	n := v.Len()
	if n == 0 {
		return "empty"
	}
	const rows = 10_000 // as many are looked at
	switch first := v.Index(0); first.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range min(n, rows) {
			if v.Index(i).Len() != first.Len() {
				return count(n, "row", "rows") + " of different lengths"
			}
		}
		if n <= rows {
			return fmt.Sprintf("%d×%d", n, first.Len())
		}
	}
	return count(n, "element", "elements")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// memory is what a value holds, in words, empty below a kilobyte.
func memory(v reflect.Value) string {
	w := weigher{left: 20_000, seen: map[uintptr]bool{}}
	n := w.weigh(v) + int(v.Type().Size())
	if n < 1000 && w.left > 0 {
		return ""
	}
	about := ""
	if w.left <= 0 {
		about = "more than "
	}
	return ", " + about + byteWords(n)
}

// weigher adds up what values point to. It looks at so many parts, and takes a
// slice of numbers as one.
type weigher struct {
	left int
	seen map[uintptr]bool
}

func (w *weigher) once(v reflect.Value) bool {
	p := v.Pointer()
	if p == 0 || w.seen[p] {
		return false
	}
	w.seen[p] = true
	return true
}

// weigh is the size of what v refers to, without v itself.
func (w *weigher) weigh(v reflect.Value) (n int) {
	if w.left--; w.left <= 0 {
		return 0
	}
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Pointer:
		if w.once(v) {
			return int(v.Type().Elem().Size()) + w.weigh(v.Elem())
		}
	case reflect.Interface:
		if !v.IsNil() {
			return int(v.Elem().Type().Size()) + w.weigh(v.Elem())
		}
	case reflect.Slice:
		if !w.once(v) {
			return 0
		}
		n = v.Cap() * int(v.Type().Elem().Size())
		return n + w.elements(v)
	case reflect.Array:
		return w.elements(v)
	case reflect.Map:
		if !w.once(v) {
			return 0
		}
		e := v.Type()
		n = v.Len() * int(e.Key().Size()+e.Elem().Size())
		if steady(e.Key()) && steady(e.Elem()) {
			return n
		}
		for it := v.MapRange(); it.Next() && w.left > 0; {
			n += w.weigh(it.Key()) + w.weigh(it.Value())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			n += w.weigh(v.Field(i))
		}
	}
	return n
}

func (w *weigher) elements(v reflect.Value) (n int) {
	if steady(v.Type().Elem()) {
		return 0
	}
	for i := 0; i < v.Len() && w.left > 0; i++ {
		n += w.weigh(v.Index(i))
	}
	return n
}

func byteWords(n int) string {
	x, unit := float64(n), "B"
	for _, u := range []string{"kB", "MB", "GB", "TB"} {
		if x < 1000 {
			break
		}
		x, unit = x/1000, u
	}
	if unit == "B" {
		return count(n, "byte", "bytes")
	}
	return fmt.Sprintf("%.3g %s", x, unit)
}
