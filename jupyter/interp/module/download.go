package module

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// goTool is the go command on the PATH, "" if there is none.
func (s *Set) goTool() string {
	path, err := exec.LookPath("go")
	if err != nil {
		return ""
	}
	return path
}

// fetch downloads a module that the cache lacks.
func (s *Set) fetch(ctx context.Context, v Version) error {
	if s.cache.has(v) {
		return nil
	}
	if s.goTool() == "" {
		more := ""
		if have := s.cache.versions(v.Path); len(have) > 0 {
			more = fmt.Sprintf(" (it holds %s)", strings.Join(have, ", "))
		}
		return fmt.Errorf("module: %s is not in the module cache %s%s, and %s", v, s.cache.dir, more, noTool)
	}
	fmt.Fprintf(s.opt.Progress, "downloading %s\n", v)
	start := time.Now()
	out, err := s.run(ctx, home{file: &file{}}, nil, "mod", "download", "-json", v.String())
	var answer struct{ Error string }
	if json.Unmarshal(out, &answer) == nil && answer.Error != "" {
		return s.failed(v, answer.Error)
	}
	if err != nil {
		return s.stoppedOr(ctx, v, err)
	}
	if !s.cache.has(v) {
		return fmt.Errorf("module: %s was downloaded and is not in %s: the go command uses another module cache; set GOMODCACHE for both", v, s.cache.dir)
	}
	fmt.Fprintf(s.opt.Progress, "downloaded %s in %.1f s\n", v, time.Since(start).Seconds())
	return nil
}

// fetchGraph downloads the go.mod files that version selection reads.
func (s *Set) fetchGraph(ctx context.Context, h home, asked []Version) error {
	_, err := s.run(ctx, h, asked, "mod", "graph")
	return err
}

// query asks for the version that latest, a branch or a commit stands for.
func (s *Set) query(ctx context.Context, v Version) (Version, error) {
	if v.Version == "" {
		v.Version = "latest"
	}
	out, err := s.run(ctx, home{file: &file{}}, nil, "list", "-m", "-json", v.String())
	if err != nil {
		return v, s.stoppedOr(ctx, v, err)
	}
	var answer struct{ Path, Version string }
	if err := json.Unmarshal(out, &answer); err != nil || answer.Version == "" {
		return v, fmt.Errorf("module: %s: the go command's answer makes no sense: %.100q", v, out)
	}
	fmt.Fprintf(s.opt.Progress, "%s is %s\n", v, answer.Version)
	return Version{Path: answer.Path, Version: answer.Version}, nil
}

// run runs the go command in a scratch module, so that no go.mod or go.sum of
// the reader is ever written, and nothing but the module cache is.
func (s *Set) run(ctx context.Context, h home, asked []Version, args ...string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "surprisal-get-")
	if err != nil {
		return nil, fmt.Errorf("no folder for a scratch module: %w", err)
	}
	defer os.RemoveAll(dir)
	mod, err := scratch(h, asked)
	if err != nil {
		return nil, fmt.Errorf("no scratch module: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), mod, 0o600); err != nil {
		return nil, fmt.Errorf("no scratch module: %w", err)
	}
	c := exec.CommandContext(ctx, s.goTool(), args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOFLAGS="+flags(s.opt.Getenv("GOFLAGS")), "GOWORK=off", "GO111MODULE=on", "GOTOOLCHAIN=local", "GOMODCACHE="+s.cache.dir)
	// Interrupted, the go command ends what it has started and its locks.
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 2 * time.Second
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			return out, fmt.Errorf("%s", text)
		}
		return out, err
	}
	return out, nil
}

// flags are the reader's flags for the go command, but for -mod: the scratch
// module has no go.sum and no vendor folder.
func flags(set string) string {
	fs := slices.DeleteFunc(strings.Fields(set), func(f string) bool { return strings.HasPrefix(strings.TrimLeft(f, "-"), "mod=") })
	return strings.Join(append(fs, "-mod=mod"), " ")
}

// scratch writes a go.mod that requires and replaces as the notebook does.
func scratch(h home, asked []Version) ([]byte, error) {
	var m modfile.File
	var err error
	note := func(e error) { err = cmp.Or(err, e) }
	note(m.AddModuleStmt("surprisal.invalid/notebook"))
	note(m.AddGoStmt(cmp.Or(h.file.Go, "1.16")))
	at := map[string]string{}
	for _, v := range slices.Concat(h.file.Require, asked) {
		if semver.Compare(v.Version, at[v.Path]) > 0 {
			at[v.Path] = v.Version
			note(m.AddRequire(v.Path, v.Version))
		}
	}
	for old, to := range h.file.Replace {
		if to.Version == "" {
			to.Path = h.folder(to.Path)
		}
		note(m.AddReplace(old.Path, old.Version, to.Path, to.Version))
	}
	if err != nil {
		return nil, err
	}
	return m.Format()
}

func (s *Set) stoppedOr(ctx context.Context, v Version, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("module: the download of %s was stopped: %w", v, context.Cause(ctx))
	}
	return s.failed(v, err.Error())
}

// failed words what the go command says.
func (s *Set) failed(v Version, text string) error {
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(text, p) {
				return true
			}
		}
		return false
	}
	if i := strings.LastIndexByte(strings.TrimSpace(text), '\n'); i >= 0 {
		text = text[i+1:]
	}
	text = strings.TrimPrefix(strings.TrimSpace(text), "go: ")
	switch {
	case has("checksum mismatch", "SECURITY ERROR"):
		return fmt.Errorf("module: %s was downloaded and is not what its checksum promises: it is not used (%s)", v, text)
	case has("dial tcp", "no such host", "Could not resolve host", "connection refused", "i/o timeout", "network is unreachable", "TLS handshake", "module lookup disabled by GOPROXY=off", "proxyconnect"):
		return fmt.Errorf("module: %s is not in the module cache and cannot be downloaded, since the network or the module proxy does not answer (%s): connect, or set GOPROXY with notebook.Env", v, text)
	case has("requires go >="):
		return fmt.Errorf("module: %s needs a later Go than the one on the PATH (%s): get an older version", v, text)
	case has("unknown revision", "invalid version", "not found", "404", "410", "no matching versions", "no such file", "not available"):
		return fmt.Errorf("module: there is no %s (%s): look for the right path and version on pkg.go.dev; name the module, not one of its packages", v, text)
	}
	return fmt.Errorf("module: %s cannot be downloaded: %s", v, text)
}
