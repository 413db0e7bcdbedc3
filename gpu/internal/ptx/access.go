package ptx

import (
	"fmt"
	"math/bits"
	"strings"
)

type space uint8

const (
	global space = iota
	shared
	anywhere // a generic address
)

// access is what a load, a store or an atomic does to memory.
type access struct {
	space    space
	size     int // bytes of an element
	count    int // elements of a vector
	regs     [4]int32
	grow     [4]uint8 // bits by which a signed load shifts up and down again, in registers of 64 bits
	keep     [4]uint64
	offset   uint64
	constant bool // .nc: of memory that nobody writes during the launch
	strong   bool // no race with other strong ones
	cta      bool // strong for threads of its block alone
	acquire  bool
	release  bool
	result   bool // an atomic that returns the old value
	swap     func(old, b, c uint64) uint64
}

func (a *access) bytes() uint64 { return uint64(a.size * a.count) }

// memory translates ld, st, atom and red.
func (t *translator) memory(parts []string) error {
	s := t.now
	if parts[0] == "ld" && len(parts) == 3 && parts[1] == "param" {
		return t.parameter(parts[2])
	}
	m := &access{space: anywhere, count: 1}
	typ := parts[len(parts)-1]
	atomic := parts[0] == "atom" || parts[0] == "red"
	half := strings.HasPrefix(typ, "f16") || strings.HasPrefix(typ, "bf16")
	if m.size = sizeOf(typ); m.size == 0 || m.size > 8 || half && !atomic {
		return t.unknown()
	}
	rest, known := m.modified(parts[0], parts[1:len(parts)-1])
	if !known || m.bytes() > 16 {
		return t.unknown()
	}
	t.program.ordered = t.program.ordered || m.acquire || m.release
	if atomic {
		return t.atomic(parts[0], rest, typ, m)
	}
	if err := t.takes(2); err != nil {
		return err
	}
	in := inst{step: doLoad, memory: m}
	address, values := s.operands[1], s.operands[0]
	if parts[0] == "st" {
		in.step = doStore
		address, values = values, address
	}
	if err := t.address(&in, address); err != nil {
		return err
	}
	if err := t.vector(&in, values, typ); err != nil {
		return err
	}
	t.watch(m)
	t.emit(in)
	return nil
}

// modified takes the words between an instruction's name and its type, but what an
// atomic does, which it returns.
func (m *access) modified(name string, words []string) (operation []string, known bool) {
	atomic := name == "atom" || name == "red"
	for i := 0; i < len(words); i++ {
		switch w := words[i]; {
		case w == "global":
			m.space = global
		case w == "shared":
			m.space = shared
		case w == "relaxed" || w == "acquire" || w == "release" || w == "acq_rel" && atomic:
			if name == "st" && w == "acquire" || name == "ld" && w == "release" || name == "red" && w == "acquire" {
				return nil, false
			}
			m.strong = true
			m.acquire = w == "acquire" || w == "acq_rel"
			m.release = w == "release" || w == "acq_rel"
			if !atomic {
				if i++; i >= len(words) || words[i] != "cta" && words[i] != "gpu" && words[i] != "sys" {
					return nil, false
				}
				m.cta = words[i] == "cta"
			}
		case (w == "gpu" || w == "cta" || w == "sys") && atomic:
			m.cta = w == "cta"
		case atomic:
			operation = append(operation, w)
		case w == "volatile":
			m.strong = true
		case w == "v2" || w == "v4":
			m.count = int(w[1] - '0')
		case w == "nc" && name == "ld" && m.space == global:
			m.constant = true
		case w == "weak", w == "ca", w == "cg", w == "cs", w == "wb", w == "lu", w == "cv", w == "wt":
		case strings.HasPrefix(w, "L1::"), strings.HasPrefix(w, "L2::"):
		default:
			return nil, false
		}
	}
	return operation, true
}

