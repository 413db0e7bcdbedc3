package ptx_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"testing"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

var update = flag.Bool("update", false, "note in cuda/manifest.json what was proven")

// Every image that is shipped runs here, all of its kernels, and must find what
// the CPU finds, to the last bit. The manifest says how many cases agreed; an
// image without a proof is never chosen.
func TestImagesAreProven(t *testing.T) {
	t.Parallel()
	manifest, err := cuda.Load()
	if err != nil {
		t.Fatal(err)
	}
	ran := make([]int, len(manifest.Images))
	t.Run("images", func(t *testing.T) {
		for i, image := range manifest.Images {
			t.Run(image.Arch+"/"+image.Family, func(t *testing.T) {
				t.Parallel()
				p := proof{t, new(ptx.Branches)}
				ran[i] = prove(p, image)
				if image.Arch == "sm_80" {
					p.bothWays(image)
				}
			})
		}
	})
	if t.Failed() {
		return
	}
	for i, image := range manifest.Images {
		if ran[i] == 0 {
			t.Fatalf("%s: no case has run, so nothing is noted: run the test as a whole", image.Path())
		}
		now := maps.Clone(image.Proofs)
		if now == nil {
			now = map[string]int{}
		}
		now["simulator"] = ran[i]
		if !maps.Equal(now, image.Proofs) && !*update {
			t.Errorf("%s: the manifest says %v and %d cases agree: go test ./gpu/internal/ptx -run Proven -update", image.Path(), image.Proofs, ran[i])
		}
		manifest.Images[i].Proofs = now
	}
	if *update {
		data, err := json.MarshalIndent(manifest, "", "\t")
		if err == nil {
			err = os.WriteFile("../../../cuda/manifest.json", append(data, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// proof is the test of an image, whose machines note which ways threads go.
type proof struct {
	*testing.T
	seen *ptx.Branches
}

func (t proof) device() *device { return &device{TB: t, Machine: ptx.Machine{Branches: t.seen}} }

// prove runs the cases of an image and returns how many.
func prove(t proof, image cuda.Image) int {
	cases := 3
	if image.Arch == "sm_80" {
		cases = 12
	}
	switch image.Family {
	case "joint_counts":
		return proveJointCounts(t, image.Arch, cases)
	case "joint_boxes":
		return proveJointBoxes(t, image.Arch, cases)
	case "joint_triples":
		return proveJointTriples(t, image.Arch, cases)
	case "joint_windows":
		return proveJointWindows(t, image.Arch, cases)
	case "joint_sums":
		return proveJointSums(t, image.Arch, cases)
	case "sort":
		return proveSort(t, image.Arch, cases)
	case "sort_pairs":
		return proveSortPairs(t, image.Arch, cases)
	case "histogram":
		return proveHistogram(t, image.Arch, cases)
	case "entropy_map":
		return proveEntropyMap(t, image.Arch, cases)
	}
	t.Fatal("nothing proves this family: write a test like those of the others")
	return 0
}

// What the tests cover is counted against what is shipped: a kernel that no
// case names is not proven.
func TestEveryKernelIsNamedByACase(t *testing.T) {
	manifest, err := cuda.Load()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, k := range counters() {
		named[k.name()] = true
	}
	for _, name := range entropyMapKernels() {
		named[name] = true
	}
	for _, name := range []string{"sort_tiles", "sort_join", "sort_pieces", "sort_merge", "joint_windows_gather", "joint_windows_line", "joint_sums", "histogram_u8", "histogram_u16", "histogram_f64", "joint_triples_lay", tripleKernel(1024), tripleKernel(2048)} {
		named[name] = true
	}
	for _, name := range []string{"pick", "gather", "lift", "near_d2", "near_d3", "near_d2_box", "near_d3_box", "count_d2", "line"} {
		named["joint_boxes_"+name] = true
	}
	for d := 2; d <= 9; d++ {
		named[windowKernel(d, false)], named[windowKernel(d, true)] = true, true
	}
	for _, k := range manifest.Kernels {
		if !named[k.Name] {
			t.Errorf("%s is proven by nothing", k.Name)
		}
	}
	if len(named) != len(manifest.Kernels) {
		t.Errorf("%d kernels are proven, %d shipped", len(named), len(manifest.Kernels))
	}
}
