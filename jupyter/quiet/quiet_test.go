//go:build unix

package quiet_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"surprisal/jupyter/quiet"
)

// pair returns the two ends of a connection.
func pair(t *testing.T) (a, b *net.UnixConn) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err = net.DialUnix("unix", nil, l.Addr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	b, err = l.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

func raw(t *testing.T, c syscall.Conn) syscall.RawConn {
	t.Helper()
	r, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReaderWaitsForBytesAndSeesTheEnd(t *testing.T) {
	a, b := pair(t)
	go func() {
		time.Sleep(10 * time.Millisecond)
		a.Write([]byte("late"))
		a.Close()
	}()
	got, err := io.ReadAll(quiet.NewReader(b))
	if string(got) != "late" || err != nil {
		t.Fatalf("ReadAll = %q, %v; want late and no error", got, err)
	}
}

func TestReaderHoldsDeadlines(t *testing.T) {
	_, b := pair(t)
	b.SetReadDeadline(time.Now().Add(time.Millisecond))
	if _, err := quiet.NewReader(b).Read(make([]byte, 8)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("Read = %v, want a deadline that is over", err)
	}
}

func TestReaderEndsWithItsConnection(t *testing.T) {
	_, b := pair(t)
	time.AfterFunc(10*time.Millisecond, func() { b.Close() })
	if _, err := quiet.NewReader(b).Read(make([]byte, 8)); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("Read = %v, want net.ErrClosed", err)
	}
}

// A connection without a descriptor, as net.Pipe makes it, is read as it is.
func TestReaderOfAnyConnection(t *testing.T) {
	a, b := net.Pipe()
	go func() { a.Write([]byte("x")); a.Close() }()
	got, err := io.ReadAll(quiet.NewReader(b))
	if string(got) != "x" || err != nil {
		t.Fatalf("ReadAll = %q, %v", got, err)
	}
}

// What is large takes the other way through the system; both must carry every
// byte, and Write stops where the socket is full.
func TestWriteStopsWhereTheSocketIsFull(t *testing.T) {
	for _, size := range []int{1 << 10, 64 << 10, 1 << 20} {
		a, b := pair(t)
		block := bytes.Repeat([]byte("0123456789abcdef"), size/16)
		w := raw(t, a)
		var sent int
		for {
			n := quiet.Write(w, block)
			sent += n
			if n < len(block) {
				break
			}
		}
		if sent == 0 {
			t.Fatalf("blocks of %d bytes: an empty socket took none", size)
		}
		a.CloseWrite()
		got, err := io.ReadAll(quiet.NewReader(b))
		if err != nil || len(got) != sent {
			t.Fatalf("blocks of %d bytes: read %d bytes, %v; want the %d that were sent", size, len(got), err, sent)
		}
		for i, c := range got {
			if c != block[i%len(block)] {
				t.Fatalf("blocks of %d bytes: byte %d is %q", size, i, c)
			}
		}
	}
}

func TestReadTellsEmptyFromEnded(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, size := range []int{8, 1 << 20} {
		b := make([]byte, size)
		raw(t, r).Control(func(fd uintptr) {
			if n, err := quiet.Read(fd, b); n != 0 || err != syscall.EAGAIN {
				t.Errorf("Read of an empty pipe = %d, %v; want EAGAIN", n, err)
			}
			w.Write([]byte("text"))
			if n, err := quiet.Read(fd, b); string(b[:n]) != "text" || err != nil {
				t.Errorf("Read = %q, %v", b[:n], err)
			}
		})
	}
	w.Close()
	raw(t, r).Control(func(fd uintptr) {
		if n, err := quiet.Read(fd, make([]byte, 8)); n != 0 || err != nil {
			t.Errorf("Read of an ended pipe = %d, %v; want 0 and no error", n, err)
		}
	})
}
