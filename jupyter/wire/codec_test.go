package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// golden is what jupyter_client 8.10.0 wrote:
//
//	s = Session(key=b"a0436f6c-…", session="5f1c0b2e", username="rue", check_pid=False)
//	s.serialize({"header": …, "parent_header": {}, "metadata": {"cellId": "c1"},
//	             "content": {"code": "Schrödinger := \"π\"\n", "silent": False}, …},
//	            ident=[b"client-7"])
//
// Python 3.11.7: hmac.new(key, digestmod=hashlib.sha256), updated with the last
// four frames, gives the same signature.
const goldenKey = "a0436f6c-1916-498b-8eb9-e81ab9368e84"

func golden() [][]byte {
	return [][]byte{
		[]byte("client-7"),
		[]byte("<IDS|MSG>"),
		[]byte("93d8c4b5af9fb7ab876b042333757dd0e3f43f2b174d9a5307f2e3b62de64858"),
		[]byte(`{"msg_id": "5f1c0b2e_1_0", "username": "rue", "session": "5f1c0b2e", "date": "2026-03-14T15:09:26.535897Z", "msg_type": "execute_request", "version": "5.4"}`),
		[]byte(`{}`),
		[]byte(`{"cellId": "c1"}`),
		[]byte(`{"code": "Schrödinger := \"π\"\n", "silent": false}`),
	}
}

func TestGolden(t *testing.T) {
	c := NewCodec([]byte(goldenKey), "", "")
	m, err := c.Decode(golden())
	if err != nil {
		t.Fatal(err)
	}
	want := Header{ID: "5f1c0b2e_1_0", Session: "5f1c0b2e", Username: "rue",
		Date: "2026-03-14T15:09:26.535897Z", Type: ExecuteRequest, Version: "5.4"}
	if m.Header != want {
		t.Errorf("header %+v, want %+v", m.Header, want)
	}
	if len(m.Identities) != 1 || string(m.Identities[0]) != "client-7" {
		t.Errorf("identities %q, want client-7", m.Identities)
	}
	frames, err := c.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(frames, golden()) {
		t.Errorf("encode(decode(b)) = %q, want %q", frames, golden())
	}
}

// frames signs four parts with key.
func frames(key string, parts ...string) [][]byte {
	f := [][]byte{[]byte(Delimiter), nil}
	for _, p := range parts {
		f = append(f, []byte(p))
	}
	f[1] = NewCodec([]byte(key), "", "").sign(f[2:])
	return f
}

const okHeader = `{"msg_id":"1","msg_type":"execute_request"}`

