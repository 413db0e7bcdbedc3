// Package dataset reads files that scientists have: raw and PNG images, raw
// matrices, NumPy arrays and archives, CSV tables.
//
//	slice, err := dataset.RawGray16("s1045.ima.gz", 256, 256)
//	relief, err := dataset.NPZ("jacksboro_fault_dem.npz")
//	weather, err := dataset.CSV("seattle-weather.csv")
//	eeg, err := dataset.RawFloat64("eeg.dat", 800, 4)
//
// A name is looked up as a path first and then in the sample data, the folder
// that SURPRISAL_DATA names. Every reader also exists as a function of an
// io.Reader. Errors name the file, what is wrong with it and, where it helps,
// what to do; a file that is too short or too long is an error, never padded
// or cut.
package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Variable is the environment variable that names the folder of sample data.
const Variable = "SURPRISAL_DATA"

// ErrNoData is what Dir and Find return, wrapped in a sentence, if there is no
// folder of sample data.
var ErrNoData = errors.New("no sample data")

// Dir returns the folder of sample data.
func Dir() (string, error) {
	d := os.Getenv(Variable)
	if d == "" {
		return "", fmt.Errorf("dataset: %w: %s is not set; `make demo` fetches the data and sets it for the notebook", ErrNoData, Variable)
	}
	if s, err := os.Stat(d); err != nil || !s.IsDir() {
		return "", fmt.Errorf("dataset: %w: %s names %s, which is not a folder; run `make demo` again", ErrNoData, Variable, d)
	}
	return d, nil
}

// Find returns the path of the file called name: name itself if there is such
// a file, and otherwise its place in the folder of sample data.
func Find(name string) (string, error) {
	if name == "" {
		return "", errors.New("dataset: the name of the file is empty")
	}
	if isFile(name) {
		return name, nil
	}
	if filepath.IsAbs(name) || strings.ContainsAny(name, `/\`) {
		if isFolder(name) {
			return "", folderError(name)
		}
		return "", fmt.Errorf("dataset: %s: %w; check the path (relative paths start in the notebook's folder)", name, fs.ErrNotExist)
	}
	dir, err := Dir()
	if err != nil && isFolder(name) {
		return "", folderError(name)
	}
	if err != nil {
		return "", fmt.Errorf("%w (looking for %s, which is not in the current folder either)", err, name)
	}
	stem, _, _ := strings.Cut(name, ".")
	for _, sub := range []string{
		"", // any file put there by hand
		"matplotlib/mpl-data/sample_data",
		"statsmodels/datasets/" + stem, // one folder a data set
		"vega_datasets/_data",
	} {
		if p := filepath.Join(dir, filepath.FromSlash(sub), name); isFile(p) {
			return p, nil
		}
	}
	if isFolder(name) {
		return "", folderError(name)
	}
	return "", fmt.Errorf("dataset: %s: %w: neither in the current folder nor in the sample data in %s", name, fs.ErrNotExist, dir)
}

func isFile(p string) bool {
	s, err := os.Stat(p)
	return err == nil && !s.IsDir()
}

func isFolder(p string) bool {
	s, err := os.Stat(p)
	return err == nil && s.IsDir()
}

func folderError(name string) error {
	return fmt.Errorf("dataset: %s: a folder; name a file in it", name)
}

// Open opens the file called name, found as Find does.
func Open(name string) (*os.File, error) {
	p, err := Find(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(p)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	return f, nil
}

// maxFile is the largest file that is read whole.
const maxFile = 4 << 30

// load reads the file called name and hands its bytes to read.
func load[T any](name string, read func([]byte) (T, error)) (T, error) {
	var zero T
	f, err := Open(name)
	if err != nil {
		return zero, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return zero, fmt.Errorf("dataset: %s: %w", name, err)
	}
	v, err := within(b, read)
	if err != nil {
		return zero, fmt.Errorf("dataset: %s: %w", name, err)
	}
	return v, nil
}

func within[T any](b []byte, read func([]byte) (T, error)) (T, error) {
	var zero T
	switch {
	case len(b) == 0:
		return zero, errors.New("the file is empty; fetch it again")
	case len(b) > maxFile:
		return zero, fmt.Errorf("the file has more than %d bytes; read it in parts", int64(maxFile))
	}
	return read(b)
}

// stream is load for a reader.
func stream[T any](r io.Reader, read func([]byte) (T, error)) (T, error) {
	var zero T
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil {
		var v T
		if v, err = within(b, read); err == nil {
			return v, nil
		}
	}
	return zero, fmt.Errorf("dataset: %w", err)
}

// asReader lets a reader of bytes use a decoder of streams.
func asReader(b []byte) io.Reader { return bytes.NewReader(b) }
