package ptx

import (
	"fmt"
	"strings"
)

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
