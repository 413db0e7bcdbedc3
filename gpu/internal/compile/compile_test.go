package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

const root = "../../.."

// What is committed is what the compiler makes of the sources. make cuda-check
// brings the compiler; without it this test says that it has not looked.
func TestCommittedIsWhatTheCompilerMakes(t *testing.T) {
	cc, err := findCompiler(root)
	var missing *noCompiler
	if errors.As(err, &missing) {
		if os.Getenv("SURPRISAL_REQUIRE_CLANG") != "" {
			t.Fatal(err)
		}
		t.Skipf("NOT CHECKED: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	first, err := build(root, cc)
	if err != nil {
		t.Fatal(err)
	}
	differ, err := first.compare(root)
	if err != nil || len(differ) > 0 {
		t.Errorf("%v differ from what the sources give (%v): run make cuda", differ, err)
	}
}

func TestCompareNamesWhatDiffers(t *testing.T) {
	folder := t.TempDir()
	o := &output{manifest: &cuda.Manifest{}, text: map[string]string{"ptx/sm_80/a.ptx.gz": "text"}, structs: []byte("package cuda\n")}
	if _, err := o.write(folder); err != nil {
		t.Fatal(err)
	}
	if differ, err := o.compare(folder); err != nil || len(differ) != 0 {
		t.Fatalf("what was just written differs: %v, %v", differ, err)
	}
	o.text["ptx/sm_80/a.ptx.gz"] = "another"
	o.structs = []byte("package other\n")
	differ, err := o.compare(folder)
	if got := strings.Join(differ, " "); err != nil || !strings.Contains(got, "cuda/launch.go") || !strings.Contains(got, "cuda/ptx/sm_80/a.ptx.gz") {
		t.Errorf("got %v, %v", differ, err)
	}
	if err := os.Remove(filepath.Join(folder, "cuda/ptx/sm_80/a.ptx.gz")); err != nil {
		t.Fatal(err)
	}
	if differ, _ := o.compare(folder); len(differ) != 3 {
		t.Errorf("got %v, want the text, the struct and the number of images", differ)
	}
}

const kernels = `.version 7.0
.target sm_80
.visible .entry f_one(.param .u64 a, .param .u32 b) .maxntid 32, 1, 1 { ret; }
.visible .entry f_two(.param .u64 a, .param .u32 b) .maxntid 64, 1, 1 { ret; }
`

func TestDescribe(t *testing.T) {
	for _, c := range []struct{ name, src, line, says string }{
		{"right", kernels, "F f_* data n", ""},
		{"unsigned", kernels, "F f_* data n:u32", ""},
		{"too few", kernels, "F f_* data", "2 parameters, and 1 in the launch line"},
		{"wrong type", kernels, "F f_* data n:f32", "parameter n is of type u32"},
		{"no line", kernels, "F f_one data n", "f_two: no launch line"},
		{"no kernel", kernels, "F f_* data n\n// launch: G g_* x", "no kernel is named g_*"},
		{"no bounds", strings.Replace(kernels, ".maxntid 32, 1, 1", "", 1), "F f_* data n", "no launch bounds"},
		{"places differ", strings.Replace(kernels, "f_two(.param .u64 a, .param", "f_two(.param .u64 a, .param .align 16", 1), "F f_* data n", "lies elsewhere"},
		{"shared", strings.Replace(kernels, "{ ret; }", "{ .shared .b8 s[50000]; ret; }", 1), "F f_* data n", "50000 bytes of shared memory"},
		{"local", strings.Replace(kernels, "{ ret; }", "{ .local .b8 s[8]; ret; }", 1), "F f_* data n", "uses local memory"},
	} {
		source := filepath.Join(t.TempDir(), "f.cu")
		if err := os.WriteFile(source, []byte("// launch: "+c.line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		launches, err := readLaunches(source)
		if err != nil {
			t.Fatal(err)
		}
		m, err := ptx.Parse(c.src)
		if err != nil {
			t.Fatal(err)
		}
		got, err := describe("f", m, launches)
		switch {
		case c.says != "":
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: got %v, want %q", c.name, err, c.says)
			}
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		case len(got) != 2 || got[1].Threads != 64 || got[0].ParamBytes != 12 || got[0].Params[1].Offset != 8:
			t.Errorf("%s: got %+v", c.name, got)
		}
	}
}

func TestGeneratedStruct(t *testing.T) {
	src, err := generate([]launch{{name: "F", pattern: "f_*", bytes: 12, params: []cuda.Param{{Name: "data", Type: "u64", Size: 8}, {Name: "n", Type: "s32", Offset: 8, Size: 4}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"type F struct {\n\tData uint64\n\tN    int32\n}", "make([]byte, 12)", "PutUint64(b[0:], p.Data)", "PutUint32(b[8:], uint32(p.N))"} {
		if !strings.Contains(string(src), want) {
			t.Errorf("no %q in\n%s", want, src)
		}
	}
}

func TestBudgetsCompare(t *testing.T) {
	was := &budgets{Ptxas: "1", Kernels: map[string]map[string]usage{"a": {"sm_80": {Registers: 32, SharedBytes: 100}, "sm_120": {Registers: 30}}, "gone": {"sm_80": {Registers: 8}}}}
	now := &budgets{Ptxas: "2", Kernels: map[string]map[string]usage{"a": {"sm_80": {Registers: 34, SharedBytes: 100}, "sm_90": {Registers: 32, SharedBytes: 100}}}}
	got := strings.Join(was.compare(now), "\n")
	for _, want := range []string{"a on sm_80: {Registers:34", "a on sm_90: has no budget", "gone: has a budget and is gone", "a on sm_120: has a budget and was not assembled", "of ptxas 1, not of 2"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	longer := was.Kernels["a"]["sm_80"]
	longer.Loops = []loop{{40, 1, 2, 3}}
	if differ := was.compare(&budgets{Ptxas: "1", Kernels: map[string]map[string]usage{"a": {"sm_80": longer, "sm_120": was.Kernels["a"]["sm_120"]}, "gone": was.Kernels["gone"]}}); len(differ) != 1 || !strings.Contains(differ[0], "{instructions:40") {
		t.Errorf("a loop that has grown: %v", differ)
	}
	if differ := was.compare(&budgets{Ptxas: "1", Kernels: was.Kernels}); len(differ) != 0 {
		t.Errorf("equal budgets differ: %v", differ)
	}
}

// Loops are read off what nvdisasm writes: the innermost, as far as the last branch
// back to their head, without those of lanes that are served out of line.
func TestLoopsAreRead(t *testing.T) {
	body := func(n int, with ...string) (lines []string) {
		for range n {
			lines = append(lines, "IMAD R1, R2, R3, R4")
		}
		return append(lines, with...)
	}
	var text strings.Builder
	say := func(lines ...string) {
		for i, l := range lines {
			if strings.HasSuffix(l, ":") {
				fmt.Fprintf(&text, "%s\n", l)
			} else {
				fmt.Fprintf(&text, "        /*%04x*/                   %s ;\n", 16*i, l)
			}
		}
	}
	say(".text.k:")
	say(body(5)...)
	say(".L_x_1:", "NOP")                                                                      // the outer loop
	say(append([]string{".L_x_2:"}, body(30, "@!P0 BRA `(.L_x_2)", "DADD R4, R4, -R6")...)...) // 31, and one is behind it
	say(append([]string{".L_x_3:"}, body(40, "@!PT DADD R8, R8, -R6", "@P1 LDS.64 R2, [R3]", "@P3 BRA `(.L_x_3)", "FADD R1, R1, R2", "@!UP0 BRA `(.L_x_3)")...)...)
	say(append([]string{".L_x_4:"}, body(3, "@P0 BRA `(.L_x_4)")...)...) // too short
	say("@P0 BRA `(.L_x_1)", "EXIT")
	say(append([]string{".L_x_5:"}, body(50, "ENDCOLLECTIVE", "BRA `(.L_x_5)")...)...)
	say(".text.other:", "EXIT")
	all := listing(text.String())
	want := []loop{{31, 0, 0, 0}, {45, 1, 1, 1}}
	if got := all["k"].loops(); !slices.Equal(got, want) {
		t.Errorf("loops %+v, want %+v", got, want)
	}
	if got := all["other"].loops(); len(all) != 2 || len(got) != 0 {
		t.Errorf("%d kernels, of the other loops %+v", len(all), got)
	}
}

func TestLoopsAreLines(t *testing.T) {
	want := loop{251, 12, 3, 4}
	text, err := json.Marshal(want)
	var got loop
	if err = cmp.Or(err, json.Unmarshal(text, &got)); err != nil || got != want || string(text) != `"251 instructions, 12 float64, 3 float32, 4 shared"` {
		t.Errorf("%s, %+v, %v", text, got, err)
	}
	if err := json.Unmarshal([]byte(`"some instructions"`), &got); err == nil {
		t.Error("nonsense is a loop")
	}
}

func TestNoCompilerSaysWhatWasTried(t *testing.T) {
	t.Setenv("SURPRISAL_CLANG", "/bin/false")
	t.Setenv("PATH", t.TempDir())
	_, err := findCompiler(t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "/bin/false") || !strings.Contains(err.Error(), "make cuda-tools") {
		t.Errorf("got %v", err)
	}
}

func TestToolsAreThosePinned(t *testing.T) {
	const said, pins = "Cuda compilation tools, release 12.9, V12.9.86\nBuild cuda_12.9.r12.9/compiler.36037853_0\n", "nvidia-cuda-nvcc-cu12==12.9.86 \\\n    --hash=sha256:5d\n"
	for _, c := range []struct{ said, pins, release, says string }{
		{said, pins, "12.9.86", ""},
		{said, strings.Replace(pins, "86", "88", 1), "", "ptxas is 12.9.86, and 12.9.88 is pinned: run make cuda-tools"},
		{"ptxas: not found", pins, "", "tells no release"},
		{said, "ziglang==0.14.1", "", "nothing pins"},
	} {
		got, err := released("ptxas", c.said, `nvidia-cuda-nvcc-cu\d+`, c.pins)
		if got != c.release || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q beside %q: %q, %v", c.said, c.pins, got, err)
		}
	}
}
