package cuda

import (
	"encoding/binary"
	"strings"
	"testing"
)

func TestImages(t *testing.T) {
	m, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{"sm_75": "6.3", "sm_80": "7.0", "sm_90a": "8.0"}
	for _, i := range m.Images {
		text, err := i.PTX()
		if err != nil {
			t.Error(err)
			continue
		}
		// The version is the oldest driver that can read it: 410, 450 and 525.
		if i.Version != versions[i.Arch] || !strings.Contains(text, ".version "+i.Version+"\n.target "+i.Arch) {
			t.Errorf("%s is not of version %s for %s", i.Path(), versions[i.Arch], i.Arch)
		}
		for _, never := range []string{".local", ".extern", ".func"} {
			if strings.Contains(text, never) {
				t.Errorf("%s has %s", i.Path(), never)
			}
		}
	}
	if len(m.Images) == 0 || len(m.Images)%3 != 0 {
		t.Errorf("%d images: each family has three", len(m.Images))
	}
}

func TestImageChoice(t *testing.T) {
	m := &Manifest{Images: []Image{
		{Family: "a", Arch: "sm_75", Proofs: map[string]int{"simulator": 1}},
		{Family: "a", Arch: "sm_80", Proofs: map[string]int{"simulator": 1}},
		{Family: "a", Arch: "sm_90a", Proofs: map[string]int{"simulator": 1}},
		{Family: "b", Arch: "sm_75", Proofs: map[string]int{"H200": 1}},
		{Family: "b", Arch: "sm_80"},
		{Family: "d", Arch: "sm_80"},
		{Family: "b", Arch: "sm_90a", Proofs: map[string]int{"simulator": 1, "H200": 1}},
	}}
	for _, c := range []struct {
		family       string
		major, minor int
		want, reason string // reason is what the error says, where there is one
	}{
		{"a", 7, 5, "sm_75", "the oldest"},
		{"a", 8, 6, "sm_80", "code for 8.0 runs on 8.6"},
		{"a", 9, 0, "sm_80", "no device has proven the code for 9.0"},
		{"b", 9, 0, "sm_90a", "a device has"},
		{"b", 10, 0, "sm_75", "code for 9.0a runs on 9.0 alone, and that for 8.0 is not proven"},
		{"a", 12, 0, "sm_80", "newer devices run older code"},
		{"a", 7, 0, "", "compute capability 7.0 is too old: kernels need 7.5"},
		{"c", 8, 0, "", "no image of c is part of the program"},
		{"d", 8, 0, "", "no image of d for compute capability 8.0 is proven: prove it with"},
	} {
		i, err := m.Image(c.family, c.major, c.minor)
		if i.Arch != c.want || (err == nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s for %d.%d: %q, %v; want %q: %s", c.family, c.major, c.minor, i.Arch, err, c.want, c.reason)
		}
	}
}

func TestPTXChecksItsHash(t *testing.T) {
	m, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	i := m.Images[0]
	i.SHA256 = strings.Repeat("0", 64)
	if _, err := i.PTX(); err == nil || !strings.Contains(err.Error(), "run make cuda") {
		t.Errorf("got %v", err)
	}
	i.Family = "nothing"
	if _, err := i.PTX(); err == nil {
		t.Error("an image that is not there")
	}
}

func TestKernel(t *testing.T) {
	m, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	k, err := m.Kernel("joint_counts_ball_max_d3_k4")
	if err != nil || k.Launch != "JointCounts" || k.Threads != 128 || k.SharedBytes != 3*256*8 {
		t.Errorf("got %+v, %v", k, err)
	}
	if _, err := m.Kernel("nothing"); err == nil {
		t.Error("a kernel that is not there")
	}
}

// The parameter buffer is what the manifest says of the kernel.
func TestParams(t *testing.T) {
	m, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	k, err := m.Kernel("entropy_map_u8_256")
	if err != nil {
		t.Fatal(err)
	}
	b := EntropyMap{Image: 1, Map: 2, Ox: -4, Mask: 0xffffffff}.Params()
	if len(b) != k.ParamBytes {
		t.Fatalf("%d bytes, want %d", len(b), k.ParamBytes)
	}
	for _, p := range k.Params {
		want := map[string]uint32{"image": 1, "map": 2, "ox": 0xfffffffc, "mask": 0xffffffff}[p.Name]
		if got := binary.LittleEndian.Uint32(b[p.Offset:]); got != want {
			t.Errorf("%s is %#x, want %#x", p.Name, got, want)
		}
	}
}
