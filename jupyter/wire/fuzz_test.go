package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
)

// FuzzDecode splits the input into frames at newlines. Half of the runs are
// signed, so that the JSON behind the signature is reached.
func FuzzDecode(f *testing.F) {
	f.Add(bytes.Join(golden(), []byte("\n")), false)
	f.Add([]byte("id\n<IDS|MSG>\n\n"+okHeader+"\n{}\n{}\n{}\nbuffer"), true)
	f.Add([]byte("<IDS|MSG>\n<IDS|MSG>\n{}\nnull\n\n{"), true)
	f.Add([]byte(""), true)
	f.Fuzz(func(t *testing.T, data []byte, signed bool) {
		frames := bytes.Split(data, []byte("\n"))
		c := NewCodec([]byte(goldenKey), "", "")
		if at := delimiterAt(frames); signed && at >= 0 && len(frames) >= at+6 {
			frames[at+1] = c.sign(frames[at+2 : at+6])
		}
		m, err := c.Decode(frames)
		if err != nil {
			if m != nil {
				t.Fatal("a message came with an error")
			}
			return
		}
		for _, part := range []json.RawMessage{m.Parent, m.Metadata, m.Content} {
			var object map[string]any
			if err := json.Unmarshal(part, &object); err != nil || object == nil {
				t.Fatalf("part %q: %v; want an object", part, err)
			}
		}
		out, err := c.Encode(m)
		if err != nil {
			t.Fatalf("a decoded message does not encode: %v", err)
		}
		at := len(m.Identities)
		for i, part := range out[at+2 : at+6] {
			if !bytes.Equal(part, frames[at+2+i]) {
				frames[at+2+i] = part // a missing part that became {}
				frames[at+1] = out[at+1]
			}
		}
		frames[at+1] = bytes.ToLower(frames[at+1]) // hexadecimal digits have two forms
		if !reflect.DeepEqual(out, frames) {
			t.Fatalf("encode(decode(b)) = %q, want %q", out, frames)
		}
	})
}

func delimiterAt(frames [][]byte) int {
	for i, f := range frames {
		if string(f) == Delimiter {
			return i
		}
	}
	return -1
}
