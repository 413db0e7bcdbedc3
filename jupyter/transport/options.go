package transport

import (
	"log/slog"
	"time"
)

// Options are the limits of a Server or a Client. The zero value is right for
// a kernel; every zero field has the default that stands beside it.
type Options struct {
	// Logger receives one line per kind of trouble. Default: silence.
	Logger *slog.Logger
	// MaxMessage is the largest message in bytes that a peer may send; a
	// larger one closes its connection only. Default: 256 MiB.
	MaxMessage int
	// MaxUnsigned bounds the bytes of messages that all peers together have
	// announced and that no signature has proved yet. Default: 512 MiB.
	MaxUnsigned int
	// QueueBytes bounds what waits for one peer that reads slowly or not at
	// all. Below it nothing is lost and nobody is cut; subscribers share the
	// bytes of a message. Default: 256 MiB.
	QueueBytes int
	// Handshake is the time that a new connection has to say what it is.
	// Default: 10 s.
	Handshake time.Duration
	// Stall is how long a peer with a full queue may take no byte before its
	// connection is closed. Default: 30 s.
	Stall time.Duration
	// Linger bounds how long Close waits for what is queued. Default: 1 s.
	Linger time.Duration
	// MaxPeers bounds the connections of one socket, so that a flood of them
	// cannot use up the file descriptors. Default: 512.
	MaxPeers int
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	setDefault(&o.MaxMessage, 256<<20)
	setDefault(&o.MaxUnsigned, 512<<20)
	setDefault(&o.QueueBytes, 256<<20)
	setDefault(&o.MaxPeers, 512)
	setDefault(&o.Handshake, 10*time.Second)
	setDefault(&o.Stall, 30*time.Second)
	setDefault(&o.Linger, time.Second)
	return o
}

func setDefault[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}
