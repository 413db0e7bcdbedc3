//go:build unix && !linux

package quiet

import (
	"io"
	"net"
	"syscall"
)

// NewReader returns a reader of conn's bytes.
func NewReader(conn net.Conn) io.Reader { return conn }

// Read reads from a descriptor that does not block. It returns EAGAIN where
// there is nothing, and 0 and nil at the end.
func Read(fd uintptr, b []byte) (int, error) {
	for {
		n, err := syscall.Read(int(fd), b)
		if err != syscall.EINTR {
			return max(n, 0), err
		}
	}
}

// Write writes what the socket takes without waiting and returns how much that
// was. Errors are left to a writer that waits, which meets them again.
func Write(raw syscall.RawConn, b []byte) int {
	if raw == nil {
		return 0
	}
	n := 0
	raw.Write(func(fd uintptr) bool {
		n, _ = syscall.Write(int(fd), b)
		return true // once: do not wait for room
	})
	return max(n, 0)
}
