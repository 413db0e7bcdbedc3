package prim

import (
	"math"

	"surprisal/gpu/internal/device"
)

// fits says whether the sum over so many rows of what tables say of their counts
// surely stays within 64 bits, and so within a word of a device. Of digammas it
// does up to a million rows.
func (p *plan) fits(tables [][]int64, rows int) bool {
	low, high := 0.0, 0.0
	for m, t := range tables {
		if t == nil {
			continue
		}
		var least, most int64
		if m > 0 && tables[m-1] != nil && &t[0] == &tables[m-1][0] {
			continue // twice the last, below
		}
		for _, v := range t[:p.rows+1] {
			least, most = min(least, v), max(most, v)
		}
		times := 1.0
		for n := m + 1; n < len(tables) && tables[n] != nil && &tables[n][0] == &t[0]; n++ {
			times++
		}
		low, high = low+times*float64(least), high+times*float64(most)
	}
	return max(-low, high)*float64(rows) < 0.999*math.MaxInt64
}

// upload puts the tables of so many marginals on the device, with zeros for those
// that are missing.
func (o *onDevice) uploadTables(marginals int) (err error) {
	parts := make([][]int64, marginals)
	for m := range parts {
		if o.tables[m] == nil {
			parts[m] = make([]int64, o.rows+1)
		} else {
			parts[m] = o.tables[m][:o.rows+1]
		}
	}
	o.tablesOn, err = device.Upload(o.t, o.arena, parts...)
	return err
}

// results are sums and numbers of tied rows on the device, in one piece of memory.
type results struct {
	all  device.Buffer[int64]
	sums device.Buffer[int64]
	tied device.Buffer[uint32]
}

// newResults is memory for the results of n items, all zero.
func (o *onDevice) newResults(n int) (r results, err error) {
	if r.all, err = device.Alloc[int64](o.t, o.arena, n+(n+1)/2); err != nil {
		return r, err
	}
	r.sums, r.tied = r.all.Slice(0, n), device.As[uint32](r.all.Slice(n, n+(n+1)/2)).Slice(0, n)
	return r, device.Zero(o.t, o.arena.Stream, r.all)
}

// fetch waits for the results.
func (o *onDevice) fetch(r results) (sums []int64, tied func(i int) int, err error) {
	flat := make([]int64, r.all.Len())
	err = device.Download(o.ctx, o.t, o.arena.Stream, flat, r.all)
	sums = flat[:r.sums.Len()]
	words := flat[len(sums):]
	return sums, func(i int) int { return int(uint32(words[i/2] >> (32 * (i % 2)))) }, err
}
