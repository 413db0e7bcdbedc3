package kernel

import (
	"context"
	"sync"
	"time"
)

// burstMessages may go out at once before the rate holds. With 900 a second it
// keeps every window of three seconds under the 3,000 messages that Jupyter's
// server lets through.
const burstMessages = 200

// pacer is a bucket of messages. It is full again at every idle, because the
// server's count starts anew there.
type pacer struct {
	mu     sync.Mutex
	rate   float64
	tokens float64
	as     time.Time // tokens is of then
}

func newPacer(perSecond int) *pacer {
	return &pacer{rate: float64(perSecond), tokens: burstMessages, as: time.Now()}
}

// spend takes a message without waiting; the next wait pays for it.
func (p *pacer) spend() (debt time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.tokens = min(burstMessages, p.tokens+p.rate*now.Sub(p.as).Seconds()) - 1
	p.as = now
	if p.tokens >= 0 {
		return 0
	}
	return time.Duration(-p.tokens / p.rate * float64(time.Second))
}

// wait takes a message and blocks until it may go out. After ctx it does not:
// what an interrupted cell has left is bounded, and nobody wants to wait.
func (p *pacer) wait(ctx context.Context) {
	debt := p.spend()
	if debt == 0 || ctx.Err() != nil {
		return
	}
	t := time.NewTimer(debt)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (p *pacer) refill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens, p.as = burstMessages, time.Now()
}
