package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"testing"
)

func bytesOf(k packet) []byte { return bytes.Join(k.pieces, nil) }

func TestPackAndRead(t *testing.T) {
	fill := func(n int) []byte { return bytes.Repeat([]byte{'x'}, n) }
	for _, row := range []struct {
		name, reason string
		frames       [][]byte
		pieces       int
	}{
		{"empty frame", "a REQ delimiter", [][]byte{{}}, 1},
		{"255", "longest short length", [][]byte{fill(255)}, 1},
		{"256", "first long length", [][]byte{fill(256)}, 1},
		{"usual", "one write a message", [][]byte{fill(9), fill(64), fill(200), {}, fill(2), fill(4000)}, 1},
		{"large in the middle", "not copied", [][]byte{fill(3), fill(gatherAbove + 1), fill(5)}, 3},
		{"large at the end", "not copied", [][]byte{fill(3), fill(1 << 20)}, 2},
		{"only large", "more than one batch of a writer", bytesN(batchPieces, fill(gatherAbove+1)), 2 * batchPieces},
	} {
		t.Run(row.name, func(t *testing.T) {
			k := pack(row.frames)
			if len(k.pieces) != row.pieces {
				t.Errorf("%d pieces, want %d (%s)", len(k.pieces), row.pieces, row.reason)
			}
			b := bytesOf(k)
			if len(b) != k.size {
				t.Errorf("size %d, %d bytes", k.size, len(b))
			}
			r := newReader(bytes.NewReader(b), len(b), nil, nil)
			got, err := r.next(nil)
			if err != nil || !equalFrames(got, row.frames) {
				t.Errorf("%d frames came back (%v), want %d", len(got), err, len(row.frames))
			}
			if _, err := r.next(nil); err != io.EOF {
				t.Errorf("after the message: %v, want the end", err)
			}
		})
	}
}

func bytesN(n int, b []byte) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = b
	}
	return out
}

func equalFrames(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func announce(size uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{flagLong}, size)
}

func TestReaderRefuses(t *testing.T) {
	many := bytes.Repeat([]byte{flagMore, 0}, maxFrames+1)
	for _, row := range []struct {
		name, reason string
		in           []byte
		cut          bool // the bytes just end
	}{
		{"2^63 bytes", "a length that no integer holds", announce(1 << 63), false},
		{"2^63-1 bytes", "a length that no memory holds", announce(1<<63 - 1), false},
		{"one more than the limit", "the edge", announce(1001), false},
		{"two frames above the limit", "a message counts, not a frame", append(append([]byte{flagMore | flagLong, 0, 0, 0, 0, 0, 0, 0x3, 0}, make([]byte, 0x300)...), announce(0x300)...), false},
		{"too many frames", "24 bytes of memory for 2 on the wire", many, false},
		{"unknown flag", "not ZMTP", []byte{8, 0}, false},
		{"command with more", "not ZMTP", []byte{flagCommand | flagMore, 1, 0}, false},
		{"long command", "commands are short", []byte{flagCommand | flagLong, 0, 0, 0, 0, 0, 1, 0, 0}, false},
		{"cut header", "the connection ended", []byte{0}, true},
		{"cut length", "the connection ended", announce(500)[:5], true},
		{"cut body", "the connection ended", []byte{0, 5, 'a'}, true},
		{"cut after more", "the connection ended", []byte{flagMore, 1, 'a'}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newReader(bytes.NewReader(row.in), 1000, nil, func([]byte) error { return nil })
			frames, err := r.next(nil)
			if err == nil || frames != nil {
				t.Fatalf("%d frames, error %v; want an error alone (%s)", len(frames), err, row.reason)
			}
			if ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF); ended != row.cut {
				t.Errorf("error %v; the end of the bytes: %v, want %v", err, ended, row.cut)
			}
		})
	}
}

// A stranger who announces much and sends little must not cost memory.
func TestStrangerPaysForMemory(t *testing.T) {
	b := &budget{limit: 1 << 30}
	in := io.MultiReader(bytes.NewReader(announce(200<<20)), bytes.NewReader(make([]byte, 100)))
	r := newReader(in, 256<<20, b, nil)
	if _, err := r.next(nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("error %v, want an unexpected end", err)
	}
	if r.held > firstStep {
		t.Errorf("%d bytes held for 100 that arrived, want at most %d", r.held, firstStep)
	}
	r.release()
	if got := b.used.Load(); got != 0 {
		t.Errorf("%d bytes of the budget were not given back", got)
	}
}

func TestStrangersShareBudget(t *testing.T) {
	b := &budget{limit: 10 << 20}
	message := append(announce(6<<20), make([]byte, 6<<20)...)
	first := newReader(bytes.NewReader(message), 256<<20, b, nil)
	second := newReader(bytes.NewReader(message), 256<<20, b, nil)
	if _, err := first.next(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := second.next(nil); err == nil {
		t.Error("12 MiB fitted into 10")
	}
	second.release()
	first.release()
	third := newReader(bytes.NewReader(message), 256<<20, b, nil)
	if _, err := third.next(nil); err != nil {
		t.Errorf("after release: %v", err)
	}
}

func TestLargeBodyGrowsWhole(t *testing.T) {
	for _, size := range []int{firstStep - 1, firstStep, firstStep + 1, 3*firstStep + 7} {
		body := make([]byte, size)
		for i := range body {
			body[i] = byte(i * 7)
		}
		for _, trusted := range []bool{false, true} {
			r := newReader(bytes.NewReader(append(announce(uint64(size)), body...)), size, &budget{limit: 1 << 30}, nil)
			r.trusted = trusted
			got, err := r.next(nil)
			if err != nil || len(got) != 1 || !bytes.Equal(got[0], body) {
				t.Errorf("%d bytes, trusted %v: changed on the way (%v)", size, trusted, err)
			}
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(bytesOf(pack([][]byte{[]byte("a"), {}, bytes.Repeat([]byte("b"), 300)})))
	f.Add(announce(1 << 63))
	f.Add(append(command("PING", []byte{0, 1, 'c'}), 0, 1, 'x'))
	f.Add([]byte{flagMore, 0, flagCommand, 1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1 << 16
		r := newReader(bytes.NewReader(data), limit, &budget{limit: limit}, func(body []byte) error {
			splitCommand(body)
			return nil
		})
		for {
			frames, err := r.next(nil)
			if err != nil {
				if frames != nil {
					t.Fatal("frames came with an error")
				}
				break
			}
			r.release()
			again, err := newReader(bytes.NewReader(bytesOf(pack(frames))), limit, nil, nil).next(nil)
			if err != nil || !reflect.DeepEqual(again, frames) {
				t.Fatalf("read(pack(x)) = %q (%v), want %q", again, err, frames)
			}
		}
	})
}

// FuzzGuard checks that the guard never lets a reader of frames allocate more
// than it allows, however the bytes are cut.
func FuzzGuard(f *testing.F) {
	greeting := make([]byte, greetingBytes)
	f.Add(append(greeting, append([]byte{flagCommand, 3}, "abc"...)...), 1)
	f.Add(append(greeting, announce(1<<63)...), 2)
	f.Add(append(greeting, announce(maxReady)...), 64)
	f.Fuzz(func(t *testing.T, data []byte, step int) {
		var g guard
		step = max(1, step&0x7f)
		for at := 0; at < len(data); at += step {
			if g.follow(data[at:min(len(data), at+step)]) != nil {
				return
			}
			if g.body > maxReady || g.have >= len(g.header) {
				t.Fatalf("frame of %d bytes passed, %d header bytes kept", g.body, g.have)
			}
		}
	})
}
