package differ

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"surprisal/validation/differ/grow"
)

// Twin is what a compiled program printed, and how it failed.
type Twin struct {
	Output string
	Err    error
}

// Twins compiles programs into one binary and runs each in a process of its
// own. A program becomes a package, whose name has as many letters as main, so
// that what %T prints is as wide.
func Twins(ctx context.Context, programs []string) (twins []Twin, err error) {
	if len(programs) > 1000 {
		return nil, fmt.Errorf("differ: %d programs in one binary: at most 1,000", len(programs))
	}
	dir, err := os.MkdirTemp("", "twins")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var root strings.Builder
	root.WriteString("package main\n\nimport (\n\t\"os\"\n\t\"strconv\"\n")
	for i, p := range programs {
		name := packageName(i)
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			return nil, err
		}
		p = strings.Replace(p, "package main", "package "+name, 1)
		p = strings.Replace(p, "\nfunc main() {", "\nfunc Main() {", 1)
		if err := os.WriteFile(filepath.Join(dir, name, "p.go"), []byte(p), 0o600); err != nil {
			return nil, err
		}
		fmt.Fprintf(&root, "\t%q\n", "twin/"+name)
	}
	root.WriteString(")\n\nfunc main() {\n\ti, _ := strconv.Atoi(os.Args[1])\n\t[]func(){")
	for i := range programs {
		root.WriteString(packageName(i) + ".Main, ")
	}
	root.WriteString("}[i]()\n}\n")
	for name, text := range map[string]string{"main.go": root.String(), "go.mod": "module twin\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", "twins", ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-p=2", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("differ: compile the twins: %w\n%.2000s", err, out)
	}
	for i := range programs {
		out, err := runTwin(ctx, dir, i)
		twins = append(twins, Twin{out, err})
	}
	return twins, ctx.Err()
}

func packageName(i int) string { return fmt.Sprintf("m%03d", i) }

var packages = regexp.MustCompile(`\b(twin/)?m\d{3}\.`) // with its path in a type argument

func runTwin(ctx context.Context, dir string, i int) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	var out bytes.Buffer
	c := exec.CommandContext(ctx, filepath.Join(dir, "twins"), strconv.Itoa(i))
	c.Stdout, c.Stderr = &out, &out
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("differ: the twin does not end well: %w\n%.2000s", err, out.String())
	}
	return grow.Unversioned(packages.ReplaceAllString(out.String(), "main.")), nil
}
