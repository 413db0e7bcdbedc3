package gpu_test

import (
	"errors"
	"fmt"

	"surprisal/gpu"
)

func ExampleOpen() {
	d := gpu.Open(gpu.CPU)
	fmt.Println(d, d.Err())
	// Output: CPU: it was asked for <nil>
}

// A place that is not there is replaced by the CPU; who cannot do with that
// looks at Err.
func ExampleDevice_Err() {
	d := gpu.Open(gpu.Index(1000))
	fmt.Println(d.Place, errors.Is(d.Err(), gpu.ErrNoDevice))
	// Output: CPU true
}

// The simulator is a device like any other, and needs no GPU.
func ExampleDevice_Info() {
	d := gpu.Open(gpu.Simulator)
	defer d.Close()
	fmt.Println(d.Place, d.Info().Name)
	// Output: simulator simulator
}

func ExampleIndex() {
	fmt.Println(gpu.Index(0), gpu.Index(1), gpu.Auto)
	// Output: GPU 0 GPU 1 auto
}
