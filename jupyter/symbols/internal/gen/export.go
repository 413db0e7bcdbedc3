package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// generics are the packages that a cell uses as source, because all that they
// hold is generic and a compiled instance cannot be listed for every type.
var generics = []string{"cmp", "iter", "maps", "slices"}

// writeExport writes export.zip, the type information of every package as
// go/importer reads it, docs.zip, their documentation as JSON by name, and
// sources.zip, the files of the generic ones as JSON by name.
// Export data is not compressed: inflating it took a third of the time of a
// package's first import, and 4 MB of binary is what it costs. The comment of
// each archive names the toolchain: no other can be relied on to read
// its export data.
func writeExport(dir string, w *world) error {
	version, err := exec.Command("go", "env", "GOVERSION").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	comment := strings.TrimSpace(string(version))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	err = writeZip(filepath.Join(dir, "export.zip"), comment, zip.Store, w.paths, func(path string) ([]byte, error) {
		return pkgdef(w.list[path].Export)
	})
	if err != nil {
		return err
	}
	err = writeZip(filepath.Join(dir, "sources.zip"), comment, zip.Deflate, generics, func(path string) ([]byte, error) {
		text := map[string]string{}
		for _, f := range w.list[path].GoFiles {
			b, err := os.ReadFile(filepath.Join(w.list[path].Dir, f))
			if err != nil {
				return nil, err
			}
			text[f] = string(b)
		}
		return json.Marshal(text)
	})
	if err != nil {
		return err
	}
	return writeZip(filepath.Join(dir, "docs.zip"), comment, zip.Deflate, append([]string{"builtin"}, w.paths...), func(path string) ([]byte, error) {
		var text map[string]string
		var err error
		if path == "builtin" {
			text, err = builtinDocs()
		} else {
			text, err = docs(w.list[path])
		}
		if err != nil {
			return nil, err
		}
		return json.Marshal(text)
	})
}

func writeZip(file, comment string, method uint16, names []string, content func(string) ([]byte, error)) (err error) {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	z.SetComment(comment) // far below 64 KB
	for _, n := range names {
		b, err := content(n)
		if err != nil {
			return fmt.Errorf("%s: %w", n, err)
		}
		f, err := z.CreateHeader(&zip.FileHeader{Name: n, Method: method})
		if err != nil {
			return err
		}
		if _, err := f.Write(b); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	// Renamed into place, so that a build beside this one never sees half a file.
	tmp := file + ".tmp"
	if err := os.WriteFile(tmp, buf.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, file)
}

// pkgdef returns the archive in file up to the end of its first member,
// __.PKGDEF: what follows is machine code.
func pkgdef(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	const magic, header = "!<arch>\n", 60
	head := make([]byte, len(magic)+header)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	member := string(head[len(magic):])
	if string(head[:len(magic)]) != magic || !strings.HasPrefix(member, "__.PKGDEF ") {
		return nil, fmt.Errorf("archive: %s does not begin with __.PKGDEF", file)
	}
	size, err := strconv.Atoi(strings.TrimSpace(member[48:58]))
	if err != nil {
		return nil, fmt.Errorf("archive: size of __.PKGDEF: %w", err)
	}
	out := make([]byte, len(head)+size)
	copy(out, head)
	if _, err := io.ReadFull(r, out[len(head):]); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return out, nil
}
