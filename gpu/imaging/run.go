package imaging

import (
	"context"
	"sync"
	"sync/atomic"
)

// part is some rows of a map, from top on.
type part struct {
	top, width int
	bits       []float64
	bytes      []uint8  // in place of bits, in a short form
	halves     []uint16 // likewise
	occupied   []uint16 // nil if nobody asked for it
}

func newPart(top, rows, width int, occupied bool) *part {
	m := &part{top: top, width: width, bits: make([]float64, rows*width)}
	if occupied {
		m.occupied = make([]uint16, rows*width)
	}
	return m
}

// row returns row y of the map.
func (m *part) row(y int) []float64 { return m.bits[(y-m.top)*m.width:][:m.width:m.width] }

func (m *part) setOccupied(x, y, n int) {
	if m.occupied != nil {
		m.occupied[(y-m.top)*m.width+x] = uint16(n)
	}
}

// copyTo copies the rows to their place in whole.
func (m *part) copyTo(whole *part) {
	copy(whole.bits[m.top*m.width:], m.bits)
	if m.occupied != nil {
		copy(whole.occupied[m.top*m.width:], m.occupied)
	}
}

// bandRows is the number of output rows that a thread takes at a time, between
// two looks at ctx: 16, a multiple of the 4 that run together, and fewer where
// windows are so large that 16 would take much longer than 50 ms.
func (p *plan) bandRows() int {
	if p.foot.kind == tile {
		return 1
	}
	const updates = 25e6 // in 50 ms, at 2 ns each
	return max(1, min(16, updates/(2*p.foot.h*p.outW)))
}

// run computes the map band by band on the plan's threads. Memory for the whole
// map, if none is given, is made and cleared beside them; what is done before lies
// in parts of its own. With two threads that is worth 4 % of the time.
func (p *plan) run(ctx context.Context, whole *part, occupied bool) (*part, error) {
	rows := p.bandRows()
	bands := (p.outH + rows - 1) / rows
	threads := min(p.threads, bands)
	t := newTable(p.maxArea(), p.foot.kind != tile || p.maxArea() <= exactArea)
	made := make(chan struct{})
	if whole == nil && threads == 1 {
		whole = newPart(0, p.outH, p.outW, occupied)
	}
	if whole != nil {
		close(made)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	panics := make(chan any, threads)
	for range threads {
		wg.Go(func() {
			// A panic here would end the process. It is the caller's: of a
			// context of its own making, say.
			defer func() {
				if v := recover(); v != nil {
					panics <- v
				}
			}()
			w := newWorker(p, t)
			var early []*part
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= bands {
					break
				}
				y0, y1 := i*rows, min(p.outH, (i+1)*rows)
				select {
				case <-made:
					w.band(whole, y0, y1)
				default:
					early = append(early, newPart(y0, y1-y0, p.outW, occupied))
					w.band(early[len(early)-1], y0, y1)
				}
			}
			<-made
			for _, m := range early {
				m.copyTo(whole)
			}
		})
	}
	if whole == nil {
		whole = newPart(0, p.outH, p.outW, occupied)
		close(made)
	}
	wg.Wait()
	select {
	case v := <-panics:
		panic(v)
	default:
	}
	if int(next.Load()) < bands {
		return nil, context.Cause(ctx)
	}
	return whole, ctx.Err()
}
