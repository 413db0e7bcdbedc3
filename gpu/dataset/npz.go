package dataset

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Archive is a NumPy archive: arrays by name.
type Archive struct {
	Names  []string // in the order of the file
	arrays map[string]*Array
}

// NPZ reads a NumPy archive, with or without compression, from the file called
// name.
func NPZ(name string) (*Archive, error) { return load(name, decodeNPZ) }

// ReadNPZ is NPZ for a reader.
func ReadNPZ(r io.Reader) (*Archive, error) { return stream(r, decodeNPZ) }

// maxArchive is how much the arrays of an archive may take together.
const maxArchive = 1 << 30

func decodeNPZ(b []byte) (*Archive, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("not a NumPy archive, or one that ends too early (%w); fetch the file again", err)
	}
	a := &Archive{arrays: map[string]*Array{}}
	left := int64(maxArchive)
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			continue
		}
		array, size, err := unpack(f, left)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		left -= size
		if a.arrays[name] == nil {
			a.Names = append(a.Names, name)
		}
		a.arrays[name] = array
	}
	if len(a.Names) == 0 {
		return nil, errors.New("the archive holds no NumPy array")
	}
	return a, nil
}

func unpack(f *zip.File, left int64) (*Array, int64, error) {
	r, err := f.Open()
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, left+1))
	if err != nil {
		return nil, 0, fmt.Errorf("damaged (%w); fetch the file again", err)
	}
	if int64(len(b)) > left {
		return nil, 0, fmt.Errorf("the arrays take more than %d bytes; read them one by one", maxArchive)
	}
	array, err := decodeNPY(b)
	return array, int64(len(b)), err
}

// Array returns the array called name, or an error that lists the names.
func (a *Archive) Array(name string) (*Array, error) {
	if v := a.arrays[name]; v != nil {
		return v, nil
	}
	return nil, fmt.Errorf("dataset: no array %q in the archive: there are %s", name, strings.Join(a.Names, ", "))
}

// Float returns the single value called name.
func (a *Archive) Float(name string) (float64, error) {
	v, err := a.Array(name)
	if err != nil {
		return 0, err
	}
	f, err := v.Float()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

func (a *Archive) String() string {
	var s strings.Builder
	for i, n := range a.Names {
		if i > 0 {
			s.WriteString(", ")
		}
		v := a.arrays[n]
		fmt.Fprintf(&s, "%s %v %s", n, v.Shape, v.Type)
	}
	return "archive: " + s.String()
}
