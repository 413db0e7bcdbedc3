//go:build unix

package monitor

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// listen takes the lock of the folder and opens its socket. It returns
// ErrRunning where another monitor has the lock. A socket that an earlier one
// has left behind is replaced, another kind of file is not.
func listen(folder string) (_ net.Listener, unlock func(), err error) {
	if err := prepare(folder); err != nil {
		return nil, nil, err
	}
	lock, err := os.OpenFile(filepath.Join(folder, "monitor.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("monitor: lock: %w: make the folder writable, or move what is in the way", err)
	}
	defer func() {
		if err != nil {
			lock.Close()
		}
	}()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, nil, ErrRunning
		}
		return nil, nil, fmt.Errorf("monitor: lock %s: %w: the runtime folder must lie on a file system with locks", lock.Name(), err)
	}
	path := socket(folder)
	switch i, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, nil, fmt.Errorf("monitor: socket: %w", err)
	case i.Mode().Type() != fs.ModeSocket:
		return nil, nil, fmt.Errorf("monitor: %s is in the way and is no socket: move it", path)
	default:
		if err := os.Remove(path); err != nil {
			return nil, nil, fmt.Errorf("monitor: the socket of an earlier monitor cannot be removed: %w", err)
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, nil, fmt.Errorf("monitor: socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil { // its folder is closed to others all the while
		l.Close()
		return nil, nil, fmt.Errorf("monitor: socket: %w", err)
	}
	return l, func() { lock.Close() }, nil
}
