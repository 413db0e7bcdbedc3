package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"surprisal/jupyter/wire"
)

// The reply to shutdown_request and the last idle must arrive, whatever the
// client is sending meanwhile.
func TestCloseSendsWhatIsQueued(t *testing.T) {
	for round := range 20 {
		s := start(t, local(), Options{}, func(s *Server, ch wire.Channel, m *wire.Message) {
			if m.Header.Type != wire.ShutdownRequest {
				return
			}
			for i := range 50 {
				s.Send(wire.IOPub, stream(fmt.Sprint(i)))
			}
			s.Send(ch, &wire.Message{Identities: m.Identities, Header: wire.Header{Type: wire.ShutdownReply}})
			s.Send(wire.IOPub, status("idle"))
			go s.Close()
		})
		cl := dial(t, s)
		if err := cl.Welcome(soon(t)); err != nil {
			t.Fatal(err)
		}
		cl.Send(wire.Control, &wire.Message{Header: wire.Header{Type: wire.ShutdownRequest}})
		for range 100 { // unread bytes at close would reset the connection
			cl.Send(wire.Control, &wire.Message{Header: wire.Header{Type: wire.KernelInfoRequest}, Buffers: [][]byte{make([]byte, 4000)}})
		}
		if m := recv(t, cl, wire.Control); m.Header.Type != wire.ShutdownReply {
			t.Fatalf("round %d: %s", round, m.Header.Type)
		}
		for i := range 50 {
			if m := recv(t, cl, wire.IOPub); m.Header.Type != wire.Stream {
				t.Fatalf("round %d: output %d is %s", round, i, m.Header.Type)
			}
		}
		if m := recv(t, cl, wire.IOPub); m.Header.Type != wire.Status {
			t.Fatalf("round %d: last message %s", round, m.Header.Type)
		}
		if _, err := cl.Recv(soon(t), wire.IOPub); err == nil {
			t.Fatalf("round %d: the connection goes on after Close", round)
		}
	}
}

func TestCloseSendsMuch(t *testing.T) {
	s := start(t, local(), Options{Linger: patience}, echo)
	raw := subscriber(t, s, "")
	read(t, raw)
	text := string(bytes.Repeat([]byte("x"), 1<<20))
	const n = 32
	for range n {
		s.Send(wire.IOPub, stream(text))
	}
	go s.Close()
	for range n {
		read(t, raw)
	}
}

func TestCloseDoesNotWaitForTheStuck(t *testing.T) {
	s := start(t, local(), Options{Linger: 100 * time.Millisecond}, echo)
	raw := subscriber(t, s, "")
	read(t, raw)
	connect(t, s, wire.Shell) // silent
	for range 64 {
		s.Send(wire.IOPub, stream(string(bytes.Repeat([]byte("x"), 1<<20))))
	}
	begin := time.Now()
	s.Close()
	if took := time.Since(begin); took > patience {
		t.Errorf("Close took %v with a linger of 100 ms", took)
	}
	if err := s.Send(wire.IOPub, stream("late")); !errors.Is(err, ErrClosed) {
		t.Errorf("Send after Close: %v, want ErrClosed", err)
	}
	s.Close() // again is harmless
}

func TestCloseFromHandler(t *testing.T) {
	closed := make(chan struct{})
	s := start(t, local(), Options{}, func(s *Server, _ wire.Channel, _ *wire.Message) {
		s.Close()
		close(closed)
	})
	cl := dial(t, s)
	cl.Send(wire.Control, &wire.Message{Header: wire.Header{Type: wire.ShutdownRequest}})
	select {
	case <-closed:
	case <-soon(t).Done():
		t.Fatal("Close waits for the handler that called it")
	}
}

