package worker

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// behind is by how much the threads of cells are nicer than the eager reader's:
// three of them weigh as much as it does. It is felt between threads of the
// kernel's own processes where the system groups them by session.
const behind = 5

// comeFirst makes all threads of the process but the calling one nicer, by the
// system's measure. Threads that Go starts later inherit it from those, as does
// what cells start. It tells whether that could be done.
func comeFirst() bool {
	me := unix.Gettid()
	mine, err := unix.Getpriority(unix.PRIO_PROCESS, me) // 20 - nice, as the system call has it
	if err != nil {
		return false
	}
	nice := min(20-mine+behind, 19)
	for again := true; again; { // what a thread started before its turn came
		again = false
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return false
		}
		for _, t := range tasks {
			id, _ := strconv.Atoi(t.Name())
			if id == me {
				continue
			}
			p, err := unix.Getpriority(unix.PRIO_PROCESS, id)
			if err != nil || p == 20-nice { // it has ended, or has had its turn
				continue
			}
			if err := unix.Setpriority(unix.PRIO_PROCESS, id, nice); err == nil {
				again = true
			} else if err != unix.ESRCH {
				return false
			}
		}
	}
	return true
}

// await returns when there is something to read, or the front is gone. It
// waits in the system and not in Go's poller, which another thread runs.
func (l *link) await() {
	if l.r.Buffered() > 0 {
		return
	}
	l.raw.Control(func(fd uintptr) {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		for {
			if _, err := unix.Poll(p, -1); err != unix.EINTR {
				return
			}
		}
	})
}
