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

// hand is how soon somebody runs a cell again.
const hand = 200 * time.Millisecond

// memory measures the resident memory of a kernel's two processes: of the
// worker while a cell that holds 100 MB is run again, and of both over 10,000
// cells.
func (b *bench) memory() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	k, err := start(ctx, b.kernel)
	if err != nil {
		return err
	}
	defer k.close()
	const big = "big := make([]byte, 100<<20)\nfor i := 0; i < len(big); i += 4096 {\n\tbig[i] = 1\n}"
	before, err := resident(k.worker)
	if err != nil {
		return err
	}
	most := 0.0
	for range 6 {
		if err := k.cell(ctx, big); err != nil {
			return err
		}
		now, err := resident(k.worker)
		if err != nil {
			return err
		}
		most = max(most, now-before)
		time.Sleep(hand)
	}
	b.report.limit("100 MB in a cell that runs six times, at the most", most, 230, "MB")
	now, err := resident(k.worker)
	if err != nil {
		return err
	}
	b.report.limit("what it holds afterwards", now-before, 130, "MB")
	fresh, err := start(ctx, b.kernel) // what the other has freed would hide growth
	if err != nil {
		return err
	}
	defer fresh.close()
	return b.cells(ctx, fresh)
}

// cells is the growth over 10,000 cells.
func (b *bench) cells(ctx context.Context, k *kernel) error {
	const warm, n = 1000, 10000
	if err := k.cell(ctx, "n := 0"); err != nil {
		return err
	}
	var from [2]float64
	for i := range warm + n + 1 {
		if i == warm || i == warm+n {
			for j, pid := range []int{k.worker, k.front} {
				now, err := resident(pid)
				if err != nil {
					return err
				}
				if i == warm {
					from[j] = now
					continue
				}
				if j == 0 {
					b.report.limit("growth of the worker over 10,000 cells", now-from[j], 80, "MB")
					continue
				}
				b.report.Rows = append(b.report.Rows, row{What: "growth of the front over 10,000 cells", Result: fmt.Sprintf("%.3g MB", now-from[j]), OK: true})
			}
		}
		if err := k.cell(ctx, "n++\nfor i := range 3 { n += i }\nn"); err != nil {
			return err
		}
	}
	return nil
}

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
	content, err := json.Marshal(map[string]any{"code": code, "silent": false, "store_history": true, "user_expressions": map[string]string{}, "allow_stdin": false, "stop_on_error": true})
	if err != nil {
		return err
	}
	m := &wire.Message{Header: wire.Header{Type: wire.ExecuteRequest}, Content: content}
	if err := k.Send(wire.Shell, m); err != nil {
		return err
	}
	for {
		reply, err := k.Recv(ctx, wire.Shell)
		if err != nil {
			return err
		}
		if reply.Header.Type != wire.ExecuteReply {
			continue
		}
		var r struct{ Status, Evalue string }
		if err := json.Unmarshal(reply.Content, &r); err != nil {
			return err
		}
		if r.Status != "ok" {
			return fmt.Errorf("a cell failed: %s", r.Evalue)
		}
		return nil
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
	return 0, errors.New("the kernel has no worker that /proc shows: memory is measured on Linux only")
}

// resident is the resident memory of a process in MB.
func resident(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024, err
		}
	}
	return 0, fmt.Errorf("process %d shows no VmRSS", pid)
}
