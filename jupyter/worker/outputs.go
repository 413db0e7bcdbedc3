package worker

import (
	"encoding/json"
	"fmt"
	"slices"

	"surprisal/jupyter/kernel"
)

// bundleBody lists the MIME types of a bundle; their values are the buffers,
// data first.
type bundleBody struct {
	ID   string   `json:"id,omitempty"`
	Data []string `json:"d,omitempty"`
	Meta []string `json:"m,omitempty"`
}

// bundleFrame packs a bundle: its values, images of megabytes among them,
// travel as they are.
func bundleFrame(k kind, id string, b kernel.Bundle) outgoing {
	body := bundleBody{ID: id}
	o := outgoing{head: head{Kind: k}}
	pack := func(m map[string]json.RawMessage) (keys []string) {
		for key := range m {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			o.Buffers = append(o.Buffers, m[key])
		}
		return keys
	}
	body.Data, body.Meta = pack(b.Data), pack(b.Metadata)
	o.Body = body
	return o
}

func (f *frame) bundle() (string, kernel.Bundle, error) {
	var body bundleBody
	if err := json.Unmarshal(f.Body, &body); err != nil {
		return "", kernel.Bundle{}, err
	}
	b, err := f.unpack(body)
	return body.ID, b, err
}

func (f *frame) unpack(body bundleBody) (kernel.Bundle, error) {
	if len(body.Data)+len(body.Meta) != len(f.Buffers) {
		return kernel.Bundle{}, fmt.Errorf("worker: %s frame: %d buffers for %d values", f.Kind, len(f.Buffers), len(body.Data)+len(body.Meta))
	}
	b := kernel.Bundle{Data: map[string]json.RawMessage{}, Metadata: map[string]json.RawMessage{}}
	for i, k := range body.Data {
		b.Data[k] = f.Buffers[i]
	}
	for i, k := range body.Meta {
		b.Metadata[k] = f.Buffers[len(body.Data)+i]
	}
	return b, nil
}

// doneBody is the end of a request: of an execute the outcome, and the value of
// its last expression, whose bundle is in the buffers; of a comm the text of an
// error.
type doneBody struct {
	Outcome kernel.Outcome `json:"o"`
	Result  *bundleBody    `json:"r,omitempty"`
	Text    string         `json:"t,omitempty"`
}

// commBody is the small part of a comm message; data and metadata are the
// first two buffers.
type commBody struct {
	Kind   kernel.CommKind `json:"kind"`
	ID     string          `json:"id"`
	Target string          `json:"target,omitempty"`
}

func commFrame(m kernel.CommMessage) outgoing {
	return outgoing{head: head{Kind: kindComm}, Body: commBody{m.Kind, m.ID, m.Target},
		Buffers: append([][]byte{m.Data, m.Metadata}, m.Buffers...)}
}

func (f *frame) comm() (m kernel.CommMessage, err error) {
	var body commBody
	if err := json.Unmarshal(f.Body, &body); err != nil {
		return m, err
	}
	if len(f.Buffers) < 2 {
		return m, fmt.Errorf("worker: comm frame: %d buffers, need 2", len(f.Buffers))
	}
	return kernel.CommMessage{Kind: body.Kind, ID: body.ID, Target: body.Target,
		Data: f.Buffers[0], Metadata: f.Buffers[1], Buffers: f.Buffers[2:]}, nil
}

// decodeOutput reads the frames that are outputs of a cell.
func decodeOutput(f *frame) (kernel.Output, error) {
	switch f.Kind {
	case kindDisplay:
		id, b, err := f.bundle()
		return kernel.Display{Bundle: b, ID: id}, err
	case kindUpdate:
		id, b, err := f.bundle()
		return kernel.Update{Bundle: b, ID: id}, err
	case kindClear:
		var c kernel.Clear
		err := json.Unmarshal(f.Body, &c)
		return c, err
	case kindError:
		e := new(kernel.Error)
		err := json.Unmarshal(f.Body, e)
		return e, err
	case kindComm:
		return asOutput(f.comm())
	}
	return nil, fmt.Errorf("worker: a %s frame is no output", f.Kind)
}

func asOutput(m kernel.CommMessage, err error) (kernel.Output, error) { return m, err }

type inputQuestion struct {
	Prompt   string
	Password bool
}

type inputAnswer struct {
	Text        string
	Err         string
	Interrupted bool // with its cell
}
