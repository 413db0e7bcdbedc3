package ptx_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"surprisal/gpu/internal/ptx"
)

// small is a kernel around a body: %rd3 is the address of the thread's own word
// of p0, %rd5 that of its own word of the shared variable s of 256 bytes, %r1
// its number.
func small(t *testing.T, body string) *ptx.Program {
	t.Helper()
	m, err := ptx.Parse(`.version 7.0
.target sm_80
.address_size 64
.visible .entry k(.param .u64 p0, .param .u64 p1) .maxntid 128, 1, 1
{
	.reg .pred %p<9>;
	.reg .b16 %rs<9>;
	.reg .b32 %r<40>;
	.reg .b64 %rd<20>;
	.shared .align 4 .b8 s[256];
	ld.param.u64 %rd1, [p0];
	ld.param.u64 %rd6, [p1];
	mov.u32 %r1, %tid.x;
	mul.wide.u32 %rd2, %r1, 4;
	add.s64 %rd3, %rd1, %rd2;
	mov.u64 %rd4, s;
	add.s64 %rd5, %rd4, %rd2;
	mov.u32 %r9, %ctaid.x;
` + body + `
	ret;
}`)
	if err != nil {
		t.Fatal(err)
	}
	e, err := m.Entry("k")
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Program()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name, body string
		kind       ptx.Kind // 0: none
		thread     int
		says       string
		reason     string
	}{
		{"own words", "st.global.u32 [%rd3], %r1; ld.global.u32 %r2, [%rd3];", 0, 0, "", "a thread may do as it likes with what is its own"},
		{"behind a buffer", "st.global.u32 [%rd3+4], %r1;", ptx.OutOfBounds, 63, "4 bytes at 256 of buffer out, which has 256", "the last thread of 64 writes word 64"},
		{"before a buffer", "st.global.u32 [%rd3+-4], %r1;", ptx.OutOfBounds, 0, "4 bytes at -4 of buffer out", "word -1"},
		{"no buffer", "mov.u64 %rd7, 64; ld.global.u32 %r2, [%rd7];", ptx.OutOfBounds, 0, "at 0x40, where no buffer is", "a pointer out of nothing"},
		{"misaligned", "st.global.u32 [%rd3+2], %r1;", ptx.Misaligned, 0, "4 bytes at 2 of buffer out", "a word in the middle of two"},
		{"more than cuMemAlloc promises", "ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%rd1+4];", ptx.Misaligned, 0, "16 bytes at 4", "a vector is aligned as a whole"},
		{"behind shared memory", "st.shared.u32 [%rd5+4], %r1;", ptx.OutOfBounds, 63, "which lies in no variable", "the variable has 64 words"},
		{"far behind shared memory", "st.shared.u32 [%rd5+4096], %r1;", ptx.OutOfBounds, 0, "behind the", "the block has no such bytes"},
		{"worst legal alignment", "mov.u64 %rd7, 0; st.shared.u64 [%rd4], %rd7;", ptx.Misaligned, 0, "8 bytes at shared address", "s is aligned to 4: 8 would be luck"},
		{"unset register", "add.s32 %r2, %r3, 1;", ptx.Uninitialised, 0, "register %r3", "nothing was written to it"},
		{"unset in some lanes", "setp.lt.u32 %p1, %r1, 40; @%p1 mov.u32 %r3, 1; add.s32 %r2, %r3, 1;", ptx.Uninitialised, 40, "register %r3", "only threads below 40 wrote to it"},
		{"unset where it does not matter", "setp.lt.u32 %p1, %r1, 40; @%p1 mov.u32 %r3, 1; @%p1 add.s32 %r2, %r3, 1;", 0, 0, "", "the same threads read it"},
		{"a guard set to a constant", "mov.pred %p1, 0; mov.pred %p2, -1; @%p2 mov.u32 %r3, 1; @%p1 add.s32 %r2, %r4, 1; add.s32 %r2, %r3, 1;", 0, 0, "", "what the first guards is not done, what the second does is"},
		{"unset guard", "@%p1 add.s32 %r2, %r1, 1;", ptx.Uninitialised, 0, "register %p1", "a guard is read, too"},
		{"unset shared memory", "ld.shared.u32 %r2, [%rd5];", ptx.Uninitialised, 0, "(s+0) before anything is written", "shared memory begins as anything"},
		{"unset part of shared memory", "cvt.u16.u32 %rs1, %r1; st.shared.u8 [%rd5], %rs1; ld.shared.u32 %r2, [%rd5];", ptx.Uninitialised, 0, "(s+1)", "one byte of four was written"},
		{"unset global memory", "ld.global.u32 %r2, [%rd3];", ptx.Uninitialised, 0, "byte 0 of buffer out", "nothing was copied there"},
		{"neighbour without barrier", "st.shared.u32 [%rd5], %r1; xor.b32 %r2, %r1, 1; mul.wide.u32 %rd7, %r2, 4; add.s64 %rd7, %rd4, %rd7; ld.shared.u32 %r3, [%rd7];", ptx.Race, 0, "was written by thread 1", "thread 1 may not have written yet"},
		{"neighbour with barrier", "st.shared.u32 [%rd5], %r1; bar.sync 0; xor.b32 %r2, %r1, 63; mul.wide.u32 %rd7, %r2, 4; add.s64 %rd7, %rd4, %rd7; ld.shared.u32 %r3, [%rd7];", 0, 0, "", "that is what barriers are for"},
		{"neighbour with a barrier of the warp", "st.shared.u32 [%rd5], %r1; bar.warp.sync -1; xor.b32 %r2, %r1, 1; mul.wide.u32 %rd7, %r2, 4; add.s64 %rd7, %rd4, %rd7; ld.shared.u32 %r3, [%rd7];", 0, 0, "", "both are of one warp"},
		{"other warp with a barrier of the warp", "setp.gt.u32 %p0, %r1, 31; st.shared.u32 [%rd5], %r1; bar.warp.sync -1; @!%p0 bra L; add.s64 %rd7, %rd5, -128; ld.shared.u32 %r3, [%rd7]; L:", ptx.Race, 32, "was written by thread 0", "the warps did not wait for one another"},
		{"write after a read", "mov.u32 %r2, 0; setp.eq.u32 %p1, %r1, 0; @%p1 st.shared.u32 [%rd4], %r2; bar.sync 0; ld.shared.u32 %r3, [%rd4]; setp.eq.u32 %p2, %r1, 63; @%p2 st.shared.u32 [%rd4], %r1;", ptx.Race, 63, "was read by several threads", "the others may read the new value"},
		{"two writes", "st.shared.u32 [%rd4], %r1;", ptx.Race, 1, "was written by thread 0", "all threads write one word"},
		{"bytes of one word", "cvt.u64.u32 %rd7, %r1; add.s64 %rd7, %rd4, %rd7; cvt.u16.u32 %rs1, %r1; st.shared.u8 [%rd7], %rs1; ld.shared.u8 %rs2, [%rd7];", 0, 0, "", "each thread has a byte of its own"},
		{"word over a byte", "setp.eq.u32 %p1, %r1, 1; cvt.u16.u32 %rs1, %r1; @!%p1 st.shared.u32 [%rd5], %r1; @%p1 st.shared.u8 [%rd4+3], %rs1;", ptx.Race, 1, "was written by thread 0", "thread 1 writes the last byte of thread 0's word"},
		{"atomics", "setp.eq.u32 %p1, %r1, 0; mov.u32 %r2, 0; @%p1 st.shared.u32 [%rd4], %r2; bar.sync 0; atom.shared.add.u32 %r3, [%rd4], 1;", 0, 0, "", "atomics do not race"},
		{"atomics beside a write", "setp.eq.u32 %p1, %r1, 0; mov.u32 %r2, 0; @%p1 st.shared.u32 [%rd4], %r2; atom.shared.add.u32 %r3, [%rd4], 1;", ptx.Race, 1, "was written by thread 0", "the zero may come after the first of them"},
		{"read beside atomics", "setp.eq.u32 %p1, %r1, 0; mov.u32 %r2, 0; @%p1 st.shared.u32 [%rd4], %r2; bar.sync 0; atom.shared.add.u32 %r3, [%rd4], 1; ld.shared.u32 %r4, [%rd4];", ptx.Race, 0, "was written by several threads of warp 0", "a plain read while others still add"},
		{"two blocks", "add.s32 %r2, %r9, 1; st.global.u32 [%rd3], %r2;", ptx.Race, 0, "was written by another block", "both blocks write the same words"},
		{"two blocks, atomics", "mov.u32 %r2, 1; red.global.add.u32 [%rd6], %r2;", 0, 0, "", "atomics of blocks do not race"},
		{"a block reads what another adds to", "mov.u32 %r2, 1; setp.eq.u32 %p1, %r9, 0; @%p1 red.global.add.u32 [%rd6], %r2; @!%p1 ld.global.u32 %r3, [%rd6];", ptx.Race, 0, "was written by another block", "no barrier reaches across blocks"},
		{"a block writes what another read", "setp.eq.u32 %p1, %r9, 0; @%p1 ld.global.u32 %r3, [%rd6]; @!%p1 st.global.u32 [%rd6], %r1;", ptx.Race, 0, "was read by another block", "the other may read the new value"},
		{"threads of a block in global memory", "st.global.u32 [%rd1], %r1;", ptx.Race, 1, "was written by thread 0", "global memory is watched like shared memory"},
		{"constant that is not", "st.global.u32 [%rd3], %r1; ld.global.nc.u32 %r2, [%rd3];", ptx.Race, 0, "is read as constant", "the read-only path may not see the write"},
		{"barrier in a branch", "setp.lt.u32 %p1, %r1, 16; @!%p1 bra L; bar.sync 0; L:", ptx.Divergence, 0, "lanes 0000ffff wait here, and lanes ffff0000 never come", "half a warp waits"},
		{"return before a barrier", "setp.lt.u32 %p1, %r1, 40; @!%p1 ret; bar.sync 0;", ptx.Divergence, 32, "lanes 000000ff wait here", "some threads of the second warp have left"},
		{"a warp returns before a barrier", "setp.lt.u32 %p1, %r1, 32; @!%p1 ret; bar.sync 0;", ptx.Divergence, 0, "that of thread 32 has left", "a whole warp has left"},
		{"two barriers for one", "setp.lt.u32 %p1, %r1, 32; @%p1 bra A; bar.sync 0; bra B; A: bar.sync 0; B:", ptx.Divergence, 32, "at that of line", "the warps wait in different places"},
		{"threads that meet again", "setp.lt.u32 %p1, %r1, 16; mov.u32 %r2, 0; @%p1 bra L; mov.u32 %r2, 1; L: bar.sync 0;", 0, 0, "", "all reach the barrier in the end"},
		{"shuffle in a branch", "setp.lt.u32 %p1, %r1, 16; @!%p1 bra L; shfl.sync.bfly.b32 %r2, %r1, 1, 31, -1; L: bar.sync 0;", ptx.Divergence, 0, "lanes 0000ffff wait here", "the others wait at the barrier for them"},
		{"shuffle from who is not there", "setp.lt.u32 %p1, %r1, 16; @!%p1 bra L; shfl.sync.bfly.b32 %r2, %r1, 16, 31, 65535; L:", ptx.Divergence, 0, "", "lanes 16 to 31 take no part"},
		{"a flag between warps", "setp.gt.u32 %p0, %r1, 31; @%p0 bra W; st.shared.u32 [%rd5], %r1; bar.warp.sync -1; setp.eq.u32 %p1, %r1, 0; @%p1 st.release.cta.global.u32 [%rd6], 1; bra E; W: ld.acquire.cta.global.u32 %r2, [%rd6]; setp.eq.u32 %p2, %r2, 0; @%p2 bra W; bar.warp.sync -1; add.s64 %rd7, %rd5, -128; ld.shared.u32 %r3, [%rd7]; E:", 0, 0, "", "what lies before the release lies before what is behind the acquire"},
		{"a flag between warps that is only read", "setp.gt.u32 %p0, %r1, 31; @%p0 bra W; st.shared.u32 [%rd5], %r1; bar.warp.sync -1; setp.eq.u32 %p1, %r1, 0; @%p1 st.release.cta.global.u32 [%rd6], 1; bra E; W: ld.relaxed.cta.global.u32 %r2, [%rd6]; setp.eq.u32 %p2, %r2, 0; @%p2 bra W; bar.warp.sync -1; add.s64 %rd7, %rd5, -128; ld.shared.u32 %r3, [%rd7]; E:", ptx.Race, 32, "was written by thread 0", "a relaxed read orders nothing"},
		{"threads of a warp that wait for one another", "setp.eq.u32 %p1, %r1, 0; mov.u32 %r3, 0; @%p1 bra S; W: ld.acquire.cta.global.u32 %r2, [%rd6]; setp.eq.u32 %p2, %r2, 0; @%p2 bra W; bra E; S: st.release.cta.global.u32 [%rd6], 1; E:", 0, 0, "", "the others get their turn"},
		{"a copy that nobody waits for", "cvt.u32.u64 %r3, %rd5; cp.async.ca.shared.global [%r3], [%rd6], 4; cp.async.commit_group; ld.shared.u32 %r2, [%rd5];", ptx.Race, 0, "thread 0 has not waited for it", "the copy may not have landed"},
		{"a copy that is waited for", "cvt.u32.u64 %r3, %rd5; cp.async.ca.shared.global [%r3], [%rd6], 4; cp.async.wait_all; ld.shared.u32 %r2, [%rd5]; setp.eq.u32 %p2, %r2, 0; @!%p2 trap;", 0, 0, "", "it has landed"},
		{"a copy of nothing", "cvt.u32.u64 %r3, %rd5; mov.u32 %r4, 0; cp.async.ca.shared.global [%r3], [%rd3+4096], 4, %r4; cp.async.wait_all; ld.shared.u32 %r2, [%rd5]; setp.eq.u32 %p2, %r2, 0; @!%p2 trap;", 0, 0, "", "zeros come from nowhere"},
		{"a copy over what others read", "mul.wide.u32 %rd7, %r1, 0; setp.eq.u32 %p1, %r1, 0; mov.u32 %r4, 7; @%p1 st.shared.u32 [%rd4], %r4; bar.sync 0; ld.shared.u32 %r2, [%rd4]; setp.eq.u32 %p2, %r1, 63; cvt.u32.u64 %r3, %rd4; @%p2 cp.async.ca.shared.global [%r3], [%rd6], 4;", ptx.Race, 63, "was read by several threads", "the others may get what is copied"},
		{"a copy from behind a buffer", "cvt.u32.u64 %r3, %rd5; cp.async.ca.shared.global [%r3], [%rd6+4], 4;", ptx.OutOfBounds, 0, "4 bytes at 4 of buffer sum", "the source is one word"},
		{"joined comparisons", "setp.lt.u32 %p1, %r1, 40; setp.gt.and.u32 %p2|%p3, %r1, 20, %p1; @%p2 mov.u32 %r3, 1; @%p2 st.global.u32 [%rd3], %r3;", 0, 0, "", "both results are set"},
		{"a count at a barrier", "setp.lt.u32 %p1, %r1, 40; bar.red.popc.u32 %r2, 0, %p1; setp.ne.u32 %p2, %r2, 40; @%p2 trap;", 0, 0, "", "40 threads say yes"},
		{"a question at a barrier", "setp.lt.u32 %p1, %r1, 63; bar.red.and.pred %p2, 0, %p1; @!%p2 trap;", ptx.Trap, 0, "gives up", "one of 64 says no"},
		{"an instruction of a whole warp in a part", "mov.b32 %r2, 0; setp.lt.u32 %p1, %r1, 16; @%p1 mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%r3,%r4}, {%r2}, {%r2}, {%r2,%r2};", ptx.Divergence, 0, "lanes 0000ffff run it", "half a warp has no matrix"},
		{"not named", "shfl.sync.bfly.b32 %r2, %r1, 1, 31, 65535;", ptx.Divergence, 16, "not among the lanes 0000ffff", "lane 16 runs it without being named"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := small(t, c.body)
			d := &device{TB: t}
			out, sum := d.Alloc("out", 256), d.put("sum", []uint32{0})
			blocks := 1
			if strings.Contains(c.body, "%r9") || strings.Contains(c.body, " red.global") {
				blocks = 2
			}
			params := make([]byte, 0, 16)
			params = le64(le64(params, out), sum)
			err := d.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: blocks}, Block: ptx.Dim{X: 64}, Params: params})
			var f *ptx.Fault
			switch errors.As(err, &f); {
			case c.kind == 0:
				if err != nil {
					t.Fatalf("%v, though %s", err, c.reason)
				}
			case f == nil:
				t.Fatalf("%v, not a fault: %s", err, c.reason)
			case f.Kind != c.kind || f.Thread != c.thread || f.Lane != c.thread%32 || !strings.Contains(f.Error(), c.says):
				t.Fatalf("%v\nwant %s of thread %d with %q: %s", f, c.kind, c.thread, c.says, c.reason)
			case f.Kernel != "k" || f.Line < 10 || f.Text == "":
				t.Errorf("%v does not say where: %+v", f, *f)
			}
		})
	}
}

