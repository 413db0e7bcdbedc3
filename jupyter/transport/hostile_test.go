package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"surprisal/jupyter/wire"
)

// Greeting and READY of a ZMTP 3.0 peer, byte by byte, so that these tests do
// not depend on the code under test.
func zmtpGreeting(mechanism string) []byte {
	b := make([]byte, 64)
	b[0], b[9], b[10] = 0xff, 0x7f, 3
	copy(b[12:32], mechanism)
	return b
}

func zmtpReady(socketType string) []byte {
	body := append([]byte{5}, "READY"...)
	body = append(append(body, 11), "Socket-Type"...)
	body = append(append(body, 0, 0, 0, byte(len(socketType))), socketType...)
	return append([]byte{flagCommand, byte(len(body))}, body...)
}

func hello(socketType string) []byte {
	return append(zmtpGreeting("NULL"), zmtpReady(socketType)...)
}

func connect(t testing.TB, s *Server, ch wire.Channel) net.Conn {
	t.Helper()
	conn, err := plainDial(s.Connection(), ch)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { conn.Close() })
	return conn
}

// closed waits until the server has closed conn.
func closed(t testing.TB, conn net.Conn) {
	t.Helper()
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("the server keeps the connection")
	}
}

// serves checks all five sockets with a new client.
func serves(t testing.TB, s *Server) {
	t.Helper()
	cl := dial(t, s)
	for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin} {
		ask(t, cl, ch, int(ch))
	}
	if err := cl.Welcome(soon(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := cl.Ping(soon(t)); err != nil {
		t.Fatal(err)
	}
}

func TestSilentConnectionsHurtNobody(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	for _, ch := range wire.Channels {
		for range 20 {
			connect(t, s, ch)
		}
	}
	serves(t, s)
}

func TestSilentConnectionIsCut(t *testing.T) {
	s := start(t, local(), Options{Handshake: 50 * time.Millisecond}, echo)
	for _, ch := range wire.Channels {
		silent := connect(t, s, ch)
		half := connect(t, s, ch)
		half.Write(hello("DEALER")[:70])
		closed(t, silent)
		closed(t, half)
	}
	serves(t, s)
}

func TestHostileHandshakes(t *testing.T) {
	// The deadline must not do what the checks should.
	s := start(t, local(), Options{Handshake: 10 * patience}, echo)
	unknown := append([]byte{5}, "READY"...)
	property := func(name string, length uint32) []byte {
		b := append(append(bytes.Clone(unknown), byte(len(name))), name...)
		return append(b, byte(length>>24), byte(length>>16), byte(length>>8), byte(length))
	}
	frame := func(body []byte) []byte { return append([]byte{flagCommand, byte(len(body))}, body...) }
	for _, row := range []struct {
		name, reason string
		bytes        []byte
	}{
		{"http", "a browser or scanner", []byte("GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: a-port-scanner/1.0\r\n\r\n")},
		{"old version", "ZMTP 2", append([]byte{0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1}, make([]byte, 53)...)},
		{"curve", "a mechanism that we do not have", zmtpGreeting("CURVE")},
		{"2^63 bytes", "zmq4 would allocate them", append(zmtpGreeting("NULL"), announce(1<<63)...)},
		{"1 GiB", "zmq4 would allocate it", append(zmtpGreeting("NULL"), announce(1<<30)...)},
		{"endless frames", "zmq4 would collect them", append(zmtpGreeting("NULL"), bytes.Repeat([]byte{flagMore, 0}, handshakeBytes)...)},
		{"unknown socket type", "zmq4 panics", hello("ROBOT")},
		{"wrong socket type", "nobody publishes to us", hello("PUSH")},
		{"no socket type", "zmq4 panics", append(zmtpGreeting("NULL"), frame(unknown)...)},
		{"property name past the end", "zmq4 slices out of bounds", append(zmtpGreeting("NULL"), frame(append(bytes.Clone(unknown), 200, 'x'))...)},
		{"property value past the end", "zmq4 checks it", append(zmtpGreeting("NULL"), frame(property("Identity", 1<<31))...)},
		{"property cut in its length", "zmq4 slices out of bounds", append(zmtpGreeting("NULL"), frame(property("Identity", 1)[:16])...)},
		{"empty command", "no name", append(zmtpGreeting("NULL"), flagCommand, 0)},
		{"message first", "not a command", append(zmtpGreeting("NULL"), 0, 1, 'x')},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, ch := range wire.Channels {
				conn := connect(t, s, ch)
				conn.Write(row.bytes)
				closed(t, conn)
			}
		})
	}
	serves(t, s)
}

