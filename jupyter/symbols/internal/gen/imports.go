package main

import (
	"fmt"
	"io"
	"slices"
)

// imports gives every package that a file uses a name of its own.
type imports struct {
	names map[string]string // by path
	taken map[string]bool
}

func (i *imports) name(path, name string) string {
	if n, ok := i.names[path]; ok {
		return n
	}
	if i.names == nil {
		// The names that the generated text uses for itself are kept free.
		i.names = map[string]string{"reflect": "reflect"}
		i.taken = map[string]bool{"reflect": true}
		return i.name(path, name)
	}
	n := name
	for k := 2; i.taken[n]; k++ {
		n = fmt.Sprint(name, k)
	}
	i.names[path], i.taken[n] = n, true
	return n
}

func (i *imports) write(w io.Writer) {
	paths := make([]string, 0, len(i.names))
	for p := range i.names {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	for _, p := range paths {
		fmt.Fprintf(w, "\t%s %q\n", i.names[p], p)
	}
}