func le64(b []byte, v uint64) []byte {
	for i := range 8 {
		b = append(b, byte(v>>(8*i)))
	}
	return b
}

func TestFaultNamesAddress(t *testing.T) {
	d := &device{TB: t}
	out := d.Alloc("out", 256)
	err := d.Launch(context.Background(), small(t, "st.global.u32 [%rd3+4], %r1;"), ptx.Launch{Grid: ptx.Dim{X: 1}, Block: ptx.Dim{X: 64}, Params: le64(le64(nil, out), 0)})
	var f *ptx.Fault
	if !errors.As(err, &f) || f.Address != out+256 || f.Text != "st.global.u32 [%rd3+4], %r1" {
		t.Fatalf("%v, which names %#x: want %#x", err, f.Address, out+256)
	}
}

func TestUnknownInstructionIsNamed(t *testing.T) {
	m, err := ptx.Parse(".version 7.0\n.target sm_80\n.entry k() {\n.reg .b32 %f<3>;\naddc.u32 %f1, %f2, %f1;\nret;\n}")
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Entries[0].Program()
	var u *ptx.UnknownInstruction
	if !errors.As(err, &u) || u.Name != "addc.u32" || u.Line != 5 {
		t.Fatalf("got %v, want the instruction and its line", err)
	}
}

