package info_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/info"
)

// An estimate on a device is that of the CPU to the last bit, its surrogates and
// local values too, and says where it was made.
func TestEstimatesAreTheSameOnADevice(t *testing.T) {
	place, says := gpu.Simulator, "on the simulator"
	if os.Getenv("SURPRISAL_GPU") == "require" {
		place, says = gpu.Auto, "on GPU 0"
	}
	d := gpu.Open(place)
	if d.Err() != nil {
		t.Fatal(d.Err())
	}
	defer d.Close()
	r := rand.New(rand.NewPCG(1, 2))
	x, y := make([]float64, 200), make([]float64, 200)
	for i := range x {
		x[i] = r.NormFloat64()
		if i > 0 {
			y[i] = x[i-1] + r.NormFloat64()
		}
	}
	for _, e := range []info.KSG{{}, {Algorithm: 2, K: 3, History: 2}, {Local: true, Test: info.Test{Surrogates: 5, Seed: 1}}} {
		cpu := gpu.Open(gpu.CPU)
		e.On = &cpu
		want, err := e.TransferEntropy(t.Context(), x, y)
		if err != nil {
			t.Fatal(err)
		}
		e.On = &d
		got, err := e.TransferEntropy(t.Context(), x, y)
		if err != nil {
			t.Fatal(err)
		}
		if got.Value != want.Value || got.Null.Mean != want.Null.Mean || got.Ties != want.Ties {
			t.Errorf("%v, and on the CPU %v", got, want)
		}
		for i, v := range want.Local {
			if v == v && got.Local[i] != v {
				t.Errorf("local value %d is %v, and on the CPU %v", i, got.Local[i], v)
			}
		}
		if !strings.Contains(got.String(), says) || !strings.Contains(want.String(), "on the CPU") {
			t.Errorf("%v does not say where it was made", got)
		}
	}
}
