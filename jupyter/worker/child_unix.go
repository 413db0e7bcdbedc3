//go:build unix

package worker

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// spawn starts the worker's command, from the file exe if that is set, in a
// process group of its own, with the link as descriptor 3 and the pipes as
// stdout and stderr.
func spawn(exe string, argv []string, dir string, env []string) (_ *exec.Cmd, _ net.Conn, pipes [2]*os.File, err error) {
	var fds [2]int
	syscall.ForkLock.RLock() // no other child may inherit the descriptors
	fds, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fds[0])
		unix.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, pipes, fmt.Errorf("worker: socket pair: %w", err)
	}
	mine, theirs := os.NewFile(uintptr(fds[0]), "link"), os.NewFile(uintptr(fds[1]), "link")
	defer theirs.Close()
	conn, err := net.FileConn(mine)
	mine.Close()
	if err != nil {
		return nil, nil, pipes, fmt.Errorf("worker: link: %w", err)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	if exe != "" {
		cmd.Path, cmd.Err = exe, nil
	}
	cmd.Dir, cmd.Env = dir, env
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	for i, std := range []*io.Writer{&cmd.Stdout, &cmd.Stderr} {
		r, w, e := os.Pipe()
		if e != nil {
			err = e
			break
		}
		defer w.Close()
		growPipe(int(w.Fd())) // Fd makes the write end blocking, as programs expect of stdout
		pipes[i], *std = r, w
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		conn.Close()
		for _, p := range pipes {
			if p != nil {
				p.Close()
			}
		}
		return nil, nil, pipes, fmt.Errorf("worker: start: %w", err)
	}
	return cmd, conn, pipes, nil
}

// killGroup ends the worker and the children that it has not let go.
func killGroup(pid int) { syscall.Kill(-pid, syscall.SIGKILL) }

// writeAll writes b to a pipe, which a child may have made non-blocking.
func writeAll(fd int, b []byte) (int, error) {
	done := 0
	for done < len(b) {
		n, err := syscall.Write(fd, b[done:])
		switch err {
		case nil:
			done += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, -1)
		default:
			return done, os.NewSyscallError("write", err)
		}
	}
	return done, nil
}

// dup copies a descriptor. The copy is closed in children.
func dup(fd int) (int, error) { return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3) }

// replace makes fd, closed or not, a copy of from that children inherit.
func replace(from, fd int) { unix.Dup2(from, fd) }

// fileID is what tells one open file of the system from all others.
type fileID struct{ dev, ino uint64 }

// identify returns the id of what fd leads to, false if fd is closed.
func identify(fd int) (fileID, bool) {
	var s unix.Stat_t
	err := fstat(fd, &s)
	return fileID{uint64(s.Dev), s.Ino}, err == nil
}

// openLink takes the link from its descriptor.
func openLink(fd int) (net.Conn, error) {
	unix.CloseOnExec(fd)
	f := os.NewFile(uintptr(fd), "link")
	defer f.Close()
	return net.FileConn(f)
}

// dropInterrupts catches SIGINT, which terminals send to everybody. It must
// not be ignored: children would inherit that.
func dropInterrupts() { signal.Notify(make(chan os.Signal, 1), os.Interrupt) }

// endGroup ends this process and its children.
func endGroup() {
	syscall.Kill(-os.Getpid(), syscall.SIGKILL)
	os.Exit(1)
}
