package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"surprisal/gpu/imaging"
)

// Array is a NumPy array, its last index running fastest.
type Array struct {
	Shape []int // empty for a single value
	Type  string
	Data  any // []int8 … []uint64, []float32, []float64 or []bool, by Type
}

// Own reader, since npyio takes a file that ends too early for one full of
// zeros and panics on headers that NumPy never writes.

// NPY reads a NumPy array from the file called name.
func NPY(name string) (*Array, error) { return load(name, decodeNPY) }

// ReadNPY is NPY for a reader.
func ReadNPY(r io.Reader) (*Array, error) { return stream(r, decodeNPY) }

var (
	descrField = regexp.MustCompile(`['"]descr['"]\s*:\s*['"]([^'"]*)['"]`)
	orderField = regexp.MustCompile(`['"]fortran_order['"]\s*:\s*(True|False)`)
	shapeField = regexp.MustCompile(`['"]shape['"]\s*:\s*\(([0-9, ]*)\)`)
)

func decodeNPY(b []byte) (*Array, error) {
	if !strings.HasPrefix(string(b[:min(6, len(b))]), "\x93NUMPY") {
		return nil, errors.New("not a NumPy array: it does not start with \\x93NUMPY")
	}
	head, data, err := splitNPY(b)
	if err != nil {
		return nil, err
	}
	descr, order, shape := descrField.FindSubmatch(head), orderField.FindSubmatch(head), shapeField.FindSubmatch(head)
	if descr == nil || order == nil || shape == nil {
		return nil, fmt.Errorf("the array's header is damaged or of a type that is not read: %.80q", head)
	}
	a := &Array{Type: string(descr[1])}
	count := 1
	for f := range strings.SplitSeq(string(shape[1]), ",") {
		if f = strings.TrimSpace(f); f == "" {
			continue
		}
		n, err := strconv.Atoi(f)
		if err != nil || (n > 0 && count > maxFile/n) {
			return nil, fmt.Errorf("the array announces a shape of (%s): too large", shape[1])
		}
		a.Shape = append(a.Shape, n)
		count *= n
	}
	if err := a.decode(data, count); err != nil {
		return nil, err
	}
	if string(order[1]) == "True" && len(a.Shape) > 1 {
		if a.Data, err = transpose(a.Data, a.Shape); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// splitNPY finds the header and the data by the length that precedes the
// header: two bytes in version 1, four beyond.
func splitNPY(b []byte) (head, data []byte, err error) {
	short := errors.New("the array ends within its header; fetch the file again")
	if len(b) < 12 {
		return nil, nil, short
	}
	var n, from int
	switch b[6] {
	case 1:
		n, from = int(binary.LittleEndian.Uint16(b[8:])), 10
	case 2, 3:
		n, from = int(binary.LittleEndian.Uint32(b[8:])), 12
	default:
		return nil, nil, fmt.Errorf("NumPy format version %d.%d is not known", b[6], b[7])
	}
	if n > len(b)-from {
		return nil, nil, short
	}
	return b[from : from+n], b[from+n:], nil
}

func (a *Array) decode(b []byte, n int) error {
	order, kind := binary.ByteOrder(binary.LittleEndian), a.Type
	if kind != "" && strings.ContainsRune("<>|=", rune(kind[0])) {
		if kind[0] == '>' {
			order = binary.BigEndian
		}
		kind = kind[1:]
	}
	size, err := strconv.Atoi(kind[min(1, len(kind)):])
	if err != nil || size < 1 || size > 8 {
		return fmt.Errorf("arrays of type %q are not read: only numbers of up to 8 bytes are", a.Type)
	}
	if len(b) != n*size {
		return fmt.Errorf("the array announces %d values of %d bytes, but %d bytes follow; fetch the file again", n, size, len(b))
	}
	switch kind {
	case "b1":
		a.Data = values(b, 1, n, func(b []byte) bool { return b[0] != 0 })
	case "i1":
		a.Data = values(b, 1, n, func(b []byte) int8 { return int8(b[0]) })
	case "u1":
		a.Data = values(b, 1, n, func(b []byte) uint8 { return b[0] })
	case "i2":
		a.Data = values(b, 2, n, func(b []byte) int16 { return int16(order.Uint16(b)) })
	case "u2":
		a.Data = values(b, 2, n, order.Uint16)
	case "i4":
		a.Data = values(b, 4, n, func(b []byte) int32 { return int32(order.Uint32(b)) })
	case "u4":
		a.Data = values(b, 4, n, order.Uint32)
	case "i8":
		a.Data = values(b, 8, n, func(b []byte) int64 { return int64(order.Uint64(b)) })
	case "u8":
		a.Data = values(b, 8, n, order.Uint64)
	case "f4":
		a.Data = values(b, 4, n, func(b []byte) float32 { return math.Float32frombits(order.Uint32(b)) })
	case "f8":
		a.Data = values(b, 8, n, func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) })
	default:
		return fmt.Errorf("arrays of type %q are not read: only numbers are", a.Type)
	}
	return nil
}

