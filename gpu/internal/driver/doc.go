// Package driver is the NVIDIA driver as package gpu uses it: a table of calls,
// which Load fills from libcuda, a simulator from its own memory, and a test as
// it likes.
//
// Load opens the library at run time, so a program needs no CUDA to build and no
// driver to start. Symbols are bound one by one under their exact exported names,
// whose arguments never change: a header may map a plain name to another symbol
// in the next release. What an older driver lacks is nil in the table.
package driver
