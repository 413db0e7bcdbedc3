package module

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// Version is a module at a version. A replacement by a folder has no version.
type Version struct{ Path, Version string }

func (v Version) String() string {
	if v.Version == "" {
		return v.Path
	}
	return v.Path + "@" + v.Version
}

// file is what a go.mod file says, as far as it decides which source is used.
type file struct {
	Module  string
	Go      string // "1.26", "" if it is silent
	Require []Version
	Exclude map[Version]bool
	Replace map[Version]Version // the old one without a version stands for all
}

// syntaxError is a line of a go.mod file that is none.
type syntaxError struct {
	line int
	msg  string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.msg) }

// parseMod reads a go.mod file. Directives that do not decide about source, such
// as retract, toolchain or tool, are passed over, as are unknown ones: those of
// newer versions of Go.
func parseMod(text string) (*file, error) {
	f := &file{Exclude: map[Version]bool{}, Replace: map[Version]Version{}}
	block := ""
	n := 0
	for line := range strings.Lines(text) {
		n++
		words, err := tokens(line)
		if err != nil {
			return nil, &syntaxError{n, err.Error()}
		}
		switch {
		case len(words) == 0:
			continue
		case block != "" && len(words) == 1 && words[0] == ")":
			block = ""
			continue
		case block == "" && len(words) == 2 && words[1] == "(":
			block = words[0]
			continue
		case block == "" && len(words) == 3 && words[1] == "(" && words[2] == ")":
			continue
		case block != "":
			words = append([]string{block}, words...)
		}
		if err := f.directive(words[0], words[1:]); err != nil {
			return nil, &syntaxError{n, err.Error()}
		}
	}
	if block != "" {
		return nil, &syntaxError{n, "the block " + block + " ( is not closed"}
	}
	return f, nil
}

func (f *file) directive(word string, args []string) error {
	switch word {
	case "module":
		if len(args) != 1 {
			return fmt.Errorf("module wants one path")
		}
		if f.Module != "" {
			return fmt.Errorf("module stands twice")
		}
		f.Module = args[0]
	case "go":
		if len(args) != 1 || !isGoVersion(args[0]) {
			return fmt.Errorf("go wants a version such as 1.26")
		}
		f.Go = args[0]
	case "require", "exclude":
		if len(args) != 2 {
			return fmt.Errorf("%s wants a module path and a version", word)
		}
		if !valid(args[1]) {
			return fmt.Errorf("%q is no version", args[1])
		}
		v := Version{args[0], args[1]}
		if word == "require" {
			f.Require = append(f.Require, v)
		} else {
			f.Exclude[v] = true
		}
	case "replace":
		return f.replace(args)
	}
	return nil
}

func (f *file) replace(args []string) error {
	arrow := 1
	if len(args) > 1 && args[1] != "=>" {
		arrow = 2
	}
	if len(args) < arrow+2 || len(args) > arrow+3 || args[arrow] != "=>" {
		return fmt.Errorf("replace wants: path [version] => path [version]")
	}
	old, to := Version{Path: args[0]}, Version{Path: args[arrow+1]}
	if arrow == 2 {
		old.Version = args[1]
	}
	if len(args) == arrow+3 {
		to.Version = args[arrow+2]
	}
	for _, v := range []string{old.Version, to.Version} {
		if v != "" && !valid(v) {
			return fmt.Errorf("%q is no version", v)
		}
	}
	if local(to.Path) == (to.Version != "") {
		return fmt.Errorf("a replacement is a folder (./x, ../x or absolute) or a module path and a version")
	}
	f.Replace[old] = to
	return nil
}

// replaced is what stands in for a module, itself if nothing does.
func (f *file) replaced(v Version) Version {
	if r, ok := f.Replace[v]; ok {
		return r
	}
	if r, ok := f.Replace[Version{Path: v.Path}]; ok {
		return r
	}
	return v
}

// local tells whether a replacement is a folder.
func local(path string) bool {
	return path == "." || path == ".." || strings.HasPrefix(path, "./") || strings.HasPrefix(path, "../") ||
		strings.HasPrefix(path, `.\`) || strings.HasPrefix(path, `..\`) || filepath.IsAbs(path) || strings.HasPrefix(path, "/")
}

// tokens splits a line at blanks, around parentheses and =>, and takes quotes
// off. A comment ends it.
func tokens(line string) ([]string, error) {
	var out []string
	for {
		line = strings.TrimLeft(line, " \t\r\n")
		switch {
		case line == "" || strings.HasPrefix(line, "//"):
			return out, nil
		case line[0] == '(' || line[0] == ')':
			out, line = append(out, line[:1]), line[1:]
		case line[0] == '"' || line[0] == '`':
			q, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, fmt.Errorf("a quoted string is not closed")
			}
			s, err := strconv.Unquote(q)
			if err != nil {
				return nil, fmt.Errorf("%s is no string", q)
			}
			out, line = append(out, s), line[len(q):]
		case strings.HasPrefix(line, "/*"):
			return nil, fmt.Errorf("comments are written with //")
		default:
			end := strings.IndexAny(line, " \t\r\n()\"`")
			if end < 0 {
				end = len(line)
			}
			if c := strings.Index(line[:end], "//"); c > 0 {
				end = c
			}
			out, line = append(out, line[:end]), line[end:]
		}
	}
}
