// Package corpus runs the Go distribution's own programs as notebooks: every
// program of its test folder that is to be run, and every example of the
// standard library that states its output. They are read from the Go that is
// installed, never stored. Each is cut into cells in four ways (Form), run in
// a session of its own in a child process, and sorted into an Outcome.
//
//	all, left, err := corpus.Load(goroot)
//	results := corpus.Runner{}.Run(ctx, corpus.Tasks(all, corpus.Forms()))
//	fmt.Print(corpus.Count(results))
//
// The programs judge the interpreter because others wrote them, before it, to
// judge compilers.
package corpus
