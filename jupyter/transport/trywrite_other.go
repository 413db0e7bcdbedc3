//go:build !unix

package transport

import "syscall"

// tryWrite leaves everything to the writer: sockets here are not file
// descriptors that package syscall can write to without waiting.
func tryWrite(syscall.RawConn, []byte) int { return 0 }
