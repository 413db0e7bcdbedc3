package protocol

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"surprisal/jupyter/wire"
)

// ProductTarget is the binary's kernel command, over sockets in a folder of
// its own, so that no port can be taken by another program.
func ProductTarget(binary string) Target {
	return Target{
		Name:    "product",
		Start:   func(t testing.TB) Running { return startBinary(t, binary) },
		CodeFor: GoCode,
		Samples: GoSamples,
	}
}

func startBinary(t testing.TB, binary string) Running {
	t.Helper()
	dir, err := os.MkdirTemp("", "kernel-") // t.TempDir is too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := local()
	c.Transport, c.IP = "ipc", filepath.Join(dir, "s")
	for i, ch := range wire.Channels {
		c.SetPort(ch, i+1)
	}
	text, _ := json.Marshal(c)
	file := filepath.Join(dir, "connection.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.Command(binary, "kernel", "-f", file)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &said, &said
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // must not end it
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(patience):
			t.Error("the kernel does not end at SIGTERM")
			_ = cmd.Process.Kill()
			<-ended
		}
		if said.Len() > 0 {
			t.Errorf("the kernel wrote on its own stdout or stderr, which front ends show as trouble: %s", said.String())
		}
	})
	for _, ch := range wire.Channels {
		listening(t, c, ch, ended, &said)
	}
	return Running{c, ended}
}

// listening waits until a channel can be connected to.
func listening(t testing.TB, c *wire.Connection, ch wire.Channel, ended <-chan struct{}, said *bytes.Buffer) {
	t.Helper()
	network, address := c.Endpoint(ch)
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		conn, err := net.Dial(network, address)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("the kernel has ended: %s", said)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("the kernel does not listen on %v: %v", ch, err)
		}
	}
}
