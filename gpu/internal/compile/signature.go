package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"surprisal/cuda"
)

// signature is what the source of a kernel says it takes.
type signature struct {
	name   string // as it stands in the source: of a macro, what the macro is told
	params []cuda.Param
}

var (
	comment   = regexp.MustCompile(`//[^\n]*`)
	entry     = regexp.MustCompile(`KERNEL\([^()]*\)\s*([\w#]+)\(([^()]*)\)\s*\{`)
	parameter = regexp.MustCompile(`^(.*[\s*])(\w+)$`)
)

// readSignatures finds the kernels of a source.
func readSignatures(text string) ([]signature, error) {
	text = strings.ReplaceAll(comment.ReplaceAllString(text, ""), "\\\n", "\n")
	var all []signature
	for _, m := range entry.FindAllStringSubmatch(text, -1) {
		s := signature{name: m[1]}
		for p := range strings.SplitSeq(m[2], ",") {
			words := parameter.FindStringSubmatch(strings.Join(strings.Fields(p), " "))
			if words == nil {
				return nil, fmt.Errorf("%s: %q is no parameter with a name", s.name, strings.TrimSpace(p))
			}
			q := cuda.Param{Name: words[2]}
			if strings.TrimSpace(words[1]) == "u32" {
				q.Type = "u32"
			}
			s.params = append(s.params, q)
		}
		all = append(all, s)
	}
	if len(all) != strings.Count(text, "KERNEL(") {
		return nil, fmt.Errorf("of %d kernels the parameters of %d can be read: KERNEL(threads, blocks) name(type name, …) {", strings.Count(text, "KERNEL("), len(all))
	}
	return all, nil
}

// agree compares the kernels of a source with its launch lines: the same names of
// parameters in the same order, and of the same sign. PTX does not know the names: two
// of one type that have changed places would be told each other's value.
func agree(text string, launches []launch) error {
	signatures, err := readSignatures(text)
	if err != nil {
		return err
	}
	same := func(l *launch, s signature) bool { return differ(l.params, s.params) == "" }
	for _, s := range signatures {
		l := find(launches, s.name)
		switch {
		case l != nil && !same(l, s):
			return fmt.Errorf("%s: its source and the launch line of %s disagree: %s", s.name, l.name, differ(l.params, s.params))
		case l == nil && !slices.ContainsFunc(launches, func(l launch) bool { return same(&l, s) }):
			// A macro does not know the names of its kernels: some line says what it says.
			return fmt.Errorf("%s: no launch line has the parameters %s", s.name, listed(s.params))
		}
	}
	for i := range launches {
		l := &launches[i]
		if !slices.ContainsFunc(signatures, func(s signature) bool { return same(l, s) }) {
			return fmt.Errorf("launch line of %s: no kernel of the source has the parameters %s", l.name, listed(l.params))
		}
	}
	return nil
}

// differ says where parameters of a launch line first differ from those of a source.
func differ(line, source []cuda.Param) string {
	for i, p := range line {
		switch {
		case i == len(source):
			return fmt.Sprintf("the source has no %s", p.Name)
		case p.Name != source[i].Name:
			return fmt.Sprintf("parameter %d is %s in the line and %s in the source", i+1, p.Name, source[i].Name)
		case (p.Type == "u32") != (source[i].Type == "u32"):
			return fmt.Sprintf("%s is a u32 in one of them: write %s:u32 in the line for what is u32 in the source", p.Name, p.Name)
		}
	}
	if len(source) > len(line) {
		return fmt.Sprintf("the line has no %s", source[len(line)].Name)
	}
	return ""
}

func listed(params []cuda.Param) string {
	var names []string
	for _, p := range params {
		name := p.Name
		if p.Type == "u32" {
			name += ":u32"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}
