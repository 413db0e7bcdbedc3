package ptx_test

import (
	"reflect"
	"strings"
	"testing"

	"surprisal/gpu/internal/ptx"
)

const sample = `// a comment
.version 7.0
.target sm_80, debug
.address_size 64
.file 1 "a.cu"
.weak .shared .align 8 .b8 tile[2048];
.weak .shared .align 4 .b8 unused[64];
/* another,
   of two lines */
.visible .entry first(
	.param .u64 first_param_0,
	.param .u32 first_param_1,
	.param .align 8 .b8 first_param_2[12],
	.param .u16 first_param_3
)
.maxntid 64, 2, 1
.minnctapersm 2
{
	.reg .pred %p<3>;
	.reg .b32 %r<4>, %q;
	.reg .b64 %rd<3>;
	.shared .align 2 .b8 more[6];
	.loc 1 2 3
	mov.u64 %rd1, tile;
	mov.u32 %r1, 0x10;
	{
	.reg .b32 %r1;
	mov.u32 %r1, -5;
	}
$L__BB0_1:
	setp.ne.s32 %p1, %r1, 0;
	@!%p1 bra $L__BB0_1;
	.pragma "nounroll";
	ld.shared.v2.u32 {%r2, %r3}, [%rd1+8];
	mov.b64 %rd2, {%r2, %r3};
	bra.uni end;
end:
	ret;
}
.entry second() { ret; }
`

func TestParse(t *testing.T) {
	m, err := ptx.Parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	if m.Version != "7.0" || m.Target != "sm_80" || len(m.Entries) != 2 {
		t.Fatalf("got %+v", m)
	}
	e, err := m.Entry("first")
	if err != nil {
		t.Fatal(err)
	}
	want := []ptx.Param{
		{Name: "first_param_0", Type: "u64", Offset: 0, Size: 8, Align: 8},
		{Name: "first_param_1", Type: "u32", Offset: 8, Size: 4, Align: 4},
		{Name: "first_param_2", Type: "b8", Offset: 16, Size: 12, Align: 8},
		{Name: "first_param_3", Type: "u16", Offset: 28, Size: 2, Align: 2},
	}
	if !reflect.DeepEqual(e.Params, want) || e.ParamBytes() != 30 {
		t.Errorf("parameters %+v, %d bytes", e.Params, e.ParamBytes())
	}
	if e.MaxThreads != 128 || e.SharedBytes() != 2054 {
		t.Errorf("%d threads, %d bytes of shared memory: the unused variable does not count", e.MaxThreads, e.SharedBytes())
	}
	if _, err := e.Program(); err != nil {
		t.Error(err)
	}
	if _, err := m.Entry("third"); err == nil {
		t.Error("an entry that is not there")
	}
}

func TestParseRefuses(t *testing.T) {
	body := func(s string) string {
		return ".version 7.0\n.target sm_80\n.entry k() {\n.reg .b32 %r<3>;\n.reg .pred %p<2>;\n" + s + "\n}"
	}
	for _, c := range []struct{ name, src, says string }{
		{"nothing", "", `".version" was expected`},
		{"no target", ".version 7.0", "no .target"},
		{"32 bits", ".version 7.0\n.target sm_80\n.address_size 32", "line 3"},
		{"a function", ".version 7.0\n.target sm_80\n.func f() { ret; }", "a function"},
		{"directive", ".version 7.0\n.target sm_80\n.nonsense", `".nonsense": an unknown directive`},
		{"no end", ".version 7.0\n.target sm_80\n.entry k() { ret;", "has no end"},
		{"comment without end", "/* a\n b", "line 1: comment without end"},
		{"string without end", `.version "a`, "string without end"},
		{"not ASCII", ".version 7.0 é", "plain ASCII"},
		{"initial values", ".version 7.0\n.target sm_80\n.global .u32 a = 5;", "initial values"},
		{"alignment", ".version 7.0\n.target sm_80\n.shared .align 3 .b8 a[4];", "an alignment of 3"},
		{"huge", ".version 7.0\n.target sm_80\n.shared .b8 a[4000000000];", "a number up to"},
		{"registers", body(".reg .b32 %q<100000>;"), "a number up to 65536"},
		{"label twice", body("a: ret; a: ret;"), "label a for the second time"},
		{"guard", body("@%r1 ret;"), "is no predicate"},
		{"operand", body("add.s32 %r1, , %r2;"), "a name was expected"},
		{"address", body("ld.shared.u32 %r1, [%r2+%r1];"), "a whole number"},
		{"nesting", body(strings.Repeat("{", 100)), "nested blocks"},
	} {
		m, err := ptx.Parse(c.src)
		if err == nil || m != nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.says)
		}
	}
}

