// Package architecture holds the rules of the repository as tests: which
// package may import which and why, that every package says what it is, that
// the binary is plain Go on every platform, that locks name no place and that
// notebooks carry no outputs. It exports nothing.
package architecture
