//go:build unix

package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// folder is a runtime folder with a path short enough for sockets.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "mon-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "surprisal")
}

// serve runs a server of a quick demo and returns how it ended.
func serve(t *testing.T, dir string, idle time.Duration) (ended <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	p := NewPoller(Demo{})
	p.Interval = 10 * time.Millisecond
	ready, c := make(chan struct{}), make(chan error, 1)
	s := &Server{Poller: p, Folder: dir, Idle: idle, Ready: func() { close(ready) }}
	go func() { c <- s.Serve(ctx) }()
	select {
	case <-ready:
	case err := <-c:
		c <- err
	case <-time.After(10 * time.Second):
		t.Fatal("the server is not ready")
	}
	return c
}

func TestServerServesItsUserAlone(t *testing.T) {
	dir := folder(t)
	serve(t, dir, time.Minute)
	for path, want := range map[string]os.FileMode{dir: 0o700, socket(dir): 0o600, filepath.Join(dir, "monitor.lock"): 0o600} {
		if i, err := os.Stat(path); err != nil || i.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", filepath.Base(path), i.Mode(), err, want)
		}
	}
	c := &Client{Folder: dir}
	s, err := c.Read(context.Background())
	if err != nil || s.Source != "demo" || len(s.Devices) != 1 {
		t.Errorf("%v, %v", s, err)
	}
}

func TestOneMonitorServesTwoClients(t *testing.T) {
	dir := folder(t)
	serve(t, dir, time.Minute)
	if err := <-serve(t, dir, time.Minute); !errors.Is(err, ErrRunning) {
		t.Errorf("a second monitor: %v", err)
	}
	for range 2 {
		if s, err := (&Client{Folder: dir}).Read(context.Background()); err != nil || len(s.Devices) != 1 {
			t.Errorf("%v, %v", s, err)
		}
	}
}

func TestServerEndsWhenNobodyListens(t *testing.T) {
	dir := folder(t)
	ended := serve(t, dir, 300*time.Millisecond)
	ctx, cancel := context.WithCancel(context.Background())
	c := &Client{Folder: dir}
	go c.Run(ctx)
	if _, err := c.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		t.Fatalf("it ended while a client listened: %v", err)
	case <-time.After(600 * time.Millisecond):
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it did not end after its last client")
	}
	if _, err := os.Lstat(socket(dir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its socket is left: %v", err)
	}
}

func TestSocketOfADeadMonitorIsReplaced(t *testing.T) {
	dir := folder(t)
	if err := prepare(dir); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket(dir), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	serve(t, dir, time.Minute)
	if _, err := (&Client{Folder: dir}).Read(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestServerSaysWhyItCannotServe(t *testing.T) {
	for _, c := range []struct {
		reason string
		spoil  func(dir string) error
		want   string
	}{
		{"a file in the way of the socket", func(dir string) error {
			return errors.Join(prepare(dir), os.WriteFile(socket(dir), nil, 0o600))
		}, "is in the way"},
		{"a folder in the way of the socket", func(dir string) error { return os.MkdirAll(socket(dir), 0o700) }, "is in the way"},
		{"a folder in the way of the lock", func(dir string) error { return os.MkdirAll(filepath.Join(dir, "monitor.lock"), 0o700) }, "lock"},
		{"a file in the way of the folder", func(dir string) error { return os.WriteFile(dir, nil, 0o600) }, "runtime folder cannot be used"},
		{"no room for a path", func(string) error { return nil }, "set XDG_RUNTIME_DIR"},
	} {
		dir := folder(t)
		if c.reason == "no room for a path" {
			dir = filepath.Join(dir, strings.Repeat("long/", 20))
		}
		if err := c.spoil(dir); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-serve(t, dir, time.Minute):
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", c.reason, err, c.want)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("%s: it serves", c.reason)
		}
		if _, err := os.Lstat(socket(dir)); strings.Contains(c.reason, "of the socket") && err != nil {
			t.Errorf("%s: what was in the way is gone", c.reason)
		}
	}
}

// A root user writes everywhere, so that folder permissions cannot be tried
// with it; a file system that takes no folder can.
func TestRuntimeFolderThatCannotBeWritten(t *testing.T) {
	err := prepare("/proc/surprisal")
	if err == nil || !strings.Contains(err.Error(), "make it writable, or set XDG_RUNTIME_DIR") {
		t.Errorf("%v", err)
	}
}

// When the monitor dies the client says so, and starts it again.
func TestClientStartsTheMonitorAgain(t *testing.T) {
	dir := folder(t)
	started := make(chan context.CancelFunc, 9) // ends that monitor
	c := &Client{Folder: dir, Start: func(context.Context) error {
		ctx, cancel := context.WithCancel(context.Background())
		ready := make(chan struct{})
		p := NewPoller(Demo{})
		p.Interval = 10 * time.Millisecond
		go (&Server{Poller: p, Folder: dir, Ready: func() { close(ready) }}).Serve(ctx)
		<-ready
		started <- cancel
		return nil
	}}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	go c.Run(ctx)
	if _, err := c.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	(<-started)()
	for fault := ""; fault == ""; _, fault = c.State() {
		time.Sleep(time.Millisecond)
	}
	past, fault := c.State()
	if !strings.Contains(fault, "the monitor has ended; it is tried again in 1s") || len(past) == 0 {
		t.Errorf("%q, %d snapshots kept", fault, len(past))
	}
	for fault != "" {
		time.Sleep(time.Millisecond)
		if _, fault = c.State(); ctx.Err() != nil {
			t.Fatal("it was not started again: ", fault)
		}
	}
	(<-started)()
	if n := len(started); n != 0 {
		t.Errorf("%d starts beside the two that were needed", n)
	}
}

func TestClientSaysWhyThereIsNoMonitor(t *testing.T) {
	dir := folder(t)
	if _, err := (&Client{Folder: dir}).Read(context.Background()); err == nil || !strings.Contains(err.Error(), "no monitor runs") {
		t.Errorf("%v", err)
	}
	c := &Client{Folder: dir, Start: func(context.Context) error { return errors.New("it cannot start") }}
	if _, err := c.Read(context.Background()); err == nil || !strings.Contains(err.Error(), "it cannot start") {
		t.Errorf("%v", err)
	}
}

// What a stranger at the socket sends is an error, never a snapshot.
func TestClientRefusesWhatIsNoSnapshot(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"hello\n", "no snapshot"},
		{`{"version":99}` + "\n", "of another surprisal"},
		{`{"version":1,"devices":[{"power":{"value":null,"status":"ok"}}]}` + "\n", "has no number"},
		{strings.Repeat("x", maxLine+1) + "\n", "a line of more than"},
		{"", "has ended"},
	} {
		dir := folder(t)
		l, unlock, err := listen(dir)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			if conn, err := l.Accept(); err == nil {
				conn.Write([]byte(c.line))
				conn.Close()
			}
		}()
		s, err := (&Client{Folder: dir}).Read(context.Background())
		if err == nil || !strings.Contains(err.Error(), c.want) || len(s.Devices) > 0 {
			t.Errorf("%.40q: %v, %v, want %q", c.line, s, err, c.want)
		}
		l.Close()
		unlock()
	}
}

