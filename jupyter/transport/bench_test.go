package transport

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"surprisal/jupyter/wire"
)

// BenchmarkEcho is one signed request and its reply through a ROUTER and a
// DEALER of this package: decode, encode and both directions.
func BenchmarkEcho(b *testing.B) {
	for _, transport := range []string{"tcp", "ipc"} {
		b.Run(transport, func(b *testing.B) {
			c := local()
			if transport == "ipc" {
				c.Transport, c.IP = "ipc", filepath.Join(b.TempDir(), "k")
			}
			s := start(b, c, Options{}, echo)
			cl := dial(b, s)
			ctx := context.Background()
			times := make([]time.Duration, 0, 1<<16)
			b.ReportAllocs()
			for b.Loop() {
				begin := time.Now()
				cl.Send(wire.Shell, &wire.Message{Header: wire.Header{Type: wire.ExecuteRequest}, Content: json.RawMessage(`{"code":"1+1","silent":false}`)})
				if _, err := cl.Recv(ctx, wire.Shell); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(begin))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1e3, "p50-µs")
			b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1e3, "p99-µs")
		})
	}
}

// BenchmarkRawEcho is the same without signatures and JSON: sockets alone,
// six frames each way, through the heartbeat.
func BenchmarkRawEcho(b *testing.B) {
	s := start(b, local(), Options{}, echo)
	raw, err := DialRaw(s.Connection(), wire.Heartbeat, "", Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer raw.Close()
	frame := make([]byte, 64)
	times := make([]time.Duration, 0, 1<<16)
	b.ReportAllocs()
	for b.Loop() {
		begin := time.Now()
		raw.Send(nil, frame, frame, frame, frame, frame)
		if _, err := raw.Recv(); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(begin))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1e3, "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1e3, "p99-µs")
}

// BenchmarkPublish is one status to one subscriber that reads.
func BenchmarkPublish(b *testing.B) {
	s := start(b, local(), Options{}, echo)
	cl := dial(b, s)
	if err := cl.Welcome(soon(b)); err != nil {
		b.Fatal(err)
	}
	m := wire.Message{Header: wire.Header{Type: wire.Stream}, Content: json.RawMessage(`{"name":"stdout","text":"x\n"}`)}
	ctx := context.Background()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		m := m
		s.Send(wire.IOPub, &m)
		n++
	}
	for range n {
		if _, err := cl.Recv(ctx, wire.IOPub); err != nil {
			b.Fatal(err)
		}
	}
}
