package ptx

import (
	"fmt"
	"strings"
)

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
		p.quick = append(p.quick, quicken(in, settle(t.flag(always))))
	}
	return nil
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
