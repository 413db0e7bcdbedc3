package ptx_test

import (
	"context"
	"encoding/binary"
	"math"
	"strings"
	"sync"
	"testing"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// device is a Machine with the words of a test.
type device struct {
	testing.TB
	ptx.Machine
}

func (d *device) need(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// put copies values into a new buffer.
func (d *device) put(name string, values any) uint64 {
	d.Helper()
	var b []byte
	b, err := binary.Append(b, binary.LittleEndian, values)
	d.need(err)
	at := d.Alloc(name, len(b))
	d.need(d.Write(at, b))
	return at
}

// flag is a flag that a block has seen or not, and that is up on the host or not.
func (d *device) flag(seen uint64, up uint32) uint64 {
	return d.put("flag", []uint64{seen, d.put("word of the host", []uint32{up})})
}

// raised is how a flag stands when a kernel begins.
type raised int

const (
	noFlag raised = iota
	down
	up   // on the host
	told // and a block has seen it, and told the others
)

// at is the address of such a flag, or null.
func (f raised) at(d *device) uint64 {
	switch f {
	case down:
		return d.flag(0, 0)
	case up:
		return d.flag(0, 1)
	case told:
		return d.flag(1, 0)
	}
	return 0
}

// get copies n values out.
func get[T any](d *device, at uint64, n int) ([]T, error) {
	out := make([]T, n)
	b := make([]byte, binary.Size(out))
	if err := d.Read(at, b); err != nil {
		return nil, err
	}
	_, err := binary.Decode(b, binary.LittleEndian, out)
	return out, err
}

// shipped is an image, and its programs as far as they are made.
type shipped struct {
	text     string
	module   *ptx.Module
	programs sync.Map // by the kernel's name
}

// images reads and parses the shipped PTX once.
var images = sync.OnceValue(func() map[string]*shipped {
	m := map[string]*shipped{}
	manifest, err := cuda.Load()
	if err != nil {
		panic(err)
	}
	for _, i := range manifest.Images {
		text, err := i.PTX()
		if err != nil {
			panic(err)
		}
		module, err := ptx.Parse(text)
		if err != nil {
			panic(err)
		}
		m[i.Arch+"/"+i.Family] = &shipped{text: text, module: module}
	}
	return m
})

func kernel(t testing.TB, arch, family, name string) *ptx.Program {
	t.Helper()
	i := images()[arch+"/"+family]
	if p, ok := i.programs.Load(name); ok {
		return p.(*ptx.Program)
	}
	e, err := i.module.Entry(name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Program()
	if err != nil {
		t.Fatal(err)
	}
	i.programs.Store(name, p)
	return p
}

// edited is the text of a kernel of the sm_80 image of a family alone, changed: what
// stands before it is the head of the file.
func edited(family, name string, edit func(body string) string) string {
	text := images()["sm_80/"+family].text
	start := strings.Index(text, ".entry "+name+"(")
	end := start + strings.Index(text[start:], "\n}\n") + 3
	return text[:strings.Index(text, ".visible .entry")] + edit(text[start:end])
}

// changed is a kernel of that image with its text changed by edit.
func changed(t testing.TB, family, name string, edit func(body string) string) *ptx.Program {
	t.Helper()
	module, err := ptx.Parse(edited(family, name, edit))
	if err != nil {
		t.Fatal(err)
	}
	e, err := module.Entry(name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Program()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func run(d *device, p *ptx.Program, l ptx.Launch) {
	d.Helper()
	d.need(d.Launch(context.Background(), p, l))
}

func ceil(n, by int) int { return (n + by - 1) / by }

func log2(n int) float64 {
	if n == 0 {
		return 0
	}
	return math.Log2(float64(n))
}
