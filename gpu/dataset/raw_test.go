package dataset_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"surprisal/gpu/dataset"
)

// floats64 is a raw file of float64, low byte first.
func floats64(values ...float64) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func TestRawFloat64(t *testing.T) {
	values := []float64{1, -2.5, 3, 4e300, 0, 1e-320}
	for name, b := range map[string][]byte{"plain": floats64(values...), "gzip": zipped(t, floats64(values...))} {
		a, err := dataset.ReadRawFloat64(bytes.NewReader(b), 3, 2)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := a.Floats(); err != nil || !slices.Equal(got, values) || a.String() != "array [3 2] of type <f8" {
			t.Errorf("%s: %v of %v, %v", name, got, a, err)
		}
		c, err := a.Columns()
		if err != nil || len(c) != 2 || !slices.Equal(c[0], []float64{1, 3, 0}) || !slices.Equal(c[1], []float64{-2.5, 4e300, 1e-320}) {
			t.Errorf("%s: columns %v, %v", name, c, err)
		}
	}
	like := append([]byte{0x1f, 0x8b}, make([]byte, 6)...)
	if a, err := dataset.ReadRawFloat64(bytes.NewReader(like), 1, 1); err != nil {
		t.Errorf("a value that starts like gzip: %v, %v", a, err)
	}
	if a, err := dataset.ReadRawFloat64(bytes.NewReader(floats64(math.NaN())), 1, 1); err != nil {
		t.Errorf("NaN is a value: %v, %v", a, err)
	}
}

func TestRawFloat64BadInput(t *testing.T) {
	eeg := floats64(make([]float64, 800*4)...)
	for _, c := range []struct {
		name          string
		b             []byte
		rows, columns int
		want          string
	}{
		{"empty file", nil, 800, 4, "the file is empty"},
		{"truncated", eeg[:25000], 800, 4, "25000 bytes, but 800×4 values of 8 bytes take 25600: the file ends in row 782; check rows and columns, or fetch the file again"},
		{"one byte short", eeg[:len(eeg)-1], 800, 4, "the file ends in row 800"},
		{"wrong rows", eeg, 400, 4, "25600 bytes, but 400×4 values of 8 bytes take 12800: they are enough for 800 rows"},
		{"wrong columns", eeg, 800, 3, "25600 bytes, but 800×3 values of 8 bytes take 19200; check"},
		{"truncated gzip", zipped(t, eeg)[:20], 800, 4, "the gzip data ends too early"},
		{"unpacks to more", zipped(t, eeg), 4, 4, "129 bytes or more, but 4×4"},
		{"no rows", eeg, 0, 4, "0×4 values was asked for"},
		{"negative columns", eeg, 800, -4, "800×-4 values was asked for"},
		{"huge", eeg, 1 << 62, 1 << 62, "was asked for"},
	} {
		a, err := dataset.ReadRawFloat64(bytes.NewReader(c.b), c.rows, c.columns)
		if a != nil {
			t.Errorf("%s: got %v", c.name, a)
		}
		wantError(t, c.name, err, c.want)
	}
	_, err := dataset.RawFloat64("no-such.dat", 1, 1)
	wantError(t, "no such file", err, "no-such.dat")
	_, err = (&dataset.Array{Shape: []int{3}, Data: []float64{1, 2, 3}}).Columns()
	wantError(t, "columns of a vector", err, "an array of 1 dimensions has no columns")
}
