package kernel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"surprisal/jupyter/wire"
)

// printing makes every cell print with f.
func printing(b *bench, f func(print func(name, text string))) {
	b.eval.execute = func(_ context.Context, c Cell) Outcome {
		f(func(name, text string) { b.Emit(c.ID, Stream{name, []byte(text)}) })
		return Outcome{}
	}
}

func TestStreamsAreCoalesced(t *testing.T) {
	b := start(t)
	printing(b, func(print func(name, text string)) {
		for i := range 100_000 {
			print("stdout", fmt.Sprintf("line %d\n", i))
		}
	})
	got, messages := streams(b.run("x"), "stdout")
	var want strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&want, "line %d\n", i)
	}
	if got != want.String() {
		t.Errorf("%d bytes came, want %d", len(got), want.Len())
	}
	if messages > 20 {
		t.Errorf("100,000 lines came in %d messages", messages)
	}
}

// The times are those of a fake clock.
func TestStreamTiming(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var mu sync.Mutex
		var at []time.Duration
		send := sendFunc(func(_ wire.Channel, m *wire.Message) error {
			if m.Header.Type == wire.Stream {
				mu.Lock()
				defer mu.Unlock()
				at = append(at, time.Since(begin))
			}
			return nil
		})
		k := New(Config{Out: send, Eval: &fake{}})
		defer k.Close()
		c := &cell{parent: emptyObject, ctx: context.Background()}
		c.out[0].name, c.out[1].name = "stdout", "stderr"
		for range 1000 { // a line a millisecond
			c.write(k, "stdout", []byte("x\n"))
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		c.write(k, "stdout", []byte("after a pause\n"))
		time.Sleep(time.Second)
		mu.Lock()
		defer mu.Unlock()
		n := len(at)
		if n < 3 || at[0] != 10*time.Millisecond {
			t.Fatalf("messages at %v; want the first after 10 ms", at)
		}
		for i := 1; i < n; i++ {
			if at[i]-at[i-1] < 50*time.Millisecond {
				t.Errorf("message %d came %v after the one before", i, at[i]-at[i-1])
			}
		}
		if at[n-1] != 2010*time.Millisecond {
			t.Errorf("after a pause the text came at %v, want 2.01 s", at[n-1])
		}
		if n > 22 {
			t.Errorf("%d messages in a second", n)
		}
	})
}

type sendFunc func(wire.Channel, *wire.Message) error

func (f sendFunc) Send(ch wire.Channel, ms ...*wire.Message) (err error) {
	for _, m := range ms {
		err = errors.Join(err, f(ch, m))
	}
	return err
}

func TestUTF8IsNeverSplit(t *testing.T) {
	tests := []struct {
		reason string
		pieces []string // a display after each
		want   string
	}{
		{"a rune in two writes", []string{"a\xce", "\xbb\n"}, "aλ\n"},
		{"four bytes one by one", []string{"\xf0", "\x9d", "\x9b", "\xbc"}, "𝛼"},
		{"never completed", []string{"a\xce"}, "a\ufffd"},
		{"no UTF-8 at all", []string{"\xff\xfea"}, "\ufffd\ufffda"},
		{"a lone continuation", []string{"\xbb", "b"}, "\ufffdb"},
		{"nothing", []string{"", ""}, ""},
	}
	for _, tt := range tests {
		b := start(t)
		b.eval.execute = func(_ context.Context, c Cell) Outcome {
			for _, p := range tt.pieces {
				b.Emit(c.ID, Stream{"stdout", []byte(p)})
				b.Emit(c.ID, Display{})
			}
			return Outcome{}
		}
		if got, _ := streams(b.run("x"), "stdout"); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.reason, got, tt.want)
		}
	}
}