// A client that does not read costs the server nothing but its place.
func TestServerLivesWithAClientThatDoesNotRead(t *testing.T) {
	dir := folder(t)
	serve(t, dir, time.Minute)
	conn, err := net.Dial("unix", socket(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	time.Sleep(500 * time.Millisecond)
	if s, err := (&Client{Folder: dir}).Read(context.Background()); err != nil || time.Since(s.Time) > 5*time.Second {
		t.Errorf("%v, %v", s, err)
	}
}

func TestLockIsLeftToNobody(t *testing.T) {
	dir := folder(t)
	l, unlock, err := listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := os.OpenFile(filepath.Join(dir, "monitor.lock"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer fd.Close()
	if err := syscall.Flock(int(fd.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		t.Error("the lock is free while the monitor listens")
	}
	l.Close()
	unlock()
	if err := syscall.Flock(int(fd.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		t.Errorf("the lock is held by nobody: %v", err)
	}
}

func TestFolderIsFound(t *testing.T) {
	here := t.TempDir()
	for _, c := range []struct {
		env    map[string]string
		want   string
		reason string
	}{
		{map[string]string{"XDG_RUNTIME_DIR": here, "JUPYTER_RUNTIME_DIR": "/j", "HOME": "/h"}, here + "/surprisal", "one a user"},
		{map[string]string{"XDG_RUNTIME_DIR": "/nowhere/at/all", "JUPYTER_RUNTIME_DIR": "/j"}, "/j/surprisal", "containers name one that is not there"},
		{map[string]string{"XDG_RUNTIME_DIR": "relative", "HOME": "/h"}, "/h/.local/share/jupyter/runtime/surprisal", "Jupyter's own"},
		{map[string]string{"XDG_DATA_HOME": "/d", "HOME": "/h"}, "/d/jupyter/runtime/surprisal", "Jupyter's own, moved"},
		{nil, "", "nothing to go by"},
	} {
		got, err := Folder(func(k string) string { return c.env[k] })
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s: %q, %v, want %q", c.reason, got, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	found, _ := Demo{}.Open()
	line, err := json.Marshal(Snapshot{Version: Version, Time: time.Unix(1e9, 0), Source: "demo", Devices: []Device{found.Devices[0].Read(time.Unix(1e9, 0))}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line)
	f.Add([]byte(`{"version":1,"time":"x"}`))
	f.Add([]byte(`{"version":1,"devices":[{"power":{"value":1e999,"status":"ok"}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decode(b)
		if err != nil {
			if s.Version != 0 || len(s.Devices) > 0 {
				t.Errorf("an error and %+v", s)
			}
			return
		}
		_ = s.String()
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decode(again); err != nil || back.String() != s.String() {
			t.Errorf("%s came back as %v, %v", again, back, err)
		}
	})
}
