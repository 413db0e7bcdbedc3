package wire

import "encoding/json"

// ProtocolVersion is the version of the Jupyter messaging protocol that the
// kernel speaks and announces.
const ProtocolVersion = "5.5"

// Type is a message type of the Jupyter messaging protocol.
type Type string

// Message types, by the channel that carries them.
const (
	// shell
	ExecuteRequest    Type = "execute_request"
	ExecuteReply      Type = "execute_reply"
	InspectRequest    Type = "inspect_request"
	InspectReply      Type = "inspect_reply"
	CompleteRequest   Type = "complete_request"
	CompleteReply     Type = "complete_reply"
	HistoryRequest    Type = "history_request"
	HistoryReply      Type = "history_reply"
	IsCompleteRequest Type = "is_complete_request"
	IsCompleteReply   Type = "is_complete_reply"
	CommInfoRequest   Type = "comm_info_request"
	CommInfoReply     Type = "comm_info_reply"
	KernelInfoRequest Type = "kernel_info_request"
	KernelInfoReply   Type = "kernel_info_reply"

	// control
	ShutdownRequest  Type = "shutdown_request"
	ShutdownReply    Type = "shutdown_reply"
	InterruptRequest Type = "interrupt_request"
	InterruptReply   Type = "interrupt_reply"

	// iopub
	Stream            Type = "stream"
	DisplayData       Type = "display_data"
	UpdateDisplayData Type = "update_display_data"
	ExecuteInput      Type = "execute_input"
	ExecuteResult     Type = "execute_result"
	Error             Type = "error"
	Status            Type = "status"
	ClearOutput       Type = "clear_output"
	IopubWelcome      Type = "iopub_welcome"

	// stdin
	InputRequest Type = "input_request"
	InputReply   Type = "input_reply"

	// shell towards the kernel, iopub away from it
	CommOpen  Type = "comm_open"
	CommMsg   Type = "comm_msg"
	CommClose Type = "comm_close"
)

// Header is the first dictionary of a message. SubshellID is sent by
// JupyterLab even to kernels without subshells and is only carried along.
type Header struct {
	ID         string `json:"msg_id"`
	Session    string `json:"session"`
	Username   string `json:"username"`
	Date       string `json:"date"` // ISO 8601 with zone
	Type       Type   `json:"msg_type"`
	Version    string `json:"version"`
	SubshellID string `json:"subshell_id,omitempty"`
}

// Message is one message of the protocol, verified and split into its parts.
// Identities is the routing prefix of a ROUTER socket, or the topic on iopub.
// Parent, Metadata and Content are JSON objects, never null; Parent is kept as
// it came, so that a reply returns the client's own header unchanged.
type Message struct {
	Identities [][]byte
	Header     Header
	RawHeader  json.RawMessage // as received; nil in messages that we make
	Parent     json.RawMessage
	Metadata   json.RawMessage
	Content    json.RawMessage
	Buffers    [][]byte
}
