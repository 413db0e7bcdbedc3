package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"surprisal/jupyter/wire"
)

func TestRepliesFindTheirClient(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	a, b := dial(t, s), dial(t, s)
	for n := range 50 {
		ask(t, a, wire.Shell, 2*n)
		ask(t, b, wire.Shell, 2*n+1)
	}
}

// An input request goes out on stdin under the identity of a shell request.
func TestIdentityIsSharedByChannels(t *testing.T) {
	s := start(t, local(), Options{}, func(s *Server, ch wire.Channel, m *wire.Message) {
		s.Send(wire.Stdin, &wire.Message{Identities: m.Identities, Header: wire.Header{Type: wire.InputRequest}})
	})
	cl := dial(t, s)
	other := dial(t, s)
	other.Send(wire.Control, &wire.Message{Header: wire.Header{Type: wire.KernelInfoRequest}})
	recv(t, other, wire.Stdin)
	cl.Send(wire.Shell, &wire.Message{Header: wire.Header{Type: wire.ExecuteRequest}})
	if m := recv(t, cl, wire.Stdin); m.Header.Type != wire.InputRequest {
		t.Errorf("%s on stdin, want input_request", m.Header.Type)
	}
}

func TestSendRefuses(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	m := func(ids ...string) *wire.Message {
		m := &wire.Message{Header: wire.Header{Type: wire.ExecuteReply}}
		for _, id := range ids {
			m.Identities = append(m.Identities, []byte(id))
		}
		return m
	}
	for _, row := range []struct {
		name, reason string
		ch           wire.Channel
		m            *wire.Message
	}{
		{"no identity", "a reply to nobody", wire.Shell, m()},
		{"unknown identity", "the client has left", wire.Shell, m("somebody")},
		{"no type", "no message", wire.IOPub, &wire.Message{}},
		{"heartbeat", "it has no messages", wire.Heartbeat, m("somebody")},
	} {
		if err := s.Send(row.ch, row.m); err == nil {
			t.Errorf("%s: no error (%s)", row.name, row.reason)
		}
	}
}

