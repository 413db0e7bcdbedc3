// Compile makes what package cuda embeds: PTX of cuda/*/*.cu for three
// generations of devices, the manifest, and the Go structs of parameters.
//
//	go run ./gpu/internal/compile           write what has changed
//	go run ./gpu/internal/compile -budgets  compare registers, memory and loops with cuda/budgets.json
//
// It lies here and not beside the kernels because it reads PTX. Its test
// compares what is committed with what the compiler makes.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	budgets := flag.Bool("budgets", false, "assemble with ptxas, compare with cuda/budgets.json, and show NVRTC's code beside")
	update := flag.Bool("update", false, "with -budgets: write cuda/budgets.json, and the table of loops in cuda/README.md")
	root := flag.String("root", ".", "the folder of the module")
	tools := flag.String("tools", ".venv-cuda", "environments with ptxas, as make cuda-tools makes them")
	flag.Parse()
	var err error
	if *budgets {
		err = checkBudgets(*root, *tools, *update)
	} else {
		err = run(*root)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compile:", err)
		os.Exit(1)
	}
}

// run makes all files in memory and writes those that have changed.
func run(root string) error {
	cc, err := findCompiler(root)
	if err != nil {
		return err
	}
	out, err := build(root, cc)
	if err != nil {
		return err
	}
	written, err := out.write(root)
	for _, path := range written {
		fmt.Println("wrote", path)
	}
	if err == nil && len(written) == 0 {
		fmt.Printf("%d images are what %s makes of the sources\n", len(out.manifest.Images), cc.version)
	}
	return err
}
