// Package device runs our kernels on a GPU, or on whatever else answers to the
// driver's table of calls. The ops in their _cuda.go files are its users.
//
//	err := d.Do(func(t *device.Thread) error {
//		k, err := t.Kernel("entropy_map_u8_256")
//		a, err := t.Arena("cell 3")
//		defer a.Close()
//		image, err := device.Upload(t, a, pixels)
//		bits, err := device.Alloc[float32](t, a, n)
//		err = t.Launch(a.Stream, k, device.Dim{X: 8, Y: 64, Z: 1}, cuda.EntropyMap{Image: image.Address(), …}.Params())
//		return device.Download(ctx, t, a.Stream, out, bits)
//	})
//
// A Thread is the permission to call the driver: it exists only inside of Do,
// which ties the goroutine to its thread of the system and makes the device's
// context current there. It belongs to that goroutine. Streams, arenas, kernels
// and graphs may be shared between goroutines.
//
// Memory comes from a pool that is ordered by streams, has a budget, and gives
// what it keeps back before it fails. What an arena holds goes back when it is
// closed; nobody waits for the device then.
//
// After an error that the context does not survive (a kernel's illegal access, a
// device that fell off the bus) every call fails with the same *LostError, and
// nothing calls the driver again: a new process can use the device again, this
// one cannot.
package device
