package device_test

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"surprisal/cuda"
)

var proofsFile = flag.String("proofs", "", "note the proofs that TestKernelsOnTheGPU wrote in cuda/manifest.json")

// What a device has proven holds for the image with that hash alone.
func TestProofsAreNoted(t *testing.T) {
	m, err := cuda.Load()
	if err != nil {
		t.Fatal(err)
	}
	var proofs []proof
	if *proofsFile != "" {
		data, err := os.ReadFile(*proofsFile)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &proofs); err != nil {
			t.Fatal(err)
		}
	}
	if n := note(m, proofs); n != len(proofs) {
		t.Fatalf("%d of %d proofs are of images as they are now", n, len(proofs))
	}
	if len(proofs) > 0 {
		data, err := json.MarshalIndent(m, "", "\t")
		if err == nil {
			err = os.WriteFile("../../../cuda/manifest.json", append(data, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	// The rule itself.
	some := &cuda.Manifest{Images: []cuda.Image{{Family: "f", Arch: "sm_80", SHA256: "1"}, {Family: "f", Arch: "sm_75", SHA256: "2"}}}
	if n := note(some, []proof{{"f", "sm_80", "1", "X", 3}, {"f", "sm_75", "old", "X", 4}}); n != 1 || some.Images[0].Proofs["X"] != 3 || some.Images[1].Proofs != nil {
		t.Errorf("%d noted: %+v", n, some.Images)
	}
}

// note adds proofs to the images that they are of and returns how many there were.
func note(m *cuda.Manifest, proofs []proof) (noted int) {
	for _, p := range proofs {
		for i, image := range m.Images {
			if image.Family == p.Family && image.Arch == p.Arch && image.SHA256 == p.SHA256 {
				if image.Proofs == nil {
					m.Images[i].Proofs = map[string]int{}
				}
				m.Images[i].Proofs[p.Device] = p.Cases
				noted++
			}
		}
	}
	return noted
}
