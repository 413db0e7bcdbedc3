package transport

import (
	"context"
	"encoding/json"
	"net"
	"testing"
	"time"

	"surprisal/jupyter/wire"
)

const testKey = "a3f0c1d2-key"

// patience is far above what anything here takes: it only ends a hung test.
const patience = 20 * time.Second

// local is a connection on free loopback ports.
func local() *wire.Connection {
	return &wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: testKey, SignatureScheme: wire.SignatureScheme}
}

// start serves c with handle until the test ends.
func start(t testing.TB, c *wire.Connection, o Options, handle func(*Server, wire.Channel, *wire.Message)) *Server {
	t.Helper()
	s, err := Listen(c, wire.NewCodec([]byte(c.Key), "", ""), o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- s.Serve(func(ch wire.Channel, m *wire.Message) { handle(s, ch, m) })
	}()
	t.Cleanup(func() {
		s.Close()
		if err := <-ended; err != ErrClosed {
			t.Errorf("Serve returned %v, want ErrClosed", err)
		}
	})
	return s
}

// echo replies to every message with its content, on the channel it came from.
func echo(s *Server, ch wire.Channel, m *wire.Message) {
	s.Send(ch, &wire.Message{
		Identities: m.Identities,
		Header:     wire.Header{Type: m.Header.Type + "_echo"},
		Parent:     m.RawHeader,
		Content:    m.Content,
		Buffers:    m.Buffers,
	})
}

func dial(t testing.TB, s *Server) *Client {
	t.Helper()
	c := s.Connection()
	cl, err := Dial(c, wire.NewCodec([]byte(c.Key), "", "tester"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cl.Close() })
	return cl
}

func dialRaw(t testing.TB, s *Server, ch wire.Channel, id string) *Raw {
	t.Helper()
	raw, err := DialRaw(s.Connection(), ch, id, Options{})
	if err != nil {
		t.Fatal(err)
	}
	raw.Conn().SetReadDeadline(time.Now().Add(patience))
	t.Cleanup(func() { raw.Close() })
	return raw
}

func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func recv(t testing.TB, cl *Client, ch wire.Channel) *wire.Message {
	t.Helper()
	m, err := cl.Recv(soon(t), ch)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// ask sends a request with the content {"n": n} and checks that its echo
// comes back on the same channel.
func ask(t testing.TB, cl *Client, ch wire.Channel, n int) {
	t.Helper()
	content, _ := json.Marshal(map[string]int{"n": n})
	m := &wire.Message{Header: wire.Header{Type: wire.ExecuteRequest}, Content: content}
	if err := cl.Send(ch, m); err != nil {
		t.Fatal(err)
	}
	reply := recv(t, cl, ch)
	if string(reply.Content) != string(content) {
		t.Fatalf("%v: echo %s, want %s", ch, reply.Content, content)
	}
	var parent wire.Header
	if err := json.Unmarshal(reply.Parent, &parent); err != nil || parent.ID != m.Header.ID {
		t.Fatalf("%v: parent %s (%v), want the header of %s", ch, reply.Parent, err, m.Header.ID)
	}
}

// plainDial opens a plain connection, without a handshake.
func plainDial(c *wire.Connection, ch wire.Channel) (net.Conn, error) {
	network, address := c.Endpoint(ch)
	return net.Dial(network, address)
}

// until waits for something that happens in the server by itself.
func until(t testing.TB, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it never happened")
		}
	}
}
