// Package bench holds what surprisal bench gpu runs beside our kernels: the same
// work as others do it in Python.
package bench

import _ "embed"

// Peers is a Python program that answers a line of JSON with a line of JSON. It
// uses what it finds: torch, CuPy, cuCIM, scikit-image. Its comment says how.
//
//go:embed peers.py
var Peers string
