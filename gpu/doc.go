// Package gpu chooses where computing runs. Open never fails: without a GPU
// that can be used the device is the CPU, and Reason says why.
//
//	d := gpu.Open(gpu.Auto)
//	defer d.Close()
//	fmt.Println(d) // GPU 0: NVIDIA H100 80GB HBM3, … or CPU: no NVIDIA driver was found: …
//
// A GPU needs the NVIDIA driver for CUDA 10 or later, compute capability 7.5 or
// later, and nothing else: our kernels are part of the program. The device's
// context is made at its first use, and kernels are compiled by the driver at
// theirs; what it compiled is kept in the user's cache folder.
//
// Errors of work on a device wrap one of ErrOutOfMemory, ErrDeviceLost,
// ErrUnsupported and ErrClosed. After ErrDeviceLost a new process is needed; a
// notebook restarts its kernel.
package gpu
