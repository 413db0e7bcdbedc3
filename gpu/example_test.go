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
	d := gpu.Open(gpu.Simulator)
	fmt.Println(d.Place, errors.Is(d.Err(), gpu.ErrNoDevice))
	// Output: CPU true
}

func ExampleIndex() {
	fmt.Println(gpu.Index(0), gpu.Index(1), gpu.Auto)
	// Output: GPU 0 GPU 1 auto
}
