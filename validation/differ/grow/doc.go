// Package grow writes random Go programs from a typed grammar.
//
//	text := grow.Program(17)
//
// The same seed gives the same text. A program ends by itself: loops have
// bounds, functions call only those declared before them, and recursion burns
// fuel. What it prints is settled by the language: maps are printed sorted or
// summed up, addresses are not printed, goroutines fill places of their own,
// and an expression holds at most one thing whose order the language leaves
// open. A program may fail to type-check, where a constant does not fit: who
// runs it checks it first (see differ.Mend).
package grow
