package ptx

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// loadMatrix is ldmatrix: lane l of each group of eight names a row of 16 bytes of
// that group's 8×8 matrix; each lane gets two neighbours of a row, or of a column.
func loadMatrix(transposed bool) func(w *warp, in *inst) {
	return func(w *warp, in *inst) {
		row := &in.parts[0]
		var out [4]lanes
		for q := range in.regs {
			w.sharedAccess(row, 0xff<<(8*q), 0)
			for l := range 32 {
				r, c := l/4, l%4*2
				at := func(r, c int) uint64 {
					return uint64(binary.LittleEndian.Uint16(w.block.shared[int(w.run.offsets[8*q+r])+2*c:]))
				}
				if transposed {
					out[q][l] = at(c, r) | at(c+1, r)<<16
				} else {
					out[q][l] = at(r, c) | at(r, c+1)<<16
				}
			}
		}
		for q, d := range in.regs {
			w.regs[d] = out[q]
		}
	}
}

// element is a type that matrices are multiplied in.
type element struct {
	bits  int
	value func(uint64) float64 // of the low bits of a register
}

var elements = map[string]element{
	"f16":  {16, binary16.value},
	"bf16": {16, bfloat16.value},
	"tf32": {32, func(v uint64) float64 { return float64(f32(v &^ (1<<13 - 1))) }},
	"f64":  {64, f64},
	"s8":   {8, func(v uint64) float64 { return float64(int8(v)) }},
	"u8":   {8, func(v uint64) float64 { return float64(uint8(v)) }},
}

// product is mma: D = A·B + C, where A has m rows and k columns, B k rows and 8
// columns. A device adds the products of float types up in an order and with a
// rounding that NVIDIA does not tell; here the sum is that of float64, rounded
// once. The two agree to (k+1)·2^-23 of Σ|a·b| + |c| where D is float32.
type product struct {
	m, k int
	a, b element
	acc  string // type of C and D
}

// registers of A, B and of C or D.
func (p product) registers() (a, b, c int) {
	word := max(32, p.a.bits)
	a, b, c = p.m*p.k/32*p.a.bits/word, 8*p.k/32*p.b.bits/word, p.m*8/32
	if p.acc == "f16" {
		c /= 2
	}
	return a, b, c
}

// run works on registers in the order of D, A, B, C. Lane l holds, in register r
// of A, elements of row l/4 (and of row l/4+8 where r is odd), from column
// (l%4)·e on, e to a register; further columns lie in later registers. B is
// laid out by columns in the same way (PTX ISA, Matrix fragments for mma).
func (p product) run(w *warp, in *inst) {
	na, nb, nc := p.registers()
	d, a, b, c := in.regs[:nc], in.regs[nc:nc+na], in.regs[nc+na:nc+na+nb], in.regs[nc+na+nb:]
	var left [16][32]float64
	var right [8][32]float64
	e := max(1, 32/p.a.bits)
	mask := ^uint64(0) >> (64 - p.a.bits)
	for l := range 32 {
		g, t := l/4, l%4
		for r, reg := range a {
			row, column := g, t*e+4*e*r
			if p.m == 16 {
				row, column = g+r%2*8, t*e+4*e*(r/2)
			}
			for s := range e {
				left[row][column+s] = p.a.value(w.regs[reg][l] >> (s * p.a.bits) & mask)
			}
		}
		for r, reg := range b {
			for s := range e {
				right[g][t*e+4*e*r+s] = p.b.value(w.regs[reg][l] >> (s * p.b.bits) & mask)
			}
		}
	}
	var out [4]lanes
	for l := range 32 {
		g, t := l/4, l%4
		for r, reg := range c {
			v := w.regs[reg][l]
			if p.acc == "f16" {
				row := &left[g+8*r]
				out[r][l] = binary16.bits(dot(row, &right[2*t], p.k, binary16.value(v&0xffff))) |
					binary16.bits(dot(row, &right[2*t+1], p.k, binary16.value(v>>16)))<<16
				continue
			}
			row, column := &left[g+r/2*8], &right[2*t+r%2]
			switch p.acc {
			case "f32":
				out[r][l] = bits32(float32(dot(row, column, p.k, float64(f32(v)))))
			case "f64":
				sum := f64(v)
				for i := range p.k {
					sum = math.FMA(row[i], column[i], sum)
				}
				out[r][l] = bits64(sum)
			default: // exact: sums of integers stay below 2^53
				sum := int64(dot(row, column, p.k, float64(int32(v))))
				if out[r][l] = uint64(uint32(sum)); p.acc == "sat" {
					out[r][l] = clamp32(sum)
				}
			}
		}
	}
	for r, reg := range d {
		if w.run.machine.Ulps > 0 && p.acc == "f32" {
			shake(&out[r], w.run.machine.Ulps, 1, 32)
		}
		w.regs[reg] = out[r]
	}
}

