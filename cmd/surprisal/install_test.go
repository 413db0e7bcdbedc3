package main

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestInstall(t *testing.T) {
	prefix := t.TempDir()
	code, out, errs := run(t, nil, "install", "--prefix", prefix, "--env", "A=b=c,d", "--env", "E=")
	dir := filepath.Join(prefix, "share/jupyter/kernels/surprisal")
	if code != 0 || !strings.Contains(out, dir) {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	var s struct {
		Argv          []string          `json:"argv"`
		DisplayName   string            `json:"display_name"`
		Language      string            `json:"language"`
		InterruptMode string            `json:"interrupt_mode"`
		Env           map[string]string `json:"env"`
		Metadata      map[string]any    `json:"metadata"`
	}
	b, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Argv) != 4 || !filepath.IsAbs(s.Argv[0]) || strings.Join(s.Argv[1:], " ") != "kernel -f {connection_file}" {
		t.Errorf("argv %q: a server with another PATH must find the binary", s.Argv)
	}
	if s.Language != "go" || s.InterruptMode != "message" || s.DisplayName == "" || s.Env["A"] != "b=c,d" || len(s.Env) != 2 {
		t.Errorf("spec %+v", s)
	}
	for name, size := range map[string]int{"logo-32x32.png": 32, "logo-64x64.png": 64} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if im, err := png.Decode(bytes.NewReader(b)); err != nil || im.Bounds().Dx() != size || im.Bounds().Dy() != size {
			t.Errorf("%s: %v", name, err)
		}
	}
	if b, err := os.ReadFile(filepath.Join(dir, "logo-svg.svg")); err != nil || !bytes.Contains(b, []byte("<svg")) {
		t.Errorf("logo-svg.svg: %v", err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("folder %v %v: other users of the prefix must read it", info.Mode(), err)
	}
	if code, _, errs := run(t, nil, "install", "--prefix", prefix); code != 0 {
		t.Errorf("again over our own: exit %d %s", code, errs)
	}
	if code, _, errs := run(t, nil, "uninstall", "--prefix", prefix); code != 0 {
		t.Errorf("uninstall: exit %d %s", code, errs)
	}
	if left, _ := os.ReadDir(filepath.Dir(dir)); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestInstallSparesOthers(t *testing.T) {
	prefix := t.TempDir()
	dir := filepath.Join(prefix, "share/jupyter/kernels/go")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	theirs := []byte(`{"argv":["other-kernel"],"language":"go"}`)
	if err := os.WriteFile(filepath.Join(dir, "kernel.json"), theirs, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{"install", "uninstall"} {
		code, _, errs := run(t, nil, c, "--prefix", prefix, "--name", "go")
		b, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
		if code != 2 || !strings.Contains(errs, "other-kernel") || !strings.Contains(errs, "--force") || err != nil || !bytes.Equal(b, theirs) {
			t.Errorf("%s over another kernel: exit %d, %s", c, code, errs)
		}
		if code, _, errs := run(t, nil, c, "--prefix", prefix, "--name", "go", "--force"); code != 0 {
			t.Errorf("%s --force: exit %d, %s", c, code, errs)
		}
		if c == "install" {
			if err := os.WriteFile(filepath.Join(dir, "kernel.json"), theirs, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// With --force, a folder that is not ours is removed; none of these may lead to
// one that holds more than a kernel, or to a place that was not asked for.
func TestNoPlace(t *testing.T) {
	prefix := t.TempDir()
	kept := filepath.Join(prefix, "share/jupyter/kernels/python3/kernel.json")
	if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kept, []byte(`{"argv":["python3"]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, reason string
		args         []string
		want         string
	}{
		{"dot", "the folder of all kernels", []string{"--prefix", prefix, "--name", "."}, "not dots alone"},
		{"dots", "the folder above it", []string{"--prefix", prefix, "--name", ".."}, "not dots alone"},
		{"path", "a folder elsewhere", []string{"--prefix", prefix, "--name", "../x"}, "letters, digits"},
		{"no name", "a variable that is not set", []string{"--prefix", prefix, "--name", ""}, "letters, digits"},
		{"no prefix", "a variable that is not set", []string{"--prefix", ""}, "names no folder"},
	} {
		for _, command := range []string{"install", "uninstall"} {
			code, _, errs := run(t, nil, append([]string{command, "--force"}, c.args...)...)
			if code != 2 || !strings.Contains(errs, c.want) {
				t.Errorf("%s %s (%s): exit %d, %q; want 2 and %q", command, c.name, c.reason, code, errs, c.want)
			}
		}
	}
	if _, err := os.Stat(kept); err != nil {
		t.Errorf("the kernel of another program: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	tmp := t.TempDir()
	share := ".local/share/jupyter/kernels/surprisal"
	if runtime.GOOS == "darwin" {
		share = "Library/Jupyter/kernels/surprisal"
	}
	for _, c := range []struct {
		name, reason string
		place        place
		env          map[string]string
		want, why    string
	}{
		{"user", "the default", place{}, map[string]string{"HOME": tmp}, filepath.Join(tmp, share), "user"},
		{"data dir", "Jupyter's own variable wins", place{User: true}, map[string]string{"HOME": "/x", "JUPYTER_DATA_DIR": tmp}, tmp + "/kernels/surprisal", "JUPYTER_DATA_DIR"},
		{"venv", "the active environment", place{SysPrefix: true}, map[string]string{"VIRTUAL_ENV": tmp, "CONDA_PREFIX": "/c"}, tmp + "/share/jupyter/kernels/surprisal", "VIRTUAL_ENV"},
		{"conda", "the active environment", place{SysPrefix: true}, map[string]string{"CONDA_PREFIX": tmp}, tmp + "/share/jupyter/kernels/surprisal", "CONDA_PREFIX"},
		{"case", "Jupyter looks for lower case", place{Prefix: &tmp, Name: "Go-Lab"}, nil, tmp + "/share/jupyter/kernels/go-lab", "--prefix"},
		{"no home", "nowhere to put it", place{}, nil, "", ""},
	} {
		if c.place.Name == "" {
			c.place.Name = "surprisal"
		}
		dir, why, err := c.place.dir(&Main{Getenv: func(k string) string { return c.env[k] }})
		if (err != nil) != (c.want == "") || err == nil && (dir != c.want || !strings.Contains(why, c.why)) {
			t.Errorf("%s (%s): %q by %q, %v; want %q", c.name, c.reason, dir, why, err, c.want)
		}
	}
}

func TestStablePathPrefersTheLink(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	link := filepath.Join(bin, filepath.Base(self))
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/usr/bin:relative:" + bin: link, "/usr/bin": self, "": self} {
		got, err := stablePath(&Main{Getenv: func(string) string { return path }})
		if err != nil || got != want {
			t.Errorf("PATH %q: %q %v, want %q", path, got, err, want)
		}
	}
}
