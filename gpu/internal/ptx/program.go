package ptx

import (
	"fmt"
)

// Program is a kernel translated for the Machine: operands are looked up,
// constants lie in registers, shared variables have addresses.
type Program struct {
	Name string

	entry    *Entry
	code     []inst
	quick    []quick // of code
	values   int     // registers of 16 to 64 bits
	tests    int     // predicates
	fixed    []fixed
	given    []given
	specials []special

	shared      []placed
	sharedBytes int
	dynamic     bool // has a variable of a size that the launch gives
	ordered     bool // has fences, acquires or releases: see order
	globalGrain uint // log2 of the bytes of global memory that are watched together
}

// fixed is a register with the same value in all lanes.
type fixed struct {
	reg   int32
	value uint64
}

// given is a register that holds a parameter.
type given struct {
	reg          int32
	offset, size int
}

type special struct {
	reg  int32
	name string
}

type placed struct {
	Variable
	offset int
}

// step says how the warp runs an instruction.
type step uint8

const (
	doValue step = iota
	doTest
	doLogic
	doSelect
	doBranch
	doReturn
	doLoad
	doStore
	doAtomic
	doBarrier
	doWarpBarrier
	doShuffle
	doVote
	doMatch
	doReduce
	doActive
	doApproximate
	doMatrix // a whole warp: ldmatrix, mma
	doCopy   // cp.async
	doCommit
	doLand
	doFence
	doPause
	doTrap
)

// inst is an instruction. Fields that a step does not use are 0, which is a
// register that nothing reads.
type inst struct {
	step          step
	value         loop
	test          test
	logic         func(a, b uint32) uint32
	guard         int32  // predicate
	guarded       int32  // where it is noted in which lanes the guard is set
	flip          uint32 // all ones: run where it is false
	d, a, b, c, e int32
	target        int32 // of a branch
	reads, sets   []int32
	memory        *access
	mode          string
	about         uint64
	matrix        func(w *warp, in *inst)
	regs          []int32 // of a matrix instruction
	parts         []inst  // the accesses that an instruction is made of
	statement     int32
}

func (p *Program) line(in *inst) int {
	if int(in.statement) < len(p.entry.code) {
		return p.entry.code[in.statement].line
	}
	return p.entry.Line
}

func (p *Program) text(in *inst) string {
	if int(in.statement) < len(p.entry.code) {
		return p.entry.code[in.statement].text(p.entry)
	}
	return "end of the body"
}

// Program translates the kernel. It returns an UnknownInstruction if there is
// one that the Machine cannot run.
func (e *Entry) Program() (*Program, error) {
	t := &translator{
		entry:   e,
		program: &Program{Name: e.Name, entry: e, values: 2, tests: 2, globalGrain: 4},
		slots:   make([]int32, len(e.registers)),
		consts:  map[uint64]int32{},
		symbols: map[string]int32{},
	}
	if err := t.translate(); err != nil {
		return nil, fmt.Errorf("ptx: %s: %w", e.Name, err)
	}
	return t.program, nil
}

// UnknownInstruction is the error of Program for an instruction that the
// Machine does not know.
type UnknownInstruction struct {
	Line int
	Name string
}

func (u *UnknownInstruction) Error() string {
	return fmt.Sprintf("line %d: %s: an instruction that the simulator does not know", u.Line, u.Name)
}

// register names what the warp's note r is about.
func (p *Program) register(r int32) string {
	values, tests := int32(2), int32(p.values)+2
	for _, reg := range p.entry.registers {
		at := &values
		if reg.typ == "pred" {
			at = &tests
		}
		if *at == r {
			return reg.name
		}
		*at++
	}
	return "?"
}
