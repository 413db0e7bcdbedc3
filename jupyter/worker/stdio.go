package worker

import (
	"os"
	"sync"
)

// stdFiles are the os.Stdout and os.Stderr of the cells: copies of the
// process's own, so that closing or replacing them hurts no later cell.
type stdFiles struct {
	mu   sync.Mutex
	vars [2]*os.File // what cells see and may assign
	own  [2]*os.File // what we put there
}

// reopen gives a cell working files again. A replacement lasts to the end of
// its cell: nobody might read the pipe that it leads to.
func (f *stdFiles) reopen() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, name := range []string{"/dev/stdout", "/dev/stderr"} {
		if f.own[i] == nil || !open(f.own[i]) {
			f.own[i] = dup(i+1, name)
		}
		f.vars[i] = f.own[i]
	}
}

func open(f *os.File) bool {
	_, err := f.Stat()
	return err == nil
}

// StdoutVar returns the variable that cells see as os.Stdout, StderrVar the
// one for os.Stderr.
func (s *Server) StdoutVar() **os.File { return &s.std.vars[0] }

// StderrVar returns the variable that cells see as os.Stderr.
func (s *Server) StderrVar() **os.File { return &s.std.vars[1] }
