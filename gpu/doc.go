// Package gpu chooses where computing runs. Open never fails: without a GPU
// that can be used the device is the CPU, and Reason says why.
//
//	d := gpu.Open(gpu.Auto)
//	fmt.Println(d) // CPU: no NVIDIA driver was found: …
//
// This version has no kernels for GPUs: everything runs on the CPU, and Reason
// says that too.
package gpu
