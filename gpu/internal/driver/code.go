package driver

import (
	"bytes"
	"fmt"
	"strings"
)

// Code is CUresult.
type Code int32

// Codes that somebody tells apart, or that a table other than libcuda returns.
const (
	Success               Code = 0
	InvalidValue          Code = 1
	OutOfMemory           Code = 2
	NotInitialized        Code = 3
	Deinitialized         Code = 4
	StubLibrary           Code = 34
	DeviceUnavailable     Code = 46
	NoDevice              Code = 100
	InvalidDevice         Code = 101
	InvalidImage          Code = 200
	InvalidContext        Code = 201
	NoBinaryForGPU        Code = 209
	ECCUncorrectable      Code = 214
	InvalidPTX            Code = 218
	NVLinkUncorrectable   Code = 220
	CompilerNotFound      Code = 221
	UnsupportedPTXVersion Code = 222
	InvalidHandle         Code = 400
	IllegalState          Code = 401
	NotFound              Code = 500
	NotReady              Code = 600
	IllegalAddress        Code = 700
	LaunchOutOfResources  Code = 701
	LaunchTimeout         Code = 702
	ContextDestroyed      Code = 709
	Assert                Code = 710
	HardwareStackError    Code = 714
	IllegalInstruction    Code = 715
	MisalignedAddress     Code = 716
	InvalidAddressSpace   Code = 717
	InvalidPC             Code = 718
	LaunchFailed          Code = 719
	NotPermitted          Code = 800
	NotSupported          Code = 801
	SystemNotReady        Code = 802
	DriverMismatch        Code = 803
	CaptureUnsupported    Code = 900
	CaptureInvalidated    Code = 901
	Unknown               Code = 999
)

// Sticky reports whether the context is lost with this result: every later call
// fails too, and only a new process can use the device again.
func (c Code) Sticky() bool {
	switch c {
	case Deinitialized, ECCUncorrectable, NVLinkUncorrectable, IllegalAddress, LaunchTimeout, ContextDestroyed, Assert,
		HardwareStackError, IllegalInstruction, MisalignedAddress, InvalidAddressSpace, InvalidPC, LaunchFailed, Unknown:
		return true
	}
	return false
}

// Error is a call that failed. Errors with the same Code are equal to errors.Is,
// whatever else they say.
type Error struct {
	Call string // symbol
	Code Code
	Text string // of the driver
}

func (e *Error) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("%s: CUDA code %d", e.Call, e.Code)
	}
	return fmt.Sprintf("%s: %s (CUDA code %d)", e.Call, e.Text, e.Code)
}

// Is compares codes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Err is nil for Success, and else an *Error in the driver's words.
func (c *Calls) Err(call string, code Code) error {
	if code == Success {
		return nil
	}
	e := &Error{Call: call, Code: code}
	if c.ErrorString != nil {
		e.Text = c.ErrorString(code)
	}
	return e
}

// text is what lies before the first NUL.
func text(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return strings.TrimSpace(string(b))
}
