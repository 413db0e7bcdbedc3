// Command questions times completion and inspection as a front end sees them:
// it starts a kernel, defines a few things, and sends one question after the
// other, first while nothing runs, then beside a cell with eight busy
// goroutines.
//
//	questions -n 500 bin/surprisal
//
// In each round, one question in ten is the first about a package that the
// kernel has not loaded before, as long as there are such packages. It prints
// a line of quantiles for each state.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"surprisal/jupyter/transport"
	"surprisal/jupyter/wire"
)

const setup = `type point struct{ X, Y int }
func (p point) Norm() float64 { return math.Hypot(float64(p.X), float64(p.Y)) }
pts := []point{{1, 2}}
xs := make([]float64, 1000)`

// busy has eight goroutines at work, the cell's own among them.
const busy = `for range 7 {
	go func() { s := 1.0; for { s = math.Sqrt(s) + 1 } }()
}
for { _ = len(xs) }`

// Where the cursor is is marked by ‸.
var often = []string{"pts[0].‸", "xs‸", "strings.Spl‸", "point{‸", "for _, p := range pts {\n\tp.‸", "m‸", "import \"net/ht‸", "fmt.Pri‸", "mean := func(a []float64) float64 { ret‸"}

// Packages that no question has named before are loaded for it.
var seldom = []string{"http.‸", "plot.‸", "mat.‸", "tls.‸", "figure.‸", "types.‸", "info.‸", "runtime.‸"}

func main() {
	n := flag.Int("n", 500, "questions in each state")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "questions: name the kernel's binary: questions bin/surprisal")
		os.Exit(2)
	}
	for _, cell := range []string{"", busy} {
		if err := run(flag.Arg(0), *n, cell); err != nil {
			fmt.Fprintln(os.Stderr, "questions:", err)
			os.Exit(1)
		}
	}
}

// run times questions to a kernel of its own, beside a cell unless that is
// empty.
func run(binary string, n int, beside string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "questions")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	conn, file, err := connection(dir)
	if err != nil {
		return err
	}
	kernel := exec.CommandContext(ctx, binary, "kernel", "-f", file)
	kernel.Stderr = os.Stderr
	if err := kernel.Start(); err != nil {
		return err
	}
	defer func() { kernel.Process.Signal(os.Interrupt); kernel.Process.Kill(); kernel.Wait() }()
	c, err := dial(ctx, conn)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := ask(ctx, c, wire.ExecuteRequest, wire.ExecuteReply, execute(setup)); err != nil {
		return err
	}
	name := "idle"
	if beside != "" {
		name = "busy"
		if err := c.Send(wire.Shell, &wire.Message{Header: wire.Header{Type: wire.ExecuteRequest}, Content: execute(beside)}); err != nil {
			return err
		}
		time.Sleep(500 * time.Millisecond)
	}
	var times []time.Duration
	for i := range n {
		text := often[i%len(often)]
		if i%10 == 9 {
			text = seldom[i/10%len(seldom)]
		}
		request, reply := wire.CompleteRequest, wire.CompleteReply
		if i%5 == 4 {
			request, reply = wire.InspectRequest, wire.InspectReply
		}
		d, err := ask(ctx, c, request, reply, question(text))
		if err != nil {
			return err
		}
		times = append(times, d)
	}
	slices.Sort(times)
	at := func(q float64) float64 { return times[int(q*float64(len(times)-1))].Seconds() * 1000 }
	fmt.Printf("%s: %d questions, p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms\n", name, n, at(0.5), at(0.9), at(0.99), at(1))
	return nil
}

// connection writes a connection file with free ports.
func connection(dir string) (*wire.Connection, string, error) {
	conn := &wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: uuid.NewString(), SignatureScheme: "hmac-sha256"}
	for _, port := range []*int{&conn.ShellPort, &conn.IOPubPort, &conn.StdinPort, &conn.ControlPort, &conn.HeartbeatPort} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, "", err
		}
		defer l.Close() // all at once: the system must not give one twice
		*port = l.Addr().(*net.TCPAddr).Port
	}
	text, err := json.Marshal(conn)
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(dir, "connection.json")
	return conn, file, os.WriteFile(file, text, 0o600)
}

// dial connects once the kernel listens, and drops what it publishes.
func dial(ctx context.Context, conn *wire.Connection) (*transport.Client, error) {
	for range 200 {
		c, err := net.Dial("tcp", net.JoinHostPort(conn.IP, strconv.Itoa(conn.ShellPort)))
		if err == nil {
			c.Close()
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	c, err := transport.Dial(conn, wire.NewCodec([]byte(conn.Key), uuid.NewString(), "bench"), transport.Options{})
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			if _, err := c.Recv(ctx, wire.IOPub); err != nil {
				return
			}
		}
	}()
	return c, nil
}

func execute(code string) json.RawMessage {
	b, _ := json.Marshal(map[string]any{"code": code, "store_history": true, "user_expressions": map[string]string{}, "stop_on_error": true}) // strings and maps encode
	return b
}

func question(marked string) json.RawMessage {
	before, after, _ := strings.Cut(marked, "‸")
	b, _ := json.Marshal(map[string]any{"code": before + after, "cursor_pos": len([]rune(before)), "detail_level": 1})
	return b
}

func ask(ctx context.Context, c *transport.Client, request, reply wire.Type, content json.RawMessage) (time.Duration, error) {
	start := time.Now()
	if err := c.Send(wire.Shell, &wire.Message{Header: wire.Header{Type: request}, Content: content}); err != nil {
		return 0, err
	}
	for {
		m, err := c.Recv(ctx, wire.Shell)
		if err != nil {
			return 0, err
		}
		if m.Header.Type != reply {
			continue
		}
		d := time.Since(start)
		var r struct {
			Status  string
			Matches []string
			Found   bool
		}
		if err := json.Unmarshal(m.Content, &r); err != nil || r.Status != "ok" {
			return 0, fmt.Errorf("%s was answered with %s (%v)", content, m.Content, err)
		}
		if reply == wire.CompleteReply && len(r.Matches) == 0 {
			return 0, errors.New("no completion of " + string(content))
		}
		return d, nil
	}
}
