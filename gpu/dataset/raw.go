package dataset

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// RawFloat64 reads a matrix of float64, low byte first, row by row and without
// a header, from the file called name: rows × columns values and no more. A
// file that starts like gzip and has another size is unpacked.
func RawFloat64(name string, rows, columns int) (*Array, error) {
	return load(name, floatReader(rows, columns))
}

// ReadRawFloat64 is RawFloat64 for a reader.
func ReadRawFloat64(r io.Reader, rows, columns int) (*Array, error) {
	return stream(r, floatReader(rows, columns))
}

func floatReader(rows, columns int) func([]byte) (*Array, error) {
	return func(b []byte) (*Array, error) {
		if rows < 1 || columns < 1 || rows > maxFile/8/columns {
			return nil, fmt.Errorf("a matrix of %d×%d values was asked for: it may have 1 to %d", rows, columns, maxFile/8)
		}
		want := 8 * rows * columns
		var err error
		if len(b) != want { // a first value may look like gzip
			if b, err = gunzip(b, want); err != nil {
				return nil, err
			}
		}
		if len(b) != want {
			return nil, fmt.Errorf("%s; check rows and columns, or fetch the file again", sizeOf(b, want, rows, columns))
		}
		return &Array{Shape: []int{rows, columns}, Type: "<f8", Data: values(b, 8, rows*columns, func(b []byte) float64 {
			return math.Float64frombits(binary.LittleEndian.Uint64(b))
		})}, nil
	}
}

// sizeOf says how the size is wrong. What was unpacked stops a byte after want.
func sizeOf(b []byte, want, rows, columns int) string {
	s := fmt.Sprintf("%d bytes, but %d×%d values of 8 bytes take %d", len(b), rows, columns, want)
	switch whole := len(b) / 8 / columns; {
	case len(b) < want:
		s += fmt.Sprintf(": the file ends in row %d", whole+1)
	case len(b) == want+1:
		s = fmt.Sprintf("%d bytes or more, but %d×%d values of 8 bytes take %d", len(b), rows, columns, want)
	case len(b) == 8*columns*whole:
		s += fmt.Sprintf(": they are enough for %d rows", whole)
	}
	return s
}

// Columns returns the columns of a matrix as numbers, as new memory.
func (a *Array) Columns() ([][]float64, error) {
	if len(a.Shape) != 2 {
		return nil, fmt.Errorf("dataset: an array of %d dimensions has no columns: it needs 2", len(a.Shape))
	}
	f, err := a.Floats()
	if err != nil {
		return nil, err
	}
	out := make([][]float64, a.Shape[1])
	for j := range out {
		out[j] = make([]float64, a.Shape[0])
		for i := range out[j] {
			out[j][i] = f[i*len(out)+j]
		}
	}
	return out, nil
}
