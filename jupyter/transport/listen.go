package transport

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"surprisal/jupyter/wire"
)

// maxUnixPath is what sockaddr_un holds on Linux, less its final zero.
const maxUnixPath = 107

// listen binds one channel of c and writes the port that it got into c.
func listen(c *wire.Connection, ch wire.Channel) (net.Listener, error) {
	if c.Transport == "ipc" {
		return listenIPC(c, ch)
	}
	network, address := c.Endpoint(ch)
	l, err := net.Listen(network, address)
	if err != nil {
		advice := "name an address of this machine, such as 127.0.0.1"
		if errors.Is(err, syscall.EADDRINUSE) {
			advice = "choose a free port, or 0"
		}
		return nil, fmt.Errorf("transport: %v: %w; %s", ch, err, advice)
	}
	c.SetPort(ch, l.Addr().(*net.TCPAddr).Port)
	return l, nil
}

func listenIPC(c *wire.Connection, ch wire.Channel) (net.Listener, error) {
	if c.Port(ch) > 0 {
		_, path := c.Endpoint(ch)
		return listenUnix(path, ch)
	}
	for port := 1; port <= 65535; port++ {
		c.SetPort(ch, port)
		_, path := c.Endpoint(ch)
		if _, err := os.Lstat(path); err == nil {
			continue
		}
		return listenUnix(path, ch)
	}
	return nil, fmt.Errorf("transport: %v: every socket file %s-N exists; remove the old ones", ch, c.IP)
}

func listenUnix(path string, ch wire.Channel) (net.Listener, error) {
	if len(path) > maxUnixPath {
		return nil, fmt.Errorf("transport: %v: socket path of %d bytes: the system allows %d; use a shorter folder", ch, len(path), maxUnixPath)
	}
	l, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) && stale(path) {
		// A kernel that was killed left its file behind.
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("transport: %v: %w; remove the old socket file", ch, err)
		}
		l, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, fmt.Errorf("transport: %v: %w; use another path", ch, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("transport: %v: %w; use a folder of your own", ch, err)
	}
	return l, nil
}

// stale reports whether path is a socket that nobody listens on.
func stale(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return false
	}
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}
