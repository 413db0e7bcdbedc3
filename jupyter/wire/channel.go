package wire

import "fmt"

// Channel is one of the sockets of a kernel.
type Channel int

// The channels of a kernel. Heartbeat echoes bytes and carries no messages.
const (
	Shell Channel = iota
	Control
	Stdin
	IOPub
	Heartbeat
)

// Channels lists every channel, for code that keeps something per channel.
var Channels = [...]Channel{Shell, Control, Stdin, IOPub, Heartbeat}

// String returns the name that the messaging documentation uses.
func (c Channel) String() string {
	switch c {
	case Shell:
		return "shell"
	case Control:
		return "control"
	case Stdin:
		return "stdin"
	case IOPub:
		return "iopub"
	case Heartbeat:
		return "heartbeat"
	}
	return fmt.Sprintf("channel(%d)", int(c))
}
