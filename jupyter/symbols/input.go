package symbols

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"unicode/utf8"

	"surprisal/jupyter/notebook"
)

// prompter is standard input that asks the user of the notebook for a line
// whenever it has none left. Where nobody can answer it is at its end at once.
// What a cell leaves of a line is gone with it: fmt.Scan leaves the line's end,
// and a Scanln of the next cell would take that for an empty answer.
type prompter struct {
	book *notebook.Notebook
	cell func() uint64 // may be nil

	mu   sync.Mutex
	from uint64 // the cell that asked for the last line
	rest []byte // of the last line, not read yet
	last []byte // the rune that ReadRune returned last
}

// fill asks for a line if there is nothing to read.
func (p *prompter) fill() error {
	if p.cell != nil {
		if c := p.cell(); c != p.from {
			p.from, p.rest, p.last = c, nil, nil
		}
	}
	if len(p.rest) > 0 {
		return nil
	}
	line, err := p.book.Input("")
	if err != nil {
		// Programs expect the end of their input, not a story about notebooks.
		return io.EOF
	}
	p.rest = append([]byte(line), '\n')
	return nil
}

// Read reads what is left of a line, and never more.
func (p *prompter) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(b) == 0 {
		return 0, nil
	}
	if err := p.fill(); err != nil {
		return 0, err
	}
	n := copy(b, p.rest)
	p.rest, p.last = p.rest[n:], nil
	return n, nil
}

// ReadRune and UnreadRune are what fmt.Fscan needs to leave the character
// after a number for the next call.
func (p *prompter) ReadRune() (rune, int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.fill(); err != nil {
		return 0, 0, err
	}
	r, n := utf8.DecodeRune(p.rest)
	p.last, p.rest = p.rest[:n:n], p.rest[n:]
	return r, n, nil
}

func (p *prompter) UnreadRune() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil {
		return errors.New("symbols: UnreadRune: the last call was not ReadRune")
	}
	p.rest, p.last = append(p.last, p.rest...), nil
	return nil
}

// bindInput replaces os.Stdin, an *os.File that cannot tell when somebody
// waits for it, wherever a reader is handed to the standard library.
func (t *Table) bindInput(b bindings) {
	stdin := &prompter{book: t.opt.Notebook, cell: t.opt.Cell}
	if stdin.book == nil {
		stdin.book = notebook.New(nil)
	}
	in := func(r io.Reader) io.Reader {
		if f, ok := r.(*os.File); ok && f != nil && f == os.Stdin {
			return stdin
		}
		return r
	}
	b.set("fmt", "Scan", func(a ...any) (int, error) { return fmt.Fscan(in(os.Stdin), a...) })
	b.set("fmt", "Scanln", func(a ...any) (int, error) { return fmt.Fscanln(in(os.Stdin), a...) })
	b.set("fmt", "Scanf", func(format string, a ...any) (int, error) { return fmt.Fscanf(in(os.Stdin), format, a...) })
	b.set("fmt", "Fscan", func(r io.Reader, a ...any) (int, error) { return fmt.Fscan(in(r), a...) })
	b.set("fmt", "Fscanln", func(r io.Reader, a ...any) (int, error) { return fmt.Fscanln(in(r), a...) })
	b.set("fmt", "Fscanf", func(r io.Reader, format string, a ...any) (int, error) { return fmt.Fscanf(in(r), format, a...) })
	b.set("bufio", "NewReader", func(r io.Reader) *bufio.Reader { return bufio.NewReader(in(r)) })
	b.set("bufio", "NewReaderSize", func(r io.Reader, n int) *bufio.Reader { return bufio.NewReaderSize(in(r), n) })
	b.set("bufio", "NewScanner", func(r io.Reader) *bufio.Scanner { return bufio.NewScanner(in(r)) })
	b.set("io", "ReadAll", func(r io.Reader) ([]byte, error) { return io.ReadAll(in(r)) })
	b.set("io", "ReadFull", func(r io.Reader, p []byte) (int, error) { return io.ReadFull(in(r), p) })
	b.set("io", "Copy", func(w io.Writer, r io.Reader) (int64, error) { return io.Copy(t.writer(w), in(r)) })
	b.set("io", "CopyN", func(w io.Writer, r io.Reader, n int64) (int64, error) { return io.CopyN(t.writer(w), in(r), n) })
	b.set("io", "TeeReader", func(r io.Reader, w io.Writer) io.Reader { return io.TeeReader(in(r), t.writer(w)) })
	b.set("io", "LimitReader", func(r io.Reader, n int64) io.Reader { return io.LimitReader(in(r), n) })
	b.set("encoding/json", "NewDecoder", func(r io.Reader) *json.Decoder { return json.NewDecoder(in(r)) })
	b.set("encoding/csv", "NewReader", func(r io.Reader) *csv.Reader { return csv.NewReader(in(r)) })
}
