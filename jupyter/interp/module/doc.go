// Package module finds the source of packages that are in no binary: those of
// modules in the module cache, of the module whose go.mod lies beside a
// notebook, of its replacements and of its vendor folder. Versions are selected
// as Go does it, by the smallest version that satisfies all requirements. What
// is missing is downloaded where a Go toolchain is on the PATH.
//
//	set := module.New(module.Options{Dir: "."})
//	err := set.Get(ctx, "golang.org/x/text@v0.43.0")
//	p, err := set.Find(ctx, "golang.org/x/text/language")   // p.Files
//
// Errors are sentences for the reader of a notebook: what, why, what to do.
package module
