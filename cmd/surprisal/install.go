package main

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// logos are the pictures of the kernelspec: the curve of −log p.
//
//go:embed kernelspec/logo-32x32.png kernelspec/logo-64x64.png kernelspec/logo-svg.svg
var logos embed.FS

// place is where a kernelspec goes: one of the three.
type place struct {
	User      bool    `xor:"place" help:"For this user (the default)."`
	SysPrefix bool    `xor:"place" help:"Into the Python environment that is active (VIRTUAL_ENV, CONDA_PREFIX), else that of python3."`
	Prefix    *string `xor:"place" placeholder:"DIR" help:"Into DIR/share/jupyter/kernels."`
	Name      string  `default:"surprisal" help:"Name of the kernelspec, which notebooks and commands refer to."`
}

var specName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// dir returns the folder of the kernelspec and says how it was found.
func (p place) dir(m *Main) (dir, why string, err error) {
	if !specName.MatchString(p.Name) || strings.Trim(p.Name, ".") == "" { // ".." is a folder full of others' files
		return "", "", usage("name %q: Jupyter allows letters, digits, '.', '_' and '-' only, and not dots alone: choose another --name", p.Name)
	}
	name := strings.ToLower(p.Name) // as jupyter kernelspec does
	switch {
	case p.Prefix != nil && *p.Prefix == "": // a variable of a script that is not set
		return "", "", usage("--prefix names no folder: give one, or leave --prefix out to install for this user")
	case p.Prefix != nil:
		abs, err := filepath.Abs(*p.Prefix)
		if err != nil {
			return "", "", err
		}
		return filepath.Join(abs, "share/jupyter/kernels", name), "--prefix", nil
	case p.SysPrefix:
		prefix, why, err := sysPrefix(m)
		return filepath.Join(prefix, "share/jupyter/kernels", name), why, err
	}
	data, why, err := userData(m)
	return filepath.Join(data, "kernels", name), why, err
}

// sysPrefix finds the Python environment.
func sysPrefix(m *Main) (dir, why string, err error) {
	for _, v := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := m.Getenv(v); dir != "" {
			return dir, v, nil
		}
	}
	out, err := exec.Command("python3", "-c", "import sys; print(sys.prefix)").Output()
	if dir = strings.TrimSpace(string(out)); err != nil || dir == "" {
		return "", "", usage("--sys-prefix: no environment is active and python3 does not tell its own: %v: activate one, or name it with --prefix", err)
	}
	return dir, "python3's sys.prefix", nil
}

// userData is Jupyter's data folder of this user.
func userData(m *Main) (dir, why string, err error) {
	if d := m.Getenv("JUPYTER_DATA_DIR"); d != "" {
		return d, "JUPYTER_DATA_DIR", nil
	}
	if d := m.Getenv("XDG_DATA_HOME"); d != "" && runtime.GOOS == "linux" {
		return filepath.Join(d, "jupyter"), "XDG_DATA_HOME", nil
	}
	if d := m.Getenv("APPDATA"); d != "" && runtime.GOOS == "windows" {
		return filepath.Join(d, "jupyter"), "APPDATA", nil
	}
	home := m.Getenv("HOME")
	if home == "" {
		return "", "", usage("--user: HOME is not set: set it, or install with --prefix DIR")
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library/Jupyter"), "the user's folder", nil
	}
	return filepath.Join(home, ".local/share/jupyter"), "the user's folder", nil
}

type installCommand struct {
	place
	DisplayName string            `default:"Go (surprisal)" help:"Name that Jupyter shows."`
	Env         map[string]string `mapsep:"none" placeholder:"K=V" help:"Environment of the kernel; may be given several times. Example: --env SURPRISAL_DATA=/data."`
	Force       bool              `help:"Replace a kernelspec of that name that is not surprisal's."`
}

// Help is shown by --help.
func (installCommand) Help() string {
	return `Examples:
  surprisal install --user
  surprisal install --sys-prefix --env SURPRISAL_MEMORY=8GiB
  surprisal install --prefix .venv --name go-lab --display-name "Go (lab)"

Writes a kernelspec that starts this binary where it lies now.`
}