func values[T any](b []byte, size, n int, one func([]byte) T) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = one(b[i*size:])
	}
	return v
}

// transpose turns Fortran order (first index fastest) of a matrix into ours.
func transpose(data any, shape []int) (any, error) {
	if len(shape) != 2 {
		return nil, fmt.Errorf("an array of %d dimensions in Fortran order is not read: save it with np.ascontiguousarray", len(shape))
	}
	r, c := shape[0], shape[1]
	switch v := data.(type) {
	case []bool:
		return turn(v, r, c), nil
	case []int8:
		return turn(v, r, c), nil
	case []uint8:
		return turn(v, r, c), nil
	case []int16:
		return turn(v, r, c), nil
	case []uint16:
		return turn(v, r, c), nil
	case []int32:
		return turn(v, r, c), nil
	case []uint32:
		return turn(v, r, c), nil
	case []int64:
		return turn(v, r, c), nil
	case []uint64:
		return turn(v, r, c), nil
	case []float32:
		return turn(v, r, c), nil
	case []float64:
		return turn(v, r, c), nil
	}
	return nil, fmt.Errorf("internal error: no transpose for %T", data)
}

func turn[T any](v []T, rows, cols int) []T {
	out := make([]T, len(v))
	for i := range rows {
		for j := range cols {
			out[i*cols+j] = v[j*rows+i]
		}
	}
	return out
}

// Gray returns an array of two dimensions as an image. The values must be
// whole and from 0 to 65535; only arrays of type u1 give an image of 8 bits.
func (a *Array) Gray() (*imaging.Gray, error) {
	if len(a.Shape) != 2 {
		return nil, fmt.Errorf("dataset: an array of %d dimensions is not an image: it needs 2", len(a.Shape))
	}
	h, w := a.Shape[0], a.Shape[1]
	switch v := a.Data.(type) {
	case []uint8:
		return imaging.NewGray8(w, h, v)
	case []uint16:
		return imaging.NewGray16(w, h, v)
	case []int16:
		return imaging.FromInt16(w, h, v)
	}
	f, err := a.Floats()
	if err != nil {
		return nil, err
	}
	pix := make([]uint16, len(f))
	for i, v := range f {
		if !(v >= 0 && v <= 65535 && v == math.Trunc(v)) {
			return nil, fmt.Errorf("dataset: value %v at row %d, column %d: grey values are whole numbers from 0 to 65535; scale the array first", v, i/w, i%w)
		}
		pix[i] = uint16(v)
	}
	return imaging.NewGray16(w, h, pix)
}

// Floats returns the values as float64, row by row.
func (a *Array) Floats() ([]float64, error) {
	switch v := a.Data.(type) {
	case []float64:
		return v, nil
	case []float32:
		return floats(v), nil
	case []int8:
		return floats(v), nil
	case []uint8:
		return floats(v), nil
	case []int16:
		return floats(v), nil
	case []uint16:
		return floats(v), nil
	case []int32:
		return floats(v), nil
	case []uint32:
		return floats(v), nil
	case []int64:
		return floats(v), nil
	case []uint64:
		return floats(v), nil
	}
	return nil, fmt.Errorf("dataset: an array of type %q has no numbers", a.Type)
}

func floats[T int8 | uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64 | float32](v []T) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// Float returns the value of an array that has only one.
func (a *Array) Float() (float64, error) {
	v, err := a.Floats()
	if err != nil {
		return 0, err
	}
	if len(v) != 1 {
		return 0, fmt.Errorf("dataset: an array of %d values is not a single number; use Floats", len(v))
	}
	return v[0], nil
}

func (a *Array) String() string {
	return fmt.Sprintf("array %v of type %s", a.Shape, a.Type)
}
