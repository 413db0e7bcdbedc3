package wire

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file that jupyter_client 8.10.0 wrote, with a field that it may add.
const connectionFile = `{
  "shell_port": 49153, "iopub_port": 49154, "stdin_port": 49155,
  "control_port": 49156, "hb_port": 49157, "ip": "127.0.0.1",
  "key": "a0436f6c-1916-498b-8eb9-e81ab9368e84", "transport": "tcp",
  "signature_scheme": "hmac-sha256", "kernel_name": "surprisal",
  "jupyter_session": "/home/rue/a.ipynb"
}`

func TestReadConnection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kernel.json")
	if err := os.WriteFile(path, []byte(connectionFile), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := ReadConnection(path)
	if err != nil {
		t.Fatal(err)
	}
	want := Connection{Transport: "tcp", IP: "127.0.0.1", ShellPort: 49153, IOPubPort: 49154, StdinPort: 49155,
		ControlPort: 49156, HeartbeatPort: 49157, Key: goldenKey, SignatureScheme: "hmac-sha256", KernelName: "surprisal"}
	if *c != want {
		t.Errorf("%+v, want %+v", *c, want)
	}
	for i, ch := range Channels {
		if c.Port(ch) != []int{49153, 49156, 49155, 49154, 49157}[i] {
			t.Errorf("%v has port %d", ch, c.Port(ch))
		}
	}
	for _, wrong := range []string{filepath.Join(t.TempDir(), "none.json"), t.TempDir(), os.DevNull} {
		if c, err := ReadConnection(wrong); err == nil || c != nil {
			t.Errorf("%s: %v, %v; want an error alone", wrong, c, err)
		}
	}
}

func TestParseConnection(t *testing.T) {
	for _, row := range []struct {
		name, reason, text string
		network, shell     string // the shell endpoint
		refusal            string // a word of the error
	}{
		{"defaults", "every field may be missing", `{"key":"k"}`, "tcp", "127.0.0.1:0", ""},
		{"empty key on loopback", "nobody else can connect", `{"shell_port":5}`, "tcp", "127.0.0.1:5", ""},
		{"empty key on ::1", "loopback too", `{"ip":"::1","shell_port":5}`, "tcp", "[::1]:5", ""},
		{"brackets", "some launchers write them", `{"ip":"[::1]","shell_port":5}`, "tcp", "[::1]:5", ""},
		{"localhost", "a name for loopback", `{"ip":"localhost","shell_port":5}`, "tcp", "localhost:5", ""},
		{"every address", "with a key", `{"ip":"*","key":"k","shell_port":5}`, "tcp", ":5", ""},
		{"ipc", "ip-port is the file", `{"transport":"ipc","ip":"/run/user/1/kernel-7","shell_port":2}`, "unix", "/run/user/1/kernel-7-2", ""},
		{"empty key on a network", "anyone could run code", `{"ip":"192.168.1.7"}`, "", "", "empty key"},
		{"empty key everywhere", "anyone could run code", `{"ip":"0.0.0.0"}`, "", "", "empty key"},
		{"empty key on *", "anyone could run code", `{"ip":"*"}`, "", "", "empty key"},
		{"empty key on a host name", "it may be any address", `{"ip":"lab7"}`, "", "", "empty key"},
		{"other scheme", "never sign with less than was asked", `{"key":"k","signature_scheme":"hmac-md5"}`, "", "", "hmac-sha256"},
		{"other transport", "not built", `{"key":"k","transport":"inproc"}`, "", "", "transport"},
		{"port too large", "16 bits", `{"key":"k","iopub_port":70000}`, "", "", "iopub"},
		{"port negative", "16 bits", `{"key":"k","hb_port":-1}`, "", "", "heartbeat"},
		{"port is a string", "wrong JSON type", `{"key":"k","hb_port":"5"}`, "", "", "hb_port"},
		{"list", "not an object", `[]`, "", "", "object"},
		{"null", "not an object", `null`, "", "", "object"},
		{"empty", "an empty file", ``, "", "", "object"},
		{"cut", "half a file", `{"key":`, "", "", "unexpected end"},
		{"zero byte in path", "the system would cut it there", `{"transport":"ipc","ip":"a\u0000b"}`, "", "", "zero byte"},
	} {
		t.Run(row.name, func(t *testing.T) {
			c, err := ParseConnection([]byte(row.text))
			if row.refusal != "" {
				if err == nil || c != nil || !strings.Contains(err.Error(), row.refusal) {
					t.Fatalf("%+v, error %v; want an error about %q alone (%s)", c, err, row.refusal, row.reason)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if network, shell := c.Endpoint(Shell); network != row.network || shell != row.shell {
				t.Errorf("%s %s, want %s %s (%s)", network, shell, row.network, row.shell, row.reason)
			}
		})
	}
}

func FuzzParseConnection(f *testing.F) {
	f.Add([]byte(connectionFile))
	f.Add([]byte(`{"transport":"ipc","ip":"x"}`))
	f.Add([]byte(`{"ip":"*","key":""}`))
	f.Add([]byte(`{"SHELL_PORT":1e3,"ip":"[::]"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConnection(data)
		if err != nil {
			if c != nil {
				t.Fatal("a connection came with an error")
			}
			return
		}
		if c.Key == "" && c.Transport == "tcp" && !loopback(c.IP) {
			t.Fatalf("empty key on %s", c.IP)
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseConnection(text)
		if err != nil || *again != *c {
			t.Fatalf("%+v was written and read as %+v (%v)", c, again, err)
		}
	})
}
