package quiet

import (
	"io"
	"net"
	"syscall"
	"unsafe"
)

// NewReader returns a reader of conn's bytes for one goroutine at a time.
// Deadlines of conn hold; io.EOF is the peer's end.
func NewReader(conn net.Conn) io.Reader {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return conn
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return conn
	}
	r := &reader{raw: raw}
	r.once = r.read // one closure for all reads
	return r
}

type reader struct {
	raw  syscall.RawConn
	once func(fd uintptr) bool
	b    []byte
	n    int
	err  error
}

func (r *reader) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	r.b = b
	err := r.raw.Read(r.once)
	r.b = nil
	switch {
	case err != nil:
		return 0, err
	case r.err != nil:
		return 0, r.err
	case r.n == 0:
		return 0, io.EOF
	}
	return r.n, nil
}

func (r *reader) read(fd uintptr) bool {
	n, err := Read(fd, r.b)
	r.n, r.err = n, nil
	if err == syscall.EAGAIN {
		return false // wait until there is something
	}
	if err != nil {
		r.err = err
	}
	return true
}

// Read reads from a descriptor that does not block. It returns EAGAIN where
// there is nothing, and 0 and nil at the end.
func Read(fd uintptr, b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if len(b) > limit {
		return retried(func() (int, error) { return syscall.Read(int(fd), b) })
	}
	return call(syscall.SYS_READ, fd, b)
}

// Write writes what the socket takes without waiting and returns how much that
// was. Errors are left to a writer that waits, which meets them again.
func Write(raw syscall.RawConn, b []byte) int {
	if raw == nil || len(b) == 0 {
		return 0
	}
	n := 0
	raw.Write(func(fd uintptr) bool {
		if len(b) > limit {
			n, _ = retried(func() (int, error) { return syscall.Write(int(fd), b) })
		} else {
			n, _ = call(syscall.SYS_WRITE, fd, b)
		}
		return true // once: do not wait for room
	})
	return n
}

func retried(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if err != syscall.EINTR {
			return max(n, 0), err
		}
	}
}

func call(trap, fd uintptr, b []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(trap, fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}