func TestHostileFrames(t *testing.T) {
	s := start(t, local(), Options{MaxMessage: 1 << 20}, echo)
	kinds := [...]string{wire.Shell: "DEALER", wire.Control: "DEALER", wire.Stdin: "DEALER", wire.IOPub: "SUB", wire.Heartbeat: "REQ"}
	for _, row := range []struct {
		name, reason string
		bytes        []byte
	}{
		{"2^63 bytes", "a length that no integer holds", announce(1 << 63)},
		{"2^63-1 bytes", "a length that no memory holds", announce(1<<63 - 1)},
		{"above the limit", "this peer's fault alone", announce(1<<20 + 1)},
		{"unknown flags", "not ZMTP", []byte{0xf0, 1, 'x'}},
		{"ping without ttl", "a PING has two bytes at least", command("PING", []byte{0})},
		{"endless frames", "memory for nothing", bytes.Repeat([]byte{flagMore, 0}, 2*maxFrames)},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, ch := range wire.Channels {
				conn := connect(t, s, ch)
				conn.Write(append(hello(kinds[ch]), row.bytes...))
				closed(t, conn)
			}
		})
	}
	serves(t, s)
}

// What does not verify is dropped, and the same connection goes on.
func TestBadMessagesAreDropped(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	cl := dial(t, s)
	ask(t, cl, wire.Shell, 1)
	signed, err := wire.NewCodec([]byte(testKey), "", "").Encode(&wire.Message{Header: wire.Header{Type: wire.ExecuteRequest}})
	if err != nil {
		t.Fatal(err)
	}
	stranger, _ := wire.NewCodec([]byte("wrong"), "", "").Encode(&wire.Message{Header: wire.Header{Type: wire.ExecuteRequest}})
	for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin} {
		raw := cl.Raw(ch)
		raw.Send([]byte("no delimiter"), []byte("at all"))
		raw.Send(signed[:4]...)
		raw.Send(stranger...)
		raw.Send(nil, nil, nil)
		ask(t, cl, ch, 2)
	}
	for cause, want := range map[wire.Cause]uint64{wire.Malformed: 9, wire.BadSignature: 3} {
		if got := s.codec.Dropped(cause); got != want {
			t.Errorf("%d dropped as %v, want %d", got, cause, want)
		}
	}
	raw := cl.Raw(wire.Shell)
	raw.Send(signed...)
	if m := recv(t, cl, wire.Shell); m.Header.Type != "execute_request_echo" {
		t.Errorf("reply %s to the first copy", m.Header.Type)
	}
	raw.Send(signed...)
	ask(t, cl, wire.Shell, 3) // the next reply answers this, not the second copy
	if got := s.codec.Dropped(wire.Replayed); got != 1 {
		t.Errorf("%d replays dropped, want 1", got)
	}
}

func TestLimitsOfSize(t *testing.T) {
	s := start(t, local(), Options{MaxMessage: 8 << 20}, echo)
	other := dial(t, s)
	ask(t, other, wire.Shell, 1)
	cl := dial(t, s)
	big := &wire.Message{Header: wire.Header{Type: wire.CommMsg}, Buffers: [][]byte{make([]byte, 7<<20)}}
	big.Buffers[0][6<<20] = 7
	for range 2 { // before and after the client is known to be one
		big.Header.ID = ""
		if err := cl.Send(wire.Shell, big); err != nil {
			t.Fatal(err)
		}
		if m := recv(t, cl, wire.Shell); len(m.Buffers) != 1 || !bytes.Equal(m.Buffers[0], big.Buffers[0]) {
			t.Fatal("7 MiB came back changed")
		}
	}
	big.Header.ID = ""
	big.Buffers[0] = make([]byte, 9<<20)
	cl.Send(wire.Shell, big)
	if m, err := cl.Recv(soon(t), wire.Shell); err == nil {
		t.Fatalf("a reply of type %s to 9 MiB, want the end of the connection", m.Header.Type)
	}
	ask(t, other, wire.Shell, 2)
	ask(t, cl, wire.Control, 3)
}

