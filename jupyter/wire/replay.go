package wire

import (
	"crypto/sha256"
	"sync"
)

// replayDigests bounds the memory of signatures: jupyter_client keeps as many.
const replayDigests = 65536

// digest is the first half of a signature. 128 bits cannot collide by
// accident, and half the bytes keep a full cache near 4 MB.
type digest [sha256.Size / 2]byte

// replays remembers the newest replayDigests signatures. The ring grows with
// use, so a short session pays for what it sent only.
type replays struct {
	mu   sync.Mutex
	seen map[digest]struct{}
	ring []digest
	next int
}

// add reports whether the signature is new, and remembers it. Only verified
// signatures may come here: otherwise a stranger could push the good ones out.
func (r *replays) add(sum []byte) bool {
	d := digest(sum[:len(digest{})])
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.seen[d]; ok {
		return false
	}
	if r.seen == nil {
		r.seen = make(map[digest]struct{})
	}
	r.seen[d] = struct{}{}
	if len(r.ring) < replayDigests {
		r.ring = append(r.ring, d)
		return true
	}
	delete(r.seen, r.ring[r.next])
	r.ring[r.next] = d
	r.next = (r.next + 1) % replayDigests
	return true
}
