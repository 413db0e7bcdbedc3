package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
)

// shorterByNVRTC says of the marked loops that NVRTC makes more than 5 % shorter than
// clang why they are left as they are, by kernel and what the loop does.
var shorterByNVRTC = map[string]string{
	// 122 instructions for 134: clang asks after each of the four pairs of a turn whether it was the last, NVRTC makes a second loop for the rest.
	"joint_counts_ball_max_d3_k4, count": "72 kernels would need to be proven anew for 9 % of one of two loops of the way that is taken where no sorted one can be",
}

// secondOpinion returns the code of all kernels for the marked device as it is if NVRTC
// compiles the sources, and the same ptxas assembles what it writes. Nobody runs it: it
// says where clang does worse than need be.
func secondOpinion(root, tools string) (map[string]*code, error) {
	sources, err := filepath.Glob(filepath.Join(root, "cuda/*/*.cu"))
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "nvrtc")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	all := map[string]*code{}
	var mu sync.Mutex
	var problems []error
	var wg sync.WaitGroup
	free := make(chan bool, runtime.NumCPU())
	for _, source := range sources {
		free <- true
		wg.Go(func() {
			defer func() { <-free }()
			kernels, err := compileByNVRTC(root, tools, source, folder)
			mu.Lock()
			defer mu.Unlock()
			maps.Copy(all, kernels)
			problems = append(problems, err)
		})
	}
	wg.Wait()
	return all, errors.Join(problems...)
}

// compileByNVRTC returns the code of each kernel of a source. A folder takes what lies
// between.
func compileByNVRTC(root, tools, source, folder string) (map[string]*code, error) {
	file := filepath.Join(folder, filepath.Base(source))
	text, err := stdout(exec.Command(filepath.Join(tools, "bin/python"), filepath.Join(root, "cuda/tools/nvrtc.py"), source))
	if err != nil {
		return nil, fmt.Errorf("NVRTC does not compile %s: %w", source, err)
	}
	if err := os.WriteFile(file+".ptx", text, 0o600); err != nil {
		return nil, err
	}
	ptxas, _, err := tool(root, tools, "ptxas", `nvidia-cuda-nvcc-cu\d+`, pins[""])
	if err != nil {
		return nil, err
	}
	nvdisasm, _, err := tool(root, tools, "nvdisasm", "nvidia-cuda-nvdisasm", pins[""])
	if err != nil {
		return nil, err
	}
	if _, err := stdout(exec.Command(ptxas, "-arch="+marked, file+".ptx", "-o", file+".cubin")); err != nil {
		return nil, fmt.Errorf("%s by NVRTC: %w", source, err)
	}
	return disassemble(nvdisasm, file+".cubin")
}

// measureLike finds the marked loops in the code of another compiler, which may spend one
// instruction in 16 of the kind that is counted more or less: of those that do the work,
// the one that is most like ours. A loop that it unrolls otherwise is not found.
func measureLike(marks []mark, ours map[string]map[string]int, kernels map[string]*code) map[string]map[string]int {
	found := map[string]map[string]int{}
	for _, m := range marks {
		if found[m.kernel] == nil {
			found[m.kernel] = map[string]int{}
		}
		apart := func(n int) int { return max(n-ours[m.kernel][m.what], ours[m.kernel][m.what]-n) }
		best := 0
		for amount := m.amount - m.amount/16; amount <= m.amount+m.amount/16 && kernels[m.kernel] != nil; amount++ {
			for _, w := range kernels[m.kernel].ways(m.kind, amount) {
				if best == 0 || apart(w.instructions) < apart(best) {
					best = w.instructions
				}
			}
		}
		found[m.kernel][m.what] = best
	}
	return found
}

// shorter names the marked loops that NVRTC makes more than 5 % shorter for no reason
// that is noted, and the reasons that are none any more.
func (b *budgets) shorter(marks []mark, reasons map[string]string) (differ []string) {
	left := maps.Clone(reasons)
	for _, m := range marks {
		loop := m.kernel + ", " + m.what
		by, ours := b.NVRTC[m.kernel][m.what], b.Ways[m.kernel][m.what]
		if by == 0 || 100*by >= 95*ours {
			continue
		}
		if reasons[loop] == "" {
			differ = append(differ, fmt.Sprintf("%s: %d instructions by clang, %d by NVRTC: write the source so that clang does as well, or say in shorterByNVRTC why not", loop, ours, by))
		}
		delete(left, loop)
	}
	for _, loop := range slices.Sorted(maps.Keys(left)) {
		differ = append(differ, fmt.Sprintf("%s: a reason in shorterByNVRTC, and NVRTC does not make it shorter", loop))
	}
	return differ
}

// beside is a table of what both compilers make: of marked loops, and of kernels without.
func (b *budgets) beside(marks []mark, ours, theirs map[string]*code) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "instructions for "+marked+"\tclang\tNVRTC")
	for _, m := range marks {
		fmt.Fprintf(w, "%s, %s\t%d\t%d\n", m.kernel, m.what, b.Ways[m.kernel][m.what], b.NVRTC[m.kernel][m.what])
	}
	for _, kernel := range slices.Sorted(maps.Keys(ours)) {
		if by := theirs[kernel]; b.Ways[kernel] == nil && by != nil {
			fmt.Fprintf(w, "%s, all\t%d\t%d\n", kernel, len(ours[kernel].instructions), len(by.instructions))
		}
	}
	w.Flush()
	return text.String()
}
