package transport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"surprisal/jupyter/wire"
)

func stream(text string) *wire.Message {
	content, _ := json.Marshal(map[string]string{"name": "stdout", "text": text})
	return &wire.Message{Header: wire.Header{Type: wire.Stream}, Content: content}
}

func status(state string) *wire.Message {
	return &wire.Message{Header: wire.Header{Type: wire.Status}, Content: json.RawMessage(`{"execution_state":"` + state + `"}`)}
}

// subscriber is a raw SUB connection and what its bytes mean.
func subscriber(t testing.TB, s *Server, topics ...string) *Raw {
	t.Helper()
	raw := dialRaw(t, s, wire.IOPub, "")
	for _, topic := range topics {
		raw.Send(append([]byte{1}, topic...))
	}
	return raw
}

func read(t testing.TB, raw *Raw) *wire.Message {
	t.Helper()
	frames, err := raw.Recv()
	if err != nil {
		t.Fatal(err)
	}
	m, err := wire.NewCodec([]byte(testKey), "", "").Decode(frames)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestWelcome(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	for i := range 3 { // JEP 65 knows no first subscriber
		raw := subscriber(t, s, "", "kernel.7")
		for _, topic := range []string{"", "kernel.7"} {
			m := read(t, raw)
			if m.Header.Type != wire.IopubWelcome {
				t.Fatalf("subscriber %d: %s, want a welcome", i, m.Header.Type)
			}
			if len(m.Identities) != 1 || string(m.Identities[0]) != topic {
				t.Errorf("subscriber %d: identities %q, want the topic %q", i, m.Identities, topic)
			}
			var content struct{ Subscription *string }
			if err := json.Unmarshal(m.Content, &content); err != nil || content.Subscription == nil || *content.Subscription != topic {
				t.Errorf("subscriber %d: content %s, want the subscription %q", i, m.Content, topic)
			}
			if string(m.Parent) != "{}" || string(m.Metadata) != "{}" {
				t.Errorf("subscriber %d: parent %s, metadata %s, want {}", i, m.Parent, m.Metadata)
			}
		}
	}
}

func TestTopics(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	for _, row := range []struct {
		name, reason string
		sent         [][]byte // on the SUB connection
		welcomes     int
		want         []string // what arrives of "", "a", "ab", "b"
	}{
		{"everything", "what Jupyter asks for", [][]byte{{1}}, 1, []string{"", "a", "ab", "b"}},
		{"prefix", "ZeroMQ's rule", [][]byte{{1, 'a'}}, 1, []string{"a", "ab"}},
		{"two", "a message comes once", [][]byte{{1, 'a'}, {1, 'a', 'b'}}, 2, []string{"a", "ab"}},
		{"cancelled", "0 takes back 1", [][]byte{{1, 'a'}, {1, 'b'}, {0, 'a'}}, 2, []string{"b"}},
		{"twice, cancelled once", "subscriptions are counted", [][]byte{{1, 'a'}, {1, 'a'}, {0, 'a'}, {1, 'x'}}, 3, []string{"a", "ab"}},
		{"cancelled too often", "harmless", [][]byte{{0, 'a'}, {1, 'b'}}, 1, []string{"b"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			raw := subscriber(t, s)
			for _, b := range row.sent {
				raw.Send(b)
			}
			for range row.welcomes {
				if m := read(t, raw); m.Header.Type != wire.IopubWelcome {
					t.Fatalf("%s, want a welcome", m.Header.Type)
				}
			}
			if row.sent[len(row.sent)-1][0] == 0 {
				// No welcome tells that a cancellation has arrived.
				raw.Send([]byte{1, 'z'})
				read(t, raw)
			}
			for _, topic := range []string{"", "a", "ab", "b", "z-last"} {
				m := stream(topic)
				m.Identities = [][]byte{[]byte(topic)}
				s.Send(wire.IOPub, m)
			}
			want := row.want
			if row.sent[len(row.sent)-1][0] == 0 || row.name == "everything" {
				want = append(want, "z-last")
			}
			for _, topic := range want {
				if m := read(t, raw); string(m.Identities[0]) != topic {
					t.Errorf("topic %q, want %q (%s)", m.Identities[0], topic, row.reason)
				}
			}
		})
	}
}

// Subscriptions as commands, from peers that speak ZMTP 3.1.
func TestSubscribeCommands(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	conn := connect(t, s, wire.IOPub)
	conn.Write(append(hello("SUB"), command("SUBSCRIBE", []byte("a"))...))
	raw := &Raw{peer: &peer{conn: conn}, in: newReader(conn, 1<<20, nil, func([]byte) error { return nil })}
	skip := make([]byte, greetingBytes)
	if _, err := conn.Read(skip); err != nil {
		t.Fatal(err)
	}
	if m := read(t, raw); m.Header.Type != wire.IopubWelcome || string(m.Identities[0]) != "a" {
		t.Errorf("%s for %q, want a welcome for a", m.Header.Type, m.Identities)
	}
	conn.Write(command("CANCEL", []byte("a")))
	conn.Write(command("SUBSCRIBE", []byte("b")))
	read(t, raw)
	for _, topic := range []string{"a", "b"} {
		m := stream(topic)
		m.Identities = [][]byte{[]byte(topic)}
		s.Send(wire.IOPub, m)
	}
	if m := read(t, raw); string(m.Identities[0]) != "b" {
		t.Errorf("topic %q after its cancellation, want b", m.Identities)
	}
}

func TestTooManySubscriptions(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	conn := connect(t, s, wire.IOPub)
	conn.Write(hello("SUB"))
	for i := range maxTopics + 1 {
		conn.Write(bytesOf(pack([][]byte{append([]byte{1}, fmt.Sprint("topic ", i)...)})))
	}
	closed(t, conn)
	serves(t, s)
}

// A subscriber that reads nothing, another that reads: 100 MB for both.
func TestStuckSubscriberHoldsNobody(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	stuck := subscriber(t, s, "")
	read(t, stuck)
	healthy := subscriber(t, s, "")
	read(t, healthy)
	const messages, size = 400, 256 << 10
	text := string(bytes.Repeat([]byte("0123456789abcdef"), size/16))
	read100MB := func(raw *Raw) error {
		for i := range messages {
			frames, err := raw.Recv()
			if err != nil {
				return fmt.Errorf("message %d: %w", i, err)
			}
			if n := len(frames[len(frames)-1]); n < size {
				return fmt.Errorf("message %d has %d bytes, want %d", i, n, size)
			}
		}
		frames, err := raw.Recv()
		if err != nil || !bytes.Contains(frames[len(frames)-1], []byte("idle")) {
			return fmt.Errorf("the last message is not idle (%v)", err)
		}
		return nil
	}
	got := make(chan error, 1)
	go func() { got <- read100MB(healthy) }()
	for range messages {
		s.Send(wire.IOPub, stream(text))
	}
	s.Send(wire.IOPub, status("idle"))
	if err := <-got; err != nil {
		t.Errorf("healthy subscriber: %v", err)
	}
	serves(t, s)
	// The other one was only slow: everything waits for it.
	if err := read100MB(stuck); err != nil {
		t.Errorf("late subscriber: %v", err)
	}
}

// Beyond the queue's bound output is lost, a status never.
func TestOverflowKeepsStatus(t *testing.T) {
	s := start(t, local(), Options{QueueBytes: 1 << 20}, echo)
	raw := subscriber(t, s, "")
	read(t, raw)
	text := string(bytes.Repeat([]byte("x"), 100<<10))
	const rounds = 200
	for i := range rounds {
		s.Send(wire.IOPub, status(fmt.Sprint("busy ", i)))
		s.Send(wire.IOPub, stream(text))
	}
	s.Send(wire.IOPub, status("idle"))
	if got := s.faults[outputMissed].Load(); got == 0 {
		t.Fatal("20 MB fitted into 1 MiB: the test tests nothing")
	}
	states, streams := 0, 0
	for {
		m := read(t, raw)
		if m.Header.Type == wire.Stream {
			streams++
			continue
		}
		if states == rounds {
			if string(m.Content) != `{"execution_state":"idle"}` {
				t.Errorf("last status %s, want idle", m.Content)
			}
			break
		}
		if want := fmt.Sprintf(`{"execution_state":"busy %d"}`, states); string(m.Content) != want {
			t.Fatalf("status %s, want %s", m.Content, want)
		}
		states++
	}
	if streams == 0 || streams == rounds {
		t.Errorf("%d of %d outputs arrived, want the first of them", streams, rounds)
	}
	// Having read on, it is whole again.
	s.Send(wire.IOPub, stream("after"))
	if m := read(t, raw); m.Header.Type != wire.Stream {
		t.Errorf("%s after catching up, want a stream", m.Header.Type)
	}
}

func TestStalledSubscriberIsCut(t *testing.T) {
	s := start(t, local(), Options{QueueBytes: 1 << 20, Stall: 50 * time.Millisecond}, echo)
	raw := subscriber(t, s, "")
	read(t, raw)
	raw.Conn().(*net.TCPConn).SetReadBuffer(4 << 10)
	text := string(bytes.Repeat([]byte("x"), 100<<10))
	until(t, func() bool {
		s.Send(wire.IOPub, stream(text))
		s.publisher.mu.Lock()
		defer s.publisher.mu.Unlock()
		return len(s.publisher.subs) == 0
	})
	serves(t, s)
}

// A peer that takes nothing but whose queue has room is waited for.
func TestSlowSubscriberIsNotCut(t *testing.T) {
	s := start(t, local(), Options{Stall: time.Millisecond}, echo)
	raw := subscriber(t, s, "")
	read(t, raw)
	text := string(bytes.Repeat([]byte("x"), 1<<20))
	const messages = 32
	for range messages {
		s.Send(wire.IOPub, stream(text))
	}
	time.Sleep(50 * time.Millisecond) // many stalls; too short a wait only weakens the test
	for range messages {
		read(t, raw)
	}
}

// Subscribing again and again without reading must not fill the memory.
func TestWelcomeFlood(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	conn := connect(t, s, wire.IOPub)
	conn.Write(hello("SUB"))
	flood := bytes.Repeat(append(bytesOf(pack([][]byte{{1, 'a'}})), bytesOf(pack([][]byte{{0, 'a'}}))...), 10000)
	for range 3 {
		if _, err := conn.Write(flood); err != nil {
			t.Fatal(err)
		}
	}
	conn.Write(bytesOf(pack([][]byte{{1, 'z'}})))
	until(t, func() bool {
		s.publisher.mu.Lock()
		defer s.publisher.mu.Unlock()
		for p, topics := range s.publisher.subs {
			if topics["z"] == 1 {
				if n := p.waiting(); n > 2*welcomeRoom {
					t.Errorf("%d bytes of welcomes wait, want at most %d", n, welcomeRoom)
				}
				return true
			}
		}
		return false
	})
	serves(t, s)
}

// Messages of one call reach each subscriber whole, in order and no more often
// than it has asked for, also where the socket is full after half of them.
func TestSentTogether(t *testing.T) {
	s := start(t, local(), Options{}, echo)
	all, second := subscriber(t, s, ""), subscriber(t, s, "b")
	read(t, all)
	read(t, second)
	const n = 20_000 // some 10 MB, which no socket takes
	text := strings.Repeat("x", 200)
	for i := range n {
		a, b := stream(fmt.Sprint(2*i, text)), stream(fmt.Sprint(2*i+1, text))
		a.Identities, b.Identities = [][]byte{[]byte("a")}, [][]byte{[]byte("b")}
		if err := s.Send(wire.IOPub, a, b); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 * n {
		if m := read(t, all); !strings.Contains(string(m.Content), `"`+fmt.Sprint(i, "x")) {
			t.Fatalf("message %d is %.60s", i, m.Content)
		}
	}
	for i := range n {
		if m := read(t, second); !strings.Contains(string(m.Content), `"`+fmt.Sprint(2*i+1, "x")) {
			t.Fatalf("message %d of b is %.60s", i, m.Content)
		}
	}
}
