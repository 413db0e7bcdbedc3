package protocol

import (
	"testing"

	"surprisal/jupyter/wire"
)

// BenchmarkProduct is the same with Go behind it.
func BenchmarkProduct(b *testing.B) {
	f := open(b, ProductTarget(binary(b)))
	f.cell("value 42") // the first cell loads tables
	for b.Loop() {
		f.roundTrip(wire.Shell, wire.ExecuteRequest, `{"code":"1+1"}`)
	}
}

// BenchmarkEcho is the round trip from a request to its reply over real
// sockets, with no language behind it: what the protocol side costs.
func BenchmarkEcho(b *testing.B) {
	for _, c := range []struct {
		name    string
		ch      wire.Channel
		t       wire.Type
		content string
		busy    bool
	}{
		{"kernel_info", wire.Shell, wire.KernelInfoRequest, `{}`, false},
		{"execute", wire.Shell, wire.ExecuteRequest, `{"code":"value 2"}`, false},
		{"control while busy", wire.Control, wire.KernelInfoRequest, `{}`, true},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := open(b, EchoTarget())
			if c.busy {
				defer f.stop(f.startBusy())
			}
			for b.Loop() {
				f.roundTrip(c.ch, c.t, c.content)
			}
		})
	}
}

// roundTrip forgets what came before, or looking for the reply would take
// longer than the kernel does.
func (f *front) roundTrip(ch wire.Channel, t wire.Type, content string) {
	f.mu.Lock()
	f.log = nil
	f.mu.Unlock()
	id := f.post(ch, t, content)
	f.until("reply", func(g got) bool { return g.ch == ch && parent(g) == id })
}