// vector takes the registers of a load or a store, one for each element.
func (t *translator) vector(in *inst, values operand, typ string) error {
	m, list := in.memory, []operand{values}
	if values.kind == isList {
		list = values.list
	}
	if len(list) != m.count {
		return fmt.Errorf("%d registers for %d values", len(list), m.count)
	}
	for i, o := range list {
		r, err := t.moved(in, o, typ)
		if err != nil {
			return err
		}
		m.regs[i] = r
		m.keep[i] = ^uint64(0)
		if o.kind == isRegister {
			m.keep[i] >>= 64 - 8*sizeOf(t.entry.registers[o.reg].typ)
		}
		if typ[0] == 's' {
			m.grow[i] = uint8(64 - 8*m.size)
		}
	}
	return nil
}

// moved is the register that a load writes or a store reads: as wide as the
// element, or wider.
func (t *translator) moved(in *inst, o operand, typ string) (int32, error) {
	if in.step == doStore && o.kind == isNumber {
		letter := letter(typ)
		if letter == "b" {
			letter = "h"
		}
		return t.source(in, o, letter[0])
	}
	if o.kind == isSink && in.step == doLoad {
		return 0, nil
	}
	r, err := t.result(o, 'b')
	if err != nil {
		return 0, err
	}
	if sizeOf(t.entry.registers[o.reg].typ) < sizeOf(typ) {
		return 0, fmt.Errorf("register %s is too narrow", t.entry.registers[o.reg].name)
	}
	if in.step == doLoad {
		in.sets = append(in.sets, r)
	} else {
		in.reads = append(in.reads, r)
	}
	return r, nil
}

// address resolves [register+number] and [variable+number].
func (t *translator) address(in *inst, o operand) error {
	if o.kind != isAddress {
		return fmt.Errorf("%s where an address was expected", o.text(t.entry))
	}
	in.memory.offset = o.number
	base := o.list[0]
	var err error
	switch {
	case base.kind == isRegister && sizeOf(t.entry.registers[base.reg].typ) == 4:
		if in.memory.space != shared {
			return fmt.Errorf("an address of 32 bits")
		}
		in.a, err = t.source(in, base, 'w')
	case base.kind == isRegister, base.kind == isSymbol && in.memory.space == shared:
		in.a, err = t.source(in, base, 'l')
	default:
		return fmt.Errorf("an address without a register")
	}
	return err
}

// watch makes the grain of global memory no larger than what m touches.
func (t *translator) watch(m *access) {
	if m.space != shared {
		t.program.globalGrain = min(t.program.globalGrain, uint(bits.TrailingZeros(uint(m.size))))
	}
}

// parameter is ld.param: the parameter lies in a register from the start.
func (t *translator) parameter(typ string) error {
	s := t.now
	if len(s.operands) != 2 || s.operands[1].kind != isAddress || s.operands[1].list[0].kind != isSymbol {
		return fmt.Errorf("[parameter] was expected")
	}
	size := sizeOf(typ)
	if size == 0 || size > 8 || typ[0] == 's' && size < 4 {
		return t.unknown()
	}
	name, at := s.operands[1].list[0].name, s.operands[1].number
	for _, p := range t.entry.Params {
		if p.Name != name {
			continue
		}
		if at+uint64(size) > uint64(p.Size) || at > uint64(p.Size) || (uint64(p.Offset)+at)%uint64(size) != 0 {
			return fmt.Errorf("%d bytes at %d of a parameter of %d", size, at, p.Size)
		}
		in := inst{step: doLoad}
		d, err := t.moved(&in, s.operands[0], typ)
		if err != nil {
			return err
		}
		key := fmt.Sprintf("%s+%d:%d", name, at, size)
		r, ok := t.symbols[key]
		if !ok {
			r = t.fresh()
			t.symbols[key] = r
			t.program.given = append(t.program.given, given{r, p.Offset + int(at), size})
		}
		t.emit(inst{step: doValue, value: move, d: d, a: r, sets: []int32{d}})
		return nil
	}
	return fmt.Errorf("no parameter %s", name)
}

