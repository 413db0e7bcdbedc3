package ptx

import (
	"fmt"
	"math/bits"
	"strings"
)

// Program is a kernel translated for the Machine: operands are looked up,
// constants lie in registers, shared variables have addresses.
type Program struct {
	Name string

	entry    *Entry
	code     []inst
	values   int // registers of 16 to 64 bits
	tests    int // predicates
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

// Instructions are the names of the instructions that the kernel uses, each
// once, in the order of their first use.
func (e *Entry) Instructions() []string {
	seen := map[string]bool{}
	var names []string
	for _, s := range e.code {
		if !seen[s.op] {
			seen[s.op] = true
			names = append(names, s.op)
		}
	}
	return names
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

type translator struct {
	entry   *Entry
	program *Program
	slots   []int32 // of registers, among the values or among the predicates
	consts  map[uint64]int32
	symbols map[string]int32 // parameters ("name+offset:size") and special registers
	now     *statement
	at      int32
}

// Two slots of each kind are taken: 0 is written and never read, and predicate
// 1 is read where an instruction has no guard and never written.
const always = 1

func (t *translator) translate() error {
	e, p := t.entry, t.program
	if e.Local {
		return fmt.Errorf("line %d: local memory: arrays that the compiler could not keep in registers are not simulated", e.Line)
	}
	for i, r := range e.registers {
		if r.typ == "pred" {
			t.slots[i] = int32(p.tests)
			p.tests++
		} else {
			t.slots[i] = int32(p.values)
			p.values++
		}
	}
	t.place()
	starts := make([]int32, len(e.code)+1)
	for i := range e.code {
		starts[i] = int32(len(p.code))
		t.now, t.at = &e.code[i], int32(i)
		if err := t.statement(); err != nil {
			if _, ok := err.(*UnknownInstruction); ok {
				return err
			}
			return fmt.Errorf("line %d: %s: %w", t.now.line, t.now.text(e), err)
		}
	}
	starts[len(e.code)] = int32(len(p.code))
	p.code = append(p.code, inst{step: doReturn, guard: always, guarded: t.flag(always), statement: int32(len(e.code))})
	settle := func(r int32) int32 {
		if r < 0 {
			r = int32(p.values) - 1 - r
		}
		return r
	}
	for i := range p.code {
		in := &p.code[i]
		if in.step == doBranch {
			in.target = starts[in.target]
		}
		in.guarded = settle(in.guarded)
		for j, r := range in.reads {
			in.reads[j] = settle(r)
		}
		for j, r := range in.sets {
			in.sets[j] = settle(r)
		}
	}
	return nil
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

// place lays the shared variables out, each at an address that is no multiple
// of more than its alignment, with a gap before it and behind it.
func (t *translator) place() {
	p := t.program
	const gap = 64
	for _, v := range t.entry.Shared {
		if v.extern {
			p.dynamic = true
			continue
		}
		at := roundUp(p.sharedBytes+gap, 2*v.Align) + v.Align
		p.shared = append(p.shared, placed{v, at})
		p.sharedBytes = at + v.Size
	}
	for _, v := range t.entry.Shared {
		if v.extern {
			at := roundUp(p.sharedBytes+gap, 2*v.Align) + v.Align
			p.shared = append(p.shared, placed{v, at})
		}
	}
}

func (t *translator) emit(in inst) {
	s := t.now
	in.guard, in.statement = always, t.at
	if s.guard >= 0 {
		in.guard = t.slots[s.guard]
		if s.not {
			in.flip = ^uint32(0)
		}
	}
	in.guarded = t.flag(in.guard)
	for i := range in.parts {
		in.parts[i].statement = t.at
	}
	t.program.code = append(t.program.code, in)
}

// flag is where the warp notes in which lanes a predicate has been set: behind
// the values, whose number is known at the end. Until then it is below 0.
func (t *translator) flag(predicate int32) int32 { return -1 - predicate }

func widthOf(letter byte) int {
	return map[byte]int{'b': 1, 'h': 2, 'w': 4, 'l': 8}[letter]
}

// result is the register that an operand of this width names.
func (t *translator) result(o operand, letter byte) (int32, error) {
	if o.kind == isSink {
		return 0, nil
	}
	if o.kind != isRegister || o.not {
		return 0, fmt.Errorf("%s where a register was expected", o.text(t.entry))
	}
	typ := t.entry.registers[o.reg].typ
	switch {
	case letter == 'p' && typ == "pred":
	case letter == 'p' || typ == "pred", letter == 'b' && sizeOf(typ) < 2, letter != 'b' && sizeOf(typ) != widthOf(letter):
		return 0, fmt.Errorf("register %s is of type %s", t.entry.registers[o.reg].name, typ)
	}
	return t.slots[o.reg], nil
}

// source is the register that holds an operand of this width, made if it is a
// number. It notes that the instruction reads it.
func (t *translator) source(in *inst, o operand, letter byte) (int32, error) {
	switch o.kind {
	case isRegister:
		r, err := t.result(o, letter)
		if err == nil {
			in.reads = append(in.reads, r)
		}
		return r, err
	case isNumber:
		v := o.number
		switch {
		case letter == 'l' && o.float == 'f', letter == 'w' && o.float == 'd', letter == 'h' && o.float != 0:
			return 0, fmt.Errorf("%s has the wrong width", o.text(t.entry))
		case letter != 'l':
			v &= 1<<(8*widthOf(letter)) - 1
		}
		return t.constant(v), nil
	case isSymbol:
		return t.symbol(o.name, letter)
	}
	return 0, fmt.Errorf("%s where a value was expected", o.text(t.entry))
}

func (t *translator) constant(v uint64) int32 {
	if r, ok := t.consts[v]; ok {
		return r
	}
	r := t.fresh()
	t.consts[v] = r
	t.program.fixed = append(t.program.fixed, fixed{r, v})
	return r
}

func (t *translator) fresh() int32 {
	t.program.values++
	return int32(t.program.values - 1)
}

func (t *translator) symbol(name string, letter byte) (int32, error) {
	for _, v := range t.program.shared {
		if v.Name == name {
			return t.constant(uint64(v.offset)), nil
		}
	}
	if !specials[name] {
		return 0, fmt.Errorf("%s: an unknown name", name)
	}
	if letter != 'w' {
		return 0, fmt.Errorf("%s has 32 bits", name)
	}
	r, ok := t.symbols[name]
	if !ok {
		r = t.fresh()
		t.symbols[name] = r
		t.program.specials = append(t.program.specials, special{r, name})
	}
	return r, nil
}

// predicate is the slot of a source predicate.
func (t *translator) predicate(in *inst, o operand) (int32, error) {
	r, err := t.result(o, 'p')
	if err == nil {
		in.reads = append(in.reads, t.flag(r))
	}
	return r, err
}

func (t *translator) statement() error {
	s := t.now
	parts := strings.Split(s.op, ".")
	switch parts[0] {
	case "bra":
		return t.branch()
	case "ret", "exit":
		if len(s.operands) != 0 {
			return fmt.Errorf("operands after %s", s.op)
		}
		t.emit(inst{step: doReturn})
		return nil
	case "ld", "st", "atom", "red":
		return t.memory(parts)
	case "cp":
		return t.async()
	case "ldmatrix", "mma":
		return t.matrices(parts)
	case "fence", "membar":
		return t.fence()
	case "nanosleep":
		return t.pause()
	case "trap":
		t.emit(inst{step: doTrap})
		return nil
	case "prefetch", "prefetchu":
		return nil
	case "setp":
		if len(parts) > 3 && (parts[2] == "and" || parts[2] == "or" || parts[2] == "xor") || len(s.operands) > 0 && s.operands[0].kind == isList {
			return t.setp(parts)
		}
	case "cvta":
		return t.generic()
	case "bar", "barrier":
		return t.barrier()
	case "shfl", "vote", "match", "redux", "activemask":
		return t.collective()
	case "mov":
		if len(s.operands) == 2 && s.operands[1].kind == isList {
			return t.pack()
		}
		if len(s.operands) == 2 && s.operands[0].kind == isList {
			return t.unpack()
		}
		if s.op == "mov.pred" && len(s.operands) == 2 && s.operands[1].kind == isNumber {
			return t.fixed()
		}
	}
	op, ok := operations()[s.op]
	if !ok {
		return t.unknown()
	}
	return t.operation(op)
}

func (t *translator) unknown() error { return &UnknownInstruction{t.now.line, t.now.op} }

func (t *translator) operation(op operation) error {
	s := t.now
	if len(s.operands) != len(op.types) {
		return fmt.Errorf("%d operands, not %d", len(s.operands), len(op.types))
	}
	in := inst{step: doValue, value: op.value, test: op.test, logic: op.logic}
	slots := [5]*int32{&in.d, &in.a, &in.b, &in.c, &in.e}
	for i := 1; i < len(op.types); i++ {
		var err error
		if op.types[i] == 'p' {
			o := s.operands[i]
			o.not = false
			*slots[i], err = t.predicate(&in, o)
			if err == nil && s.operands[i].not {
				err = fmt.Errorf("a negated predicate as an operand")
			}
		} else {
			*slots[i], err = t.source(&in, s.operands[i], op.types[i])
		}
		if err != nil {
			return err
		}
	}
	d, err := t.result(s.operands[0], op.types[0])
	if err != nil {
		return err
	}
	in.d = d
	in.sets = []int32{d}
	switch {
	case op.test != nil:
		in.step = doTest
		in.sets[0] = t.flag(d)
	case op.logic != nil:
		in.step = doLogic
		in.sets[0] = t.flag(d)
	case op.value == nil:
		in.step = doSelect
	case op.about != 0:
		in.step, in.about, in.target = doApproximate, op.about, int32(8*widthOf(op.types[0]))
	}
	t.emit(in)
	return nil
}

// fixed sets a predicate to 0 or another number, which is true.
func (t *translator) fixed() error {
	d, err := t.result(t.now.operands[0], 'p')
	if err != nil {
		return err
	}
	value := uint32(0)
	if t.now.operands[1].number != 0 {
		value = ^value
	}
	t.emit(inst{step: doLogic, d: d, sets: []int32{t.flag(d)}, logic: func(_, _ uint32) uint32 { return value }})
	return nil
}

func (t *translator) branch() error {
	s := t.now
	if s.op != "bra" && s.op != "bra.uni" {
		return t.unknown()
	}
	if len(s.operands) != 1 || s.operands[0].kind != isSymbol {
		return fmt.Errorf("a branch needs a label")
	}
	to, ok := t.entry.labels[s.operands[0].name]
	if !ok {
		return fmt.Errorf("no label %s", s.operands[0].name)
	}
	t.emit(inst{step: doBranch, target: int32(to)})
	return nil
}

// pack is mov.b64 d, {lo, hi} and the like.
func (t *translator) pack() error {
	s := t.now
	parts, whole, bits, err := halves(s.op, s.operands[1])
	if err != nil {
		return err
	}
	in := inst{step: doValue, value: two(func(a, b uint64) uint64 { return a | b<<bits })}
	if in.a, err = t.source(&in, s.operands[1].list[0], parts); err != nil {
		return err
	}
	if in.b, err = t.source(&in, s.operands[1].list[1], parts); err != nil {
		return err
	}
	if in.d, err = t.result(s.operands[0], whole); err != nil {
		return err
	}
	in.sets = []int32{in.d}
	t.emit(in)
	return nil
}

func (t *translator) unpack() error {
	s := t.now
	parts, whole, bits, err := halves(s.op, s.operands[0])
	if err != nil {
		return err
	}
	for i, o := range s.operands[0].list {
		shift := bits * i
		in := inst{step: doValue, value: one(func(a uint64) uint64 { return a >> shift & (1<<bits - 1) })}
		if in.a, err = t.source(&in, s.operands[1], whole); err != nil {
			return err
		}
		if in.d, err = t.result(o, parts); err != nil {
			return err
		}
		in.sets = []int32{in.d}
		t.emit(in)
	}
	return nil
}

func halves(op string, list operand) (parts, whole byte, bits int, err error) {
	switch {
	case len(list.list) != 2:
		return 0, 0, 0, fmt.Errorf("a vector of %d values", len(list.list))
	case op == "mov.b64":
		return 'w', 'l', 32, nil
	case op == "mov.b32":
		return 'h', 'w', 16, nil
	}
	return 0, 0, 0, fmt.Errorf("a vector of values of this width")
}

// generic is cvta: global addresses are generic ones, shared addresses lie in
// a window of them.
func (t *translator) generic() error {
	s := t.now
	op := operation{types: "ll"}
	switch s.op {
	case "cvta.global.u64", "cvta.to.global.u64":
		op.value = move
	case "cvta.shared.u64":
		op.value = one(func(a uint64) uint64 { return a + sharedWindow })
	case "cvta.to.shared.u64":
		op.value = one(func(a uint64) uint64 { return a - sharedWindow })
	default:
		return t.unknown()
	}
	return t.operation(op)
}

// pause is nanosleep: the warp's turn is over.
func (t *translator) pause() error {
	in := inst{step: doPause}
	if t.now.op != "nanosleep.u32" || len(t.now.operands) != 1 {
		return t.unknown()
	}
	_, err := t.source(&in, t.now.operands[0], 'w')
	if err == nil {
		t.emit(in)
	}
	return err
}

// setp is a comparison joined with another predicate, or with two results, the
// second the opposite of the comparison.
func (t *translator) setp(parts []string) error {
	s := *t.now
	join := ""
	if len(parts) > 3 && len(s.operands) == 4 {
		join = parts[2]
		parts = append(append([]string{}, parts[:2]...), parts[3:]...)
	}
	op, ok := operations()[strings.Join(parts, ".")]
	if !ok {
		return t.unknown()
	}
	results := s.operands[:1]
	if s.operands[0].kind == isList {
		results = s.operands[0].list
	}
	if len(results) > 2 || len(s.operands) < 3 {
		return fmt.Errorf("operands are missing")
	}
	compared := int32(t.program.tests)
	t.program.tests++
	in := inst{step: doTest, test: op.test, d: compared, sets: []int32{t.flag(compared)}}
	if err := t.sources(&in, s.operands[1:3], op.types[1:], &in.a, &in.b); err != nil {
		return err
	}
	t.emit(in)
	for i, o := range results {
		if o.kind == isSink {
			continue
		}
		d, err := t.result(o, 'p')
		if err != nil {
			return err
		}
		last := inst{step: doLogic, d: d, a: compared, reads: []int32{t.flag(compared)}, sets: []int32{t.flag(d)}}
		opposite := uint32(0)
		if i == 1 {
			opposite = ^opposite
		}
		logic := func(a, _ uint32) uint32 { return a }
		if join != "" {
			q := s.operands[3]
			flip := uint32(0)
			if q.not {
				flip = ^flip
			}
			q.not = false
			if last.b, err = t.predicate(&last, q); err != nil {
				return err
			}
			two := operations()[join+".pred"].logic
			logic = func(a, b uint32) uint32 { return two(a, b^flip) }
		}
		last.logic = func(a, b uint32) uint32 { return logic(a^opposite, b) }
		t.emit(last)
	}
	return nil
}

func (t *translator) barrier() error {
	s := t.now
	in := inst{step: doBarrier}
	var err error
	switch s.op {
	case "bar.sync", "barrier.sync.aligned":
		if len(s.operands) != 1 || s.operands[0].kind != isNumber || s.operands[0].number > 15 {
			return fmt.Errorf("only barriers of all threads, with a number from 0 to 15, are simulated")
		}
		in.d = int32(s.operands[0].number)
	case "bar.red.popc.u32", "bar.red.and.pred", "bar.red.or.pred", "barrier.red.popc.aligned.u32", "barrier.red.and.aligned.pred", "barrier.red.or.aligned.pred":
		return t.barrierReduction()
	case "bar.warp.sync":
		if len(s.operands) != 1 {
			return fmt.Errorf("a mask is needed")
		}
		in.step = doWarpBarrier
		in.e, err = t.source(&in, s.operands[0], 'w')
	default:
		return t.unknown()
	}
	if err == nil {
		t.emit(in)
	}
	return err
}

// barrierReduction is a barrier that also counts threads, or asks whether all or
// any say yes.
func (t *translator) barrierReduction() error {
	o := t.now.operands
	if len(o) != 3 || o[1].kind != isNumber || o[1].number > 15 {
		return fmt.Errorf("only barriers of all threads, with a number from 0 to 15, are simulated")
	}
	in := inst{step: doBarrier, d: int32(o[1].number), mode: strings.Split(t.now.op, ".")[2]}
	q := o[2]
	if q.not {
		in.about = 1
	}
	q.not = false
	var err error
	if in.a, err = t.predicate(&in, q); err != nil {
		return err
	}
	if in.mode == "popc" {
		in.target, err = t.result(o[0], 'w')
		in.sets = []int32{in.target}
	} else {
		in.target, err = t.result(o[0], 'p')
		in.sets = []int32{t.flag(in.target)}
	}
	if err == nil {
		t.emit(in)
	}
	return err
}

// reduce gives the warps the result of the barrier that they were at.
func (b *block) reduce(in *inst) {
	if in.mode == "" {
		return
	}
	yes, threads := 0, 0
	for _, w := range b.warps {
		said := w.tests[in.a]
		if in.about == 1 {
			said = ^said
		}
		yes += bits.OnesCount32(said & w.waiting)
		threads += bits.OnesCount32(w.waiting)
	}
	result := in.mode == "and" && yes == threads || in.mode == "or" && yes > 0
	for _, w := range b.warps {
		for _, s := range in.sets {
			w.defined[s] |= w.waiting
		}
		switch {
		case in.mode == "popc":
			w.spread(in.target, w.waiting, uint64(yes))
		case result:
			w.tests[in.target] |= w.waiting
		default:
			w.tests[in.target] &^= w.waiting
		}
	}
}
