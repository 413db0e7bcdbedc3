package device

import (
	"fmt"
	"sync"
	"time"
)

// Record is a launch that was made.
type Record struct {
	Number      uint64 // of the launch, from 1
	At          time.Time
	Kernel      string
	Grid, Block Dim
}

func (r Record) String() string {
	return fmt.Sprintf("%s (launch %d, a grid of %v, blocks of %v)", r.Kernel, r.Number, r.Grid, r.Block)
}

// journal keeps the last launches, so that what a lost device did can be told.
type journal struct {
	mu   sync.Mutex
	last [64]Record
	n    uint64
}

func (j *journal) add(kernel string, grid, block Dim) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.n++
	j.last[j.n%uint64(len(j.last))] = Record{j.n, time.Now(), kernel, grid, block}
}

// records are the launches kept, oldest first.
func (j *journal) records() []Record {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []Record
	for i := j.n - min(j.n, uint64(len(j.last))) + 1; i <= j.n; i++ {
		out = append(out, j.last[i%uint64(len(j.last))])
	}
	return out
}

func (j *journal) count() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.n
}