// A client that lost its network comes back under its identity while its old
// connection still looks alive: replies must go to the new one.
func TestHandOver(t *testing.T) {
	var requests atomic.Int64
	s := start(t, local(), Options{}, func(s *Server, ch wire.Channel, m *wire.Message) {
		requests.Add(1)
		echo(s, ch, m)
	})
	codec := wire.NewCodec([]byte(testKey), "", "")
	send := func(raw *Raw) {
		frames, err := codec.Encode(&wire.Message{Header: wire.Header{Type: wire.KernelInfoRequest}})
		if err != nil {
			t.Fatal(err)
		}
		raw.Send(frames...)
		if _, err := raw.Recv(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10 {
		old := dialRaw(t, s, wire.Shell, "the same")
		send(old)
		again := dialRaw(t, s, wire.Shell, "the same")
		send(again)
		if _, err := old.Recv(); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("round %d: the old connection: %v, want its end", i, err)
		}
		send(again) // the end of the old one must not remove the new one
	}
	if got := requests.Load(); got != 30 {
		t.Errorf("%d requests handled, want 30", got)
	}
}

// What a REQ socket puts before the delimiter comes back.
func TestIdentitiesComeBack(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	raw := dialRaw(t, s, wire.Shell, "")
	frames, err := wire.NewCodec([]byte(testKey), "", "").Encode(&wire.Message{
		Identities: [][]byte{{}, []byte("inner")}, Header: wire.Header{Type: wire.KernelInfoRequest}})
	if err != nil {
		t.Fatal(err)
	}
	raw.Send(frames...)
	got, err := raw.Recv()
	if err != nil || len(got) < 3 || len(got[0]) != 0 || string(got[1]) != "inner" || string(got[2]) != wire.Delimiter {
		t.Errorf("%q (%v), want the two identities and the delimiter first", got, err)
	}
}

// A client that sends and never reads costs its own connection.
func TestClientThatNeverReads(t *testing.T) {
	s := start(t, local(), Options{QueueBytes: 1 << 20}, echo)
	deaf := dialRaw(t, s, wire.Shell, "deaf")
	codec := wire.NewCodec([]byte(testKey), "", "")
	big := bytes.Repeat([]byte("x"), 512<<10)
	until(t, func() bool {
		frames, err := codec.Encode(&wire.Message{Header: wire.Header{Type: wire.CommMsg}, Buffers: [][]byte{big}})
		if err != nil {
			t.Fatal(err)
		}
		return deaf.Send(frames...) != nil
	})
	serves(t, s)
}

func TestOrderOfOneClient(t *testing.T) {
	const n = 2000
	next := 0
	done := make(chan struct{})
	s := start(t, local(), Options{}, func(s *Server, ch wire.Channel, m *wire.Message) {
		var content struct{ N int }
		json.Unmarshal(m.Content, &content)
		if content.N != next {
			t.Errorf("message %d came as number %d", content.N, next)
		}
		if next++; next == n {
			close(done)
		}
	})
	cl := dial(t, s)
	for i := range n {
		content, _ := json.Marshal(map[string]int{"n": i})
		cl.Send(wire.Shell, &wire.Message{Header: wire.Header{Type: wire.CommMsg}, Content: content})
	}
	select {
	case <-done:
	case <-soon(t).Done():
		t.Fatal("not every message came")
	}
}

// A PING is answered on every socket, with its context, and its sender is
// served afterwards.
func TestPing(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	kinds := [...]string{wire.Shell: "DEALER", wire.Control: "DEALER", wire.Stdin: "DEALER", wire.IOPub: "SUB", wire.Heartbeat: "REQ"}
	for _, ch := range wire.Channels {
		conn := connect(t, s, ch)
		conn.Write(append(hello(kinds[ch]), command("PING", []byte("\x00\x64context"))...))
		if _, err := io.ReadFull(conn, make([]byte, greetingBytes)); err != nil {
			t.Fatal(err)
		}
		ponged := errors.New("PONG")
		in := newReader(conn, 1<<20, nil, func(body []byte) error {
			switch name, rest := splitCommand(body); {
			case name == "READY":
				return nil
			case name == "PONG" && string(rest) == "context":
				return ponged
			}
			return fmt.Errorf("command %q", body)
		})
		if _, err := in.next(nil); err != ponged {
			t.Errorf("%v: %v, want a PONG with the context", ch, err)
		}
	}
	serves(t, s)
}

// A PONG does not tear a message that is going out.
func TestPingDuringLargeReply(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	raw := dialRaw(t, s, wire.Shell, "")
	codec := wire.NewCodec([]byte(testKey), "", "")
	pongs := 0
	raw.in.command = func(body []byte) error {
		if name, _ := splitCommand(body); name == "PONG" {
			pongs++
		}
		return nil
	}
	big := bytes.Repeat([]byte("x"), 3<<20)
	const rounds = 10
	for range rounds {
		frames, err := codec.Encode(&wire.Message{Header: wire.Header{Type: wire.CommMsg}, Buffers: [][]byte{big, {}, big}})
		if err != nil {
			t.Fatal(err)
		}
		raw.Send(frames...)
		raw.peer.sendPong(command("PING", []byte{0, 1}))
	}
	for i := range rounds {
		frames, err := raw.Recv()
		if err != nil || len(frames) < 3 || !bytes.Equal(frames[len(frames)-1], big) {
			t.Fatalf("reply %d is torn (%v)", i, err)
		}
	}
	if pongs == 0 {
		t.Error("no PONG came: the test tests nothing")
	}
}

func TestHeartbeatEchoesAnything(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	raw := dialRaw(t, s, wire.Heartbeat, "")
	for _, beat := range [][][]byte{
		{{}, []byte("ping")}, // a REQ socket
		{[]byte("ping")},     // a DEALER without a delimiter
		{{}},
		{{}, {}, bytes.Repeat([]byte("x"), 60000)},
	} {
		raw.Send(beat...)
		if got, err := raw.Recv(); err != nil || !equalFrames(got, beat) {
			t.Errorf("%d frames came back for %d (%v)", len(got), len(beat), err)
		}
	}
}

func TestHeartbeatWhileHandlerHangs(t *testing.T) {
	block := make(chan struct{})
	s := start(t, local(), Options{}, func(*Server, wire.Channel, *wire.Message) { <-block })
	defer close(block)
	cl := dial(t, s)
	for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin} {
		cl.Send(ch, &wire.Message{Header: wire.Header{Type: wire.ExecuteRequest}})
	}
	if _, err := cl.Ping(soon(t)); err != nil {
		t.Error(err)
	}
}
