package monitor

import "time"

// Source finds devices. Its calls may hang; a Poller makes them on goroutines
// of their own.
type Source interface {
	// Open finds the devices. Its error is a sentence that says why there are
	// none. It is called again, after a while, when it has failed or Found's
	// Close was called.
	Open() (Found, error)
}

// Found is what a source has found.
type Found struct {
	Source  string // nvml, demo
	Reason  string // demo: that its numbers are made up
	Driver  string // version
	Devices []Reader
	Close   func() // nil: nothing to close
}

// Reader reads one device. Read is never called twice at once.
type Reader interface {
	// Read returns the device's values. A value that cannot be had says why in
	// its status; that is not an error of the device.
	Read(now time.Time) Device
	// Now names the call that Read is waiting for and since when, for the
	// watchdog; it may be called while Read runs. The name is empty between
	// calls.
	Now() (call string, since time.Time)
}

// Nothing is the source that has no devices, with the reason.
type Nothing struct{ Reason string }

// Open implements Source.
func (n Nothing) Open() (Found, error) { return Found{}, noDevice(n.Reason) }

// noDevice is a reason as an error.
type noDevice string

func (n noDevice) Error() string { return string(n) }

// Auto is the devices of First, and where that has none those of Otherwise,
// with the reason.
type Auto struct{ First, Otherwise Source }

// Open implements Source.
func (a Auto) Open() (Found, error) {
	f, err := a.First.Open()
	if err == nil {
		return f, nil
	}
	g, other := a.Otherwise.Open()
	if other != nil {
		return Found{}, err
	}
	g.Reason = err.Error()
	return g, nil
}