func TestUnsignedMemoryIsBounded(t *testing.T) {
	s := start(t, local(), Options{MaxUnsigned: 10 << 20}, echo)
	body := make([]byte, 6<<20)
	first := connect(t, s, wire.Shell)
	first.Write(append(hello("DEALER"), announce(uint64(len(body)))...))
	first.Write(body[1:])
	until(t, func() bool { return s.unsigned.used.Load() == int64(len(body)) })
	second := connect(t, s, wire.Control)
	second.Write(append(hello("DEALER"), announce(uint64(len(body)))...))
	second.Write(body) // may fail: the connection is cut on the way
	closed(t, second)
	first.Write(body[:1]) // whole now, and dropped, because nobody signed it
	until(t, func() bool { return s.unsigned.used.Load() == 0 })
	if got := s.codec.Dropped(wire.Malformed); got != 1 {
		t.Errorf("%d messages dropped, want the first alone", got)
	}
	serves(t, s)
}

func TestHandlerPanicIsOneMessage(t *testing.T) {
	s := start(t, local(), Options{}, func(s *Server, ch wire.Channel, m *wire.Message) {
		if m.Header.Type == wire.CommMsg {
			panic("a bug")
		}
		echo(s, ch, m)
	})
	cl := dial(t, s)
	cl.Send(wire.Shell, &wire.Message{Header: wire.Header{Type: wire.CommMsg}})
	ask(t, cl, wire.Shell, 1)
	if got := s.faults[handlerPanic].Load(); got != 1 {
		t.Errorf("%d panics counted, want 1", got)
	}
}

// failing is a listener whose first Accepts fail, as without file descriptors.
type failing struct {
	net.Listener
	left int
}

func (f *failing) Accept() (net.Conn, error) {
	if f.left > 0 {
		f.left--
		return nil, syscall.EMFILE
	}
	return f.Listener.Accept()
}

func TestAcceptGoesOn(t *testing.T) {
	const failures = 5
	s, err := Listen(local(), wire.NewCodec([]byte(testKey), "", ""), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for ch, l := range s.listeners {
		s.listeners[ch] = &failing{l, failures}
	}
	go s.Serve(func(ch wire.Channel, m *wire.Message) { echo(s, ch, m) })
	defer s.Close()
	serves(t, s)
	if got := s.faults[acceptFailed].Load(); got != failures*uint64(len(wire.Channels)) {
		t.Errorf("%d failures counted, want %d on each socket", got, failures)
	}
}

func TestTooManyConnections(t *testing.T) {
	s := start(t, local(), Options{MaxPeers: 3}, echo)
	cl := dial(t, s)
	ask(t, cl, wire.Shell, 0) // its handshake is over for the server too
	longest := connect(t, s, wire.Shell)
	connect(t, s, wire.Shell)
	// Three are open. One that says something takes the place of a silent one.
	served := func(ch wire.Channel) {
		t.Helper()
		r := dialRaw(t, s, ch, "")
		frames, _ := wire.NewCodec([]byte(testKey), "", "").Encode(&wire.Message{
			Header: wire.Header{Type: wire.KernelInfoRequest}, Content: json.RawMessage(`{}`)})
		r.Send(frames...)
		if _, err := r.Recv(); err != nil {
			t.Error(err)
		}
	}
	served(wire.Shell)
	closed(t, longest)
	served(wire.Shell)
	closed(t, connect(t, s, wire.Shell)) // nobody is silent, so this one is too many
	ask(t, cl, wire.Shell, 1)
	served(wire.Control) // other sockets have limits of their own
}
