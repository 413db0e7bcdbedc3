// Command gen makes what package symbols is filled with.
//
//	go run ./jupyter/symbols/internal/gen -values
//	go run ./jupyter/symbols/internal/gen -export
//
// -values writes the tables of native values for yaegi, which are committed.
// -export writes export data and documentation for the platform of GOOS and
// GOARCH into a folder that is embedded but not committed: it belongs to the
// toolchain that builds the kernel.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	values := flag.Bool("values", false, "write the value tables")
	export := flag.Bool("export", false, "write export data and documentation")
	out := flag.String("out", "jupyter/symbols", "where to write, from the root of the module")
	flag.Parse()
	if err := run(*values, *export, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(values, export bool, out string) error {
	if !values && !export {
		return fmt.Errorf("nothing to do: give -values or -export")
	}
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	if err := os.Chdir(filepath.Dir(string(mod))); err != nil {
		return err
	}
	world, err := load()
	if err != nil {
		return err
	}
	if values {
		for _, set := range world.sets() {
			if err := writeValues(filepath.Join(out, "internal", set.name), set, world); err != nil {
				return err
			}
		}
	}
	if export {
		return writeExport(filepath.Join(out, "build"), world)
	}
	return nil
}
