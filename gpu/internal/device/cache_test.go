package device

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// aged is a file of so many bytes that was used so long ago.
func aged(t *testing.T, folder, name string, size int, age time.Duration) {
	t.Helper()
	path, then := filepath.Join(folder, name), time.Now().Add(-age)
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, folder string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// What has not been used for long goes, and of too much what was used longest ago.
// What is not the cache's stays, and so does what another process writes.
func TestCacheIsBounded(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		most   int64
		want   []string
		reason string
	}{
		{1000, []string{".new-now", "a.cubin", "b.cubin", "c.cubin", "folder.cubin", "notes"}, "all that was used fits"},
		{600, []string{".new-now", "a.cubin", "b.cubin", "c.cubin", "folder.cubin", "notes"}, "it just fits"},
		{599, []string{".new-now", "a.cubin", "b.cubin", "folder.cubin", "notes"}, "the one that was used longest ago goes"},
		{299, []string{".new-now", "a.cubin", "folder.cubin", "notes"}, "and the next"},
		{0, []string{".new-now", "folder.cubin", "notes"}, "there is no room at all"},
	} {
		dir := t.TempDir()
		aged(t, dir, "a.cubin", 100, 0)
		aged(t, dir, "c.cubin", 300, 89*day)
		aged(t, dir, "b.cubin", 200, 3*day)
		aged(t, dir, "old.cubin", 1, 91*day)
		aged(t, dir, "notes", 5000, 200*day)
		aged(t, dir, ".new-now", 5000, time.Minute)
		aged(t, dir, ".new-died", 1, 2*time.Hour)
		if err := os.Mkdir(filepath.Join(dir, "folder.cubin"), 0o700); err != nil {
			t.Fatal(err)
		}
		sweep(dir, time.Now(), c.most)
		if got := names(t, dir); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.reason, got, c.want)
		}
	}
	sweep(filepath.Join(t.TempDir(), "nowhere"), time.Now(), 0) // no folder, no harm
}

// A file that is read is in use, and a write sweeps.
func TestCacheKeepsWhatIsUsed(t *testing.T) {
	dir := t.TempDir()
	used, unused := entry{filepath.Join(dir, "used.cubin")}, entry{filepath.Join(dir, "unused.cubin")}
	then := time.Now().Add(-89 * 24 * time.Hour)
	for _, e := range []entry{used, unused} {
		e.write([]byte("code"))
		if err := os.Chtimes(e.path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	if code, ok := used.read(); !ok || string(code) != "code" {
		t.Errorf("%q, %v", code, ok)
	}
	sweep(dir, time.Now().Add(2*24*time.Hour), cacheBytes)
	if got := names(t, dir); !slices.Equal(got, []string{"used.cubin"}) {
		t.Errorf("%q are left", got)
	}
	aged(t, dir, "old.cubin", 1, 91*24*time.Hour)
	entry{filepath.Join(dir, "new.cubin")}.write([]byte("code"))
	if got := names(t, dir); !slices.Equal(got, []string{"new.cubin", "used.cubin"}) {
		t.Errorf("%q are left after a write", got)
	}
}

// Many that read, write and sweep a cache too small for them see whole code or none.
func TestCacheIsShared(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for round := range 50 {
				n := (i + round) % 5
				e, want := entry{filepath.Join(dir, fmt.Sprintf("%d.cubin", n))}, bytes.Repeat([]byte{byte(n)}, 4000)
				if code, ok := e.read(); ok && !bytes.Equal(code, want) {
					t.Errorf("file %d holds something else", n)
				}
				e.write(want)
				sweep(dir, time.Now(), 10_000)
			}
		})
	}
	wg.Wait()
	if got := names(t, dir); len(got) > 2 {
		t.Errorf("%q are left, and two fit", got)
	}
}
