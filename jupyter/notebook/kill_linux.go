package notebook

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// killTree kills p and all its descendants. The tree is frozen from the top
// before it is killed, so that nothing can fork out of it meanwhile.
func killTree(p *os.Process) error {
	tree := []int{p.Pid}
	for i := 0; i < len(tree); i++ {
		syscall.Kill(tree[i], syscall.SIGSTOP)
		tree = append(tree, children(tree[i])...)
	}
	for _, pid := range tree[1:] {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	return p.Kill()
}

func children(parent int) []int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	var out []int
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it has just ended
		}
		// pid (comm) state ppid …; comm may hold spaces and brackets.
		f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
		if len(f) < 2 {
			continue
		}
		if ppid, _ := strconv.Atoi(string(f[1])); ppid == parent {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
				out = append(out, pid)
			}
		}
	}
	return out
}