// atomic translates atom and red.
func (t *translator) atomic(kind string, rest []string, typ string, m *access) error {
	s := t.now
	if len(rest) == 2 && rest[0] == "add" && rest[1] == "noftz" && strings.Contains(typ, "f16") {
		rest = rest[:1]
	} else if strings.Contains(typ, "f16") {
		return t.unknown()
	}
	if len(rest) != 1 {
		return t.unknown()
	}
	m.swap = swapOf(rest[0], typ)
	if m.swap == nil {
		return t.unknown()
	}
	m.strong, m.result = true, kind == "atom"
	operands := s.operands
	if !m.result {
		operands = append([]operand{{kind: isSink}}, operands...)
	}
	want := 3
	if rest[0] == "cas" {
		want = 4
	}
	if len(operands) != want {
		return fmt.Errorf("%d operands", len(s.operands))
	}
	in := inst{step: doAtomic, memory: m}
	if err := t.address(&in, operands[1]); err != nil {
		return err
	}
	var err error
	letter := letter(typ)[0]
	if in.b, err = t.source(&in, operands[2], letter); err != nil {
		return err
	}
	if want == 4 {
		if in.c, err = t.source(&in, operands[3], letter); err != nil {
			return err
		}
	}
	if in.d, err = t.result(operands[0], letter); err != nil {
		return err
	}
	if m.result {
		in.sets = []int32{in.d}
	}
	t.watch(m)
	t.emit(in)
	return nil
}

func swapOf(op, typ string) func(old, b, c uint64) uint64 {
	if f := swapOfFloats(op, typ); f != nil {
		return f
	}
	if sizeOf(typ) < 4 && op != "cas" {
		return nil
	}
	narrow := sizeOf(typ) == 4
	integer := typ[0] == 'u' || typ[0] == 's'
	less := func(a, b uint64) bool { return a < b }
	switch typ {
	case "s32":
		less = func(a, b uint64) bool { return int32(a) < int32(b) }
	case "s64":
		less = func(a, b uint64) bool { return int64(a) < int64(b) }
	}
	switch {
	case op == "add" && integer && narrow:
		return func(old, b, _ uint64) uint64 { return uint64(uint32(old + b)) }
	case op == "add" && (typ == "u64" || typ == "s64"):
		return func(old, b, _ uint64) uint64 { return old + b }
	case op == "inc" && typ == "u32":
		return func(old, b, _ uint64) uint64 {
			if old >= b {
				return 0
			}
			return old + 1
		}
	case op == "dec" && typ == "u32":
		return func(old, b, _ uint64) uint64 {
			if old == 0 || old > b {
				return b
			}
			return old - 1
		}
	case op == "min" && integer:
		return func(old, b, _ uint64) uint64 {
			if less(b, old) {
				return b
			}
			return old
		}
	case op == "max" && integer:
		return func(old, b, _ uint64) uint64 {
			if less(old, b) {
				return b
			}
			return old
		}
	case op == "and" && typ[0] == 'b':
		return func(old, b, _ uint64) uint64 { return old & b }
	case op == "or" && typ[0] == 'b':
		return func(old, b, _ uint64) uint64 { return old | b }
	case op == "xor" && typ[0] == 'b':
		return func(old, b, _ uint64) uint64 { return old ^ b }
	case op == "exch" && typ[0] == 'b':
		return func(_, b, _ uint64) uint64 { return b }
	case op == "cas" && typ[0] == 'b':
		return func(old, b, c uint64) uint64 {
			if old == b {
				return c
			}
			return old
		}
	}
	return nil
}

// swapOfFloats adds in the order of lanes and blocks, which is one of those that
// a device may take: such a sum is not reproducible there.
func swapOfFloats(op, typ string) func(old, b, c uint64) uint64 {
	if op != "add" {
		return nil
	}
	half := func(old, b, _ uint64) uint64 { return binary16.bits(binary16.value(old) + binary16.value(b)) }
	switch typ {
	case "f32":
		return func(old, b, _ uint64) uint64 { return bits32(f32(old) + f32(b)) }
	case "f64":
		return func(old, b, _ uint64) uint64 { return bits64(f64(old) + f64(b)) }
	case "f16":
		return half
	case "f16x2":
		return paired(half)
	}
	return nil
}
