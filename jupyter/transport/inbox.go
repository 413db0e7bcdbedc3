package transport

import (
	"context"
	"sync"
)

// inbox is an unbounded queue between a reader and whoever receives.
type inbox[T any] struct {
	mu    sync.Mutex
	items []T
	err   error
	ready chan struct{} // holds a token while there may be something
}

func newInbox[T any]() *inbox[T] { return &inbox[T]{ready: make(chan struct{}, 1)} }

func (b *inbox[T]) put(v T) {
	b.mu.Lock()
	b.items = append(b.items, v)
	b.mu.Unlock()
	b.signal()
}

// end makes get return err once the inbox is empty.
func (b *inbox[T]) end(err error) {
	b.mu.Lock()
	if b.err == nil {
		b.err = err
	}
	b.mu.Unlock()
	b.signal()
}

func (b *inbox[T]) signal() {
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

func (b *inbox[T]) get(ctx context.Context) (T, error) {
	for {
		b.mu.Lock()
		if len(b.items) > 0 {
			var zero T
			v := b.items[0]
			b.items[0] = zero
			if b.items = b.items[1:]; len(b.items) == 0 {
				b.items = nil
			} else {
				b.signal() // for another receiver
			}
			b.mu.Unlock()
			return v, nil
		}
		err := b.err
		b.mu.Unlock()
		var zero T
		if err != nil {
			b.signal()
			return zero, err
		}
		select {
		case <-b.ready:
		case <-ctx.Done():
			return zero, ctx.Err()
		}
	}
}
