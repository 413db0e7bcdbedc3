package ptx

// quick is what the warp needs of every instruction, and all that it needs of most,
// in one line of the cache: an inst takes four, and a hot loop of them would not fit
// beside the registers.
type quick struct {
	step  step
	more  bool // there are more reads or sets than fit here
	guard int32
	flip  uint32 // all ones: run where the guard is false
	note  int32  // where it is noted in which lanes the guard is set
	reads [3]int32
	sets  int32
	d, a  int32 // d is the target of a branch
	b, c  int32
	e     int32
	value loop
	test  test
}

// quicken makes the short form of an instruction whose registers are settled. none
// is a note that is set in all lanes.
func quicken(in *inst, none int32) quick {
	q := quick{step: in.step, flip: in.flip, guard: in.guard, note: in.guarded, reads: [3]int32{none, none, none},
		d: in.d, a: in.a, b: in.b, c: in.c, e: in.e, value: in.value, test: in.test, more: len(in.reads) > 3 || len(in.sets) > 1}
	copy(q.reads[:], in.reads)
	if len(in.sets) > 0 {
		q.sets = in.sets[0]
	}
	if in.step == doBranch {
		q.d = in.target
	}
	return q
}

// unknown are the lanes of mask in which a register that the instruction reads, and
// does not fit into its short form, was not written.
func (in *inst) unknown(defined []uint32, mask uint32) (lanes uint32) {
	for _, s := range in.reads[min(3, len(in.reads)):] {
		lanes |= mask &^ defined[s]
	}
	return lanes
}

// learn notes the registers that the instruction sets beside the first.
func (in *inst) learn(defined []uint32, mask uint32) {
	for _, s := range in.sets[min(1, len(in.sets)):] {
		defined[s] |= mask
	}
}
