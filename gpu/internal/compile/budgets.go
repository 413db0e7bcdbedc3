package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"surprisal/cuda"
)

// budgets is cuda/budgets.json: what kernels use on each kind of device, as one
// release of ptxas assembles them, and how long their loops are. Spills are not in
// it: there are none.
type budgets struct {
	Ptxas   string                      `json:"ptxas"`
	Kernels map[string]map[string]usage `json:"kernels"` // kernel, device
	Ways    map[string]map[string]int   `json:"ways"`    // instructions of marked loops: kernel, what it does
	NVRTC   map[string]map[string]int   `json:"nvrtc"`   // the same, if NVRTC compiles them; 0 if it has no such loop
}

type usage struct {
	Registers   int    `json:"registers"`
	SharedBytes int    `json:"shared_bytes"`
	Loops       []loop `json:"loops,omitempty"` // of some devices
}

func (u usage) equal(v usage) bool {
	return u.Registers == v.Registers && u.SharedBytes == v.SharedBytes && slices.Equal(u.Loops, v.Loops)
}

// assembled says for which devices an image is assembled, and which old release
// stands guard over the version of its text: drivers of that release must be
// able to read it.
var assembled = map[string]struct {
	devices []string
	gate    string
}{
	"sm_75":  {[]string{"sm_75"}, "11.8"},
	"sm_80":  {[]string{"sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_120"}, "11.8"},
	"sm_90a": {[]string{"sm_90a"}, "12.0"},
}

func checkBudgets(root, tools string, update bool) error {
	manifest, err := readManifest(root)
	if err != nil {
		return err
	}
	marks, err := readMarks(root)
	if err != nil {
		return err
	}
	now, ours, err := assemble(root, tools, manifest, marks)
	if err != nil {
		return err
	}
	theirs, err := secondOpinion(root, tools)
	if err != nil {
		return err
	}
	now.NVRTC = measureLike(marks, now.Ways, theirs)
	fmt.Print(now.beside(marks, ours, theirs))
	if update {
		return now.write(root, marks)
	}
	was, err := readBudgets(root)
	if err != nil {
		return err
	}
	differ := append(grown(marks, was.Ways, now.Ways), was.compare(now)...)
	for _, line := range grown(marks, was.NVRTC, now.NVRTC) {
		differ = append(differ, "by NVRTC, "+line)
	}
	if differ = append(differ, now.shorter(marks, shorterByNVRTC)...); len(differ) > 0 {
		return fmt.Errorf("budgets have changed:\n%s\nIf that is meant: make cuda-budgets, and say why in the commit", strings.Join(differ, "\n"))
	}
	n := 0
	for _, devices := range now.Kernels {
		n += len(devices)
	}
	fmt.Printf("%d kernels on their devices, %d in all: within their budgets, no spills, loops as they were, %d of them beside their floors (ptxas %s); the oldest releases read them, too\n", len(now.Kernels), n, len(marks), now.Ptxas)
	return nil
}

func readBudgets(root string) (*budgets, error) {
	var b budgets
	data, err := os.ReadFile(filepath.Join(root, "cuda/budgets.json"))
	if err == nil {
		err = json.Unmarshal(data, &b)
	}
	return &b, err
}

// write notes the budgets, and the table of loops in cuda/README.md.
func (b *budgets) write(root string, marks []mark) error {
	data, err := json.MarshalIndent(b, "", "\t")
	if err != nil {
		return err
	}
	readme := filepath.Join(root, "cuda/README.md")
	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	with, err := withTable(string(text), b.table(marks))
	if err != nil {
		return err
	}
	return cmp.Or(os.WriteFile(filepath.Join(root, "cuda/budgets.json"), append(data, '\n'), 0o644), os.WriteFile(readme, []byte(with), 0o644))
}

