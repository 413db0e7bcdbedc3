package kernel

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"time"
	"unicode/utf8"

	"surprisal/jupyter/wire"
)

// spill is what a cell prints beyond its bound: the file that takes it, and
// the newest of it.
type spill struct {
	path  string
	file  *os.File
	buf   *bufio.Writer
	bytes int64
	err   error     // why the file is not whole
	tail  [2][]byte // by stream; up to twice what is shown
	late  bool      // the cell has ended and it was said that the file goes on
}

// lateRate is how fast, in JSON bytes a second, the bound of a cell that has
// ended grows again: a goroutine that prints for hours stays visible.
const lateRate = 256_000

// admit counts text against the cell's bound and returns what may be shown
// now; the rest goes to the file.
func (c *cell) admit(k *Kernel, s *stream, text []byte) []byte {
	if k.limits.All {
		return text
	}
	if c.ended {
		now := time.Now()
		c.spent = max(0, c.spent-int(lateRate*now.Sub(c.asOf).Seconds()))
		c.asOf = now
	}
	if c.spill == nil || c.ended {
		size := jsonSize(text)
		if c.spent+size <= k.limits.Head {
			c.spent += size
			return text
		}
	}
	var now []byte
	if c.spill == nil {
		now = head(text, k.limits.Head-c.spent)
		c.spent = k.limits.Head
		text = text[len(now):]
		c.spill = openSpill(k, c)
		if !c.ended {
			c.say(k, s, now, c.spill.begin())
		}
	}
	if c.ended && !c.spill.late {
		c.spill.late = true
		c.spill.shut()
		c.say(k, s, now, c.spill.goesOn())
	}
	c.spill.write(k, c.stream(s.name) == &c.out[1], text, c.ended)
	return nil
}

// say sends text and then a line of ours. It is not counted: there are few.
func (c *cell) say(k *Kernel, s *stream, text []byte, line string) {
	s.text = append(s.text, text...)
	s.flush(k, c, true)
	k.publish(wire.Stream, c.parent, streamContent{s.name, line})
}

// head is as much of b as fits into n bytes of JSON, without a short piece of a
// line that goes on.
func head(b []byte, n int) []byte {
	i := 0
	for i < len(b) {
		_, size := utf8.DecodeRune(b[i:])
		if n -= jsonSize(b[i : i+size]); n < 0 {
			break
		}
		i += size
	}
	if i == len(b) {
		return b
	}
	if nl := bytes.LastIndexByte(b[:i], '\n'); i-nl < 1000 {
		i = nl + 1 // 0 where there is none
	}
	return b[:i]
}

// tail is as much of the end of b as fits into n bytes of JSON, from the start
// of a line if one is near.
func tail(b []byte, n int) []byte {
	i := len(b)
	for i > 0 {
		_, size := utf8.DecodeLastRune(b[:i])
		if n -= jsonSize(b[i-size : i]); n < 0 {
			break
		}
		i -= size
	}
	if i == 0 {
		return b
	}
	if nl := bytes.IndexByte(b[i:], '\n'); nl >= 0 && nl < 1000 {
		i += nl + 1
	}
	return b[i:]
}

func openSpill(k *Kernel, c *cell) *spill {
	s := &spill{}
	if k.SpillDir != "" {
		s.err = os.MkdirAll(k.SpillDir, 0o700)
	}
	if s.err == nil {
		s.file, s.err = os.CreateTemp(k.SpillDir, fmt.Sprintf("surprisal-cell-%d-*.txt", c.count)) // 0600
	}
	if s.err == nil {
		s.path, s.buf = s.file.Name(), bufio.NewWriterSize(s.file, 64<<10)
	}
	return s
}

func (s *spill) write(k *Kernel, stderr bool, text []byte, late bool) {
	s.bytes += int64(len(text))
	if s.err == nil && s.bytes > k.limits.File {
		s.err = fmt.Errorf("it holds the first %s, and more would fill the disk", size(k.limits.File))
	}
	if s.err == nil && late {
		s.file, s.err = os.OpenFile(s.path, os.O_WRONLY|os.O_APPEND, 0)
		if s.err == nil {
			_, s.err = s.file.Write(text)
			s.file.Close()
		}
	} else if s.err == nil {
		_, s.err = s.buf.Write(text)
	}
	if late {
		return
	}
	t := &s.tail[0]
	if stderr {
		t = &s.tail[1]
	}
	keep := k.limits.Tail
	if len(text) > keep {
		text = text[len(text)-keep:]
	}
	if *t = append(*t, text...); len(*t) > 2*keep {
		*t = append((*t)[:0], (*t)[len(*t)-keep:]...)
	}
}

// shut closes the file: there may be many such cells. Later text is appended.
func (s *spill) shut() {
	if s.buf == nil {
		return
	}
	if err := s.buf.Flush(); s.err == nil {
		s.err = err
	}
	s.file.Close()
	s.buf = nil
}

// showTail closes the file and shows the newest of what went there.
func (c *cell) showTail(k *Kernel) {
	s := c.spill
	s.shut()
	room := k.limits.Tail
	parts := [2][]byte{}
	parts[1] = tail(s.tail[1], room/2)
	parts[0] = tail(s.tail[0], room-jsonSize(parts[1]))
	shown := int64(len(parts[0]) + len(parts[1]))
	s.tail = [2][]byte{}
	line := s.close(shown)
	for i, p := range parts {
		if len(p) == 0 {
			continue
		}
		c.say(k, &c.out[i], nil, line+string(bytes.ToValidUTF8(p, []byte("\ufffd"))))
		line = ""
	}
}

// The sentences that stand in the output.

func (s *spill) begin() string {
	if s.path == "" {
		return fmt.Sprintf("\n[surprisal] This cell prints more than can be shown here, and the rest cannot be kept: %v. The newest part follows when the cell ends.\n", s.err)
	}
	return fmt.Sprintf("\n[surprisal] This cell prints more than can be shown here. All that follows is in %s; the newest part is shown when the cell ends.\n", s.path)
}

func (s *spill) close(shown int64) string {
	where := "in " + s.path
	switch {
	case s.path == "":
		where = "not kept"
	case s.err != nil:
		where = fmt.Sprintf("in %s, which is not whole: %v", s.path, s.err)
	}
	if shown == s.bytes {
		return fmt.Sprintf("[surprisal] The rest of the output, %s, follows whole (also %s):\n", size(s.bytes), where)
	}
	return fmt.Sprintf("[surprisal] %s more were printed (%s); the newest %s:\n", size(s.bytes), where, size(shown))
}

func (s *spill) goesOn() string {
	if s.path == "" {
		return "\n[surprisal] This cell goes on printing faster than can be shown; the rest is not kept.\n"
	}
	return fmt.Sprintf("\n[surprisal] This cell goes on printing faster than can be shown; the rest is in %s.\n", s.path)
}

func size(n int64) string {
	switch {
	case n >= 1_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1000:
		return fmt.Sprintf("%.1f KB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}
