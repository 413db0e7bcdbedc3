package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A source with a word that only clang has is an error that names the word.
func TestNVRTCSaysWhatItDoesNotKnow(t *testing.T) {
	tools := filepath.Join(root, ".venv-cuda")
	if _, _, err := tool(root, tools, "ptxas", `nvidia-cuda-nvcc-cu\d+`, pins[""]); err != nil {
		if os.Getenv("SURPRISAL_REQUIRE_CLANG") != "" {
			t.Fatal(err)
		}
		t.Skipf("NOT CHECKED: %v", err)
	}
	for _, c := range []struct{ body, says string }{
		{"*out = popcount(thread_x());", ""},
		{"*out = __builtin_popcount(thread_x());", `identifier "__builtin_popcount" is undefined`},
	} {
		folder := t.TempDir()
		prelude, err := filepath.Abs(filepath.Join(root, "cuda/prelude.cuh"))
		if err != nil {
			t.Fatal(err)
		}
		source := filepath.Join(folder, "k.cu")
		if err := os.WriteFile(source, []byte("#include \""+prelude+"\"\nKERNEL(32, 1)\nk(u32 *out) { "+c.body+" }\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		kernels, err := compileByNVRTC(root, tools, source, folder)
		if c.says == "" && (err != nil || kernels["k"] == nil || len(kernels["k"].instructions) == 0) {
			t.Errorf("%s: %v, %v", c.body, kernels, err)
		}
		if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %s", c.body, err, c.says)
		}
	}
}

// Of the loops that may be meant, the one most like ours is.
func TestLoopsOfAnotherCompiler(t *testing.T) {
	loop := func(label string, sums, more int) []string {
		lines := append([]string{label + ":"}, slices.Repeat([]string{"DADD R2, R2, R4"}, sums)...)
		return append(append(lines, slices.Repeat([]string{"NOP"}, more)...), "@P0 BRA `("+label+")")
	}
	code := listing(assembly("k", slices.Concat(loop(".L_1", 16, 1), loop(".L_2", 17, 50), loop(".L_3", 18, 60), loop(".L_4", 15, 90))...))
	for _, c := range []struct {
		kernel             string
		amount, ours, want int
		reason             string
	}{
		{"k", 16, 70, 68, "a sum more, and not the 18 of one that does more"},
		{"k", 16, 20, 18, "just as many"},
		{"k", 16, 100, 106, "a sum less"},
		{"k", 15, 40, 106, "below 16 just as many"},
		{"k", 40, 40, 0, "none"},
		{"other", 16, 40, 0, "no such kernel"},
	} {
		marks := []mark{{kernel: c.kernel, what: "sum", amount: c.amount, kind: "float64"}}
		got := measureLike(marks, map[string]map[string]int{c.kernel: {"sum": c.ours}}, code)
		if n, ok := got[c.kernel]["sum"]; n != c.want || !ok {
			t.Errorf("%d sums, ours of %d: %v, want %d: %s", c.amount, c.ours, got, c.want, c.reason)
		}
	}
}

func TestShorterLoopsNeedAReason(t *testing.T) {
	marks := []mark{{kernel: "k", what: "look"}}
	for _, c := range []struct {
		ours, by int
		reasons  map[string]string
		says     string
	}{
		{100, 95, nil, ""},
		{100, 94, nil, "k, look: 100 instructions by clang, 94 by NVRTC"},
		{100, 94, map[string]string{"k, look": "why"}, ""},
		{100, 0, nil, ""},
		{100, 95, map[string]string{"k, look": "why"}, "k, look: a reason"},
		{100, 120, map[string]string{"gone": "why"}, "gone: a reason"},
	} {
		b := budgets{Ways: map[string]map[string]int{"k": {"look": c.ours}}, NVRTC: map[string]map[string]int{"k": {"look": c.by}}}
		got := strings.Join(b.shorter(marks, c.reasons), "\n")
		if !strings.HasPrefix(got, c.says) || (got == "") != (c.says == "") {
			t.Errorf("%d by clang, %d by NVRTC, reasons %v: %q, want %q", c.ours, c.by, c.reasons, got, c.says)
		}
	}
	code := listing(assembly("k", "EXIT") + assembly("other", "NOP", "EXIT"))
	b := budgets{Ways: map[string]map[string]int{"k": {"look": 7}}, NVRTC: map[string]map[string]int{"k": {"look": 8}}}
	if got := strings.Fields(b.beside(marks, code, code)); !slices.Equal(got[len(got)-8:], strings.Fields("k, look 7 8 other, all 2 2")) {
		t.Errorf("got %q", got)
	}
}
