package interp

import (
	"fmt"
	"go/types"
	"image"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"surprisal/jupyter/interp/rt"
)

// A glance prints the head of a value. It calls no method that a cell has
// written, which could print, change things or never end, and reads as much as
// it shows and no more.
type glance struct {
	un    func(any) any // see rt.Runtime.Un
	named bool          // fields by name, strings in quotes
	out   strings.Builder
}

const (
	glanceParts = 20 // of a slice, map or struct
	glanceDepth = 5
)

// print appends v, whose type is t if that is known, in at most maxValue bytes
// and a bit.
func (g *glance) print(v reflect.Value, t types.Type, depth int) {
	v, t = g.inner(v, t)
	if g.out.Len() > maxValue || depth > glanceDepth {
		g.out.WriteString("…")
		return
	}
	if text, ok := foreignText(v); ok {
		g.out.WriteString(text)
		return
	}
	switch v.Kind() {
	case reflect.Invalid:
		g.out.WriteString("<nil>")
	case reflect.Bool:
		g.out.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.String:
		g.text(v.String())
	case reflect.Pointer:
		g.pointer(v, t, depth)
	case reflect.Slice, reflect.Array:
		g.list(v, t, depth)
	case reflect.Map:
		g.table(v, t, depth)
	case reflect.Struct:
		g.structure(v, t, depth)
	case reflect.Func:
		g.out.WriteString(nilOr(v, "func"))
	case reflect.Chan:
		g.out.WriteString(nilOr(v, "chan"))
	case reflect.UnsafePointer:
		fmt.Fprintf(&g.out, "%#x", v.Pointer())
	default:
		fmt.Fprintf(&g.out, "%v", v) // a number
	}
}

func nilOr(v reflect.Value, text string) string {
	if v.IsNil() {
		return "<nil>"
	}
	return text
}

// inner takes a value out of interfaces and of what the session wraps it in.
func (g *glance) inner(v reflect.Value, t types.Type) (reflect.Value, types.Type) {
	if t != nil && types.IsInterface(t) {
		t = nil
	}
	for v.IsValid() && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.IsValid() && v.CanInterface() {
		x := rt.V(g.un(v.Interface()))
		if u := reflect.ValueOf(x); !u.IsValid() || u.Type() != v.Type() {
			return u, t
		}
	}
	return v, t
}

func (g *glance) text(s string) {
	cut := ""
	if len(s) > maxValue {
		s, cut = strings.ToValidUTF8(s[:maxValue], ""), "…"
	}
	if g.named {
		s = strconv.Quote(s)
	}
	g.out.WriteString(s + cut)
}

func (g *glance) pointer(v reflect.Value, t types.Type, depth int) {
	if v.IsNil() {
		g.out.WriteString("<nil>")
		return
	}
	g.out.WriteByte('&')
	g.print(v.Elem(), elem(t), depth+1)
}

func (g *glance) list(v reflect.Value, t types.Type, depth int) {
	if v.Type().Elem().Kind() == reflect.Uint8 && g.named && depth > 0 && v.Len() > glanceParts {
		fmt.Fprintf(&g.out, "[%d bytes]", v.Len())
		return
	}
	g.out.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			g.out.WriteByte(' ')
		}
		if i == glanceParts || g.out.Len() > maxValue {
			g.out.WriteString("…")
			break
		}
		g.print(v.Index(i), elem(t), depth+1)
	}
	g.out.WriteByte(']')
}

// table prints entries in the order in which the map yields them: to sort them
// is to read all.
func (g *glance) table(v reflect.Value, t types.Type, depth int) {
	var key types.Type
	if m, ok := under(t).(*types.Map); ok {
		key = m.Key()
	}
	g.out.WriteString("map[")
	n := 0
	for it := v.MapRange(); it.Next(); n++ {
		if n > 0 {
			g.out.WriteByte(' ')
		}
		if n == glanceParts || g.out.Len() > maxValue {
			g.out.WriteString("…")
			break
		}
		g.print(it.Key(), key, depth+1)
		g.out.WriteByte(':')
		g.print(it.Value(), elem(t), depth+1)
	}
	g.out.WriteByte(']')
}

func (g *glance) structure(v reflect.Value, t types.Type, depth int) {
	st, _ := under(t).(*types.Struct)
	if st != nil && st.NumFields() != v.NumField() {
		st = nil
	}
	g.out.WriteByte('{')
	for i := range v.NumField() {
		name, ft := v.Type().Field(i).Name, types.Type(nil)
		if st != nil {
			name, ft = st.Field(i).Name(), st.Field(i).Type()
		}
		if i > 0 {
			g.out.WriteByte(' ')
		}
		if i == glanceParts || g.out.Len() > maxValue {
			g.out.WriteString("…")
			break
		}
		if g.named {
			g.out.WriteString(name + ":")
		}
		g.print(v.Field(i), ft, depth+1)
	}
	g.out.WriteByte('}')
}

// elem is the element type of t, nil if it has none.
func elem(t types.Type) types.Type {
	if e, ok := under(t).(interface{ Elem() types.Type }); ok {
		return e.Elem()
	}
	return nil
}

// matrix is a matrix of gonum.
type matrix interface {
	Dims() (r, c int)
	At(i, j int) float64
}

// foreignText prints values of native types whose parts say little and whose
// own text is made quickly, without a call of anything that a cell has written.
func foreignText(v reflect.Value) (string, bool) {
	if !v.IsValid() || !v.CanInterface() || v.Kind() == reflect.Pointer && v.IsNil() {
		return "", false
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return x.String(), true
	case time.Duration:
		return x.String(), true
	case *big.Int:
		if x.BitLen() > 4*maxValue {
			return fmt.Sprintf("an integer of %d bits", x.BitLen()), true
		}
		return x.String(), true
	case *big.Float:
		return x.Text('g', 20), true
	case netip.Addr:
		return x.String(), true
	case *url.URL:
		return x.String(), true
	case reflect.Type:
		return x.String(), true
	case fmt.Stringer:
		if ours(v.Type()) {
			return oneLine(x.String()), true
		}
	case error:
		switch v.Type().String() {
		case "*errors.errorString", "*fmt.wrapError", "syscall.Errno":
			return oneLine(x.Error()), true
		}
	}
	switch x := v.Interface().(type) {
	case matrix:
		if from(v.Type(), "gonum.org/") {
			return matrixText(x), true
		}
	case image.Image:
		if from(v.Type(), "image") {
			return fmt.Sprintf("%T of %d×%d", x, x.Bounds().Dx(), x.Bounds().Dy()), true
		}
	}
	return "", false
}

// ours says that a type is of this project.
func ours(t reflect.Type) bool { return from(t, "surprisal/") && !from(t, "surprisal/jupyter/interp") }

func from(t reflect.Type, path string) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return strings.HasPrefix(t.PkgPath(), path)
}

func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxValue {
		text = strings.ToValidUTF8(text[:maxValue], "") + "…"
	}
	return text
}

// matrixText is the upper left corner of a matrix.
func matrixText(m matrix) string {
	const show = 4
	r, c := m.Dims()
	var b strings.Builder
	b.WriteByte('[')
	for i := range min(r, show) {
		if i > 0 {
			b.WriteString("; ")
		}
		for j := range min(c, show) {
			if j > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprintf(&b, "%.6g", m.At(i, j))
		}
		if c > show {
			b.WriteString(" …")
		}
	}
	if r > show {
		b.WriteString("; …")
	}
	return b.String() + "]"
}