func dot(a, b *[32]float64, n int, sum float64) float64 {
	for i := range n {
		sum += a[i] * b[i]
	}
	return sum
}

// matrices translates ldmatrix and mma.
func (t *translator) matrices(parts []string) error {
	s := t.now
	if parts[0] == "ldmatrix" {
		return t.loadMatrices()
	}
	p, ok := productOf(parts)
	if !ok {
		return t.unknown()
	}
	na, nb, nc := p.registers()
	if err := t.takes(4); err != nil {
		return err
	}
	in := inst{step: doMatrix, matrix: p.run}
	for i, n := range []int{nc, na, nb, nc} {
		list := s.operands[i].list
		if s.operands[i].kind != isList {
			list = s.operands[i : i+1]
		}
		if len(list) != n {
			return fmt.Errorf("%d registers where %d are needed", len(list), n)
		}
		width := byte('w')
		if p.acc == "f64" {
			width = 'l'
		}
		for _, o := range list {
			var r int32
			var err error
			if i == 0 {
				r, err = t.result(o, width)
				in.sets = append(in.sets, r)
			} else {
				r, err = t.source(&in, o, width)
			}
			if err != nil {
				return err
			}
			in.regs = append(in.regs, r)
		}
	}
	t.emit(in)
	return nil
}

// productOf reads mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 and its like.
func productOf(parts []string) (p product, ok bool) {
	if len(parts) == 11 && parts[6] == "satfinite" {
		parts = append(append([]string{}, parts[:6]...), parts[7:]...)
		if parts[6] == "s32" {
			p.acc = "sat"
		}
	}
	if len(parts) != 10 || parts[1] != "sync" || parts[2] != "aligned" || parts[4] != "row" || parts[5] != "col" || parts[6] != parts[9] {
		return p, false
	}
	a, okA := elements[parts[7]]
	b, okB := elements[parts[8]]
	if !okA || !okB || a.bits != b.bits || a.bits != 8 && parts[7] != parts[8] {
		return p, false
	}
	if p.a, p.b = a, b; p.acc == "" {
		p.acc = parts[6]
	}
	for _, known := range []struct{ shape, types string }{
		{"m16n8k16", "f32.f16 f16.f16 f32.bf16 s32.s8 s32.u8"},
		{"m16n8k8", "f32.f16 f16.f16 f32.bf16 f32.tf32"},
		{"m16n8k4", "f32.tf32"},
		{"m16n8k32", "s32.s8 s32.u8"},
		{"m8n8k16", "s32.s8 s32.u8"},
		{"m8n8k4", "f64.f64"},
	} {
		if known.shape == parts[3] && strings.Contains(" "+known.types+" ", " "+parts[6]+"."+parts[7]+" ") {
			_, err := fmt.Sscanf(parts[3], "m%dn8k%d", &p.m, &p.k)
			return p, err == nil && (p.acc != "sat" || parts[6] == "s32")
		}
	}
	return p, false
}

func (t *translator) loadMatrices() error {
	s := t.now
	name, trans := strings.CutSuffix(strings.Replace(s.op, ".trans", "", 1), ".shared.b16")
	if !trans {
		return t.unknown()
	}
	counts := map[string]int{"ldmatrix.sync.aligned.m8n8.x1": 1, "ldmatrix.sync.aligned.m8n8.x2": 2, "ldmatrix.sync.aligned.m8n8.x4": 4}
	n := counts[name]
	if n == 0 {
		return t.unknown()
	}
	if err := t.takes(2); err != nil {
		return err
	}
	list := s.operands[0].list
	if s.operands[0].kind != isList {
		list = s.operands[:1]
	}
	if len(list) != n {
		return fmt.Errorf("%d registers for %d matrices", len(list), n)
	}
	in := inst{step: doMatrix, matrix: loadMatrix(strings.Contains(s.op, ".trans"))}
	row := inst{step: doLoad, memory: &access{space: shared, size: 16, count: 1}}
	if err := t.address(&row, s.operands[1]); err != nil {
		return err
	}
	in.reads = row.reads
	for _, o := range list {
		r, err := t.result(o, 'w')
		if err != nil {
			return err
		}
		in.regs = append(in.regs, r)
		in.sets = append(in.sets, r)
	}
	in.parts = []inst{row}
	t.emit(in)
	return nil
}
