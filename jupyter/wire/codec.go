package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Delimiter ends the identities of a multipart message.
const Delimiter = "<IDS|MSG>"

// parts are the four signed frames: header, parent header, metadata, content.
const parts = 4

// dateLayout is ISO 8601 with microseconds, as jupyter_client writes it; the
// time is always UTC.
const dateLayout = "2006-01-02T15:04:05.000000Z"

var emptyObject = json.RawMessage("{}")

// Codec signs and verifies the messages of one end of a connection. It may be
// used from many goroutines. Two ends need two codecs: a codec that decoded a
// message refuses the same message as a replay.
type Codec struct {
	session  string
	username string
	macs     *sync.Pool // of hash.Hash keyed with the key; nil: no signing
	replays  replays
	dropped  [causes]atomic.Uint64
}

// NewCodec returns a Codec for a key; an empty one turns signing off. The
// session is a new id if empty, the username "kernel".
func NewCodec(key []byte, session, username string) *Codec {
	if session == "" {
		session = uuid.NewString()
	}
	if username == "" {
		username = "kernel"
	}
	c := &Codec{session: session, username: username}
	if len(key) > 0 {
		key = bytes.Clone(key)
		// A keyed hash that is reset costs a copy of its state; a new one
		// costs two more blocks and five allocations.
		c.macs = &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}
	}
	return c
}

// Session returns the session id that the codec writes into headers.
func (c *Codec) Session() string { return c.session }

// Dropped returns how many messages Decode has refused for a cause.
func (c *Codec) Dropped(cause Cause) uint64 { return c.dropped[cause].Load() }

// Decode verifies one multipart message and splits it. The result shares
// memory with frames. An error is a *DropError.
func (c *Codec) Decode(frames [][]byte) (*Message, error) {
	m, err := c.decode(frames)
	if err != nil {
		c.dropped[err.Cause].Add(1)
		return nil, err
	}
	return m, nil
}

func (c *Codec) decode(frames [][]byte) (*Message, *DropError) {
	at := 0
	for at < len(frames) && string(frames[at]) != Delimiter {
		at++
	}
	rest := len(frames) - at - 1
	if rest < 0 {
		return nil, &DropError{Malformed, "no " + Delimiter + " frame; the sender must speak the Jupyter protocol"}
	}
	if rest < 1+parts {
		return nil, &DropError{Malformed, fmt.Sprintf("%d frames after the delimiter, want a signature and %d parts", rest, parts)}
	}
	signed := frames[at+2 : at+2+parts]
	if err := c.verify(frames[at+1], signed); err != nil {
		return nil, err
	}
	m := &Message{Identities: frames[:at:at], RawHeader: signed[0], Buffers: frames[at+2+parts:]}
	if err := json.Unmarshal(signed[0], &m.Header); err != nil {
		return nil, &DropError{BadJSON, "header: " + err.Error()}
	}
	if m.Header.Type == "" {
		return nil, &DropError{BadJSON, "header: no msg_type"}
	}
	for i, p := range [...]*json.RawMessage{&m.Parent, &m.Metadata, &m.Content} {
		b := signed[1+i]
		switch first := firstByte(b); {
		case first == blank || string(bytes.TrimSpace(b)) == "null":
			*p = emptyObject
		case first != '{' || !json.Valid(b):
			return nil, &DropError{BadJSON, [...]string{"parent header", "metadata", "content"}[i] + ": not a JSON object"}
		default:
			*p = b
		}
	}
	return m, nil
}

func (c *Codec) verify(signature []byte, signed [][]byte) *DropError {
	if c.macs == nil {
		return nil
	}
	var got, want [sha256.Size]byte
	if len(signature) != hex.EncodedLen(len(got)) {
		return &DropError{BadSignature, fmt.Sprintf("%d bytes, want %d hexadecimal digits; sign with the key of the connection file", len(signature), hex.EncodedLen(len(got)))}
	}
	if _, err := hex.Decode(got[:], signature); err != nil {
		return &DropError{BadSignature, "not hexadecimal; sign with the key of the connection file"}
	}
	c.sum(&want, signed)
	if !hmac.Equal(got[:], want[:]) {
		return &DropError{BadSignature, "it does not match; sign with the key of the connection file"}
	}
	if !c.replays.add(got[:]) {
		return &DropError{Replayed, "the same signature was accepted before; send a new msg_id"}
	}
	return nil
}

func (c *Codec) sum(dst *[sha256.Size]byte, signed [][]byte) {
	mac := c.macs.Get().(hash.Hash)
	mac.Reset()
	for _, b := range signed {
		mac.Write(b)
	}
	mac.Sum(dst[:0])
	c.macs.Put(mac)
}

// blank is what firstByte returns for JSON space alone. It is no byte: a zero
// byte is wrong JSON, not a missing part.
const blank = -1

// firstByte returns the first byte that is not JSON space, or blank.
func firstByte(b []byte) int {
	for _, ch := range b {
		switch ch {
		case ' ', '\t', '\r', '\n':
		default:
			return int(ch)
		}
	}
	return blank
}

// Encode signs m and lays it out in frames, which share memory with m. Empty
// fields of m.Header are filled in place, so that the sender knows the id of
// what it sent; its Type must be set. Nil parts become {}. A message that came
// from Decode keeps its RawHeader.
func (c *Codec) Encode(m *Message) ([][]byte, error) {
	header := []byte(m.RawHeader)
	if header == nil {
		if m.Header.Type == "" {
			return nil, fmt.Errorf("wire: message without a type: Header.Type is empty; set one of the constants")
		}
		c.fill(&m.Header)
		var err error
		if header, err = json.Marshal(&m.Header); err != nil {
			return nil, fmt.Errorf("wire: header of %s: %w", m.Header.Type, err)
		}
	}
	frames := make([][]byte, 0, len(m.Identities)+2+parts+len(m.Buffers))
	frames = append(frames, m.Identities...)
	frames = append(frames, []byte(Delimiter), nil, header)
	for i, p := range [...]json.RawMessage{m.Parent, m.Metadata, m.Content} {
		switch firstByte(p) {
		case blank:
			p = emptyObject
		case '{':
		default:
			return nil, fmt.Errorf("wire: %s of %s is not a JSON object; pass a struct or a map",
				[...]string{"parent header", "metadata", "content"}[i], m.Header.Type)
		}
		frames = append(frames, p)
	}
	at := len(m.Identities) + 1
	frames[at] = c.sign(frames[at+1:])
	return append(frames, m.Buffers...), nil
}

func (c *Codec) sign(signed [][]byte) []byte {
	if c.macs == nil {
		return []byte{}
	}
	var sum [sha256.Size]byte
	c.sum(&sum, signed)
	return hex.AppendEncode(make([]byte, 0, hex.EncodedLen(len(sum))), sum[:])
}

func (c *Codec) fill(h *Header) {
	if h.ID == "" {
		h.ID = uuid.NewString()
	}
	if h.Session == "" {
		h.Session = c.session
	}
	if h.Username == "" {
		h.Username = c.username
	}
	if h.Date == "" {
		h.Date = time.Now().UTC().Format(dateLayout)
	}
	if h.Version == "" {
		h.Version = ProtocolVersion
	}
}
