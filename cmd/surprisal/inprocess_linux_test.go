package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"surprisal/jupyter/transport"
	"surprisal/jupyter/wire"
)

// The front in this process, its worker in another: nothing of the front may
// depend on being the whole process.
func TestMainInProcess(t *testing.T) {
	c, ended, stop := serve(t)
	cl, err := transport.Dial(c, wire.NewCodec([]byte(c.Key), "", ""), transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := &book{t: t, cl: cl, err: new(bytes.Buffer)}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := cl.Welcome(ctx); err != nil {
		t.Fatal(err)
	}
	if v := b.value("40 + 2"); v != "42" {
		t.Error(v)
	}
	cl.Close()
	stop()
	<-ended
}

// serve runs surprisal kernel in this process.
func serve(t testing.TB) (c *wire.Connection, ended <-chan struct{}, stop func()) {
	t.Helper()
	c = &wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: "test-key", SignatureScheme: wire.SignatureScheme}
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
	done := make(chan struct{})
	go func() {
		defer close(done)
		if code := m.Run(context.Background(), []string{"kernel", "-f", file}); code != 0 || out.Len() > 0 {
			t.Errorf("exit %d, on its streams %q", code, out.String())
		}
	}()
	for {
		conn, err := net.Dial("tcp", net.JoinHostPort(c.IP, strconv.Itoa(c.Port(wire.Heartbeat))))
		if err == nil {
			conn.Close()
			return c, done, func() { signals <- syscall.SIGTERM }
		}
		select {
		case <-done:
			t.Fatal("the kernel has ended")
		default:
		}
	}
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
