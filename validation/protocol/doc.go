// Package protocol judges a Jupyter kernel from outside, over ZeroMQ. Run is
// the suite; it runs on the echo kernel of this package, which proves the
// protocol side alone, and on the product.
//
// Cells are written in a small language of one command a line (see Echo); a
// Target says how they are spelt in the language of its kernel.
package protocol
