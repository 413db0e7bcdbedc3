package device

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"surprisal/gpu/internal/driver"
)

// Receive waits for the stream and hands the values of a buffer to use where they
// lie in pinned memory, without a copy in between: values are those from index at
// on, for as long as the call lasts. Calls for a large buffer run side by side on
// goroutines of their own, in any order, while more arrives; all have returned
// when Receive does. It looks at ctx between pieces; with an error not all values
// were handed out.
func Receive[T Scalar](ctx context.Context, t *Thread, s *Stream, b Buffer[T], use func(at int, values []T)) error {
	if err := t.alive(); err != nil {
		return err
	}
	if s.capturing.Load() {
		return fmt.Errorf("gpu: a copy to the host while a graph is captured: copy after it has run")
	}
	var v T
	size := int(unsafe.Sizeof(v))
	w := window{t: t, use: func(at int, bytes []byte) { use(at/size, values[T](bytes)) }}
	if b.n == 0 {
		return t.Wait(ctx, s)
	}
	if err := w.run(ctx, s, b.address, int(b.bytes())); err != nil {
		return err
	}
	t.d.stats.harvest(t) // with the last copy all before it was done
	return context.Cause(ctx)
}

// window is a download: pieces that the device fills, and who takes what is in them.
type window struct {
	t        *Thread
	use      func(at int, bytes []byte)
	flying   []flight
	portions chan portion // of what has arrived, and nobody took yet
	users    int          // goroutines that take portions
	done     sync.WaitGroup
}

// flight is a piece on its way: n bytes from at on.
type flight struct {
	piece *piece
	at, n int
}

// portion is a part of a piece, from at on. Who is through with the last one of a piece
// gives it back.
type portion struct {
	at    int
	bytes []byte
	piece *piece
	left  *atomic.Int32
}

// Another goroutine wakes after some 50 µs, in which portionBytes can be copied: less
// is not worth its while. As each wakes the next one, those that a large download needs
// at once are called when it begins, and stay awake for what takes no longer.
const (
	portionBytes = 256 << 10
	mostUsers    = 12
	earlyUsers   = 4
	stayAwake    = 200 * time.Microsecond
)

func (w *window) run(ctx context.Context, s *Stream, from driver.Address, bytes int) error {
	w.portions = make(chan portion, pieces*pieceBytes/portionBytes)
	defer func() {
		close(w.portions)
		w.take() // rather than wait for others to begin
		w.done.Wait()
	}()
	for range min(earlyUsers, bytes/portionBytes/2, runtime.GOMAXPROCS(0)-1) {
		w.call()
	}
	for at := 0; at < bytes; {
		p, err := w.next(ctx)
		if err != nil {
			return w.drop(err)
		}
		n := min(bytes-at, len(p.memory))
		err = w.t.d.failed("CopyToHost", w.t.d.calls.CopyToHost(p.memory[:n], from+driver.Address(at), s.handle))
		if err = w.t.hand(p, s, err); err != nil {
			w.t.d.staging.put(p)
			return w.drop(err)
		}
		w.flying = append(w.flying, flight{p, at, n})
		at += n
	}
	for len(w.flying) > 0 {
		if err := w.land(); err != nil {
			return w.drop(err)
		}
	}
	return nil
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

// land waits for the oldest piece in flight and gives it to those who use it.
func (w *window) land() error {
	f := w.flying[0]
	w.flying = w.flying[1:]
	staging := &w.t.d.staging
	if err := staging.settle(w.t, f.piece); err != nil {
		staging.put(f.piece)
		return err
	}
	if f.n <= portionBytes {
		w.use(f.at, f.piece.memory[:f.n])
		staging.put(f.piece)
		return nil
	}
	left := new(atomic.Int32)
	left.Store(int32((f.n + portionBytes - 1) / portionBytes))
	for i := 0; i < f.n; i += portionBytes {
		w.portions <- portion{f.at + i, f.piece.memory[i:min(f.n, i+portionBytes)], f.piece, left} // there is room: as much as all pieces have
		if w.users < mostUsers {
			w.call()
		}
	}
	return nil
}

// call has one more goroutine take portions.
func (w *window) call() {
	w.users++
	w.done.Go(w.take)
}

// take uses portions until there are no more to come.
func (w *window) take() {
	for {
		s, more := w.wait()
		if !more {
			return
		}
		w.use(s.at, s.bytes)
		if s.left.Add(-1) == 0 {
			w.t.d.staging.put(s.piece)
		}
	}
}

// wait is the next portion, if there is one: at first it asks without a pause.
func (w *window) wait() (s portion, more bool) {
	for begin := time.Now(); time.Since(begin) < stayAwake; {
		select {
		case s, more = <-w.portions:
			return s, more
		default:
		}
	}
	s, more = <-w.portions
	return s, more
}

// drop gives up what is in flight; its events tell when the pieces are free again.
func (w *window) drop(err error) error {
	for _, f := range w.flying {
		w.t.d.staging.put(f.piece)
	}
	return err
}
