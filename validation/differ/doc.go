// Package differ runs random programs and sequences of cells in a session and
// as compiled programs, and looks where what they print differs.
//
// A program is grown from a grammar (package grow), mended until it
// type-checks, and compiled among many others into one binary, its twin. The
// session runs it cut into cells in the ways of package corpus. What differs
// is shrunk to a few lines.
package differ
