package rt

import (
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// Print is the predeclared print and println.
func (r *Runtime) Print(newline bool, xs []any) {
	var b strings.Builder
	for i, x := range xs {
		if newline && i > 0 {
			b.WriteByte(' ')
		}
		printed(&b, reflect.ValueOf(V(x)))
	}
	if newline {
		b.WriteByte('\n')
	}
	io.WriteString(r.Stderr, b.String())
}

func printed(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		b.WriteString(printedFloat(v.Float()))
	case reflect.Complex64, reflect.Complex128:
		c := v.Complex()
		im := printedFloat(imag(c))
		if im[0] != '+' && im[0] != '-' {
			im = "+" + im
		}
		b.WriteString("(" + printedFloat(real(c)) + im + "i)")
	case reflect.Invalid:
		b.WriteString("(0x0,0x0)")
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		fmt.Fprintf(b, "%#x", v.Pointer())
	case reflect.Slice:
		fmt.Fprintf(b, "[%d/%d]%#x", v.Len(), v.Cap(), v.Pointer())
	case reflect.String:
		b.WriteString(v.String())
	default:
		fmt.Fprint(b, v)
	}
}

// printedFloat is the runtime's format since Go 1.26: the shortest digits that
// read back, not +1.500000e+000.
func printedFloat(x float64) string {
	switch {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 1):
		return "+Inf"
	case math.IsInf(x, -1):
		return "-Inf"
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
