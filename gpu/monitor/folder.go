package monitor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Folder returns where the monitor of this user has its socket and lock: the
// folder surprisal in XDG_RUNTIME_DIR, if that is there, else in Jupyter's
// runtime folder.
func Folder(getenv func(string) string) (string, error) {
	if d := getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(d) {
		if i, err := os.Stat(d); err == nil && i.IsDir() {
			return filepath.Join(d, "surprisal"), nil
		}
	}
	if d := getenv("JUPYTER_RUNTIME_DIR"); d != "" {
		return filepath.Join(d, "surprisal"), nil
	}
	data := getenv("XDG_DATA_HOME")
	if data == "" {
		home := getenv("HOME")
		if home == "" {
			return "", errors.New("monitor: no runtime folder: none of XDG_RUNTIME_DIR, JUPYTER_RUNTIME_DIR and HOME is set: set one to a folder that can be written")
		}
		data = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(data, "jupyter", "runtime", "surprisal"), nil
}

func socket(folder string) string { return filepath.Join(folder, "monitor.sock") }

// maxSocket is how long the path of a Unix socket may be on Linux, and longer
// than elsewhere.
const maxSocket = 107

// prepare makes the folder, for its user alone.
func prepare(folder string) error {
	if n := len(socket(folder)); n > maxSocket {
		return fmt.Errorf("monitor: the path of the socket %s has %d bytes, a socket's may have %d: set XDG_RUNTIME_DIR or JUPYTER_RUNTIME_DIR to a shorter one", socket(folder), n, maxSocket)
	}
	err := os.MkdirAll(folder, 0o700)
	if err == nil {
		err = os.Chmod(folder, 0o700) // whoever made it
	}
	if err != nil {
		return fmt.Errorf("monitor: the runtime folder cannot be used: %w: make it writable, or set XDG_RUNTIME_DIR or JUPYTER_RUNTIME_DIR to one that is", err)
	}
	return nil
}
