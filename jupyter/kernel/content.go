package kernel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"surprisal/jupyter/wire"
)

var emptyObject = json.RawMessage("{}")

type statusContent struct {
	State string `json:"execution_state"`
}

type errorContent struct {
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"` // never null: front ends loop over it
}

// errorReply is the content of any reply to a request that failed.
type errorReply struct {
	Status string `json:"status"`
	errorContent
	Count *int `json:"execution_count,omitempty"` // execute_reply only
}

func contentOf(e *Error) errorContent {
	return errorContent{Name: e.Name, Value: e.Value, Traceback: append([]string{}, e.Traceback...)}
}

// failure is the reply to a request that could not be served.
func (k *Kernel) failure(reply wire.Type, err error) errorReply {
	r := errorReply{Status: "error", errorContent: errorContent{Name: "RequestError", Value: err.Error()}}
	r.Traceback = []string{r.Name + ": " + r.Value}
	if reply == wire.ExecuteReply {
		n := int(k.count.Load())
		r.Count = &n
	}
	return r
}

// decode reads the content of a request into the struct that v points to,
// whose fields hold the defaults: absent and null fields keep them.
func decode(r *request, v any) error {
	raw := r.m.Content
	if len(raw) == 0 {
		return nil
	}
	err := json.Unmarshal(raw, v)
	if err == nil {
		return nil
	}
	t := strings.TrimSuffix(string(r.m.Header.Type), "_request")
	var bad *json.UnmarshalTypeError
	if errors.As(err, &bad) {
		if bad.Field == "" {
			return fmt.Errorf("%s was not done: its content is a JSON %s; send a JSON object", t, bad.Value)
		}
		return fmt.Errorf("%s was not done: its field %q holds a JSON %s; send a JSON %s", t, bad.Field, bad.Value, jsonKind(bad.Type.Kind().String()))
	}
	return fmt.Errorf("%s was not done: its content is not JSON: %v; send a JSON object", t, err)
}

func jsonKind(goKind string) string {
	switch goKind {
	case "bool":
		return "boolean"
	case "string":
		return "string"
	case "map", "struct":
		return "object"
	case "slice":
		return "array"
	}
	return "number without a fraction"
}

// encode is the JSON of v, an object; <, > and & stay as they are. What cannot
// be encoded (a bundle that is not JSON) is an empty object: the message that
// carries it must go out all the same.
func encode(v any) json.RawMessage {
	switch v := v.(type) {
	case nil:
		return emptyObject
	case json.RawMessage:
		return object(v)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return emptyObject
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// object is raw, or an empty object where raw is no JSON object.
func object(raw json.RawMessage) json.RawMessage {
	t := bytes.TrimLeft(raw, " \t\r\n")
	if len(t) == 0 || t[0] != '{' || !json.Valid(t) {
		return emptyObject
	}
	return raw
}

// rawHeader is the header of m as the client wrote it.
func rawHeader(m *wire.Message) json.RawMessage {
	if len(m.RawHeader) > 0 {
		return m.RawHeader
	}
	return encode(m.Header)
}

// bundleContent makes both maps of a bundle objects, never null, and leaves
// out values that are no JSON, so that one bad value cannot take the others
// along.
func bundleContent(b Bundle) Bundle {
	return Bundle{Data: jsonOnly(b.Data), Metadata: jsonOnly(b.Metadata)}
}

func jsonOnly(m map[string]json.RawMessage) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, len(m))
	for key, v := range m {
		if json.Valid(v) {
			out[key] = v
		}
	}
	return out
}