func TestCloseBeforeServe(t *testing.T) {
	s, err := Listen(local(), wire.NewCodec(nil, "", ""), Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := s.Serve(nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Serve after Close: %v, want ErrClosed", err)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	dir := t.TempDir()
	for round := range 3 {
		c := local()
		c.Transport, c.IP = "ipc", filepath.Join(dir, fmt.Sprint(round))
		s, err := Listen(c, wire.NewCodec([]byte(testKey), "", ""), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var serving sync.WaitGroup
		serving.Go(func() { s.Serve(func(ch wire.Channel, m *wire.Message) { echo(s, ch, m) }) })
		cl, err := Dial(s.Connection(), wire.NewCodec([]byte(testKey), "", ""), Options{})
		if err != nil {
			t.Fatal(err)
		}
		ask(t, cl, wire.Shell, round)
		silent, err := plainDial(s.Connection(), wire.Shell)
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		serving.Wait()
		cl.Close()
		silent.Close()
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) > 0 {
		t.Errorf("%d socket files are left (%v)", len(files), err)
	}
	until(t, func() bool { return runtime.NumGoroutine() <= before })
}

func TestPortsAreFreeAfterClose(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	cl := dial(t, s)
	ask(t, cl, wire.Shell, 1)
	s.Close()
	again := start(t, s.Connection(), Options{}, echo) // a restart uses the same file
	serves(t, again)
}

func TestListenRefuses(t *testing.T) {
	taken := start(t, local(), Options{}, echo)
	dir := t.TempDir()
	ipc := local()
	ipc.Transport, ipc.IP = "ipc", filepath.Join(dir, "live")
	live := start(t, ipc, Options{}, echo)
	file := local()
	file.Transport, file.IP, file.ShellPort = "ipc", filepath.Join(dir, "file"), 1
	if err := os.WriteFile(file.IP+"-1", []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	long := local()
	long.Transport, long.IP = "ipc", filepath.Join(dir, strings.Repeat("x", 120))
	elsewhere := local()
	elsewhere.IP = "192.0.2.1" // TEST-NET-1 of RFC 5737: no machine has it
	for _, row := range []struct {
		name, reason string
		c            *wire.Connection
	}{
		{"port in use", "another kernel", taken.Connection()},
		{"socket file in use", "another kernel", live.Connection()},
		{"not a socket", "somebody's file", file},
		{"path too long", "107 bytes are the system's limit", long},
		{"address of another machine", "bind only what was asked for", elsewhere},
	} {
		if s, err := Listen(row.c, wire.NewCodec(nil, "", ""), Options{}); err == nil {
			s.Close()
			t.Errorf("%s: no error (%s)", row.name, row.reason)
		}
	}
	if b, err := os.ReadFile(file.IP + "-1"); err != nil || string(b) != "precious" {
		t.Errorf("the file was changed: %q, %v", b, err)
	}
	serves(t, taken)
	serves(t, live)
}

// A kernel that was killed leaves its socket files behind.
func TestStaleSocketFile(t *testing.T) {
	c := local()
	c.Transport, c.IP = "ipc", filepath.Join(t.TempDir(), "k")
	for i, ch := range wire.Channels {
		c.SetPort(ch, i+1)
		network, path := c.Endpoint(ch)
		l, err := net.Listen(network, path)
		if err != nil {
			t.Fatal(err)
		}
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		l.Close()
	}
	s := start(t, c, Options{}, echo)
	serves(t, s)
	_, path := c.Endpoint(wire.Shell)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket file: %v, %v; want only the owner in", info, err)
	}
	s.Close()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Close the socket file is still there (%v)", err)
	}
}

func TestOnlyTheGivenAddress(t *testing.T) {
	c := local()
	c.IP = "127.0.0.2"
	s := start(t, c, Options{}, echo)
	serves(t, s)
	for ch, l := range s.listeners {
		if ip := l.Addr().(*net.TCPAddr).IP.String(); ip != c.IP {
			t.Errorf("%v listens on %s, want %s", wire.Channel(ch), ip, c.IP)
		}
	}
}
