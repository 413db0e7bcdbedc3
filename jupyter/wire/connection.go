package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// SignatureScheme is the only scheme that clients use, and the only one here.
const SignatureScheme = "hmac-sha256"

// Connection is a connection file: where the five sockets of a kernel are and
// the key that signs their messages. Its JSON form is the file's; fields that
// are not listed here are ignored.
type Connection struct {
	Transport       string `json:"transport"` // tcp or ipc
	IP              string `json:"ip"`        // for ipc the prefix of the socket files
	ShellPort       int    `json:"shell_port"`
	IOPubPort       int    `json:"iopub_port"`
	StdinPort       int    `json:"stdin_port"`
	ControlPort     int    `json:"control_port"`
	HeartbeatPort   int    `json:"hb_port"`
	Key             string `json:"key"` // empty: messages are not signed
	SignatureScheme string `json:"signature_scheme"`
	KernelName      string `json:"kernel_name,omitempty"`
}

// maxConnectionFile is far above any real file (400 bytes) and keeps a wrong
// path, such as a device, from being read for ever.
const maxConnectionFile = 1 << 20

// ReadConnection reads the connection file at path.
func ReadConnection(path string) (*Connection, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("wire: connection file: %w; start the kernel through Jupyter, or name a file that exists", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxConnectionFile {
		return nil, fmt.Errorf("wire: connection file %s: not a file of at most %d bytes; name the JSON file that Jupyter wrote", path, maxConnectionFile)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("wire: connection file: %w; check who may read it", err)
	}
	c, err := ParseConnection(data)
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	return c, nil
}

// ParseConnection parses the text of a connection file. Missing fields get
// the values of a local tcp kernel; port 0 means that any free port will do.
// An empty key is refused where other machines can connect.
func ParseConnection(data []byte) (*Connection, error) {
	if trimmed := bytes.TrimSpace(data); len(trimmed) == 0 || trimmed[0] != '{' {
		return nil, fmt.Errorf("wire: connection file: not a JSON object; name the file that Jupyter wrote")
	}
	c := new(Connection)
	if err := json.Unmarshal(data, c); err != nil {
		return nil, fmt.Errorf("wire: connection file: %w; name the file that Jupyter wrote", err)
	}
	if err := c.complete(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Connection) complete() error {
	if c.Transport == "" {
		c.Transport = "tcp"
	}
	if c.SignatureScheme == "" {
		c.SignatureScheme = SignatureScheme
	}
	if c.SignatureScheme != SignatureScheme {
		return fmt.Errorf("wire: connection file: signature_scheme %q: only %s is supported; set it, or leave it out", c.SignatureScheme, SignatureScheme)
	}
	switch c.Transport {
	case "tcp":
		if c.IP == "" {
			c.IP = "127.0.0.1"
		}
		// net.JoinHostPort adds the brackets of an IPv6 address itself.
		if n := len(c.IP); n > 2 && c.IP[0] == '[' && c.IP[n-1] == ']' {
			c.IP = c.IP[1 : n-1]
		}
		if c.Key == "" && !loopback(c.IP) {
			return fmt.Errorf("wire: connection file: empty key on %s: anyone who reaches this address could run code; give a key, or use 127.0.0.1", c.IP)
		}
	case "ipc":
		if c.IP == "" {
			c.IP = "kernel-ipc"
		}
		if strings.ContainsRune(c.IP, 0) {
			return fmt.Errorf("wire: connection file: ip %q: a socket path cannot hold a zero byte; use a plain path", c.IP)
		}
	default:
		return fmt.Errorf("wire: connection file: transport %q: only tcp and ipc exist here; use one of them", c.Transport)
	}
	for _, ch := range Channels {
		if p := *c.port(ch); p < 0 || p > 65535 {
			return fmt.Errorf("wire: connection file: %v port %d: not in 0…65535; 0 lets the kernel choose", ch, p)
		}
	}
	return nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (c *Connection) port(ch Channel) *int {
	switch ch {
	case Shell:
		return &c.ShellPort
	case Control:
		return &c.ControlPort
	case Stdin:
		return &c.StdinPort
	case IOPub:
		return &c.IOPubPort
	case Heartbeat:
		return &c.HeartbeatPort
	}
	panic(fmt.Sprintf("wire: internal error: no port for %v", ch))
}

// Port returns the port of a channel, SetPort changes it.
func (c *Connection) Port(ch Channel) int { return *c.port(ch) }

// SetPort sets the port of a channel.
func (c *Connection) SetPort(ch Channel, port int) { *c.port(ch) = port }

// Endpoint returns where a channel is, in the words of package net: "tcp" and
// host:port, or "unix" and a path. An ip of * is every address.
func (c *Connection) Endpoint(ch Channel) (network, address string) {
	port := strconv.Itoa(c.Port(ch))
	if c.Transport == "ipc" {
		return "unix", c.IP + "-" + port
	}
	ip := c.IP
	if ip == "*" {
		ip = ""
	}
	return "tcp", net.JoinHostPort(ip, port)
}