func TestProgramRefuses(t *testing.T) {
	for _, c := range []struct{ body, says string }{
		{"add.s32 %r1, %r2;", "2 operands, not 3"},
		{"add.s32 %rd1, %r2, %r1;", "register %rd1 is of type b64"},
		{"add.s32 %r1, %p1, %r1;", "register %p1 is of type pred"},
		{"add.s32 %r1, nobody, %r1;", "nobody: an unknown name"},
		{"bra nowhere;", "no label nowhere"},
		{"ld.param.u32 %r1, [q];", "no parameter q"},
		{"ld.param.u64 %rd1, [p+4];", "8 bytes at 4 of a parameter of 8"},
		{"ld.shared.u64 %r1, [%rd1];", "too narrow"},
		{"ld.global.u32 %r1, [%r2];", "an address of 32 bits"},
		{"bar.sync 0, 64;", "only barriers of all threads"},
		{"ld.acquire.cluster.global.u32 %r1, [%rd1];", "does not know"},
		{"atom.global.add.noftz.bf16 %r1, [%rd1], %r2;", "does not know"},
		{"fence.proxy.async;", "does not know"},
		{"mma.sync.aligned.m16n8k16.row.row.f32.f16.f16.f32 %r1, %r1, %r1, %r1;", "does not know"},
		{"mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%r1,%r1,%r1,%r1}, {%r1,%r1}, {%r1,%r1}, {%r1,%r1,%r1,%r1};", "2 registers where 1 are needed"},
		{"cp.async.cg.shared.global [%rd1], [%rd1], 8;", "copies of 8 bytes"},
		{"mov.u64 %rd1, %tid.x;", "has 32 bits"},
	} {
		m, err := ptx.Parse(".version 7.0\n.target sm_80\n.entry k(.param .u64 p) {\n.reg .b32 %r<3>;\n.reg .b64 %rd<3>;\n.reg .pred %p<2>;\n" + c.body + "\nret;\n}")
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Entries[0].Program()
		if err == nil || p != nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "line 7") {
			t.Errorf("%s: got %v, want %q and line 7", c.body, err, c.says)
		}
	}
}

// Whatever the text, the parser returns, and what it and the translator accept
// can be launched without a panic.
func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add(strings.Replace(sample, "$L__BB0_1;", "end;", 1))
	f.Add(".version 7.0\n.target sm_80\n.entry k(.param .u64 p) { .reg .b64 %rd<3>; ld.param.u64 %rd1, [p]; atom.global.add.u64 %rd2, [%rd1], 1; ret; }")
	f.Add(".version 7.0\n.target sm_80\n.entry k() { .reg .b32 %r<9>; .reg .pred %p; mov.u32 %r1, %laneid; shfl.sync.up.b32 %r2|%p, %r1, 1, 0, -1; vote.sync.ballot.b32 %r3, %p, -1; match.any.sync.b32 %r4, %r1, -1; ret; }")
	f.Add(".version 7.0\n.target sm_80\n.entry k() { .reg .b32 %r<9>; .reg .b64 %rd<3>; .reg .pred %p<3>; .shared .align 16 .b8 s[64]; mov.u64 %rd1, s; mov.u32 %r1, 0; cp.async.ca.shared.global [%rd1], [%rd1], 4, %r1; cp.async.commit_group; cp.async.wait_group 0; fence.acq_rel.gpu; membar.cta; nanosleep.u32 9; setp.lt.and.s32 %p1|%p2, %r1, 1, %p1; bar.red.popc.u32 %r2, 0, %p1; ret; }")
	f.Add(".version 7.0\n.target sm_80\n.entry k() { .reg .b32 %r<9>; .shared .align 16 .b8 s[64]; mov.u32 %r1, 80; ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r2}, [%r1]; mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%r3,%r4}, {%r2}, {%r2}, {%r2,%r2}; ex2.approx.ftz.f32 %r1, %r1; ret; }")
	f.Add(".version 0 .target 0 .entry A{.reg .b32 %r<2>; mov.u32 %r0, %laneid; shfl;}") // once a panic
	f.Fuzz(func(t *testing.T, src string) {
		m, err := ptx.Parse(src)
		if err != nil {
			if m != nil {
				t.Fatal("an error and a module")
			}
			return
		}
		for _, e := range m.Entries {
			p, err := e.Program()
			if err != nil {
				continue
			}
			launch := ptx.Launch{Grid: ptx.Dim{X: 1}, Block: ptx.Dim{X: 33}, Params: make([]byte, e.ParamBytes())}
			machine := ptx.Machine{MaxSteps: 1000}
			_ = machine.Launch(t.Context(), p, launch) // a fault, or not
		}
	})
}
