package worker

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"surprisal/jupyter/kernel"
)

func encoded(t testing.TB, o outgoing) []byte {
	b, err := o.encode()
	if err != nil {
		t.Fatal(err)
	}
	return append(b, bytes.Join(o.Buffers, nil)...)
}

func TestFrameRoundTrip(t *testing.T) {
	o := outgoing{head: head{Kind: kindComm, Seq: 1<<64 - 1, ID: 2, Cell: 3}, Body: commBody{Kind: 2, ID: "<é>"}, Buffers: [][]byte{[]byte("{}"), {}, {0, 255}}}
	f, err := readFrame(bytes.NewReader(encoded(t, o)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.comm()
	if err != nil || m.ID != "<é>" || string(m.Data) != "{}" || len(m.Metadata) != 0 || !bytes.Equal(m.Buffers[0], []byte{0, 255}) {
		t.Errorf("%+v %v", m, err)
	}
	if f.Seq != 1<<64-1 || f.ID != 2 || f.Cell != 3 {
		t.Errorf("%+v", f.head)
	}
}

func TestBadFrames(t *testing.T) {
	good := encoded(t, outgoing{head: head{Kind: kindReady}, Buffers: [][]byte{{1, 2, 3}}})
	huge := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, maxFrame), maxFrame)
	over := binary.LittleEndian.AppendUint32(nil, 1<<31)
	for _, c := range []struct {
		name, reason string
		b            []byte
	}{
		{"empty", "end of link", nil},
		{"cut", "a front that died while it wrote", good[:len(good)-1]},
		{"announced only", "must not reserve what never comes", huge},
		{"too long", "over the limit", append(over, 0, 0, 0, 0)},
		{"no JSON", "damaged", append([]byte{2, 0, 0, 0, 0, 0, 0, 0}, "{x"...)},
		{"sizes short", "bytes that belong to no buffer", append([]byte{2, 0, 0, 0, 1, 0, 0, 0}, "{}x"...)},
		{"sizes negative", "would slice backwards", append([]byte{10, 0, 0, 0, 0, 0, 0, 0}, `{"n":[-1]}`...)},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, err := readFrame(bytes.NewReader(c.b))
		runtime.ReadMemStats(&after)
		if err == nil || f != nil {
			t.Errorf("%s (%s): no error", c.name, c.reason)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s (%s): %d bytes allocated", c.name, c.reason, n)
		}
	}
	if _, err := (&outgoing{Body: func() {}}).encode(); err == nil {
		t.Error("a body that has no JSON: no error")
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add(encoded(f, outgoing{head: head{Kind: kindReady, Seq: 1}, Buffers: [][]byte{{1}, {2, 3}}}))
	f.Add(encoded(f, commFrame(kernel.CommMessage{ID: "x", Data: json.RawMessage("{}")})))
	f.Add([]byte{2, 0, 0, 0, 0, 0, 0, 0, '{', '}'})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		fr, err := readFrame(r)
		if (err == nil) != (fr != nil) {
			t.Fatalf("frame %v, error %v", fr, err)
		}
		if err != nil {
			return
		}
		fr.bundle() // must not panic, whatever the kind
		fr.comm()
		decodeOutput(fr)
		o := outgoing{head: fr.head, Buffers: fr.Buffers}
		if fr.Body != nil {
			o.Body = fr.Body
		}
		again, err := readFrame(bytes.NewReader(encoded(t, o)))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(fr.Buffers, again.Buffers) || fr.Kind != again.Kind || fr.Seq != again.Seq {
			t.Errorf("%+v, read again %+v", fr, again)
		}
	})
}

// Markers must be found wherever the pipe happens to be cut.
func TestCutAtEveryPlace(t *testing.T) {
	token := []byte("0123456789abcdef")
	var b []byte
	b = append(b, "one"...)
	b = appendMark(b, token, markOwner, 1<<50, 0)
	b = append(b, "two0123"...) // looks like the beginning of a token
	b = appendMark(b, token, markBarrier, 7, 9)
	b = append(b, "three"...)
	const want = "one[o 1125899906842624 0]two0123[b 7 9]three"
	for size := 1; size <= len(b); size++ {
		var out strings.Builder
		var buf []byte
		for r := bytes.NewReader(b); ; {
			piece := make([]byte, size)
			n, err := r.Read(piece)
			buf = append(buf, piece[:n]...)
			for {
				text, m, rest, found := cut(buf, token)
				out.Write(text)
				buf = rest
				if !found {
					break
				}
				out.WriteString("[" + string(rune(m.kind)) + " " + utoa(m.cell) + " " + utoa(m.seq) + "]")
			}
			if err == io.EOF {
				break
			}
		}
		if got := out.String() + string(buf); got != want {
			t.Fatalf("pieces of %d: %q, want %q", size, got, want)
		}
	}
}

func utoa(n uint64) string { b, _ := json.Marshal(n); return string(b) }

func FuzzCut(f *testing.F) {
	f.Add([]byte("a0123456789abcdef................b"), 3)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		token := []byte("0123456789abcdef")
		text, _, rest, found := cut(b, token)
		skipped := 0
		if found {
			skipped = markLen
		}
		if len(text)+len(rest)+skipped != len(b) || bytes.Contains(text, token) {
			t.Errorf("%q: text %q, rest %q, found %v", b, text, rest, found)
		}
		if !found && len(rest) >= markLen {
			t.Errorf("%q: %d bytes are held back", b, len(rest))
		}
	})
}
