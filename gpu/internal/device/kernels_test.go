package device_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
)

// proof is an image whose kernels agreed with the CPU on a device.
type proof struct {
	Family, Arch, SHA256, Device string
	Cases                        int
}

// sizes of a run: rows of joint counts and planes of maps.
type sizes struct {
	cases  int
	rows   []int
	planes [][2]int
}

// prove runs cases on every kernel of an image.
func prove(t *testing.T, d *device.Device, image cuda.Image, z sizes) proof {
	t.Helper()
	p := proof{image.Family, image.Arch, image.SHA256, d.Name, 0}
	run := func(name string, seed int, f func(*device.Thread, *rand.Rand) error) {
		err := d.Do(func(th *device.Thread) error {
			return f(th, rand.New(rand.NewPCG(uint64(seed), 17)))
		})
		if err != nil {
			t.Fatalf("%s for %s, seed %d: %v", name, image.Arch, seed, err)
		}
		p.Cases++
	}
	for seed := range z.cases {
		switch image.Family {
		case "joint_counts":
			for _, c := range counters() {
				run(c.String(), seed, func(th *device.Thread, r *rand.Rand) error {
					return c.agree(t.Context(), th, r, z.rows[seed%len(z.rows)])
				})
			}
		case "joint_boxes":
			for _, c := range packers() {
				run(c.String(), seed, func(th *device.Thread, r *rand.Rand) error {
					return c.agree(t.Context(), th, r, z.rows[seed%len(z.rows)])
				})
			}
		case "joint_triples":
			for _, c := range triplers() {
				run(c.String(), seed, func(th *device.Thread, r *rand.Rand) error {
					return c.agree(t.Context(), th, r, z.rows[seed%len(z.rows)])
				})
			}
		case "joint_windows":
			for _, c := range windowers() {
				run(c.String(), seed, func(th *device.Thread, r *rand.Rand) error {
					return c.agree(t.Context(), th, r, z.rows[seed%len(z.rows)])
				})
			}
		case "joint_sums":
			run("joint_sums", seed, func(th *device.Thread, r *rand.Rand) error {
				return sumsAgree(t.Context(), th, r, z.rows[seed%len(z.rows)])
			})
		case "sort", "sort_pairs":
			run(image.Family, seed, func(th *device.Thread, r *rand.Rand) error {
				return sorts(t.Context(), th, r, z.rows[seed%len(z.rows)])
			})
		case "histogram":
			run("histogram", seed, func(th *device.Thread, r *rand.Rand) error {
				return histograms(t.Context(), th, r, z.rows[seed%len(z.rows)])
			})
		case "entropy_map":
			for _, m := range mappers() {
				plane := z.planes[seed%len(z.planes)]
				run(m.String(), seed, func(th *device.Thread, r *rand.Rand) error { return m.agree(t.Context(), th, r, plane[0], plane[1]) })
			}
		default:
			t.Fatalf("nothing proves %s: write a test like those of the others", image.Family)
		}
	}
	return p
}

// eachImage calls f with the images for devices of a compute capability.
func eachImage(t *testing.T, major, minor int, f func(cuda.Image)) {
	t.Helper()
	m, err := cuda.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range m.Images {
		var number int
		fmt.Sscanf(i.Arch, "sm_%d", &number)
		if only := i.Arch[len(i.Arch)-1] == 'a'; number <= 10*major+minor && (!only || number == 10*major+minor) {
			f(i)
		}
	}
}

// The kernels through the launch code, on the simulator: the same path as on a GPU.
func TestKernelsOnTheSimulator(t *testing.T) {
	eachImage(t, 9, 0, func(image cuda.Image) {
		o := devicetest.Simulated(t, 9, 0)
		o.Arch = image.Arch
		p := prove(t, devicetest.Opened(t, o), image, sizes{2, []int{140, 7}, [][2]int{{131, 18}, {5, 1}}})
		t.Logf("%s for %s: %d cases", p.Family, p.Arch, p.Cases)
	})
}

var family = flag.String("family", "", "on a GPU, prove the images of this family alone")

// With SURPRISAL_PROOFS the proofs are written to that file: go test ./gpu/internal/device
// -run Noted -proofs FILE notes them in the manifest.
func TestKernelsOnTheGPU(t *testing.T) {
	o := devicetest.OnTheGPU(t)
	var proofs []proof
	first := devicetest.Opened(t, o)
	eachImage(t, first.Major, first.Minor, func(image cuda.Image) {
		if *family != "" && image.Family != *family {
			return
		}
		o.Arch = image.Arch
		p := prove(t, devicetest.Opened(t, o), image, sizes{20, []int{2, 17, 127, 128, 129, 257, 1000, 3001}, [][2]int{{1, 1}, {131, 18}, {5, 1}, {1, 40}, {128, 16}, {1024, 300}}})
		t.Logf("%s for %s on %s: %d cases", p.Family, p.Arch, p.Device, p.Cases)
		proofs = append(proofs, p)
	})
	if path := os.Getenv("SURPRISAL_PROOFS"); path != "" {
		data, err := json.MarshalIndent(proofs, "", "\t")
		if err == nil {
			err = os.WriteFile(path, data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
