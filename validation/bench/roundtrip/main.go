// Command roundtrip times 1+1 on several kernels in turn, each request sent as
// soon as the reply to the one before has come.
//
//	roundtrip -n 500 ours.json ipykernel.json
//
// It takes connection files and prints, in their order, one JSON list of
// nanoseconds each. The client is this project's own, so that what it costs is
// the same for every kernel, and small.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"

	"surprisal/jupyter/transport"
	"surprisal/jupyter/wire"
)

func main() {
	n := flag.Int("n", 500, "requests a kernel")
	flag.Parse()
	if err := run(*n, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "roundtrip:", err)
		os.Exit(1)
	}
}

func run(n int, files []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	clients := make([]*transport.Client, len(files))
	for i, file := range files {
		c, err := dial(ctx, file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		defer c.Close()
		clients[i] = c
	}
	times := make([][]int64, len(files))
	const block = 20 // requests to one kernel before the next has its turn
	for done := -block; done < n; done += block {
		for i, c := range clients {
			for range block {
				d, err := ask(ctx, c)
				if err != nil {
					return fmt.Errorf("%s: %w", files[i], err)
				}
				if done >= 0 { // the first block warms up
					times[i] = append(times[i], d.Nanoseconds())
				}
			}
		}
	}
	return json.NewEncoder(os.Stdout).Encode(times)
}

// dial connects, and reads and drops whatever the kernel publishes.
func dial(ctx context.Context, file string) (*transport.Client, error) {
	conn, err := wire.ReadConnection(file)
	if err != nil {
		return nil, err
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

var request = json.RawMessage(`{"code":"1+1","silent":false,"store_history":true,"user_expressions":{},"allow_stdin":false,"stop_on_error":true}`)

func ask(ctx context.Context, c *transport.Client) (time.Duration, error) {
	m := &wire.Message{Header: wire.Header{Type: wire.ExecuteRequest}, Content: request}
	start := time.Now()
	if err := c.Send(wire.Shell, m); err != nil {
		return 0, err
	}
	for {
		reply, err := c.Recv(ctx, wire.Shell)
		if err != nil {
			return 0, err
		}
		if reply.Header.Type != wire.ExecuteReply {
			continue
		}
		d := time.Since(start)
		var content struct{ Status string }
		if err := json.Unmarshal(reply.Content, &content); err != nil || content.Status != "ok" {
			return 0, fmt.Errorf("1+1 was answered with %s (%v)", reply.Content, err)
		}
		return d, nil
	}
}
