// Package cuda holds our CUDA kernels: their sources, the PTX made of them for
// three generations of devices, what is known about each kernel, and a Go struct
// for the parameters of each family.
//
// The PTX is made by make cuda, byte for byte the same wherever it is made, and
// committed; a user needs a driver and nothing else.
//
//	manifest, err := cuda.Load()
//	image, err := manifest.Image("joint_counts", 8, 6) // for a device of compute capability 8.6
//	text, err := image.PTX()
//	params := cuda.JointCounts{Columns: x, N: n, K: 4}.Params()
package cuda

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

//go:embed ptx manifest.json
var files embed.FS

// Manifest is what is known about all images and kernels.
type Manifest struct {
	Compiler string   `json:"compiler"`
	Images   []Image  `json:"images"`
	Kernels  []Kernel `json:"kernels"`
}

// Image is the PTX of one family of kernels for one generation of devices.
type Image struct {
	Family  string         `json:"family"`
	Arch    string         `json:"arch"`    // as in "sm_80"
	Version string         `json:"version"` // of the PTX ISA, which says how old a driver may be
	SHA256  string         `json:"sha256"`  // of the text
	Proofs  map[string]int `json:"proofs"`  // by "simulator" or the name of a device: cases that agreed with the CPU
}

// Kernel is an entry of the images of its family, the same in all.
type Kernel struct {
	Name        string  `json:"name"`
	Family      string  `json:"family"`
	Launch      string  `json:"launch"` // Go struct of its parameters
	Threads     int     `json:"threads"`
	SharedBytes int     `json:"shared_bytes"`
	ParamBytes  int     `json:"param_bytes"`
	Params      []Param `json:"params"`
}

// Param is a parameter and its place in the parameter buffer.
type Param struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Size   int    `json:"size"`
}

// Load reads the manifest.
func Load() (*Manifest, error) {
	data, err := files.ReadFile("manifest.json")
	if err != nil {
		return nil, fmt.Errorf("cuda: manifest: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("cuda: manifest: %w", err)
	}
	return &m, nil
}

// Kernel returns what is known about a kernel.
func (m *Manifest) Kernel(name string) (Kernel, error) {
	for _, k := range m.Kernels {
		if k.Name == name {
			return k, nil
		}
	}
	return Kernel{}, fmt.Errorf("cuda: no kernel %q", name)
}

// generations are what images are made for, newest first. Code for sm_90a runs
// on devices of compute capability 9.0 and on no others.
var generations = []struct {
	arch         string
	major, minor int
	only         bool
}{{"sm_90a", 9, 0, true}, {"sm_80", 8, 0, false}, {"sm_75", 7, 5, false}}

// Image returns the image of a family for a device of a compute capability: the
// newest that it can run and that is proven. Code for sm_90a needs the proof of
// a device, other code that of the simulator or of a device.
func (m *Manifest) Image(family string, major, minor int) (Image, error) {
	there := false
	for _, g := range generations {
		if g.only && (major != g.major || minor != g.minor) || major*10+minor < g.major*10+g.minor {
			continue
		}
		for _, i := range m.Images {
			if i.Family != family || i.Arch != g.arch {
				continue
			}
			there = true
			if by := i.Proofs["simulator"]; len(i.Proofs) > 1 || len(i.Proofs) == 1 && (by == 0 || !g.only) {
				return i, nil
			}
		}
	}
	switch {
	case there:
		return Image{}, fmt.Errorf("cuda: no image of %s for compute capability %d.%d is proven: prove it with go test ./gpu/internal/ptx -run Proven -update, as cuda/README.md says", family, major, minor)
	case major*10+minor < 75:
		return Image{}, fmt.Errorf("cuda: %s: compute capability %d.%d is too old: kernels need 7.5", family, major, minor)
	}
	return Image{}, fmt.Errorf("cuda: no image of %s is part of the program: run make cuda and build it again", family)
}

// PTX returns the text, whose hash it checks.
func (i Image) PTX() (string, error) {
	data, err := files.ReadFile(i.Path())
	if err != nil {
		return "", fmt.Errorf("cuda: %w", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", fmt.Errorf("cuda: %s: %w", i.Path(), err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return "", fmt.Errorf("cuda: %s: %w", i.Path(), err)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != i.SHA256 {
		return "", fmt.Errorf("cuda: %s: its hash is not that of the manifest: run make cuda", i.Path())
	}
	return string(text), nil
}

// Path is where the image lies in this package's folder.
func (i Image) Path() string { return "ptx/" + i.Arch + "/" + i.Family + ".ptx.gz" }
