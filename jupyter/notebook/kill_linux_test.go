package notebook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestShKillsTheTree(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("interrupted")
	n := New(nil)
	pid := ""
	n.Stdout = writer(func(p []byte) { pid += string(p); cancel(why) })
	// A subshell between the two: the sleeper is no child of the shell that Sh
	// started.
	err := n.Sh(ctx, "(sleep 1000 & echo $!; wait); true")
	if !errors.Is(err, why) {
		t.Errorf("error is %v", err)
	}
	stat := fmt.Sprintf("/proc/%s/stat", strings.TrimSpace(pid))
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		b, err := os.ReadFile(stat)
		if err != nil || bytes.Contains(b, []byte(") Z ")) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the sleeper lives on: %s", b)
		}
	}
}
