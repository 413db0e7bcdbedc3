package device

import (
	"cmp"
	"context"
	"fmt"
)

// Upload is a new buffer of an arena with the values of src, one slice behind the
// other. They may be changed as soon as it returns.
func Upload[T Scalar](t *Thread, a *Arena, src ...[]T) (Buffer[T], error) {
	n := 0
	for _, part := range src {
		n += len(part)
	}
	b, err := Alloc[T](t, a, n)
	if err != nil {
		return b, err
	}
	return b, Write(t, a.Stream, b, src...)
}

// Write copies src, together as long as the buffer, into it, in the order of a
// stream. It may be changed as soon as Write returns.
func Write[T Scalar](t *Thread, s *Stream, b Buffer[T], src ...[]T) error {
	n := 0
	for _, part := range src {
		n += len(part)
	}
	if err := t.alive(); err != nil {
		return err
	}
	if n != b.n {
		return fmt.Errorf("gpu: %d values for a buffer of %d", n, b.n)
	}
	part, at := 0, 0
	return WriteBy(t, s, b, func(_ int, to []T) {
		for len(to) > 0 {
			n := copy(to, src[part][at:])
			if to, at = to[n:], at+n; at == len(src[part]) {
				part, at = part+1, 0
			}
		}
	})
}

// WriteBy has fill write the values of the buffer from index from on, part by part
// in their order, into memory that the device copies from.
func WriteBy[T Scalar](t *Thread, s *Stream, b Buffer[T], fill func(from int, to []T)) error {
	if err := t.alive(); err != nil {
		return err
	}
	if s.capturing.Load() {
		return fmt.Errorf("gpu: a copy from the host while a graph is captured: copy before")
	}
	for from := 0; from < b.n; {
		p, err := t.d.staging.get(t, false)
		if err != nil {
			return err
		}
		all := values[T](p.memory)
		all = all[:min(len(all), b.n-from)]
		for len(all) > 0 && err == nil { // the first part is on its way while the next is written
			part := all[:min(len(all), max(1, portionBytes/len(raw(all[:1]))))]
			fill(from, part)
			err = t.d.failed("CopyToDevice", t.d.calls.CopyToDevice(b.Slice(from, from+len(part)).address, raw(part), s.handle))
			all, from = all[len(part):], from+len(part)
		}
		err = t.hand(p, s, err)
		t.d.staging.put(p)
		if err != nil {
			return err
		}
	}
	return nil
}

// hand marks a piece as in use by the stream until it has got here. After the error
// of a copy others may be under way still.
func (t *Thread) hand(p *piece, s *Stream, err error) error {
	if t.d.lost.Load() != nil {
		return err
	}
	e, failed := t.mark(s)
	if p.passed = e; failed != nil { // no event to be had: the stream is waited for in its place
		p.behind = s
		failed = t.d.staging.settle(t, p)
	}
	return cmp.Or(err, failed)
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
