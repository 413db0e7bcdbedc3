package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"surprisal/jupyter/wire"
	"surprisal/validation/protocol"
)

// The suite that judges the echo kernel judges the product: each check has a
// front in this process, with a worker process of its own.
func TestProtocol(t *testing.T) {
	samples := protocol.GoSamples
	samples.Match = "HasPrefix"                                         // only what stands behind the dot is replaced
	samples.Inspect, samples.Doc = "strings.HasPrefix", "UTF-8 encoded" // the cursor stands in the package's name
	protocol.Run(t, protocol.Target{Name: "surprisal", Start: serve, CodeFor: protocol.GoCode, Samples: samples})
}

// serve runs surprisal kernel in this process.
func serve(t testing.TB) protocol.Running {
	t.Helper()
	c := &wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: "test-key", SignatureScheme: wire.SignatureScheme}
	for _, ch := range wire.Channels {
		c.SetPort(ch, freePort(t))
	}
	file := filepath.Join(t.TempDir(), "kernel.json")
	b, err := json.Marshal(c)
	if err == nil {
		err = os.WriteFile(file, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	signals := make(chan os.Signal, 1)
	m := &Main{Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, Signals: signals, Build: build}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if code := m.Run(context.Background(), []string{"kernel", "-f", file}); code != 0 || out.Len() > 0 {
			t.Errorf("exit %d, on its streams %q", code, out.String())
		}
	}()
	t.Cleanup(func() { signals <- syscall.SIGTERM; <-ended })
	for {
		conn, err := net.Dial("tcp", net.JoinHostPort(c.IP, itoa(c.Port(wire.Heartbeat))))
		if err == nil {
			conn.Close()
			return protocol.Running{Connection: c, Ended: ended}
		}
		select {
		case <-ended:
			t.Fatal("the kernel has ended")
		default:
		}
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
