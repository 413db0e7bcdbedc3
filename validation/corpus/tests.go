package corpus

import (
	"errors"
	"go/ast"
	"go/build/constraint"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// loadTests reads the programs below goroot/test whose first comment is
// "// run".
func loadTests(goroot string) (all []Program, left []Left, err error) {
	dir := filepath.Join(goroot, "test")
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasSuffix(path, ".dir") { // packages of a test that has several
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(goroot, path)
		name := filepath.ToSlash(rel)
		args, ok := action(string(text))
		if !ok {
			return nil
		}
		if why := unfit(string(text), args); why != "" {
			left = append(left, Left{name, why})
			return nil
		}
		want, err := os.ReadFile(strings.TrimSuffix(path, ".go") + ".out")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		all = append(all, Program{Name: name, Source: string(text), Want: string(want)})
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return all, left, err
}

// action returns what stands behind "// run", which the first line of a test
// or the one after its build constraints says.
func action(text string) (args string, ok bool) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "//go:build") {
			continue
		}
		rest, ok := strings.CutPrefix(line, "//")
		if !ok {
			return "", false
		}
		args, ok = strings.CutPrefix(strings.TrimSpace(rest)+" ", "run ")
		return strings.TrimSpace(args), ok
	}
	return "", false
}

// stack is what looks at the compiled program's stack, memory or code.
var stack = regexp.MustCompile(`\bruntime\.(Callers?|CallersFrames|Stack|FuncForPC|MemStats|ReadMemStats|MemProfile\w*|SetFinalizer|AddCleanup|SetCPUProfileRate|NumGoroutine|Breakpoint)\b|\btesting\.AllocsPerRun\b`)

// unfit says why a test is no program that a notebook could be asked to run.
func unfit(text, args string) string {
	for a := range strings.FieldsSeq(args) {
		if !strings.HasPrefix(a, "-gcflags") || strings.Contains(a, "maymorestack") {
			return "runs with arguments, other files or an experiment of the toolchain"
		}
	}
	if !built(text) {
		return "built for other platforms or with tags"
	}
	if strings.Contains(text, "//go:linkname") || strings.Contains(text, "//go:embed") {
		return "needs directives of the compiler and linker"
	}
	s, err := parse(text)
	if err != nil {
		return "is no complete file of package main"
	}
	for _, p := range s.paths() {
		switch {
		case p == "C":
			return "needs cgo"
		case p == "unsafe":
			return "looks at memory through package unsafe"
		case p == "os/exec":
			return "starts the Go toolchain or itself"
		case p == "syscall", p == "runtime/debug", p == "runtime/metrics", p == "runtime/pprof", p == "runtime/trace", strings.HasPrefix(p, "internal/"):
			return "looks at the compiled program's stack, memory or system calls"
		}
	}
	for _, d := range s.decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body == nil {
			return "has functions in assembly"
		}
	}
	if stack.MatchString(text) {
		return "looks at the compiled program's stack, memory or system calls"
	}
	return ""
}

// built tells whether a file's build constraints hold here.
func built(text string) bool {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "package ") {
			break
		}
		if x, err := constraint.Parse(strings.TrimSpace(line)); err == nil && constraint.IsGoBuild(line) && !x.Eval(builtWith) {
			return false
		}
	}
	return true
}

func builtWith(tag string) bool {
	return tag == runtime.GOOS || tag == runtime.GOARCH || tag == "gc" || tag == "unix" && runtime.GOOS != "windows" || strings.HasPrefix(tag, "go1.")
}
