package device

import (
	"context"
	"fmt"

	"surprisal/gpu/internal/driver"
)

// Upload is a new buffer of an arena with the values of src, which may be changed
// as soon as it returns.
func Upload[T Scalar](t *Thread, a *Arena, src []T) (Buffer[T], error) {
	b, err := Alloc[T](t, a, len(src))
	if err != nil {
		return b, err
	}
	return b, Write(t, a.Stream, b, src)
}

// Write copies src, as long as the buffer, into it, in the order of a stream. src
// may be changed as soon as it returns.
func Write[T Scalar](t *Thread, s *Stream, b Buffer[T], src []T) error {
	if err := t.alive(); err != nil {
		return err
	}
	if len(src) != b.n {
		return fmt.Errorf("gpu: %d values for a buffer of %d", len(src), b.n)
	}
	if s.capturing.Load() {
		return fmt.Errorf("gpu: a copy from the host while a graph is captured: copy before")
	}
	to := b.address
	for left := raw(src); len(left) > 0; {
		p, err := t.d.staging.get(t, false)
		if err != nil {
			return err
		}
		n := min(len(left), len(p.memory))
		for at := 0; at < n && err == nil; at += shareBytes { // the first part is on its way while the next is copied
			part := p.memory[at:min(n, at+shareBytes)]
			copy(part, left[at:])
			err = t.d.failed("CopyToDevice", t.d.calls.CopyToDevice(to+driver.Address(at), part, s.handle))
		}
		err = t.hand(p, s, err)
		t.d.staging.put(p)
		if err != nil {
			return err
		}
		left, to = left[n:], to+driver.Address(n)
	}
	return nil
}

// hand marks a piece as in use by the stream until it has got here.
func (t *Thread) hand(p *piece, s *Stream, err error) error {
	if err != nil {
		return err
	}
	if p.passed, err = t.mark(s); err == nil {
		return nil
	}
	// No event to be had: the stream is waited for in its place.
	return t.d.try("StreamSynchronize", func() driver.Code { return t.d.calls.StreamSynchronize(s.handle) })
}

// Download waits for the stream and copies the buffer to dst, as long as it. It
// looks at ctx between pieces; with an error dst holds nothing of use.
func Download[T Scalar](ctx context.Context, t *Thread, s *Stream, dst []T, b Buffer[T]) error {
	if err := t.alive(); err != nil {
		return err
	}
	if len(dst) != b.n {
		return fmt.Errorf("gpu: a buffer of %d values into %d", b.n, len(dst))
	}
	return Receive(ctx, t, s, b, func(at int, values []T) { copy(dst[at:], values) })
}

// Zero fills a buffer with zero bytes, in the order of a stream.
func Zero[T Scalar](t *Thread, s *Stream, b Buffer[T]) error {
	if err := t.alive(); err != nil || b.n == 0 {
		return err
	}
	return t.d.failed("Fill", t.d.calls.Fill(b.address, 0, b.bytes(), s.handle))
}

// Copy copies a buffer to another of its length, on the device.
func Copy[T Scalar](t *Thread, s *Stream, dst, src Buffer[T]) error {
	if err := t.alive(); err != nil {
		return err
	}
	if dst.n != src.n {
		return fmt.Errorf("gpu: a buffer of %d values into one of %d", src.n, dst.n)
	}
	if dst.n == 0 {
		return nil
	}
	return t.d.failed("CopyOnDevice", t.d.calls.CopyOnDevice(dst.address, src.address, src.bytes(), s.handle))
}
