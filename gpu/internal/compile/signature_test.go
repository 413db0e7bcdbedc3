package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The kernels of all sources take what their launch lines say, in that order: what
// make cuda checks, without a compiler.
func TestSourcesAgreeWithTheirLaunchLines(t *testing.T) {
	sources, err := filepath.Glob(filepath.Join(root, "cuda/*/*.cu"))
	if err != nil || len(sources) == 0 {
		t.Fatal("no sources", err)
	}
	for _, source := range sources {
		launches, err := readLaunches(source)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if err := agree(string(text), launches); err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
}

const twoKernels = `// launch: One one data n k mask:u32
// launch: Two two_* data first
KERNEL(32, 1)
one(const double *__restrict__ data, int n, // rows
    int k, u32 mask) { data[n] = k; }
#define ENTRY(name, D) \
  KERNEL(32 * D, D > 2 ? 1 : 2) \
  name(const double *data, int first) { f<D>(data, first); }
ENTRY(two_2, 2)
`

func TestAgree(t *testing.T) {
	for _, c := range []struct{ name, from, to, says string }{
		{"as it is", "", "", ""},
		{"two of one type change places", "int n, // rows\n    int k", "int k, // rows\n    int n", "parameter 2 is n in the line and k in the source"},
		{"and in the line", "data n k", "data k n", "parameter 2 is k in the line and n in the source"},
		{"one more", "u32 mask)", "u32 mask, int extra)", "the line has no extra"},
		{"one less", ", u32 mask)", ")", "the source has no mask"},
		{"a sign", "mask:u32", "mask", "mask is a u32 in one of them"},
		{"of a macro", "int first)", "int last)", "name: no launch line has the parameters data last"},
		{"and in its line", "two_* data first", "two_* first data", "name: no launch line has the parameters data first"},
		{"a line too many", "// launch: Two", "// launch: Three three data rows\n// launch: Two", "launch line of Three: no kernel of the source has the parameters data rows"},
		{"no name", "int k, u32 mask", "int k, u32", `one: "u32" is no parameter with a name`},
		{"what cannot be read", "KERNEL(32, 1)\none(", "KERNEL(32, 1) one <D>(", "of 2 kernels the parameters of 1 can be read"},
	} {
		text := strings.Replace(twoKernels, c.from, c.to, 1)
		source := filepath.Join(t.TempDir(), "f.cu")
		if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		launches, err := readLaunches(source)
		if err != nil {
			t.Fatal(err)
		}
		err = agree(text, launches)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
}
