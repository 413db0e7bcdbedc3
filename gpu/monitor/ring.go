package monitor

// Ring keeps the newest snapshots, a minute of them at one a second. The zero
// Ring is empty. It is not for use by several goroutines at once.
type Ring struct {
	list [60]Snapshot
	next int
	n    int
}

// Add adds s in place of the oldest if the ring is full.
func (r *Ring) Add(s Snapshot) {
	r.list[r.next] = s
	r.next = (r.next + 1) % len(r.list)
	r.n = min(r.n+1, len(r.list))
}

// All returns the snapshots, oldest first, in a slice of its own.
func (r *Ring) All() []Snapshot {
	out := make([]Snapshot, 0, r.n)
	for i := range r.n {
		out = append(out, r.list[(r.next-r.n+i+len(r.list))%len(r.list)])
	}
	return out
}

// Last returns the newest snapshot, and whether there is one.
func (r *Ring) Last() (Snapshot, bool) {
	if r.n == 0 {
		return Snapshot{}, false
	}
	return r.list[(r.next-1+len(r.list))%len(r.list)], true
}
