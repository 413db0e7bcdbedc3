package ptx

import (
	"fmt"
	"strconv"
	"strings"
)

// Parse reads a PTX file. It knows the language, not the instructions: those
// of an entry are looked up by Entry.Program.
func Parse(src string) (*Module, error) {
	tokens, err := lex(src)
	if err != nil {
		return nil, fmt.Errorf("ptx: %w", err)
	}
	p := &parser{tokens: tokens, module: &Module{}}
	if err := p.file(); err != nil {
		return nil, fmt.Errorf("ptx: line %d: %w", p.line(), err)
	}
	return p.module, nil
}

// Limits on what a file may ask for, so that a damaged one cannot take all memory.
const (
	maxRegisters = 1 << 16
	maxVariable  = 1 << 30
	maxNesting   = 64
)

type parser struct {
	tokens []token
	at     int
	module *Module

	entry  *Entry
	scopes []map[string]int // registers by name, innermost last
	named  map[string]bool  // symbols that the body names
}

func (p *parser) line() int {
	if p.at < len(p.tokens) {
		return p.tokens[p.at].line
	}
	if len(p.tokens) > 0 {
		return p.tokens[len(p.tokens)-1].line
	}
	return 1
}

func (p *parser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at].text
	}
	return ""
}

func (p *parser) next() string {
	t := p.peek()
	if p.at < len(p.tokens) {
		p.at++
	}
	return t
}

func (p *parser) accept(text string) bool {
	if p.peek() == text {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(text string) error {
	if !p.accept(text) {
		return fmt.Errorf("%q where %q was expected", p.peek(), text)
	}
	return nil
}

func (p *parser) name() (string, error) {
	t := p.peek()
	if t == "" || !isWord(t[0]) || t[0] >= '0' && t[0] <= '9' || t[0] == '.' {
		return "", fmt.Errorf("%q where a name was expected", t)
	}
	p.at++
	return t, nil
}

func (p *parser) count(limit int) (int, error) {
	t := p.next()
	n, err := strconv.ParseUint(strings.TrimSuffix(t, "U"), 0, 32)
	if err != nil || int(n) > limit {
		return 0, fmt.Errorf("%q where a number up to %d was expected", t, limit)
	}
	return int(n), nil
}

func (p *parser) file() error {
	if err := p.expect(".version"); err != nil {
		return err
	}
	p.module.Version = p.next()
	for p.at < len(p.tokens) {
		switch t := p.next(); t {
		case ".target":
			p.module.Target = p.next()
			for p.accept(",") {
				p.next()
			}
		case ".address_size":
			if err := p.expect("64"); err != nil {
				return err
			}
		case ".visible", ".weak", ".extern", ".common":
			if err := p.linked(t); err != nil {
				return err
			}
		case ".entry", ".func", ".global", ".const", ".shared":
			p.at--
			if err := p.linked(""); err != nil {
				return err
			}
		case ".file":
			for line := p.line(); p.at < len(p.tokens) && p.line() == line; {
				p.at++
			}
		default:
			return fmt.Errorf("%q: an unknown directive", t)
		}
	}
	if p.module.Target == "" {
		return fmt.Errorf("no .target")
	}
	return nil
}

func (p *parser) linked(linkage string) error {
	switch t := p.next(); t {
	case ".entry":
		return p.kernel()
	case ".func":
		return fmt.Errorf("a function: kernels are expected to have theirs inlined")
	case ".global", ".const", ".shared":
		v, err := p.variable(t[1:])
		if err != nil {
			return err
		}
		v.extern = linkage == ".extern"
		p.module.variables = append(p.module.variables, v)
		return nil
	default:
		return fmt.Errorf("%q: an unknown directive", t)
	}
}

// variable reads what follows .shared and the like: alignment, type, name,
// length. What it is filled with is passed over: see Program.
func (p *parser) variable(space string) (Variable, error) {
	v := Variable{Space: space}
	if p.accept(".align") {
		n, err := p.count(1 << 16)
		if err != nil {
			return v, err
		}
		if n == 0 || n&(n-1) != 0 {
			return v, fmt.Errorf("an alignment of %d", n)
		}
		v.Align = n
	}
	typ := strings.TrimPrefix(p.next(), ".")
	v.Size = sizeOf(typ)
	if v.Size == 0 {
		return v, fmt.Errorf("%q: an unknown type", typ)
	}
	v.Align = max(v.Align, v.Size)
	var err error
	if v.Name, err = p.name(); err != nil {
		return v, err
	}
	for p.accept("[") {
		n := 0
		if p.peek() != "]" {
			if n, err = p.count(maxVariable); err != nil {
				return v, err
			}
		}
		if v.Size *= n; v.Size > maxVariable {
			return v, fmt.Errorf("%s: more than %d bytes", v.Name, maxVariable)
		}
		if err := p.expect("]"); err != nil {
			return v, err
		}
	}
	if p.peek() == "=" {
		return v, fmt.Errorf("%s: a variable with initial values is not supported", v.Name)
	}
	return v, p.expect(";")
}

func (p *parser) kernel() (err error) {
	e := &Entry{Line: p.line(), labels: map[string]int{}}
	if e.Name, err = p.name(); err != nil {
		return err
	}
	p.entry, p.scopes, p.named = e, nil, map[string]bool{}
	if p.accept("(") && !p.accept(")") {
		for {
			if err := p.param(); err != nil {
				return err
			}
			if p.accept(")") {
				break
			}
			if err := p.expect(","); err != nil {
				return err
			}
		}
	}
	for p.peek() != "{" {
		switch t := p.next(); t {
		case ".maxntid", ".reqntid":
			e.MaxThreads = 1
			for {
				n, err := p.count(1024)
				if err != nil {
					return err
				}
				e.MaxThreads *= n
				if !p.accept(",") {
					break
				}
			}
		case ".minnctapersm", ".maxnreg":
			if _, err := p.count(1024); err != nil {
				return err
			}
		case ".pragma":
			p.next()
			p.accept(";")
		default:
			return fmt.Errorf("%q before the body of %s", t, e.Name)
		}
	}
	if err := p.block(0); err != nil {
		return err
	}
	var shared []Variable
	for _, v := range p.module.variables {
		if v.Space == "shared" && p.named[v.Name] {
			shared = append(shared, v)
		}
	}
	e.Shared = append(shared, e.Shared...)
	p.module.Entries = append(p.module.Entries, e)
	return nil
}

func (p *parser) param() error {
	if err := p.expect(".param"); err != nil {
		return err
	}
	q := Param{}
	var err error
	if p.accept(".align") {
		if q.Align, err = p.count(128); err != nil {
			return err
		}
	}
	q.Type = strings.TrimPrefix(p.next(), ".")
	q.Size = sizeOf(q.Type)
	if q.Size == 0 {
		return fmt.Errorf("%q: an unknown type", q.Type)
	}
	for strings.HasPrefix(p.peek(), ".") { // .ptr .global .align 4
		if p.next() == ".align" {
			p.next()
		}
	}
	if q.Align = max(q.Align, q.Size); q.Align&(q.Align-1) != 0 {
		return fmt.Errorf("an alignment of %d", q.Align)
	}
	if q.Name, err = p.name(); err != nil {
		return err
	}
	if p.accept("[") {
		n, err := p.count(4096)
		if err != nil {
			return err
		}
		q.Size *= n
		if err := p.expect("]"); err != nil {
			return err
		}
	}
	q.Offset = roundUp(p.entry.ParamBytes(), q.Align)
	p.entry.Params = append(p.entry.Params, q)
	return nil
}
