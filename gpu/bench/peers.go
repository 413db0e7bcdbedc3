package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"

	peers "surprisal/cuda/bench"
)

// request is what a peer is to do; see the comment of its program.
type request struct {
	Op     string    `json:"op"`
	Name   string    `json:"name"`
	File   string    `json:"file"`
	Shape  []int     `json:"shape"`
	K      int       `json:"k,omitempty"`
	Groups []int     `json:"groups,omitempty"`
	Bins   int       `json:"bins,omitempty"`
	Range  []float64 `json:"range,omitempty"` // of the bins

	doubles [][]float64
	bytes   []uint8
}

// reply is what a peer took and found.
type reply struct {
	Peer   string   `json:"peer"`
	MS     *float64 `json:"ms"`
	HostMS *float64 `json:"host_ms"`
	Value  float64  `json:"value"`
	Share  float64  `json:"share"`
	Error  string   `json:"error"`
}

// python is a process of the peers.
type python struct {
	versions map[string]string
	folder   string
	command  *exec.Cmd
	in       io.WriteCloser
	out      *bufio.Reader
}

// startPython starts the peers, and asks what there is.
func startPython(ctx context.Context, exe string, stderr io.Writer) (*python, error) {
	folder, err := os.MkdirTemp("", "surprisal-bench-")
	if err != nil {
		return nil, err
	}
	p := &python{folder: folder, command: exec.CommandContext(ctx, exe, "-c", peers.Peers)}
	p.command.Stderr = stderr
	fail := func(err error) (*python, error) {
		os.RemoveAll(folder)
		return nil, fmt.Errorf("%s: %w", exe, err)
	}
	if p.in, err = p.command.StdinPipe(); err != nil {
		return fail(err)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return fail(err)
	}
	p.out = bufio.NewReader(out)
	if err := p.command.Start(); err != nil {
		return fail(err)
	}
	var hello struct{ Versions map[string]string }
	if err := p.read(&hello); err != nil {
		p.close()
		return fail(err)
	}
	p.versions = hello.Versions
	return p, nil
}

func (p *python) read(v any) error {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("it ended without an answer: %w", err)
	}
	return json.Unmarshal(line, v)
}

// give writes the data of a request to a file.
func (p *python) give(name string, r *request) error {
	r.Name, r.File = name, filepath.Join(p.folder, "data")
	f, err := os.Create(r.File)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	w.Write(r.bytes)
	if r.doubles != nil {
		r.Shape = []int{len(r.doubles), len(r.doubles[0])}
	}
	var word [8]byte
	for _, c := range r.doubles {
		for _, v := range c {
			binary.LittleEndian.PutUint64(word[:], math.Float64bits(v))
			w.Write(word[:])
		}
	}
	if err := w.Flush(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// ask has every peer do the request once.
func (p *python) ask(r request) ([]reply, error) {
	line, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	var answer struct{ Results []reply }
	return answer.Results, p.read(&answer)
}

func (p *python) close() {
	p.in.Close()
	p.command.Wait()
	os.RemoveAll(p.folder)
}
