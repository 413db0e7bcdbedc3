package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"surprisal/jupyter/transport"
	"surprisal/jupyter/wire"
)

// kernel is a kernel that runs, and a client of it.
type kernel struct {
	*transport.Client
	cmd           *exec.Cmd
	front, worker int // process ids
	folder        string
}

// start starts a kernel on free ports of this machine.
func start(ctx context.Context, binary string) (*kernel, error) {
	folder, err := os.MkdirTemp("", "bench-interp")
	if err != nil {
		return nil, err
	}
	conn := &wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: uuid.NewString(), SignatureScheme: "hmac-sha256"}
	for _, port := range []*int{&conn.ShellPort, &conn.IOPubPort, &conn.StdinPort, &conn.ControlPort, &conn.HeartbeatPort} {
		if *port, err = freePort(); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(conn)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "connection.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	k := &kernel{cmd: exec.Command(binary, "kernel", "-f", file), folder: folder}
	ownSession(k.cmd)
	k.cmd.Stderr = os.Stderr
	if err := k.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w; run make build", err)
	}
	if err := k.dial(ctx, conn); err != nil {
		k.close()
		return nil, err
	}
	return k, nil
}

func (k *kernel) dial(ctx context.Context, conn *wire.Connection) (err error) {
	for {
		k.Client, err = transport.Dial(conn, wire.NewCodec([]byte(conn.Key), uuid.NewString(), "bench"), transport.Options{})
		if err == nil {
			break
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
	go func() {
		for {
			if _, err := k.Recv(ctx, wire.IOPub); err != nil {
				return
			}
		}
	}()
	if err := k.cell(ctx, "1+1"); err != nil {
		return err
	}
	k.front = k.cmd.Process.Pid
	k.worker, err = child(k.front)
	return err
}

func (k *kernel) close() {
	if k.Client != nil {
		k.Close()
	}
	_ = k.cmd.Process.Signal(os.Interrupt)
	_ = k.cmd.Process.Kill()
	_ = k.cmd.Wait()
	os.RemoveAll(k.folder)
}

// cell runs a cell and waits for its reply.
func (k *kernel) cell(ctx context.Context, code string) error {
	if err := k.send(wire.ExecuteRequest, execute(code)); err != nil {
		return err
	}
	return k.answer(ctx, wire.ExecuteReply, &struct{}{})
}

func execute(code string) map[string]any {
	return map[string]any{"code": code, "silent": false, "store_history": true, "user_expressions": map[string]string{}, "allow_stdin": false, "stop_on_error": true}
}

func (k *kernel) send(request wire.Type, content any) error {
	b, err := json.Marshal(content)
	if err != nil {
		return err
	}
	return k.Send(wire.Shell, &wire.Message{Header: wire.Header{Type: request}, Content: b})
}

// answer waits for a reply and reads its content into a value. Replies to other
// requests are dropped.
func (k *kernel) answer(ctx context.Context, reply wire.Type, content any) error {
	for {
		m, err := k.Recv(ctx, wire.Shell)
		if err != nil {
			return err
		}
		if m.Header.Type != reply {
			continue
		}
		var r struct{ Status, Evalue string }
		if err := json.Unmarshal(m.Content, &r); err != nil {
			return err
		}
		if r.Status != "ok" {
			return fmt.Errorf("%s: %s %s", reply, r.Status, r.Evalue)
		}
		return json.Unmarshal(m.Content, content)
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// child is the only child of a process.
func child(pid int) (int, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		if first, _, _ := strings.Cut(strings.TrimSpace(string(text)), " "); first != "" {
			return strconv.Atoi(first)
		}
	}
	return 0, errors.New("the kernel has no worker that /proc shows: kernels are measured on Linux only")
}