func TestDecodeRefuses(t *testing.T) {
	good := func() [][]byte { return frames("k", okHeader, "{}", "{}", `{"code":"1"}`) }
	change := func(i int, with string) [][]byte {
		f := good()
		f[i] = []byte(with)
		return f
	}
	for _, row := range []struct {
		name, reason string
		frames       [][]byte
		cause        Cause
	}{
		{"nothing", "an empty multipart", nil, Malformed},
		{"no delimiter", "not Jupyter", [][]byte{[]byte("a"), []byte("b")}, Malformed},
		{"only a delimiter", "truncated", [][]byte{[]byte(Delimiter)}, Malformed},
		{"three parts", "truncated by one", good()[:5], Malformed},
		{"other key", "a stranger", frames("other", okHeader, "{}", "{}", "{}"), BadSignature},
		{"no signature", "unsigned", change(1, ""), BadSignature},
		{"short signature", "a prefix must not do", change(1, string(good()[1][:62])), BadSignature},
		{"not hex", "64 bytes that are no digits", change(1, strings.Repeat("z", 64)), BadSignature},
		{"changed content", "one byte after signing", change(5, `{"code":"2"}`), BadSignature},
		{"moved parts", "signed in another order", [][]byte{good()[0], good()[1], good()[3], good()[2], good()[4], good()[5]}, BadSignature},
		{"header no JSON", "signed garbage", frames("k", "{", "{}", "{}", "{}"), BadJSON},
		{"header null", "no type", frames("k", "null", "{}", "{}", "{}"), BadJSON},
		{"header array", "not an object", frames("k", "[1]", "{}", "{}", "{}"), BadJSON},
		{"header without type", "nobody could dispatch it", frames("k", `{"msg_id":"1"}`, "{}", "{}", "{}"), BadJSON},
		{"type is a number", "wrong JSON type", frames("k", `{"msg_type":7}`, "{}", "{}", "{}"), BadJSON},
		{"content array", "not an object", frames("k", okHeader, "{}", "{}", "[]"), BadJSON},
		{"content string", "not an object", frames("k", okHeader, "{}", "{}", `"x"`), BadJSON},
		{"content cut", "truncated JSON", frames("k", okHeader, "{}", "{}", `{"code":`), BadJSON},
		{"parent two values", "trailing data", frames("k", okHeader, "{}{}", "{}", "{}"), BadJSON},
		{"metadata zero byte", "not JSON space", frames("k", okHeader, "{}", "\x00", "{}"), BadJSON},
		{"content too deep", "would overflow a recursive reader", frames("k", okHeader, "{}", "{}", strings.Repeat(`{"a":`, 20000)+"1"+strings.Repeat("}", 20000)), BadJSON},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := NewCodec([]byte("k"), "", "")
			m, err := c.Decode(row.frames)
			if m != nil {
				t.Errorf("a message came with the error: %+v", m)
			}
			var drop *DropError
			if !errors.As(err, &drop) || drop.Cause != row.cause {
				t.Fatalf("error %v, want cause %v", err, row.cause)
			}
			for cause := range causes {
				want := uint64(0)
				if cause == row.cause {
					want = 1
				}
				if got := c.Dropped(cause); got != want {
					t.Errorf("%d dropped as %v, want %d", got, cause, want)
				}
			}
		})
	}
}

func TestDecodeDefaults(t *testing.T) {
	for _, row := range []struct{ name, reason, parent, metadata, content string }{
		{"empty frames", "some clients send them", "", "", ""},
		{"null", "json.dumps(None)", "null", " null ", "null\n"},
		{"space", "no value at all", " ", "\t", "\r\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m, err := NewCodec([]byte("k"), "", "").Decode(frames("k", okHeader, row.parent, row.metadata, row.content))
			if err != nil {
				t.Fatal(err)
			}
			if string(m.Parent) != "{}" || string(m.Metadata) != "{}" || string(m.Content) != "{}" {
				t.Errorf("parts %s %s %s, want {} three times", m.Parent, m.Metadata, m.Content)
			}
			if len(m.Buffers) != 0 || len(m.Identities) != 0 {
				t.Errorf("%d buffers and %d identities, want none", len(m.Buffers), len(m.Identities))
			}
		})
	}
}

func TestUnsigned(t *testing.T) {
	c := NewCodec(nil, "", "")
	f := frames("", okHeader, "{}", "{}", "{}")
	f[1] = []byte("anything")
	for range 2 { // nothing marks a replay where nothing is signed
		if _, err := c.Decode(f); err != nil {
			t.Fatal(err)
		}
	}
	out, err := c.Encode(&Message{Header: Header{Type: Status}})
	if err != nil || len(out[1]) != 0 {
		t.Errorf("signature %q (%v), want an empty frame", out[1], err)
	}
}

func TestReplay(t *testing.T) {
	c := NewCodec([]byte("k"), "", "")
	f := frames("k", okHeader, "{}", "{}", "{}")
	if _, err := c.Decode(f); err != nil {
		t.Fatal(err)
	}
	again := [][]byte{f[0], bytes.ToUpper(f[1]), f[2], f[3], f[4], f[5]} // the same number in other digits
	for _, f := range [][][]byte{f, again} {
		var drop *DropError
		if _, err := c.Decode(f); !errors.As(err, &drop) || drop.Cause != Replayed {
			t.Errorf("error %v, want a replay", err)
		}
	}
	if got := c.Dropped(Replayed); got != 2 {
		t.Errorf("%d replays counted, want 2", got)
	}
}

