package device

// Needs is what a piece of work takes of a device, until something fails: Err is
// why, and what is asked for after it is empty.
type Needs struct {
	T   *Thread
	A   *Arena
	Err error
}

// Take is Alloc of what is needed.
func Take[T Scalar](n *Needs, length int) (b Buffer[T]) {
	if n.Err == nil {
		b, n.Err = Alloc[T](n.T, n.A, length)
	}
	return b
}

// Put is Upload of what is needed.
func Put[T Scalar](n *Needs, x []T) (b Buffer[T]) {
	if n.Err == nil {
		b, n.Err = Upload(n.T, n.A, x)
	}
	return b
}

// Kernel is that of the thread.
func (n *Needs) Kernel(name string) (k *Kernel) {
	if n.Err == nil {
		k, n.Err = n.T.Kernel(name)
	}
	return k
}

// Launch gives a launch to the arena's stream.
func (n *Needs) Launch(k *Kernel, grid Dim, params []byte) {
	if n.Err == nil {
		n.Err = n.T.Launch(n.A.Stream, k, grid, params)
	}
}
