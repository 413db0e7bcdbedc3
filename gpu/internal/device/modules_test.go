package device

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"surprisal/cuda"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/driver/drivertest"
)

// arch is the image that a device loads.
func arch(d *Device) (got string, err error) {
	err = d.Do(func(th *Thread) error {
		k, err := th.Kernel(kernelName)
		if err == nil {
			got = k.Arch
		}
		return err
	})
	return got, err
}

func TestImageFitsDeviceAndDriver(t *testing.T) {
	for _, c := range []struct {
		reason                string
		version, major, minor int
		force, want           string
	}{
		{"Turing", 12040, 7, 5, "", "sm_75"},
		{"Ampere", 12040, 8, 0, "", "sm_80"},
		{"Ada", 12040, 8, 9, "", "sm_80"},
		{"Hopper, whose own image has no proof of a device", 12040, 9, 0, "", "sm_80"},
		{"Blackwell", 12080, 10, 0, "", "sm_80"},
		{"Ampere with a driver older than PTX 7.0", 10020, 8, 6, "", "sm_75"},
		{"an image that was asked for", 12040, 9, 0, "sm_90a", "sm_90a"},
	} {
		d := open(t, &drivertest.Fake{Version: c.version, Major: c.major, Minor: c.minor}, Options{Arch: c.force})
		d.modules.manifest = unproven(t, "sm_90a")
		if got, err := arch(d); err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", c.reason, got, err, c.want)
		}
	}
	d := open(t, new(drivertest.Fake), Options{Arch: "sm_12"})
	if _, err := arch(d); err == nil || !strings.Contains(err.Error(), "no image") {
		t.Error(err)
	}
}

// unproven is the manifest without the proofs of devices for an architecture.
func unproven(t *testing.T, arch string) *cuda.Manifest {
	m, err := cuda.Load()
	if err != nil {
		t.Fatal(err)
	}
	for i, image := range m.Images {
		if image.Arch == arch {
			m.Images[i].Proofs = map[string]int{"simulator": 1}
		}
	}
	return m
}

// A driver that says it is newer than it is: the next older image is tried.
func TestDriverRefusesAVersionOfPTX(t *testing.T) {
	f := &drivertest.Fake{Fail: func(call string, n int) driver.Code {
		if call == "LinkAddPTX" && n == 1 {
			return driver.UnsupportedPTXVersion
		}
		return driver.Success
	}}
	if got, err := arch(open(t, f, Options{})); err != nil || got != "sm_75" {
		t.Errorf("%s, %v", got, err)
	}
	f = &drivertest.Fake{Fail: func(call string, n int) driver.Code {
		if call == "LinkAddPTX" {
			return driver.UnsupportedPTXVersion
		}
		return driver.Success
	}}
	if _, err := arch(open(t, f, Options{})); !errors.Is(err, ErrUnsupported) {
		t.Error(err)
	}
}

func TestCompilerIsHeard(t *testing.T) {
	f := &drivertest.Fake{Fail: func(call string, n int) driver.Code {
		if call == "LinkAddPTX" {
			return driver.InvalidPTX
		}
		return driver.Success
	}}
	if _, err := arch(open(t, f, Options{})); err == nil || !strings.Contains(err.Error(), "the compiler's words") {
		t.Error(err)
	}
}

func TestKernelsThatAreNotThere(t *testing.T) {
	d := open(t, new(drivertest.Fake), Options{})
	if err := d.Do(func(th *Thread) error { _, err := th.Kernel("nothing"); return err }); err == nil || !strings.Contains(err.Error(), `no kernel "nothing"`) {
		t.Error(err)
	}
}

func TestMissingCallsAreNamed(t *testing.T) {
	f := &drivertest.Fake{Version: 11020}
	c := f.Calls()
	c.GraphInstantiate, c.MemAllocAsync = nil, nil
	d := open(t, f, Options{Calls: c})
	err := work(t.Context(), d, 100)
	var too *UnsupportedError
	if !errors.As(err, &too) || too.What != "cuGraphInstantiateWithFlags" || too.Driver != 11020 {
		t.Errorf("%+v: %v", too, err)
	}
	if want := "the driver, which serves CUDA up to 11.2, lacks cuGraphInstantiateWithFlags: it came with CUDA 11.4"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	if f.Called("MemAlloc") == 0 {
		t.Error("nothing was allocated the old way")
	}
}

func TestCompiledCodeIsKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "made", "on", "first", "use")
	compiles := func(f *drivertest.Fake) int {
		t.Helper()
		d := open(t, f, Options{Cache: folder})
		if err := work(t.Context(), d, 100); err != nil {
			t.Fatal(err)
		}
		return f.Called("LinkCreate")
	}
	file := func() string {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %v", files, err)
		}
		return files[0]
	}
	if n := compiles(new(drivertest.Fake)); n != 1 {
		t.Errorf("%d at first", n)
	}
	if n := compiles(new(drivertest.Fake)); n != 0 {
		t.Errorf("%d afterwards", n)
	}
	whole, err := os.ReadFile(file())
	if err != nil {
		t.Fatal(err)
	}
	for reason, data := range map[string][]byte{
		"empty": {}, "cut": whole[:len(whole)-1], "a hash alone": whole[:32], "a bit": append(bytes.Clone(whole[:len(whole)-1]), whole[len(whole)-1]^1),
		"another's": append(bytes.Clone(whole), 'x'),
	} {
		if err := os.WriteFile(file(), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if n := compiles(new(drivertest.Fake)); n != 1 {
			t.Errorf("%s: %d", reason, n)
		}
		if now, err := os.ReadFile(file()); err != nil || !bytes.Equal(now, whole) {
			t.Errorf("%s: not mended: %v", reason, err)
		}
	}
	// Whole, but the driver does not want it.
	refuses := &drivertest.Fake{Fail: func(call string, n int) driver.Code {
		if call == "ModuleLoad" && n == 1 {
			return driver.InvalidImage
		}
		return driver.Success
	}}
	if n := compiles(refuses); n != 1 {
		t.Errorf("refused: %d", n)
	}
	file()
	// Another driver's code is another file.
	if n := compiles(&drivertest.Fake{Version: 12060}); n != 1 {
		t.Errorf("another driver: %d", n)
	}
	if files, _ := filepath.Glob(filepath.Join(folder, "*")); len(files) != 2 {
		t.Errorf("%v", files)
	}
}

// The text of a family is a megabyte and more: whoever has the code does not unpack it.
func TestKeptCodeNeedsNoText(t *testing.T) {
	o := Options{Cache: t.TempDir()}
	var took [2]uint64
	for i := range took {
		d := open(t, new(drivertest.Fake), o)
		if err := d.Do(func(th *Thread) error {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := th.Kernel(kernelName)
			runtime.ReadMemStats(&after)
			took[i] = after.TotalAlloc - before.TotalAlloc
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if took[1] > took[0]/3 { // the fake keeps the text for the code
		t.Errorf("%d bytes to compile, %d to load", took[0], took[1])
	}
}

func TestCacheThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := work(t.Context(), open(t, new(drivertest.Fake), Options{Cache: filepath.Join(file, "below")}), 10); err != nil {
			t.Error(err)
		}
	}
}
