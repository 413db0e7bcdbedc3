package ptx

import (
	"fmt"
	"sync"
)

// Branches notes, for each branch of the programs that run on machines that have it,
// which ways threads went. The zero value is ready; several machines may share it.
type Branches struct {
	mu   sync.Mutex
	ways map[*Program][]way // of each instruction
}

// way is which ways threads went at a branch.
type way uint8

const (
	jumped way = 1 << iota
	passed
)

// took notes what the lanes of a group did, some of which jump.
func (r *run) took(pc int32, jump, pass uint32) {
	if jump != 0 {
		r.ways[pc] |= jumped
	}
	if pass != 0 {
		r.ways[pc] |= passed
	}
}

// add adds what a launch saw.
func (b *Branches) add(p *Program, ways []way) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ways == nil {
		b.ways = map[*Program][]way{}
	}
	all := b.ways[p]
	if all == nil {
		all = make([]way, len(p.code))
		b.ways[p] = all
	}
	for i, w := range ways {
		all[i] |= w
	}
}

// OneWay is a conditional branch that threads came to and left one way only.
type OneWay struct {
	Line  int    // in the text of the module
	Text  string // of the branch
	Guard string // the predicate that decides
	Value bool   // that the predicate always had
}

// OneWay lists such branches in the order of the code. Whatever else was not run lies
// behind one of them; of a program that no machine has run there is nothing to list,
// which is an error.
func (b *Branches) OneWay(p *Program) (list []OneWay, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ways := b.ways[p]
	if ways == nil {
		return nil, fmt.Errorf("ptx: %s: has not been run", p.Name)
	}
	for i := range p.code {
		in := &p.code[i]
		if in.step != doBranch || in.guard == always || ways[i] == 0 || ways[i] == jumped|passed {
			continue
		}
		guard := p.entry.registers[p.entry.code[in.statement].guard].name
		list = append(list, OneWay{p.line(in), p.text(in), guard, ways[i] == jumped == (in.flip == 0)})
	}
	return list, nil
}