func TestEndlessLaunches(t *testing.T) {
	p := small(t, "L: add.s32 %r1, %r1, 1; bra L;")
	l := ptx.Launch{Grid: ptx.Dim{X: 1}, Block: ptx.Dim{X: 32}, Params: make([]byte, 16)}
	m := ptx.Machine{MaxSteps: 1000}
	var f *ptx.Fault
	if err := m.Launch(context.Background(), p, l); !errors.As(err, &f) || f.Kind != ptx.Endless {
		t.Errorf("got %v, want an endless launch", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := (&ptx.Machine{}).Launch(ctx, p, l); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestLaunchRefuses(t *testing.T) {
	p := small(t, "")
	for _, c := range []struct {
		l    ptx.Launch
		says string
	}{
		{ptx.Launch{Block: ptx.Dim{X: 32}, Params: make([]byte, 16)}, "a launch of nothing"},
		{ptx.Launch{Grid: ptx.Dim{X: 1}, Params: make([]byte, 16)}, "a launch of nothing"},
		{ptx.Launch{Grid: ptx.Dim{X: 1}, Block: ptx.Dim{X: 256}, Params: make([]byte, 16)}, "the kernel allows 128"},
		{ptx.Launch{Grid: ptx.Dim{X: 1, Y: 70000}, Block: ptx.Dim{X: 32}, Params: make([]byte, 16)}, "65535"},
		{ptx.Launch{Grid: ptx.Dim{X: -1}, Block: ptx.Dim{X: 32}, Params: make([]byte, 16)}, "a dimension of -1"},
		{ptx.Launch{Grid: ptx.Dim{X: 1}, Block: ptx.Dim{X: 32}, Params: make([]byte, 12)}, "12 bytes of parameters, not 16"},
		{ptx.Launch{Grid: ptx.Dim{X: 1}, Block: ptx.Dim{X: 32}, Shared: 64, Params: make([]byte, 16)}, "that has none"},
	} {
		if err := (&ptx.Machine{}).Launch(context.Background(), p, c.l); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want %q", err, c.says)
		}
	}
}

func TestReadOfWhatNobodyWrote(t *testing.T) {
	var m ptx.Machine
	at := m.Alloc("x", 16)
	if err := m.Write(at, make([]byte, 12)); err != nil {
		t.Fatal(err)
	}
	if err := m.Read(at, make([]byte, 12)); err != nil {
		t.Error(err)
	}
	if err := m.Read(at, make([]byte, 13)); err == nil || !strings.Contains(err.Error(), "byte 12 of buffer x") {
		t.Errorf("got %v, want the byte that is missing", err)
	}
	if err := m.Write(at+8, make([]byte, 9)); err == nil {
		t.Error("wrote behind the buffer")
	}
	if err := m.Free(at); err != nil {
		t.Error(err)
	}
	if err := m.Read(at, make([]byte, 1)); err == nil {
		t.Error("read a buffer that is gone")
	}
	if fmt.Sprint(ptx.Kind(99)) != "Kind(99)" {
		t.Error("a kind without a name")
	}
}
