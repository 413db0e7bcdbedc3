// Command imaging is the Go side of bench.py: it computes and draws entropy
// maps on demand and says how long each took. It reads one request a line, as
// JSON, and answers each with one line.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"time"

	"surprisal/gpu/imaging"
	"surprisal/jupyter/figure"
)

// request asks for Repeat maps of the 8-bit image in the file Image, Side
// pixels square, or for Repeat pictures of its map. Save names a file for the
// values of the last map.
type request struct {
	Image   string
	Side    int
	Window  int
	Threads int
	Repeat  int
	Draw    bool
	Save    string
}

type answer struct {
	Nanoseconds []int64 `json:"ns"`
	Go          string  `json:"go"`
	Error       string  `json:"error,omitempty"`
}

func main() {
	in, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	for in.Scan() {
		a := answer{Go: runtime.Version()}
		var r request
		err := json.Unmarshal(in.Bytes(), &r)
		if err == nil {
			a.Nanoseconds, err = run(r)
		}
		if err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			os.Exit(1) // nobody reads
		}
	}
}

func run(r request) ([]int64, error) {
	pix, err := os.ReadFile(r.Image)
	if err != nil {
		return nil, err
	}
	img, err := imaging.NewGray8(r.Side, r.Side, pix)
	if err != nil {
		return nil, err
	}
	e := imaging.EntropyMap{Window: imaging.Square(r.Window), Threads: r.Threads}
	m, err := e.Of(context.Background(), img) // warm
	if err != nil {
		return nil, err
	}
	var ns []int64
	for range r.Repeat {
		start := time.Now()
		if r.Draw {
			_, err = figure.Image(m).PNG()
		} else {
			m, err = e.Of(context.Background(), img)
		}
		ns = append(ns, time.Since(start).Nanoseconds())
		if err != nil {
			return nil, err
		}
	}
	if r.Save == "" {
		return ns, nil
	}
	b := make([]byte, 0, 8*len(m.Bits))
	if b, err = binary.Append(b, binary.LittleEndian, m.Bits); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return ns, os.WriteFile(r.Save, b, 0o644)
}
