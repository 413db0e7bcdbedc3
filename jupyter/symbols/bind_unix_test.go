//go:build unix

package symbols

import (
	"bytes"
	"os"
	"syscall"
	"testing"
)

// A worker gives each cell a new os.Stdout that leads to the same place.
func TestStdoutOpenedAnew(t *testing.T) {
	var out bytes.Buffer
	println := bound[func(...any) (int, error)](t, Options{Stdout: &out}, "fmt", "Println")
	old := os.Stdout
	defer func() { os.Stdout = old }()
	for range 2 {
		fd, err := syscall.Dup(1)
		if err != nil {
			t.Fatal(err)
		}
		os.Stdout = os.NewFile(uintptr(fd), "stdout")
		println("x")
		os.Stdout.Close()
	}
	os.Stdout = nil
	if _, err := println("y"); err == nil {
		t.Error("printing to a nil os.Stdout is no error")
	}
	if out.String() != "x\nx\n" {
		t.Errorf("printed %q", out.String())
	}
}
