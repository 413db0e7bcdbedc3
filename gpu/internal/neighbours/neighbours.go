// Package neighbours says what packages windows, boxes and triples count on a device, and
// of what: they differ in how they lay rows out.
package neighbours

import "surprisal/gpu/internal/device"

// Problem is a set of variables and what to count in it, as in package prim.
type Problem struct {
	Variables [][]int          // of each variable, its columns
	Marginals []uint32         // bit v: variable v takes part
	Shuffled  int              // the variable that orderings reorder; -1: none
	Box       bool             // by algorithm 2 of Kraskov, Stögbauer and Grassberger, else by algorithm 1
	Coarse    func(c int) bool // whether a column has few values; nil: none has
}

// Batch is what lies on the device.
type Batch struct {
	Columns   device.Buffer[float64] // [..][N], finite
	Barred    device.Buffer[int32]   // [N][2]: first and last row that is no neighbour
	Order     device.Buffer[int32]   // [Orderings][N]; empty: the data as they are
	Tables    device.Buffer[int64]   // [marginals][N+1]; empty: no sums
	N, K      int
	Orderings int // 1 if Order is empty
	NoCounts  bool
	Alone     bool // no row has others barred than itself, which Barred says, too

	// Late gives the stream what Barred holds and, if asked to, Tables, which is not
	// needed for sorting: the host writes it meanwhile. nil: it is there.
	Late func(tables bool) error

	// Where results go; empty: memory of the work. Boxes add to what is there.
	Sums device.Buffer[int64]
	Tied device.Buffer[uint32]

	// Flag ends long launches once it is raised; what they leave behind is nobody's. nil:
	// they run to their end.
	Flag *device.Flag
	// Long is from how much work on a launch looks at the flag, as each package measures
	// it; 0: from what takes a millisecond on an H200.
	Long int
}
