// Command info is the Go side of bench.py: it estimates, fits and draws on
// demand and says how long each call took. It reads one request a line, as
// JSON, and answers each with one line.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"runtime"
)

// request asks for Repeat calls of Op. X and Y name files of raw little-endian
// float64.
type request struct {
	Op         string // "te", "mi", "ar", "graph", "fan"
	X, Y       string
	Series     int // "ar": how many series X holds, one after another
	Surrogates int
	Threads    int
	Repeat     int
	Memory     bool // watch the heap too: slower
}

type answer struct {
	Nanoseconds []int64   `json:"ns"`
	Value       float64   `json:"value"`
	Values      []float64 `json:"values,omitempty"`
	PeakBytes   uint64    `json:"peak,omitempty"` // of the heap above what it held before, the highest of the calls
	Go          string    `json:"go"`
	Error       string    `json:"error,omitempty"`
}

func main() {
	in, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	for in.Scan() {
		a := answer{Go: runtime.Version()}
		var r request
		err := json.Unmarshal(in.Bytes(), &r)
		if err == nil {
			err = a.serve(r)
		}
		if err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			os.Exit(1) // nobody reads
		}
	}
}
