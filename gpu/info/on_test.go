package info_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/info"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/driver/drivertest"
)

// An estimate on a device is that of the CPU to the last bit, its surrogates and
// local values too, and says where it was made.
func TestDeviceEstimatesAsTheCPU(t *testing.T) {
	d := devicetest.Open(t)
	says := d.Place.String()
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
		e.On = d
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

// The time of an estimate from series to a sentence, where the device's kernels are
// all there is to wait for and where they take no time.
func BenchmarkDeviceTransferEntropy(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	x, y := make([]float64, 10_001), make([]float64, 10_001)
	for i := 1; i < len(x); i++ {
		x[i], y[i] = r.NormFloat64(), x[i-1]+r.NormFloat64()
	}
	estimate := func(b *testing.B, d gpu.Device) {
		e := info.KSG{On: &d}
		for b.Loop() {
			if _, err := e.TransferEntropy(b.Context(), x, y); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("host side", func(b *testing.B) {
		f, err := device.Open(device.Options{Calls: new(drivertest.Fake).Calls(), Arch: "sm_80"})
		if err != nil {
			b.Fatal(err)
		}
		d := gpu.With(gpu.Index(0), f)
		defer d.Close()
		estimate(b, d)
	})
	if os.Getenv("SURPRISAL_GPU") == "require" {
		b.Run("all of it", func(b *testing.B) {
			d := gpu.Open(gpu.Auto)
			defer d.Close()
			estimate(b, d)
		})
	}
}
