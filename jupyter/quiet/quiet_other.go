//go:build !unix

package quiet

import (
	"io"
	"net"
	"syscall"
)

// NewReader returns a reader of conn's bytes.
func NewReader(conn net.Conn) io.Reader { return conn }

// Read reads nothing: descriptors here are none that package syscall can read
// without waiting.
func Read(uintptr, []byte) (int, error) { return 0, syscall.EINVAL }

// Write leaves everything to a writer that waits.
func Write(syscall.RawConn, []byte) int { return 0 }