func TestReplayCacheIsBounded(t *testing.T) {
	var r replays
	sum := func(i int) []byte {
		b := make([]byte, 32)
		b[0], b[1], b[2] = byte(i), byte(i>>8), byte(i>>16)
		return b
	}
	const extra = 1000
	for i := range replayDigests + extra {
		if !r.add(sum(i)) {
			t.Fatalf("digest %d is new and was refused", i)
		}
	}
	if len(r.seen) != replayDigests || len(r.ring) != replayDigests {
		t.Errorf("%d and %d digests kept, want %d", len(r.seen), len(r.ring), replayDigests)
	}
	if r.add(sum(extra)) {
		t.Error("the oldest of the newest 65,536 was forgotten")
	}
	if !r.add(sum(extra - 1)) {
		t.Error("one older than 65,536 is still there")
	}
}

func TestEncodeFillsHeader(t *testing.T) {
	c := NewCodec([]byte("k"), "the-session", "kernel")
	m := &Message{Header: Header{Type: KernelInfoReply}}
	before := time.Now().Add(-time.Microsecond)
	f, err := c.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	var h map[string]string
	if err := json.Unmarshal(f[2], &h); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`).MatchString(h["date"]) {
		t.Errorf("date %q is not ISO 8601 in UTC with microseconds", h["date"])
	}
	if date, err := time.Parse(time.RFC3339Nano, h["date"]); err != nil || date.Before(before) || date.After(time.Now()) {
		t.Errorf("date %q (%v) is not now", h["date"], err)
	}
	if h["msg_id"] == "" || h["msg_id"] != m.Header.ID {
		t.Errorf("msg_id %q, the sender sees %q", h["msg_id"], m.Header.ID)
	}
	if h["session"] != "the-session" || h["username"] != "kernel" || h["version"] != ProtocolVersion {
		t.Errorf("header %v", h)
	}
	for i, part := range f[3:] {
		if string(part) != "{}" {
			t.Errorf("part %d is %s, want {}", i, part)
		}
	}
	other := &Message{Header: Header{Type: KernelInfoReply}}
	c.Encode(other)
	if other.Header.ID == m.Header.ID {
		t.Error("two messages have one id")
	}
}

func TestEncodeRefuses(t *testing.T) {
	c := NewCodec([]byte("k"), "", "")
	for _, row := range []struct {
		name, reason string
		m            Message
	}{
		{"no type", "nobody could dispatch it", Message{}},
		{"content list", "clients index it by name", Message{Header: Header{Type: Status}, Content: json.RawMessage("[]")}},
		{"parent null", "jupyter_client fails on it", Message{Header: Header{Type: Status}, Parent: json.RawMessage("null")}},
	} {
		if f, err := c.Encode(&row.m); err == nil || f != nil {
			t.Errorf("%s: frames %q, error %v; want an error alone (%s)", row.name, f, err, row.reason)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	c := NewCodec([]byte(goldenKey), "", "")
	f := golden()
	b.ReportAllocs()
	for b.Loop() {
		// The cost of a new message: forgetting the last one is part of it.
		if _, err := c.Decode(f); err != nil {
			b.Fatal(err)
		}
		clear(c.replays.seen)
		c.replays.ring = c.replays.ring[:0]
	}
}

func BenchmarkEncode(b *testing.B) {
	c := NewCodec([]byte(goldenKey), "", "")
	parent := json.RawMessage(golden()[3])
	content := json.RawMessage(`{"execution_state":"busy"}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Encode(&Message{Header: Header{Type: Status}, Parent: parent, Content: content}); err != nil {
			b.Fatal(err)
		}
	}
}
