package wire

import "fmt"

// Cause says why a message was dropped.
type Cause int

// Causes of a drop.
const (
	Malformed    Cause = iota // no delimiter, or frames missing
	BadSignature              // not signed with the key of the connection file
	Replayed                  // a signature that was accepted before
	BadJSON                   // a part is not a JSON object, or the header has no type
	causes
)

// String names the cause in a word or two.
func (c Cause) String() string {
	switch c {
	case Malformed:
		return "malformed"
	case BadSignature:
		return "bad signature"
	case Replayed:
		return "replayed"
	case BadJSON:
		return "bad JSON"
	}
	return fmt.Sprintf("cause(%d)", int(c))
}

// DropError is the error of a message that was refused.
type DropError struct {
	Cause  Cause
	Detail string
}

// Error says what was dropped, why, and what the sender should do.
func (e *DropError) Error() string {
	return fmt.Sprintf("wire: message dropped: %v: %s", e.Cause, e.Detail)
}
