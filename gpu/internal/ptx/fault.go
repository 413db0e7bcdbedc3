package ptx

import "fmt"

// Kind is what went wrong.
type Kind uint8

const (
	OutOfBounds Kind = iota + 1
	Misaligned
	Uninitialised
	Race
	Divergence // a barrier or a warp-wide instruction without all its threads
	Endless    // more instructions than the launch allows
	Trap       // the kernel ran trap
)

func (k Kind) String() string {
	switch k {
	case OutOfBounds:
		return "out of bounds"
	case Misaligned:
		return "misaligned"
	case Uninitialised:
		return "uninitialised"
	case Race:
		return "race"
	case Divergence:
		return "divergence"
	case Endless:
		return "endless"
	case Trap:
		return "trap"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Fault is the first thing that a launch did wrong.
type Fault struct {
	Kind    Kind
	Kernel  string
	Line    int    // of the PTX file
	Text    string // the instruction
	Block   Dim
	Thread  int // of the block
	Lane    int // of the warp
	Address uint64
	What    string
}

func (f *Fault) Error() string {
	return fmt.Sprintf("ptx: %s: line %d: %s: block (%d,%d,%d), thread %d, lane %d: %s: %s",
		f.Kernel, f.Line, f.Text, f.Block.X, f.Block.Y, f.Block.Z, f.Thread, f.Lane, f.Kind, f.What)
}

// fault stops the launch. It is recovered by Machine.Launch.
func (w *warp) fault(kind Kind, in *inst, lane int, address uint64, format string, args ...any) {
	r := w.run
	f := &Fault{Kind: kind, Kernel: r.program.Name, Line: r.program.line(in), Text: r.program.text(in), Block: w.block.at,
		Thread: w.first + lane, Lane: lane, Address: address, What: fmt.Sprintf(format, args...)}
	panic(f)
}
