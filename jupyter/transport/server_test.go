package transport

import (
	"path/filepath"
	"strings"
	"testing"

	"surprisal/jupyter/wire"
)

func TestListenSaysWhatToDo(t *testing.T) {
	taken, err := Listen(local(), wire.NewCodec(nil, "", ""), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, row := range []struct {
		ip     string
		port   int
		advice string
	}{
		{"127.0.0.1", taken.Connection().ShellPort, "choose a free port"},
		{"192.0.2.1", 0, "name an address of this machine"}, // for documents only: no machine has it
	} {
		c := local()
		c.IP, c.ShellPort = row.ip, row.port
		s, err := Listen(c, wire.NewCodec(nil, "", ""), Options{})
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), row.advice) {
			t.Errorf("%s:%d: %v, want %q", row.ip, row.port, err, row.advice)
		}
	}
}

func TestEcho(t *testing.T) {
	for _, row := range []struct{ name, reason, transport, ip string }{
		{"tcp4", "what Jupyter uses", "tcp", "127.0.0.1"},
		{"tcp6", "brackets of IPv6 addresses", "tcp", "::1"},
		{"ipc", "socket files named ip-port", "ipc", filepath.Join(t.TempDir(), "k")},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := local()
			c.Transport, c.IP = row.transport, row.ip
			s := start(t, c, Options{}, echo)
			cl := dial(t, s)
			for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin} {
				for n := range 3 {
					ask(t, cl, ch, n)
				}
			}
			if err := cl.Welcome(soon(t)); err != nil {
				t.Fatal(err)
			}
			if err := s.Send(wire.IOPub, &wire.Message{Header: wire.Header{Type: wire.Status}}); err != nil {
				t.Fatal(err)
			}
			if m := recv(t, cl, wire.IOPub); m.Header.Type != wire.Status {
				t.Errorf("%s on iopub, want status", m.Header.Type)
			}
			if _, err := cl.Ping(soon(t)); err != nil {
				t.Error(err)
			}
		})
	}
}
