package ptx

import (
	"fmt"
	"strconv"
	"strings"
)

// block reads { … } and what is nested in it.
func (p *parser) block(depth int) error {
	if depth > maxNesting {
		return fmt.Errorf("more than %d nested blocks", maxNesting)
	}
	if err := p.expect("{"); err != nil {
		return err
	}
	p.scopes = append(p.scopes, map[string]int{})
	defer func() { p.scopes = p.scopes[:len(p.scopes)-1] }()
	for !p.accept("}") {
		if p.at >= len(p.tokens) {
			return fmt.Errorf("the body of %s has no end", p.entry.Name)
		}
		if p.peek() == "{" {
			if err := p.block(depth + 1); err != nil {
				return err
			}
			continue
		}
		if err := p.statement(); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) statement() error {
	e := p.entry
	switch t := p.peek(); {
	case t == ".reg":
		p.at++
		return p.declare()
	case t == ".shared" || t == ".local":
		p.at++
		v, err := p.variable(t[1:])
		if err != nil {
			return err
		}
		if t == ".local" {
			e.Local = true
		} else {
			e.Shared = append(e.Shared, v)
		}
		return nil
	case t == ".loc":
		for line := p.line(); p.at < len(p.tokens) && p.line() == line; {
			p.at++
		}
		return nil
	case t == ".pragma":
		p.at += 2
		return p.expect(";")
	case p.at+1 < len(p.tokens) && p.tokens[p.at+1].text == ":":
		name, err := p.name()
		if err != nil {
			return err
		}
		if _, twice := e.labels[name]; twice {
			return fmt.Errorf("label %s for the second time", name)
		}
		e.labels[name] = len(e.code)
		p.at++
		return nil
	}
	return p.instruction()
}

func (p *parser) declare() error {
	typ := strings.TrimPrefix(p.next(), ".")
	if typ != "pred" && sizeOf(typ) == 0 {
		return fmt.Errorf("%q: an unknown type", typ)
	}
	scope := p.scopes[len(p.scopes)-1]
	for {
		name, err := p.name()
		if err != nil {
			return err
		}
		if !p.accept("<") {
			scope[name] = len(p.entry.registers)
			p.entry.registers = append(p.entry.registers, register{name, typ})
		} else {
			n, err := p.count(maxRegisters)
			if err != nil {
				return err
			}
			for i := range n {
				full := name + strconv.Itoa(i)
				scope[full] = len(p.entry.registers)
				p.entry.registers = append(p.entry.registers, register{full, typ})
			}
			if err := p.expect(">"); err != nil {
				return err
			}
		}
		if len(p.entry.registers) > maxRegisters {
			return fmt.Errorf("more than %d registers", maxRegisters)
		}
		if !p.accept(",") {
			return p.expect(";")
		}
	}
}

func (p *parser) lookUp(name string) (int, bool) {
	for i := len(p.scopes) - 1; i >= 0; i-- {
		if r, ok := p.scopes[i][name]; ok {
			return r, true
		}
	}
	return 0, false
}

func (p *parser) instruction() error {
	s := statement{line: p.line(), guard: -1}
	if p.accept("@") {
		s.not = p.accept("!")
		name, err := p.name()
		if err != nil {
			return err
		}
		r, ok := p.lookUp(name)
		if !ok || p.entry.registers[r].typ != "pred" {
			return fmt.Errorf("%s guards an instruction and is no predicate", name)
		}
		s.guard = r
	}
	var err error
	if s.op, err = p.name(); err != nil {
		return err
	}
	for !p.accept(";") {
		if len(s.operands) > 0 {
			if err := p.expect(","); err != nil {
				return err
			}
		}
		o, err := p.operand(0)
		if err != nil {
			return err
		}
		s.operands = append(s.operands, o)
	}
	p.entry.code = append(p.entry.code, s)
	return nil
}

func (p *parser) operand(depth int) (operand, error) {
	if depth > 2 {
		return operand{}, fmt.Errorf("operands nested too deep")
	}
	switch t := p.peek(); {
	case t == "{":
		p.at++
		return p.list("}", depth)
	case t == "[":
		p.at++
		base, err := p.operand(depth + 1)
		if err != nil {
			return base, err
		}
		o := operand{kind: isAddress, list: []operand{base}}
		switch {
		case p.accept("+"):
			n, err := p.operand(depth + 1)
			if err != nil || n.kind != isNumber || n.float != 0 {
				return o, fmt.Errorf("an address needs a whole number after +")
			}
			o.number = n.number
		case p.peek() == "-":
			n, err := p.operand(depth + 1)
			if err != nil {
				return o, err
			}
			o.number = n.number
		}
		return o, p.expect("]")
	case t == "!":
		p.at++
		o, err := p.operand(depth + 1)
		if err == nil && o.kind != isRegister {
			err = fmt.Errorf("! before %q", o.name)
		}
		o.not = true
		return o, err
	case t == "-" || t != "" && t[0] >= '0' && t[0] <= '9':
		return p.number()
	case t == "_":
		p.at++
		return operand{kind: isSink}, nil
	}
	name, err := p.name()
	if err != nil {
		return operand{}, err
	}
	o := operand{kind: isSymbol, name: name}
	if r, ok := p.lookUp(name); ok {
		o = operand{kind: isRegister, reg: r}
	} else {
		p.named[name] = true
	}
	if p.accept("|") {
		second, err := p.operand(depth + 1)
		return operand{kind: isList, list: []operand{o, second}}, err
	}
	return o, nil
}

func (p *parser) list(end string, depth int) (operand, error) {
	o := operand{kind: isList}
	for !p.accept(end) {
		if len(o.list) > 0 {
			if err := p.expect(","); err != nil {
				return o, err
			}
		}
		item, err := p.operand(depth + 1)
		if err != nil {
			return o, err
		}
		o.list = append(o.list, item)
	}
	return o, nil
}

func (p *parser) number() (operand, error) {
	o := operand{kind: isNumber}
	negative := p.accept("-")
	t := p.next()
	var err error
	switch {
	case len(t) == 10 && (t[:2] == "0f" || t[:2] == "0F"):
		o.float = 'f'
		o.number, err = strconv.ParseUint(t[2:], 16, 32)
	case len(t) == 18 && (t[:2] == "0d" || t[:2] == "0D"):
		o.float = 'd'
		o.number, err = strconv.ParseUint(t[2:], 16, 64)
	default:
		o.number, err = strconv.ParseUint(strings.TrimSuffix(t, "U"), 0, 64)
		if negative {
			o.number = -o.number
		}
	}
	if err != nil || negative && o.float != 0 {
		return o, fmt.Errorf("%q where a number was expected", t)
	}
	return o, nil
}
