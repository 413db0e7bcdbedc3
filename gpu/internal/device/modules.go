package device

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"surprisal/cuda"
	"surprisal/gpu/internal/driver"
)

// modules are the families of kernels that are loaded, each on its first use, so
// that a start pays only for what it needs.
type modules struct {
	manifest *cuda.Manifest

	mu      sync.Mutex // held while a family loads: others wait for it
	loaded  map[string]loaded
	kernels map[string]*Kernel
}

// loaded is a family on the device.
type loaded struct {
	module driver.Module
	image  cuda.Image
}

// Kernel is a kernel that can be launched.
type Kernel struct {
	cuda.Kernel
	Arch string // of its image

	function driver.Function
	stats    *kernelStats
}

// Kernel loads a kernel.
func (t *Thread) Kernel(name string) (*Kernel, error) {
	if err := t.alive(); err != nil {
		return nil, err
	}
	m := &t.d.modules
	m.mu.Lock()
	defer m.mu.Unlock()
	if k := m.kernels[name]; k != nil {
		return k, nil
	}
	about, err := m.manifest.Kernel(name)
	if err != nil {
		return nil, err
	}
	l, ok := m.loaded[about.Family]
	if !ok {
		if l, err = t.load(about.Family); err != nil {
			return nil, err
		}
		if m.loaded == nil {
			m.loaded, m.kernels = map[string]loaded{}, map[string]*Kernel{}
		}
		m.loaded[about.Family] = l
	}
	f, code := t.d.calls.ModuleGetFunction(l.module, name)
	if code != driver.Success {
		return nil, fmt.Errorf("kernel %s: %w", name, t.d.failed("ModuleGetFunction", code))
	}
	k := &Kernel{Kernel: about, Arch: l.image.Arch, function: f, stats: t.d.stats.of(name)}
	m.kernels[name] = k
	return k, nil
}

func (m *modules) close(d *Device) (err error) {
	for _, l := range m.loaded {
		err = errors.Join(err, d.try("ModuleUnload", func() driver.Code { return d.calls.ModuleUnload(l.module) }))
	}
	m.loaded, m.kernels = nil, nil
	return err
}

// load loads the first image of a family that the driver takes.
func (t *Thread) load(family string) (loaded, error) {
	images, err := t.d.images(family)
	if err != nil {
		return loaded{}, err
	}
	for n, i := range images {
		m, err := t.loadImage(i)
		if errors.Is(err, ErrUnsupported) && n+1 < len(images) {
			continue
		}
		if err != nil {
			return loaded{}, fmt.Errorf("%s for %s: %w", family, i.Arch, err)
		}
		return loaded{m, i}, nil
	}
	return loaded{}, t.d.tooOld(family)
}

// drivers is the oldest driver for a version of PTX, as in Info.Driver.
var drivers = map[string]int{"6.3": 10000, "7.0": 11000, "8.0": 12000}

// images are those of a family that the device runs and the driver reads, best
// first.
func (d *Device) images(family string) ([]cuda.Image, error) {
	if arch := d.options.Arch; arch != "" {
		for _, i := range d.modules.manifest.Images {
			if i.Family == family && i.Arch == arch {
				return []cuda.Image{i}, nil
			}
		}
		return nil, fmt.Errorf("gpu: no image of %s for %s", family, arch)
	}
	var list []cuda.Image
	for _, of := range [][2]int{{d.Major, d.Minor}, {min(d.Major, 8), 9}, {7, 5}} {
		i, err := d.modules.manifest.Image(family, of[0], of[1])
		if err != nil {
			return nil, fmt.Errorf("gpu: %w", err)
		}
		known := slices.ContainsFunc(list, func(k cuda.Image) bool { return k.Arch == i.Arch })
		if needs, ok := drivers[i.Version]; !known && ok && d.Driver >= needs {
			list = append(list, i)
		}
	}
	if list == nil {
		return nil, d.tooOld(family)
	}
	return list, nil
}

// Image is what the device would load first of a family.
func (d *Device) Image(family string) (cuda.Image, error) {
	list, err := d.images(family)
	if err != nil {
		return cuda.Image{}, err
	}
	return list[0], nil
}

func (d *Device) tooOld(family string) error {
	return &UnsupportedError{What: "a version of PTX in which " + family + " is written", Driver: d.Driver}
}

// loadImage loads what was compiled before, or else compiles.
func (t *Thread) loadImage(i cuda.Image) (driver.Module, error) {
	entry := t.d.entry(i)
	if compiled, ok := entry.read(); ok {
		m, code := t.d.calls.ModuleLoad(compiled, new(driver.Log))
		if code == driver.Success {
			return m, nil
		}
		if err := t.d.failed("ModuleLoad", code); errors.Is(err, ErrDeviceLost) || errors.Is(err, ErrOutOfMemory) {
			return 0, err
		}
		entry.remove() // not what this driver wants, whatever its name says
	}
	ptx, err := i.PTX() // not before: to unpack a family takes 10 ms
	if err != nil {
		return 0, err
	}
	compiled, err := t.compile(i.Family, ptx)
	if err != nil {
		return 0, err
	}
	if err := t.alive(); err != nil {
		return 0, err
	}
	log := new(driver.Log)
	m, code := t.d.calls.ModuleLoad(compiled, log)
	if code != driver.Success {
		return 0, t.d.logged(t.d.failed("ModuleLoad", code), log)
	}
	entry.write(compiled)
	return m, nil
}
