package kernel

import (
	"context"
	"encoding/json"
	"sync"
	"time"
)

// Cells whose parents are kept for late output: so many newest executions, and
// so many newest comm messages (a slider that is dragged must not push out the
// cells).
const (
	keepCells = 4096
	keepComms = 256
)

// cell is where output of one execution, or of one comm message, goes.
type cell struct {
	id     CellID
	count  int
	parent json.RawMessage
	idents [][]byte
	silent bool
	stdin  bool
	store  bool
	ctx    context.Context // ends with the cell, or with its interrupt
	begin  func()          // publishes that it runs, once; nil for a comm message

	mu    sync.Mutex // held while anything of the cell is sent: keeps its outputs in order
	out   [2]stream  // stdout, stderr
	spent int        // JSON bytes of streams that were shown
	asOf  time.Time  // when spent last shrank; after the end only
	spill *spill     // not nil once the limit was passed
	ended bool
	shown *Error // the newest error that was sent
}

// cellTable finds the cell of an output.
type cellTable struct {
	mu     sync.Mutex
	byID   map[CellID]*cell
	cells  ring
	comms  ring
	newest *cell // newest execution: takes what belongs to nobody
}

// announce sees to it that front ends know of the cell before they hear from it.
func (c *cell) announce() {
	if c != nil && c.begin != nil {
		c.begin()
	}
}

func newCellTable() *cellTable {
	return &cellTable{byID: map[CellID]*cell{}, cells: ring{size: keepCells}, comms: ring{size: keepComms}}
}

// add keeps c, and forgets the oldest of its kind. The running cell is the
// newest and so never forgotten.
func (t *cellTable) add(c *cell, comm bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byID[c.id] = c
	kind := &t.cells
	if comm {
		kind = &t.comms
	} else {
		t.newest = c
	}
	if old, full := kind.push(c.id); full {
		delete(t.byID, old)
	}
}

// get finds the cell of id. Output of a cell that is no longer known, or of
// none, goes to the newest execution, where somebody sees it; nil before the
// first.
func (t *cellTable) get(id CellID) *cell {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.byID[id]; c != nil {
		return c
	}
	return t.newest
}

// ring is the newest size ids.
type ring struct {
	size int
	ids  []CellID
	next int
}

// push adds id; if the ring was full, old is what it replaced.
func (r *ring) push(id CellID) (old CellID, full bool) {
	if len(r.ids) < r.size {
		r.ids = append(r.ids, id)
		return 0, false
	}
	old, r.ids[r.next] = r.ids[r.next], id
	r.next = (r.next + 1) % r.size
	return old, true
}
