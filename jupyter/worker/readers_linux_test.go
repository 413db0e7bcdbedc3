package worker

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"surprisal/jupyter/kernel"
)

func (f *front) nice(t *testing.T) string {
	t.Helper()
	a, err := f.Ask(context.Background(), kernel.Complete{Code: "nice"})
	c, ok := a.(kernel.Completion)
	if err != nil || !ok || len(c.Matches) != 1 {
		t.Fatalf("no answer: %v %v", a, err)
	}
	return c.Matches[0].Text
}

// Beside a cell that runs for long, questions are answered by a thread that
// comes before those of cells; nothing else of the link changes.
func TestQuestionsComeFirstBesideABusyCell(t *testing.T) {
	p, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		t.Fatal(err)
	}
	first, usual := fmt.Sprint(20-p, " <nil>"), fmt.Sprint(min(20-p+behind, 19), " <nil>")
	if first == usual {
		t.Skip("this process is as nice as can be: no thread can be nicer")
	}
	f := newFront(t, Config{})
	until := func(want, who string) {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); f.nice(t) != want; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("no question was answered by %s", who)
			}
		}
	}
	for range 3 {
		until(usual, "a thread like those of cells") // the first may come before they are nice
		ctx, cancel := context.WithCancel(context.Background())
		end := f.start(ctx, "print begin", "block")
		f.waitFor(t, "the cell's begin", func(g []emitted) bool { return len(g) > 0 })
		until(first, "the thread that comes first")
		cancel() // it is the eager reader that sees the interrupt
		if o := end(); o.Err == nil || o.Err.Name != "Interrupted" {
			t.Error(o.Err)
		}
		f.take()
		if got, o := f.run("print a"); o.Err != nil || !strings.HasSuffix(got, "a\n") {
			t.Errorf("the next cell: %q %v", got, o.Err)
		}
	}
}

// Cells that last about as long as it takes the readers to change.
func TestReadersChangeAtAnyTime(t *testing.T) {
	f := newFront(t, Config{})
	for i := range 40 {
		end := f.start(context.Background(), fmt.Sprint("deaf ", 17+i%7), "get")
		for range 20 {
			if _, err := f.Ask(context.Background(), kernel.IsComplete{Code: "x"}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		if o := end(); o.Err != nil {
			t.Fatal(o.Err)
		}
	}
}

// A deadline ends the wait for a frame, and loses nothing of one that has begun.
func TestDeadlineBetweenAndInsideFrames(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	var conns [2]net.Conn
	for i, fd := range pair {
		file := os.NewFile(uintptr(fd), "link")
		conns[i], err = net.FileConn(file)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		defer conns[i].Close()
	}
	in, out := newLink(conns[0]), conns[1]
	o := outgoing{head: head{Kind: kindAck, Seq: 7}}
	b, err := o.encode()
	if err != nil {
		t.Fatal(err)
	}
	past := time.Unix(1, 0)
	for cut := range b {
		in.conn.SetReadDeadline(past)
		if _, err := in.recv(); !os.IsTimeout(err) {
			t.Fatalf("between frames: %v", err)
		}
		in.conn.SetReadDeadline(time.Time{})
		go func() {
			out.Write(b[:cut])
			if cut > 0 {
				time.Sleep(time.Millisecond)
				in.conn.SetReadDeadline(past)
			}
			out.Write(b[cut:])
		}()
		f, err := in.recv()
		if cut > 0 && os.IsTimeout(err) { // the deadline came before the first byte was seen
			in.conn.SetReadDeadline(time.Time{})
			f, err = in.recv()
		}
		if err != nil || f.Kind != kindAck || f.Seq != 7 {
			t.Fatalf("cut at %d: %+v %v", cut, f, err)
		}
	}
}
