package kernel

import (
	"time"
	"unicode/utf8"

	"surprisal/jupyter/wire"
)

// maxMessage bounds the text of one stream message, so that a flood that is
// sent whole does not become one message of gigabytes.
const maxMessage = 4 << 20

// stream is what one of stdout and stderr of a cell has not sent yet.
type stream struct {
	name  string
	text  []byte
	sent  time.Time // when the last message went out
	large bool      // the last message was: a flood, which nobody reads line by line
	armed bool      // a timer will flush
}

func (c *cell) stream(name string) *stream {
	if name == c.out[1].name {
		return &c.out[1]
	}
	return &c.out[0]
}

// write takes printed text: within the cell's bound it is sent soon, beyond it
// goes to the file.
func (c *cell) write(k *Kernel, name string, text []byte) {
	if len(text) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stream(name)
	text = c.admit(k, s, text)
	if len(text) == 0 {
		return
	}
	s.text = append(s.text, text...)
	if s.armed {
		return
	}
	interval := k.limits.Interval
	if s.large {
		interval *= 2
	}
	s.armed = true
	time.AfterFunc(max(k.limits.First, interval-time.Since(s.sent)), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		s.armed = false
		s.flush(k, c, false)
	})
}

// flush sends all that was printed so far.
func (c *cell) flush(k *Kernel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushLocked(k, false)
}

func (c *cell) flushLocked(k *Kernel, end bool) {
	for i := range c.out {
		c.out[i].flush(k, c, end)
	}
}

// end sends what is left, the end of an overlong output included. Later output
// of the cell's goroutines is still taken.
func (c *cell) end(k *Kernel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flushLocked(k, true)
	if c.spill != nil {
		c.showTail(k)
	}
	c.ended, c.asOf = true, time.Now()
}

// flush sends the text but for a UTF-8 sequence that is not complete yet; at
// the end that one too, as a replacement character.
func (s *stream) flush(k *Kernel, c *cell, end bool) {
	text := s.text
	n := len(text)
	if !end {
		n = wholeRunes(text)
	}
	if n == 0 {
		return
	}
	for sent := 0; sent < n; {
		m := n - sent
		if m > maxMessage {
			m = max(wholeRunes(text[sent:sent+maxMessage]), 1)
		}
		k.pace.spend()
		k.publish(wire.Stream, c.parent, streamContent{s.name, string(text[sent : sent+m])})
		sent += m
	}
	s.sent, s.large = time.Now(), n > 16<<10
	rest := copy(text, text[n:])
	s.text = text[:rest]
	if cap(s.text) > 1<<20 {
		s.text = append([]byte(nil), s.text...)
	}
}

// wholeRunes is the length of b without a UTF-8 sequence that its end cuts.
// Bytes that are no UTF-8 at all count as whole.
func wholeRunes(b []byte) int {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax+1; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return i
			}
			break
		}
	}
	return len(b)
}

// jsonSize is the length of b as JSON text: what Jupyter's server counts.
func jsonSize(b []byte) int {
	n := 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(b[i:])
			switch {
			case r == utf8.RuneError && size == 1, r == '\u2028', r == '\u2029':
				n += 6
			default:
				n += size
			}
			i += size - 1
		case c == '"', c == '\\', c == '\n', c == '\r', c == '\t', c == '\b', c == '\f':
			n += 2
		case c < ' ':
			n += 6
		default:
			n++
		}
	}
	return n
}
