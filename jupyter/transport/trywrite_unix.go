//go:build unix

package transport

import "syscall"

// tryWrite writes what the socket takes without waiting and returns how much
// that was. Errors are left to the writer, which meets them again.
func tryWrite(raw syscall.RawConn, b []byte) int {
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
