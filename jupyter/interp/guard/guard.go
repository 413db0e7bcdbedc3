// Package guard keeps order among the goroutines of cells: which cell a
// goroutine belongs to, how it is stopped, and where its panic goes.
package guard

// Guard is one session's; see New.
type Guard struct{}
