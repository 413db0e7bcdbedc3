package device

import (
	"fmt"
	"math"
	"unsafe"

	"surprisal/gpu/internal/driver"
)

// Scalar is what a buffer may hold.
type Scalar interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Buffer is an array in device memory. It belongs to an arena and is gone with it.
// The zero value is empty.
type Buffer[T Scalar] struct {
	address driver.Address
	n       int
}

// Alloc is a buffer of n values, which are whatever lay there before.
func Alloc[T Scalar](t *Thread, a *Arena, n int) (Buffer[T], error) {
	var v T
	if err := t.alive(); err != nil {
		return Buffer[T]{}, err
	}
	switch {
	case a.closed.Load():
		return Buffer[T]{}, fmt.Errorf("gpu: arena %s: %w", a.holding.name, ErrClosed)
	case n < 0 || uint64(n) > math.MaxInt64/uint64(unsafe.Sizeof(v)):
		return Buffer[T]{}, fmt.Errorf("gpu: a buffer of %d values", n)
	case n == 0:
		return Buffer[T]{}, nil
	case a.Stream.capturing.Load():
		return Buffer[T]{}, fmt.Errorf("gpu: a buffer while a graph is captured: allocate before")
	}
	b, err := t.d.pool.alloc(t, a.holding, uint64(n)*uint64(unsafe.Sizeof(v)))
	if err != nil {
		return Buffer[T]{}, err
	}
	return Buffer[T]{b.address, n}, nil
}

// Address is what a kernel is given, 0 for an empty buffer.
func (b Buffer[T]) Address() uint64 { return uint64(b.address) }

// Len is the number of values.
func (b Buffer[T]) Len() int { return b.n }

// Slice is the part from i to j, in the same memory. It panics as slices do.
func (b Buffer[T]) Slice(i, j int) Buffer[T] {
	if i < 0 || j < i || j > b.n {
		panic(fmt.Sprintf("gpu: internal error: slice [%d:%d] of a buffer of %d", i, j, b.n))
	}
	if i == j {
		return Buffer[T]{}
	}
	var v T
	return Buffer[T]{b.address + driver.Address(uintptr(i)*unsafe.Sizeof(v)), j - i}
}

// As is a buffer as values of another type, in the same memory.
func As[U, T Scalar](b Buffer[T]) Buffer[U] {
	var v U
	return Buffer[U]{b.address, int(b.bytes() / uint64(unsafe.Sizeof(v)))}
}

func (b Buffer[T]) bytes() uint64 {
	var v T
	return uint64(b.n) * uint64(unsafe.Sizeof(v))
}

// raw is the memory of a slice as bytes.
func raw[T Scalar](s []T) []byte {
	var v T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(v)))
}

// values is pinned memory as values, which it is aligned for.
func values[T Scalar](b []byte) []T {
	var v T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(v)))
}
