package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// wanted is the one compiler whose bytes are committed. Debian's clang-19 and
// the clang in PyPI's ziglang 0.14.1 are both this and write the same.
const wanted = "clang version 19.1.7"

var targets = []struct{ arch, feature string }{{"sm_75", "ptx63"}, {"sm_80", "ptx70"}, {"sm_90a", "ptx80"}}

type compiler struct {
	command []string
	version string
}

// noCompiler tells what was tried.
type noCompiler struct{ tried []string }

func (n *noCompiler) Error() string {
	return fmt.Sprintf("no %s (tried %s): run make cuda-tools, or install Debian's clang-19", wanted, strings.Join(n.tried, "; "))
}

func findCompiler(root string) (*compiler, error) {
	missing := &noCompiler{}
	for _, c := range [][]string{
		strings.Fields(os.Getenv("SURPRISAL_CLANG")),
		{filepath.Join(root, ".venv-cuda/bin/python"), "-m", "ziglang", "clang"},
		{"clang-19"},
		{"zig", "clang"},
		{"python3", "-m", "ziglang", "clang"},
	} {
		if len(c) == 0 {
			continue
		}
		if strings.Contains(c[0], "/") {
			c[0], _ = filepath.Abs(c[0])
		}
		out, err := exec.Command(c[0], append(c[1:], "--version")...).Output()
		if err == nil && strings.Contains(string(out), wanted) {
			return &compiler{c, wanted}, nil
		}
		first, _, _ := strings.Cut(string(out), "\n")
		missing.tried = append(missing.tried, strings.TrimSpace(strings.Join(c, " ")+" "+first))
	}
	return nil, missing
}

// compile returns the PTX of a source. Contraction is off: a multiplication and
// an addition are rounded each, as in Go.
func (c *compiler) compile(source, arch, feature string) (string, error) {
	args := append(c.command[1:len(c.command):len(c.command)],
		"-x", "cuda", "--cuda-device-only", "-nocudainc", "-nocudalib", "-nostdinc",
		"--cuda-gpu-arch="+arch, "--cuda-feature=+"+feature, "-std=c++17", "-O3", "-ffp-contract=off",
		"-Wall", "-Werror", "-S", filepath.Base(source), "-o", "-")
	cmd := exec.Command(c.command[0], args...)
	cmd.Dir = filepath.Dir(source)
	text, err := stdout(cmd)
	if err != nil {
		return "", fmt.Errorf("%s for %s: %w", source, arch, err)
	}
	return string(text), nil
}

// stdout is what a tool writes. What it says besides is part of its error.
func stdout(cmd *exec.Cmd) ([]byte, error) {
	var problems bytes.Buffer
	cmd.Stderr = &problems
	text, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", cmd.Path, err, problems.String())
	}
	return text, err
}
