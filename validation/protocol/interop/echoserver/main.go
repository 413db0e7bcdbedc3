// Command echoserver is the transport of a kernel without a kernel: it sends
// back what it is sent, so that other implementations of ZeroMQ can be tested
// against ours.
//
//	echoserver CONNECTION_FILE
//
// binds the sockets, prints the connection with its real ports as one line of
// JSON, and serves until a shutdown_request. A comm_msg with the content
// {"publish": N, "size": BYTES} publishes N stream messages and then idle.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"surprisal/jupyter/transport"
	"surprisal/jupyter/wire"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "echoserver:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%d arguments: want a connection file; see the package doc", len(args))
	}
	c, err := wire.ReadConnection(args[0])
	if err != nil {
		return err
	}
	s, err := transport.Listen(c, wire.NewCodec([]byte(c.Key), "", ""), transport.Options{})
	if err != nil {
		return err
	}
	line, err := json.Marshal(s.Connection())
	if err != nil {
		return err
	}
	fmt.Println(string(line))
	stopped := make(chan struct{})
	s.Serve(func(ch wire.Channel, m *wire.Message) {
		publish(s, m)
		s.Send(ch, &wire.Message{
			Identities: m.Identities,
			Header:     wire.Header{Type: wire.Type(strings.Replace(string(m.Header.Type), "request", "reply", 1))},
			Parent:     m.RawHeader,
			Content:    m.Content,
			Buffers:    m.Buffers,
		})
		if m.Header.Type == wire.ShutdownRequest {
			send(s, m, wire.Status, map[string]string{"execution_state": "idle"})
			go func() {
				s.Close()
				close(stopped)
			}()
		}
	})
	<-stopped
	return nil
}

func publish(s *transport.Server, m *wire.Message) {
	var order struct{ Publish, Size int }
	if m.Header.Type != wire.CommMsg || json.Unmarshal(m.Content, &order) != nil {
		return
	}
	text := strings.Repeat("x", order.Size)
	for range order.Publish {
		send(s, m, wire.Stream, map[string]string{"name": "stdout", "text": text})
	}
	send(s, m, wire.Status, map[string]string{"execution_state": "idle"})
}

func send(s *transport.Server, m *wire.Message, t wire.Type, content any) {
	b, err := json.Marshal(content)
	if err != nil {
		return // maps of strings always marshal
	}
	s.Send(wire.IOPub, &wire.Message{Header: wire.Header{Type: t}, Parent: m.RawHeader, Content: b})
}
