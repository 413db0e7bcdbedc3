package prim

import (
	"math"

	"surprisal/gpu/internal/device"
)

// summed says whether the device adds up what tables say of the counts of so many
// rows: if there are tables, and the sum fits. Then there is room for the tables, which
// late writes.
func (o *onDevice) summed(rows int) (bool, error) {
	if o.tabled() == 0 || !o.fits(rows) {
		return false, nil
	}
	return true, o.roomForTables()
}

// tabled is how many marginals have tables.
func (o *onDevice) tabled() (marginals int) {
	if o.tables == nil {
		return 0
	}
	for i := range o.Problems {
		marginals = max(marginals, len(o.Problems[i].Marginals))
	}
	return marginals
}

// fits says whether the sum of what tables say of so many rows surely stays within 64
// bits. That of digammas does up to a million rows.
func (o *onDevice) fits(rows int) bool {
	if o.reach == 0 {
		o.reach = reach(o.tables[:o.tabled()], o.rows)
	}
	return o.reach*float64(rows) < 0.999*math.MaxInt64
}

func (o *onDevice) roomForTables() (err error) {
	if o.tablesOn.Len() == 0 {
		o.tablesOn, err = device.Alloc[int64](o.t, o.arena, o.tabled()*(o.rows+1))
	}
	return err
}

// writeTables gives a stream the tables, zeros for those that are missing.
func (o *onDevice) writeTables(s *device.Stream) error {
	parts := make([][]int64, o.tablesOn.Len()/(o.rows+1))
	for m := range parts {
		if o.tables[m] == nil {
			parts[m] = make([]int64, o.rows+1)
		} else {
			parts[m] = o.tables[m][:o.rows+1]
		}
	}
	return device.Write(o.t, s, o.tablesOn, parts...)
}

// reach is how large the sum of a row can be, of the entries that counts of so many
// rows can name. It is above 0.
func reach(tables [][]int64, rows int) float64 {
	low, high := 0.0, 1.0
	var least, most int64
	for m, t := range tables {
		if t == nil {
			continue
		}
		if m == 0 || tables[m-1] == nil || &t[0] != &tables[m-1][0] { // else as the last
			least, most = extremes(t[:rows+1])
		}
		low, high = low+float64(least), high+float64(most)
	}
	return max(-low, high)
}

// extremes are the least and the greatest value, and 0.
func extremes(t []int64) (least, most int64) {
	var a, b, c, d int64 // of two runs: each waits for itself alone
	for len(t) >= 2 {
		a, b, c, d = min(a, t[0]), max(b, t[0]), min(c, t[1]), max(d, t[1])
		t = t[2:]
	}
	for _, v := range t {
		a, b = min(a, v), max(b, v)
	}
	return min(a, c), max(b, d)
}

// tablesFrom is the address of the table of a marginal.
func (o *onDevice) tablesFrom(m int) uint64 { return o.tablesOn.Address() + uint64(8*m*(o.rows+1)) }

// results are sums and numbers of tied rows on the device, in one piece of memory.
type results struct {
	all  device.Buffer[uint32]
	sums device.Buffer[int64]
	tied device.Buffer[uint32]
}

// newResults is memory for the results of n items.
func (o *onDevice) newResults(n int) (r results, err error) {
	if r.all, err = device.Alloc[uint32](o.t, o.arena, 3*n); err != nil {
		return r, err
	}
	r.sums, r.tied = device.As[int64](r.all.Slice(0, 2*n)), r.all.Slice(2*n, 3*n)
	return r, nil
}

// fetch waits for the results.
func (o *onDevice) fetch(r results) (sum func(i int) int64, tied func(i int) int, err error) {
	flat, n := make([]uint32, r.all.Len()), r.sums.Len()
	err = device.Download(o.ctx, o.t, o.arena.Stream, flat, r.all)
	return func(i int) int64 { return int64(uint64(flat[2*i+1])<<32 | uint64(flat[2*i])) }, func(i int) int { return int(flat[2*n+i]) }, err
}