func TestJSONSize(t *testing.T) {
	for _, s := range []string{"plain", "\n\t\r\b\f", `"\`, "<>&", "λ𝛼", "\x00\x1b\x7f", "\u2028\u2029", "\xff\xce", "a\xf0\x9d"} {
		want := len(encode(streamContent{"", s})) - len(encode(streamContent{}))
		if got := jsonSize([]byte(s)); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add([]byte("aλ\n𝛼\xff"), 5)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		n = max(0, n%1000)
		h, e := head(b, n), tail(b, n)
		if jsonSize(h) > n || jsonSize(e) > n || !bytes.HasPrefix(b, h) || !bytes.HasSuffix(b, e) {
			t.Errorf("%q within %d: head %q, tail %q", b, n, h, e)
		}
		if utf8.Valid(b) && (!utf8.Valid(h) || !utf8.Valid(e) || wholeRunes(b) != len(b)) {
			t.Errorf("%q is split: head %q, tail %q", b, h, e)
		}
	})
}

func TestOutputBeyondTheBound(t *testing.T) {
	const lines = 200_000 // of 21 bytes, 22 in JSON: 4.4 MB
	b := start(t)
	printing(b, func(print func(name, text string)) {
		for i := range lines {
			print("stdout", fmt.Sprintf("line %015d\n", i))
		}
	})
	list := b.run("x")
	got, _ := streams(list, "stdout")
	size := 0
	for _, s := range list {
		if s.Header.Type == wire.Stream {
			size += len(s.Content)
		}
	}
	if size > 2_600_000 {
		t.Errorf("%d bytes were sent", size)
	}
	if !strings.HasPrefix(got, "line 000000000000000\n") || !strings.HasSuffix(got, fmt.Sprintf("line %015d\n", lines-1)) {
		t.Errorf("the output begins with %q and ends with %q", got[:30], got[len(got)-30:])
	}
	path := regexp.MustCompile(`All that follows is in (\S+);`).FindStringSubmatch(got)
	if path == nil {
		t.Fatal("no file is named")
	}
	file, err := os.ReadFile(path[1])
	if err != nil {
		t.Fatal(err)
	}
	shown := got[:strings.Index(got, "\n[surprisal]")]
	if n := strings.Count(shown, "\n") + strings.Count(string(file), "\n"); n != lines {
		t.Errorf("%d lines were shown or written, of %d", n, lines)
	}
	if info, _ := os.Stat(path[1]); info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v", info.Mode())
	}
	// The next cell has its own bound.
	printing(b, func(print func(name, text string)) { print("stdout", "fresh") })
	if got, _ := streams(b.run("y"), "stdout"); got != "fresh" {
		t.Errorf("the next cell shows %q", got)
	}
}

func TestBothStreamsHaveATail(t *testing.T) {
	b := start(t, func(c *Config) { c.Output.Head, c.Output.Tail = 1000, 400 })
	printing(b, func(print func(name, text string)) {
		for i := range 1000 {
			print("stdout", fmt.Sprintf("out %d\n", i))
			print("stderr", fmt.Sprintf("err %d\n", i))
		}
	})
	list := b.run("x")
	for _, name := range []string{"out", "err"} {
		if got, _ := streams(list, "std"+name); !strings.HasSuffix(got, name+" 999\n") {
			t.Errorf("std%s ends with %q", name, got[max(0, len(got)-20):])
		}
	}
}

func TestWholeRestIsSaidToBeWhole(t *testing.T) {
	b := start(t, func(c *Config) { c.Output.Head = 100 })
	printing(b, func(print func(name, text string)) { print("stdout", strings.Repeat("0123456789\n", 20)) })
	got, _ := streams(b.run("x"), "stdout")
	if strings.Count(got, "0123456789\n") != 20 || !strings.Contains(got, "follows whole") {
		t.Errorf("%q", got)
	}
}

func TestEverythingIsSentWhenAsked(t *testing.T) {
	b := start(t, func(c *Config) { c.Output.All = true })
	line := strings.Repeat("λ", 10<<20) // 20 MiB in one line
	printing(b, func(print func(name, text string)) { print("stdout", line) })
	got, messages := streams(b.run("x"), "stdout")
	if got != line || messages > 6 {
		t.Errorf("%d bytes in %d messages", len(got), messages)
	}
}

func TestOneLongLineIsBounded(t *testing.T) {
	b := start(t)
	printing(b, func(print func(name, text string)) { print("stdout", strings.Repeat("x", 20<<20)) })
	got, _ := streams(b.run("x"), "stdout")
	if len(got) > 2_600_000 || len(got) < 2_500_000 || !strings.Contains(got, "[surprisal]") {
		t.Errorf("%d bytes", len(got))
	}
}

func TestSpillThatFails(t *testing.T) {
	inTheWay := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		reason string
		change func(*Config)
		tells  string
	}{
		{"no folder can be made", func(c *Config) { c.SpillDir = filepath.Join(inTheWay, "x") }, "cannot be kept"},
		{"the file's own bound", func(c *Config) { c.Output.File = 50_000 }, "not whole: it holds the first 50.0 KB"},
	}
	for _, tt := range tests {
		b := start(t, func(c *Config) { c.Output.Head, c.Output.Tail = 1000, 1000 }, tt.change)
		printing(b, func(print func(name, text string)) {
			for i := range 10_000 {
				print("stdout", fmt.Sprintf("line %d\n", i))
			}
		})
		got, _ := streams(b.run("x"), "stdout")
		if !strings.Contains(got, tt.tells) || !strings.HasSuffix(got, "line 9999\n") {
			t.Errorf("%s: %q", tt.reason, got)
		}
	}
}

func TestLateFloodGoesToTheFile(t *testing.T) {
	b := start(t, func(c *Config) { c.Output.Head = 1000 })
	b.run("x")
	for range 1000 {
		b.Emit(1, Stream{"stdout", []byte("tick tick\n")})
	}
	b.until(t, "message that makes 1,000 lines with the file", func(sent) bool {
		got, _ := streams(b.all(), "stdout")
		path := regexp.MustCompile(`the rest is in (\S+)\.\n`).FindStringSubmatch(got)
		if path == nil {
			return false
		}
		file, err := os.ReadFile(path[1])
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(got, "tick tick\n")+bytes.Count(file, []byte("tick tick\n")) == 1000
	})
}

func TestDisplaysArePaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(900)
		begin := time.Now()
		for range burstMessages + 900 {
			p.wait(context.Background())
		}
		if d := time.Since(begin); d < 990*time.Millisecond || d > 1010*time.Millisecond {
			t.Errorf("900 messages beyond the burst took %v", d)
		}
		stopped, cancel := context.WithCancel(context.Background())
		cancel()
		begin = time.Now()
		for range 10_000 {
			p.wait(stopped)
		}
		if d := time.Since(begin); d != 0 {
			t.Errorf("an interrupted cell waited %v", d)
		}
		p.refill()
		for range burstMessages {
			p.wait(context.Background())
		}
		if d := time.Since(begin); d != 0 {
			t.Errorf("after a refill the burst waited %v", d)
		}
	})
}

func TestEmitWaitsForThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := New(Config{Eval: &fake{}, Out: sendFunc(func(wire.Channel, *wire.Message) error { return nil })})
		defer k.Close()
		for i, o := range []Output{Display{}, Update{ID: "x"}, Clear{}, CommMessage{Kind: CommMsg, ID: "c"}} {
			c := &cell{id: CellID(i + 1), parent: emptyObject, ctx: context.Background()}
			k.cells.add(c, false)
			k.pace.refill()
			begin := time.Now()
			for range burstMessages + 450 {
				k.Emit(c.id, o)
			}
			if d := time.Since(begin); d < 490*time.Millisecond || d > 510*time.Millisecond {
				t.Errorf("%T: 450 messages beyond the burst took %v, want 0.5 s", o, d)
			}
		}
	})
}

func TestBadBundleDoesNotTakeTheMessageAlong(t *testing.T) {
	b := start(t)
	b.eval.execute = func(_ context.Context, c Cell) Outcome {
		b.Emit(c.ID, Display{Bundle: Bundle{Data: map[string]json.RawMessage{"text/plain": json.RawMessage(`"ok"`), "bad": json.RawMessage(`{`), "nil": nil}}})
		b.Emit(c.ID, Clear{Wait: true})
		b.Emit(c.ID, Update{Bundle: text("u"), ID: "d"})
		return Outcome{}
	}
	list := b.run("x")
	want := map[wire.Type]string{
		wire.DisplayData:       `{"data":{"text/plain":"ok"},"metadata":{},"transient":{}}`,
		wire.ClearOutput:       `{"wait":true}`,
		wire.UpdateDisplayData: `{"data":{"text/plain":"u"},"metadata":{},"transient":{"display_id":"d"}}`,
	}
	for typ, w := range want {
		if got := string(pick(t, list, typ).Content); got != w {
			t.Errorf("%s: %s, want %s", typ, got, w)
		}
	}
}
