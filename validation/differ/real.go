package differ

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"surprisal/validation/corpus"
)

// realPrograms are the programs of the corpus that come out right in every form, so
// that only where they are cut can make a difference.
var realPrograms = sync.OnceValues(func() ([]corpus.Program, error) {
	goroot, err := corpus.Goroot()
	if err != nil {
		return nil, err
	}
	all, _, err := corpus.Load(goroot)
	if err != nil {
		return nil, err
	}
	record, err := corpus.Stored()
	if err != nil {
		return nil, err
	}
	// Tests of another Go are not known.
	other := corpus.Platform(runtime.Version()) != record.Go
	return slices.DeleteFunc(all, func(p corpus.Program) bool {
		return other && !p.Example || slices.ContainsFunc(corpus.Forms(), func(f corpus.Form) bool {
			_, known := record.Known[corpus.Run{Name: p.Name, Form: f}]
			return known
		})
	}), nil
})

// realTask is a program of the corpus, cut into cells at random.
func realTask(seed uint64) (corpus.Task, error) {
	all, err := realPrograms()
	if err != nil {
		return corpus.Task{}, err
	}
	r := rand.New(rand.NewPCG(seed, 0xc07))
	for range 100 {
		p := all[r.IntN(len(all))]
		cells, why := p.Cut(func() bool { return r.IntN(3) == 0 })
		if why == "" {
			return corpus.Task{Program: p, Form: corpus.Pieces, Cells: cells}, nil
		}
	}
	return corpus.Task{}, fmt.Errorf("differ: no program of %d can be cut", len(all))
}
