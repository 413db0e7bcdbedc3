package grow

import (
	"fmt"
	"regexp"
	"strings"
)

// Step is a piece of a notebook: what stands in its cell, and what its twin, an
// ordinary program, has for it. What is defined anew has a version in its name,
// which cells leave out.
type Step struct {
	Text    string // of a cell, with versions
	Kind    StepKind
	Name    string // of the variable, function or method
	Type    string // of the variable or function; of a method without its receiver
	Recv    string // of a method
	Named   string // its type with names for the parameters
	Args    string // these names
	Version int    // of a function or method
	Joined  bool   // stands in the cell of the step before it
}

// StepKind is what a step is.
type StepKind int

const (
	Declares StepKind = iota // types and what else is not defined anew
	Runs                     // statements
	Sets                     // a variable, whose text is an expression
	Defines                  // a function or method, perhaps anew
)

var versions = regexp.MustCompile(`\b([A-Za-z]\w*?\d+)__\d+`)

// Unversioned is a text without versions.
func Unversioned(s string) string { return versions.ReplaceAllString(s, "$1") }

// cell is what a reader writes.
func (s Step) cell() string {
	switch s.Kind {
	case Sets:
		return Unversioned(s.Name + " := " + s.Text)
	default:
		return Unversioned(s.Text)
	}
}

// Notebook is a sequence of steps.
type Notebook []Step

// Cells are the texts of the cells. The first imports and declares the helpers.
func (n Notebook) Cells() []string {
	_, head, _ := strings.Cut(prelude, "package main\n")
	cells := []string{head}
	for _, s := range n {
		if s.Joined {
			cells[len(cells)-1] += "\n" + s.cell()
			continue
		}
		cells = append(cells, s.cell())
	}
	return cells
}

// Twin is the program that does what the cells do: a function that is defined
// anew is a variable, and so is what a method does.
func (n Notebook) Twin() string {
	var decls, main strings.Builder
	decls.WriteString(prelude)
	seen := map[string]bool{}
	for _, s := range n {
		switch s.Kind {
		case Declares:
			decls.WriteString(s.Text + "\n")
		case Runs:
			main.WriteString(s.Text + "\n")
		case Sets:
			if !seen[s.Name] {
				fmt.Fprintf(&decls, "var %s %s\n", s.Name, s.Type)
			}
			seen[s.Name] = true
			fmt.Fprintf(&main, "%s = %s\n", s.Name, s.Text)
		case Defines:
			s.twin(&decls, &main, seen)
		}
	}
	return decls.String() + "\nfunc main() {\n" + main.String() + "}\n"
}

func (s Step) twin(decls, main *strings.Builder, seen map[string]bool) {
	own := fmt.Sprintf("%s__%d", s.Name, s.Version)
	decls.WriteString(strings.Replace(s.Text, s.Name+"(", own+"(", 1) + "\n")
	if s.Recv == "" {
		if !seen[s.Name] {
			fmt.Fprintf(decls, "var %s func%s\n", s.Name, s.Type)
		}
		seen[s.Name] = true
		fmt.Fprintf(main, "%s = %s\n", s.Name, own)
		return
	}
	if !seen[s.Recv+s.Name] {
		fmt.Fprintf(decls, "var does%s func(%s) func%s\n", s.Name, s.Recv, s.Type)
		fmt.Fprintf(decls, "func (r %s) %s%s { return does%s(r)(%s) }\n", s.Recv, s.Name, s.Named, s.Name, s.Args)
	}
	seen[s.Recv+s.Name] = true
	fmt.Fprintf(main, "does%s = func(r %s) func%s { return r.%s }\n", s.Name, s.Recv, s.Type, own)
}