// assemble runs all images through ptxas, and measures the marked loops, in the code
// that it returns.
func assemble(root, tools string, manifest *cuda.Manifest, marks []mark) (*budgets, map[string]*code, error) {
	of := map[string]string{} // ptxas of each environment
	out := &budgets{Kernels: map[string]map[string]usage{}}
	for suffix, pinned := range pins {
		path, release, err := tool(root, tools+suffix, "ptxas", `nvidia-cuda-nvcc-cu\d+`, pinned)
		if err != nil {
			return nil, nil, err
		}
		of[tools+suffix] = path
		if suffix == "" {
			out.Ptxas = release
		}
	}
	disassembler, _, err := tool(root, tools, "nvdisasm", "nvidia-cuda-nvdisasm", pins[""])
	if err != nil {
		return nil, nil, err
	}
	folder, err := os.MkdirTemp("", "ptxas")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(folder)
	var mu sync.Mutex
	var problems []error
	var wg sync.WaitGroup
	kernels := map[string]*code{}             // of the device that is marked
	free := make(chan bool, runtime.NumCPU()) // a process each, of which there are hundreds
	for _, image := range manifest.Images {
		text, err := unzip(filepath.Join(root, "cuda", image.Path()))
		if err != nil {
			return nil, nil, err
		}
		file := filepath.Join(folder, image.Arch+"-"+image.Family+".ptx")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return nil, nil, err
		}
		target := assembled[image.Arch]
		jobs := map[string]string{tools + "-" + target.gate: image.Arch} // environment and device
		for _, device := range target.devices {
			jobs[tools+" "+device] = device
		}
		for where, device := range jobs {
			free <- true
			wg.Go(func() {
				defer func() { <-free }()
				environment, _, current := strings.Cut(where, " ")
				used, listed, err := assembleOne(of[environment], disassembler, file, device, current)
				mu.Lock()
				defer mu.Unlock()
				if device == marked {
					maps.Copy(kernels, listed)
				}
				if err != nil {
					problems = append(problems, fmt.Errorf("%s for %s: %w", image.Path(), device, err))
				}
				for kernel, u := range used {
					if !current {
						break // an old release's registers are no budget
					}
					if out.Kernels[kernel] == nil {
						out.Kernels[kernel] = map[string]usage{}
					}
					out.Kernels[kernel][device] = u
				}
			})
		}
	}
	wg.Wait()
	if err := errors.Join(problems...); err != nil {
		return nil, nil, err
	}
	ways, err := measure(marks, kernels)
	out.Ways = ways
	return out, kernels, err
}

var (
	kernelLine = regexp.MustCompile(`Compiling entry function '(\w+)'`)
	usageLine  = regexp.MustCompile(`Used (\d+) registers`)
	sharedPart = regexp.MustCompile(`(\d+) bytes smem`)
)

// assembleOne returns what each kernel uses, and its code, if that is looked at. A
// ptxas that refuses or dies, as old ones do of what they do not know, is an error; so
// are spills, local memory and warnings, if it is to be strict.
func assembleOne(ptxas, nvdisasm, file, device string, strict bool) (map[string]usage, map[string]*code, error) {
	object := fmt.Sprintf("%s.%s.%v.cubin", file, device, strict)
	args := []string{"-v", "-arch=" + device, file, "-o", object}
	if strict {
		args = append(args, "--warn-on-spills", "--warn-on-local-memory-usage", "-Werror")
	}
	cmd := exec.Command(ptxas, args...)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Run(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w\n%s", ptxas, err, problemLines(log.String()))
	}
	used := map[string]usage{}
	kernel := ""
	for line := range strings.Lines(log.String()) {
		if m := kernelLine.FindStringSubmatch(line); m != nil {
			kernel = m[1]
		}
		if m := usageLine.FindStringSubmatch(line); m != nil && kernel != "" {
			u := usage{}
			u.Registers, _ = strconv.Atoi(m[1])
			if s := sharedPart.FindStringSubmatch(line); s != nil {
				u.SharedBytes, _ = strconv.Atoi(s[1])
			}
			used[kernel] = u
		}
	}
	if len(used) == 0 {
		return nil, nil, fmt.Errorf("%s names no kernel", ptxas)
	}
	if !strict || !looped[device] {
		return used, nil, nil
	}
	kernels, err := disassemble(nvdisasm, object)
	for kernel, u := range used {
		if c := kernels[kernel]; c != nil {
			u.Loops = c.loops()
			used[kernel] = u
		}
	}
	return used, kernels, err
}

func problemLines(log string) string {
	var lines []string
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "ptxas info") && !strings.HasPrefix(line, " ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// compare names what is not as it was. Fewer registers are a change, too: the
// file would no longer say what is.
func (b *budgets) compare(now *budgets) []string {
	var differ []string
	for kernel, devices := range now.Kernels {
		for device, u := range devices {
			if was, ok := b.Kernels[kernel][device]; !ok {
				differ = append(differ, fmt.Sprintf("%s on %s: has no budget, uses %+v", kernel, device, u))
			} else if !was.equal(u) {
				differ = append(differ, fmt.Sprintf("%s on %s: %+v, was %+v", kernel, device, u, was))
			}
		}
	}
	for kernel, devices := range b.Kernels {
		if now.Kernels[kernel] == nil {
			differ = append(differ, kernel+": has a budget and is gone")
			continue
		}
		for device := range devices {
			if _, ok := now.Kernels[kernel][device]; !ok {
				differ = append(differ, fmt.Sprintf("%s on %s: has a budget and was not assembled", kernel, device))
			}
		}
	}
	if b.Ptxas != now.Ptxas {
		differ = append(differ, fmt.Sprintf("budgets are those of ptxas %s, not of %s", b.Ptxas, now.Ptxas))
	}
	return differ
}
