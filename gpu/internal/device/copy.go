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
		n := copy(p.memory, left)
		err = t.d.failed("CopyToDevice", t.d.calls.CopyToDevice(to, p.memory[:n], s.handle))
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
	if s.capturing.Load() {
		return fmt.Errorf("gpu: a copy to the host while a graph is captured: copy after it has run")
	}
	w := window{t: t, to: raw(dst)}
	from := b.address
	for left := len(w.to); left > 0; {
		p, err := w.next(ctx)
		if err != nil {
			return w.drop(err)
		}
		n := min(left, len(p.memory))
		err = t.d.failed("CopyToHost", t.d.calls.CopyToHost(p.memory[:n], from, s.handle))
		if err = t.hand(p, s, err); err != nil {
			t.d.staging.put(p)
			return w.drop(err)
		}
		w.flying = append(w.flying, flight{p, n})
		left, from = left-n, from+driver.Address(n)
	}
	for len(w.flying) > 0 {
		if err := w.land(); err != nil {
			return w.drop(err)
		}
	}
	if err := t.Wait(ctx, s); err != nil {
		return err
	}
	return nil
}

// window is a download: pieces that the device fills, and where they go.
type window struct {
	t      *Thread
	to     []byte
	flying []flight
}

type flight struct {
	piece *piece
	n     int
}

// next is a piece to fill. It waits for one only with none in flight: otherwise two
// downloads could wait for each other.
func (w *window) next(ctx context.Context) (*piece, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	for {
		p, err := w.t.d.staging.get(w.t, len(w.flying) > 0)
		if p != nil || err != nil {
			return p, err
		}
		if err := w.land(); err != nil {
			return nil, err
		}
	}
}

// land copies the oldest piece in flight.
func (w *window) land() error {
	f := w.flying[0]
	err := w.t.d.staging.settle(w.t, f.piece)
	if err == nil {
		copy(w.to, f.piece.memory[:f.n])
		w.to = w.to[f.n:]
	}
	w.flying = w.flying[1:]
	w.t.d.staging.put(f.piece)
	return err
}

// drop gives up what is in flight; its events tell when the pieces are free again.
func (w *window) drop(err error) error {
	for _, f := range w.flying {
		w.t.d.staging.put(f.piece)
	}
	return err
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
