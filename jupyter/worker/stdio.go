package worker

import (
	"os"
	"sync"
)

// stdFiles keeps the standard streams whole while cells close and replace
// them. Markers are written through copies that no cell sees. Cells see copies
// as os.Stdout and os.Stderr.
type stdFiles struct {
	fds [2]int    // ours
	ids [2]fileID // what they lead to

	mu  sync.Mutex
	own [2]*os.File // what cells see
}

// newStdFiles must run before anything else opens files.
func newStdFiles() (*stdFiles, error) {
	f := new(stdFiles)
	for i := range f.fds {
		fd, err := dup(i + 1)
		if err != nil {
			return nil, err
		}
		f.fds[i] = fd
		f.ids[i], _ = identify(fd)
	}
	f.reopen()
	return f, nil
}

// reopen gives a cell working streams again. A replacement of os.Stdout lasts
// to the end of its cell: nobody might read the pipe that it leads to.
func (f *stdFiles) reopen() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, std := range []**os.File{&os.Stdout, &os.Stderr} {
		if id, ok := identify(i + 1); !ok || id != f.ids[i] {
			replace(f.fds[i], i+1)
		}
		if f.own[i] == nil || !open(f.own[i], f.ids[i]) {
			if fd, err := dup(f.fds[i]); err == nil {
				f.own[i] = os.NewFile(uintptr(fd), (*std).Name())
			}
		}
		if *std != f.own[i] { // writing it each time would race with late prints
			*std = f.own[i]
		}
	}
}

// open says whether f still leads to the stream id: a cell may have closed it.
func open(f *os.File, id fileID) (same bool) {
	c, err := f.SyscallConn()
	if err != nil {
		return false
	}
	err = c.Control(func(fd uintptr) {
		now, ok := identify(int(fd))
		same = ok && now == id
	})
	return same && err == nil
}
