package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
)

// pins are the files that pin the tools of an environment, by what follows its name.
var pins = map[string]string{"": "current.txt", "-11.8": "ptxas-11.8.txt", "-12.0": "ptxas-12.0.txt"}

// tool finds a tool of an environment, asks it for its release and compares that with
// the pin: an environment may be older than the file that pins it.
func tool(root, environment, name, wheel, pinned string) (path, release string, err error) {
	found, err := filepath.Glob(filepath.Join(environment, "lib/python3*/site-packages/nvidia/*/bin", name))
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("no %s in %s: run make cuda-tools", name, environment)
	}
	if err != nil {
		return "", "", err
	}
	data, err := os.ReadFile(filepath.Join(root, "cuda/tools", pinned))
	if err != nil {
		return "", "", err
	}
	said, err := exec.Command(found[0], "--version").Output()
	if err != nil {
		return "", "", fmt.Errorf("%s --version: %w", found[0], err)
	}
	release, err = released(name, string(said), wheel, string(data))
	return found[0], release, err
}

var version = regexp.MustCompile(`V(\d+\.\d+\.\d+)`)

// released is the release that a tool says it is, which must be the one pinned.
func released(name, said, wheel, pins string) (string, error) {
	is := version.FindStringSubmatch(said)
	if is == nil {
		return "", fmt.Errorf("%s --version tells no release: %q", name, said)
	}
	want := regexp.MustCompile(`(?m)^` + wheel + `==(\d+\.\d+\.\d+)`).FindStringSubmatch(pins)
	if want == nil {
		return "", fmt.Errorf("nothing pins %s", wheel)
	}
	if is[1] != want[1] {
		return "", fmt.Errorf("%s is %s, and %s is pinned: run make cuda-tools", name, is[1], want[1])
	}
	return is[1], nil
}