// kernelspec is the file kernel.json.
type kernelspec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env,omitempty"`
	Metadata      map[string]any    `json:"metadata"`
}

// Run installs the kernelspec.
func (c *installCommand) Run(m *Main) error {
	dir, why, err := c.dir(m)
	if err != nil {
		return err
	}
	self, err := stablePath(m)
	if err != nil {
		return err
	}
	if owner := foreign(dir); owner != "" && !c.Force {
		return usage("install: %s holds the kernel of another program (%s): choose another --name, or replace it with --force", dir, owner)
	}
	spec := kernelspec{
		Argv:        []string{self, "kernel", "-f", "{connection_file}"},
		DisplayName: c.DisplayName, Language: "go", InterruptMode: "message", Env: c.Env,
		Metadata: map[string]any{"surprisal": map[string]any{"version": version()}},
	}
	if err := writeSpec(dir, spec); err != nil {
		return fmt.Errorf("install: %w: choose a folder that you may write, for example with --user", err)
	}
	fmt.Fprintf(m.Stdout, "Installed kernel %q in %s (%s)\nIt runs %s\n", filepath.Base(dir), dir, why, self)
	return nil
}

// writeSpec writes the files of a kernelspec in place of what was there.
func writeSpec(dir string, spec kernelspec) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".surprisal-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil { // others start the kernels of a shared prefix too
		return err
	}
	text, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(tmp, "kernel.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	files, err := fs.ReadDir(logos, "kernelspec")
	if err != nil {
		return err
	}
	for _, f := range files {
		b, err := logos.ReadFile("kernelspec/" + f.Name())
		if err == nil {
			err = os.WriteFile(filepath.Join(tmp, f.Name()), b, 0o644)
		}
		if err != nil {
			return err
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(tmp, dir)
}

// stablePath is how this binary is best named for a later start: absolute, and
// by the link on the PATH that leads here if there is one, as package managers
// move the file behind it with each version.
func stablePath(m *Main) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("install: this binary does not know where it lies: %w: start it by its full path", err)
	}
	real, err := filepath.EvalSymlinks(self)
	if err != nil {
		return self, nil
	}
	for _, d := range filepath.SplitList(m.Getenv("PATH")) {
		if !filepath.IsAbs(d) {
			continue
		}
		p := filepath.Join(d, filepath.Base(self))
		if q, err := filepath.EvalSymlinks(p); err == nil && q == real {
			return p, nil
		}
	}
	return self, nil
}

// foreign says whose kernelspec lies in dir, "" if it is ours or there is none.
func foreign(dir string) string {
	b, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if errors.Is(err, fs.ErrNotExist) {
		if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
			return "files without a kernel.json"
		}
		return ""
	}
	var s kernelspec
	if err != nil || json.Unmarshal(b, &s) != nil {
		return "a kernel.json that cannot be read"
	}
	if _, ok := s.Metadata["surprisal"]; ok {
		return ""
	}
	return strings.Join(s.Argv, " ")
}

type uninstallCommand struct {
	place
	Force bool `help:"Remove a kernelspec of that name that is not surprisal's."`
}

// Help is shown by --help.
func (uninstallCommand) Help() string {
	return `Examples:
  surprisal uninstall --user
  surprisal uninstall --prefix .venv --name go-lab`
}

// Run removes the kernelspec.
func (c *uninstallCommand) Run(m *Main) error {
	dir, why, err := c.dir(m)
	if err != nil {
		return err
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("uninstall: there is no kernel %q in %s (%s): jupyter kernelspec list shows where kernels are", filepath.Base(dir), filepath.Dir(dir), why)
	}
	if owner := foreign(dir); owner != "" && !c.Force {
		return usage("uninstall: %s holds the kernel of another program (%s): remove it with --force", dir, owner)
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("uninstall: %w: check who may write there", err)
	}
	fmt.Fprintf(m.Stdout, "Removed kernel %q from %s (%s)\n", filepath.Base(dir), dir, why)
	return nil
}
