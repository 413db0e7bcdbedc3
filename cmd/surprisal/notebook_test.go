package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"surprisal/jupyter/transport"
	"surprisal/jupyter/wire"
)

// limit is far above what any cell here takes: it only ends a hung test.
const limit = 60 * time.Second

// book is a client with a kernel of its own, in a process of its own.
type book struct {
	t   testing.TB
	cmd *exec.Cmd
	cl  *transport.Client
	err *bytes.Buffer
	n   int
	put []*wire.Message // iopub messages that until has read
}

// result is what one cell made.
type result struct {
	reply map[string]any
	out   []*wire.Message // its outputs, in order
	lines string          // the outputs written down, see write
}

// newBook starts a kernel over ipc, which needs no free ports.
func newBook(t testing.TB, env ...string) *book {
	t.Helper()
	dir, err := os.MkdirTemp("", "surprisal") // short: a socket's path has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	conn := &wire.Connection{Transport: "ipc", IP: filepath.Join(dir, "k"), ShellPort: 1, IOPubPort: 2, StdinPort: 3, ControlPort: 4, HeartbeatPort: 5,
		Key: "test-key", SignatureScheme: wire.SignatureScheme}
	b, err := json.Marshal(conn)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "kernel.json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	n := &book{t: t, cmd: exec.Command(os.Args[0], "kernel", "-f", file), err: new(bytes.Buffer)}
	n.cmd.Env = append(os.Environ(), env...)
	n.cmd.Stdout, n.cmd.Stderr = n.err, n.err
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.stop)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for n.cl == nil {
		if n.cl, err = transport.Dial(conn, wire.NewCodec([]byte(conn.Key), "", ""), transport.Options{}); err != nil {
			n.cl = nil
			if ctx.Err() != nil {
				t.Fatalf("the kernel does not listen: %v", err)
			}
			time.Sleep(time.Millisecond)
		}
	}
	if err := n.cl.Welcome(ctx); err != nil {
		t.Fatal(err)
	}
	return n
}

// stop ends the kernel. What it wrote to its own streams is a failure.
func (n *book) stop() {
	if n.cmd.ProcessState != nil {
		return
	}
	n.cl.Close()
	n.cmd.Process.Signal(os.Interrupt)
	n.cmd.Process.Signal(endSignal)
	n.cmd.Wait()
	if n.err.Len() > 0 {
		n.t.Errorf("the kernel wrote to its own streams: %s", n.err)
	}
}

// send sends a request and returns its id.
func (n *book) send(ch wire.Channel, t wire.Type, content map[string]any) string {
	n.t.Helper()
	b, err := json.Marshal(content)
	if err != nil {
		n.t.Fatal(err)
	}
	n.n++
	id := fmt.Sprintf("r%d", n.n)
	if err := n.cl.Send(ch, &wire.Message{Header: wire.Header{ID: id, Type: t}, Content: b}); err != nil {
		n.t.Fatal(err)
	}
	return id
}

// start sends a cell.
func (n *book) start(code string) string {
	n.t.Helper()
	return n.send(wire.Shell, wire.ExecuteRequest, map[string]any{"code": code, "allow_stdin": true, "stop_on_error": false})
}

// wait returns what a cell made, when it is idle and has its reply.
func (n *book) wait(id string) result {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var r result
	var lines strings.Builder
	for {
		m, err := n.next(ctx)
		if err != nil {
			n.t.Fatalf("%s: %v after %q; the kernel wrote %s", id, err, lines.String(), n.err)
		}
		var parent wire.Header
		json.Unmarshal(m.Parent, &parent)
		if parent.ID != id {
			continue
		}
		var c content
		json.Unmarshal(m.Content, &c)
		if m.Header.Type == wire.Status {
			if c.State == "idle" {
				break
			}
			continue
		}
		r.out = append(r.out, m)
		c.write(&lines, m.Header.Type)
	}
	r.lines = lines.String()
	for {
		m, err := n.cl.Recv(ctx, wire.Shell)
		if err != nil {
			n.t.Fatalf("%s: %v", id, err)
		}
		var parent wire.Header
		json.Unmarshal(m.Parent, &parent)
		if parent.ID == id {
			json.Unmarshal(m.Content, &r.reply)
			return r
		}
	}
}

// next returns the next iopub message.
func (n *book) next(ctx context.Context) (*wire.Message, error) {
	if len(n.put) > 0 {
		m := n.put[0]
		n.put = n.put[1:]
		return m, nil
	}
	return n.cl.Recv(ctx, wire.IOPub)
}

// until returns when a cell has made an output that is written as what. wait
// returns it all the same.
func (n *book) until(id, what string) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		m, err := n.cl.Recv(ctx, wire.IOPub)
		if err != nil {
			n.t.Fatalf("%s: no %s: %v", id, what, err)
		}
		n.put = append(n.put, m)
		var parent wire.Header
		json.Unmarshal(m.Parent, &parent)
		var c content
		json.Unmarshal(m.Content, &c)
		var b strings.Builder
		c.write(&b, m.Header.Type)
		if parent.ID == id && (b.String() == what || c.State == "idle") {
			return
		}
	}
}

func (n *book) run(code string) result {
	n.t.Helper()
	return n.wait(n.start(code))
}

// control sends a request on control and waits for its reply.
func (n *book) control(t wire.Type, c map[string]any) {
	n.t.Helper()
	id := n.send(wire.Control, t, c)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		m, err := n.cl.Recv(ctx, wire.Control)
		if err != nil {
			n.t.Fatalf("%s: %v", t, err)
		}
		var parent wire.Header
		json.Unmarshal(m.Parent, &parent)
		if parent.ID == id {
			return
		}
	}
}

// value runs a cell and returns the text of its value.
func (n *book) value(code string) string {
	n.t.Helper()
	r := n.run(code)
	_, s, ok := strings.Cut(r.lines, "<result ")
	if !ok {
		n.t.Errorf("%q has no value: %s %v", code, r.lines, r.reply["evalue"])
	}
	s, _, _ = strings.Cut(s, ">")
	return s
}

// content is the content of any output.
type content struct {
	State string `json:"execution_state"`
	Name  string `json:"name"`
	Text  string `json:"text"`
	Data  map[string]any
	Error string `json:"ename"`
	Value string `json:"evalue"`
}

// write writes an output down: stdout as it is, others in brackets.
func (c content) write(b *strings.Builder, t wire.Type) {
	switch t {
	case wire.ExecuteInput:
	case wire.Stream:
		if c.Name != "stdout" {
			fmt.Fprintf(b, "<%s %s>", c.Name, c.Text)
			return
		}
		b.WriteString(c.Text)
	case wire.DisplayData:
		fmt.Fprintf(b, "<%v>", c.Data["text/plain"])
	case wire.ExecuteResult:
		fmt.Fprintf(b, "<result %v>", c.Data["text/plain"])
	case wire.Error:
		fmt.Fprintf(b, "<error %s: %s>", c.Error, c.Value)
	default:
		fmt.Fprintf(b, "<%s>", t)
	}
}
