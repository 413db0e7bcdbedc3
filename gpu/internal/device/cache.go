package device

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"surprisal/cuda"
)

// entry is a file that keeps the code which the driver made of an image: a hash
// of the code, and the code. Its name says of what, for which device and by which
// driver. Compiling again is all that a cache can save, so its errors are none.
type entry struct{ path string } // "": no cache

func (d *Device) entry(i cuda.Image) entry {
	if d.options.Cache == "" {
		return entry{}
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%s %d %d.%d", i.SHA256, d.Driver, d.Major, d.Minor))
	return entry{filepath.Join(d.options.Cache, i.Family+"-"+i.Arch+"-"+hex.EncodeToString(key[:16])+".cubin")}
}

// What a cache may hold in bytes, and how long a file stays that nobody reads: those of
// old kernels and drivers are never asked for again.
const (
	cacheBytes  = 256 << 20
	cacheUnused = 90 * 24 * time.Hour
)

// read is the code, if it is there and whole.
func (e entry) read() ([]byte, bool) {
	if e.path == "" {
		return nil, false
	}
	data, err := os.ReadFile(e.path)
	if err != nil || len(data) <= sha256.Size {
		return nil, false
	}
	now := time.Now()
	os.Chtimes(e.path, now, now) // it is in use
	code := data[sha256.Size:]
	return code, sha256.Sum256(code) == [sha256.Size]byte(data)
}

// write puts code in place at once, so that another process sees all of it or
// nothing.
func (e entry) write(code []byte) {
	if e.path == "" || os.MkdirAll(filepath.Dir(e.path), 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(e.path), ".new-*")
	if err != nil {
		return
	}
	sum := sha256.Sum256(code)
	_, err = f.Write(append(sum[:], code...))
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), e.path)
	}
	if err != nil {
		os.Remove(f.Name())
		return
	}
	sweep(filepath.Dir(e.path), time.Now(), cacheBytes)
}

// sweep removes files that have not been used for long, and those used longest ago of
// more than so many bytes. Other processes may read, write and sweep meanwhile: what
// is gone before it has been read is compiled again. Files of other kinds stay.
func sweep(folder string, now time.Time, most int64) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	var files []os.FileInfo
	for _, e := range entries {
		f, err := e.Info()
		if err != nil || !f.Mode().IsRegular() {
			continue
		}
		age := now.Sub(f.ModTime())
		switch {
		case filepath.Ext(f.Name()) == ".cubin" && age < cacheUnused:
			files = append(files, f)
		case filepath.Ext(f.Name()) == ".cubin", strings.HasPrefix(f.Name(), ".new-") && age > time.Hour: // of a process that died
			os.Remove(filepath.Join(folder, f.Name()))
		}
	}
	slices.SortFunc(files, func(a, b os.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for _, f := range files {
		if most -= f.Size(); most < 0 {
			os.Remove(filepath.Join(folder, f.Name()))
		}
	}
}

func (e entry) remove() {
	if e.path != "" {
		os.Remove(e.path)
	}
}
