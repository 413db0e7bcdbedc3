package transport

import (
	"bytes"
	"errors"
	"testing"
)

// still is a peer whose writer does not run.
func still(limit int) *peer {
	p := &peer{limit: limit}
	p.wake.L = &p.mu
	return p
}

func sized(n int) packet { return packet{pieces: [][]byte{make([]byte, n)}, size: n} }

func TestQueueBound(t *testing.T) {
	for _, row := range []struct {
		name, reason string
		waiting, add int
		keep         bool
		want         error
	}{
		{"fits exactly", "the bound itself is allowed", 60, 40, false, nil},
		{"one too many", "the bound", 60, 41, false, errOverflow},
		{"alone", "one message goes through however large", 0, 500, false, nil},
		{"status", "never dropped for output", 100, 50, true, nil},
		{"endless statuses", "memory is bounded all the same", 100, statusReserve + 1, true, errOverflow},
	} {
		p := still(100)
		if row.waiting > 0 {
			p.send(sized(row.waiting))
		}
		k := sized(row.add)
		k.keep = row.keep
		if err := p.send(k); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v (%s)", row.name, err, row.want, row.reason)
		}
		if p.full != (row.want != nil) {
			t.Errorf("%s: marked full: %v", row.name, p.full)
		}
	}
}

// Half of a message may be out already when a PONG is due.
func TestPongStandsBetweenMessages(t *testing.T) {
	p := still(1 << 20)
	half := packet{pieces: [][]byte{[]byte("abcdef")}, size: 6, off: 3}
	p.queue = []packet{half, {pieces: [][]byte{[]byte("gh")}, size: 2}}
	p.sendPong([]byte("PONG"))
	var out []byte
	for len(p.queue) > 0 || p.pong != nil {
		buffers, _ := p.batch(nil)
		out = append(out, bytes.Join(buffers, nil)...)
	}
	if want := "defghPONG"; string(out) != want {
		t.Errorf("%q on the wire after abc, want %q", out, want)
	}
}

// A batch holds whole messages, also those of more pieces than it takes.
func TestBatches(t *testing.T) {
	p := still(1 << 30)
	many := packet{pieces: bytesN(batchPieces+1, []byte("x")), size: batchPieces + 1}
	for _, k := range []packet{sized(10), many, sized(batchBytes), sized(5)} {
		p.queue = append(p.queue, k)
		p.pending += k.size
	}
	for i, want := range []int{10, batchPieces + 1, batchBytes, 5} {
		buffers, size := p.batch(nil)
		if n := len(bytes.Join(buffers, nil)); size != want || n != want {
			t.Errorf("batch %d: %d bytes, said %d, want %d", i, n, size, want)
		}
	}
}
