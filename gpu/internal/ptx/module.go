package ptx

import (
	"fmt"
	"strings"
)

// Module is the content of one PTX file.
type Module struct {
	Version string // of the PTX ISA, as in "7.0"
	Target  string // as in "sm_80"
	Entries []*Entry

	variables []Variable
}

// Entry returns the kernel of that name.
func (m *Module) Entry(name string) (*Entry, error) {
	for _, e := range m.Entries {
		if e.Name == name {
			return e, nil
		}
	}
	return nil, fmt.Errorf("ptx: no entry %q: the module has %d others", name, len(m.Entries))
}

// Entry is a kernel as it is written.
type Entry struct {
	Name       string
	Line       int
	Params     []Param
	MaxThreads int        // of a block, from .maxntid or .reqntid; 0: not given
	Shared     []Variable // the shared variables that the kernel names
	Local      bool       // it has variables in local memory

	registers []register
	code      []statement
	labels    map[string]int // index into code
}

// Param is a parameter of a kernel and its place in the parameter buffer.
type Param struct {
	Name                string
	Type                string // as in "u64"; "b8" for a struct
	Offset, Size, Align int
}

// ParamBytes is the length of the parameter buffer.
func (e *Entry) ParamBytes() int {
	if len(e.Params) == 0 {
		return 0
	}
	p := e.Params[len(e.Params)-1]
	return p.Offset + p.Size
}

// SharedBytes is the static shared memory of a block, laid out as tightly as
// alignments allow.
func (e *Entry) SharedBytes() int {
	n := 0
	for _, v := range e.Shared {
		n = roundUp(n, v.Align) + v.Size
	}
	return n
}

// Variable is a named piece of memory.
type Variable struct {
	Name        string
	Space       string // "shared", "global", "const" or "local"
	Size, Align int
	extern      bool // of a size that the launch gives
}

type register struct {
	name string
	typ  string
}

// A statement is one instruction.
type statement struct {
	line     int
	guard    int // register, or -1
	not      bool
	op       string
	operands []operand
}

// text is the instruction as a reader knows it.
func (s *statement) text(e *Entry) string {
	var b strings.Builder
	if s.guard >= 0 {
		b.WriteByte('@')
		if s.not {
			b.WriteByte('!')
		}
		b.WriteString(e.registers[s.guard].name + " ")
	}
	b.WriteString(s.op)
	for i, o := range s.operands {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(" " + o.text(e))
	}
	return b.String()
}

type operandKind uint8

const (
	isRegister operandKind = iota
	isNumber
	isSymbol  // a variable, a parameter, a label or a special register
	isAddress // [base + number]
	isList    // {a, b} or a|b
	isSink    // _
)

type operand struct {
	kind   operandKind
	reg    int
	not    bool   // !p
	number uint64 // bits; an integer is sign extended
	float  byte   // 'f' or 'd' for 0f… and 0d…
	name   string
	list   []operand // of an address: its base alone
}

func (o operand) text(e *Entry) string {
	switch o.kind {
	case isRegister:
		if o.not {
			return "!" + e.registers[o.reg].name
		}
		return e.registers[o.reg].name
	case isNumber:
		switch o.float {
		case 'f':
			return fmt.Sprintf("0f%08X", o.number)
		case 'd':
			return fmt.Sprintf("0d%016X", o.number)
		}
		return fmt.Sprint(int64(o.number))
	case isAddress:
		if o.number == 0 {
			return "[" + o.list[0].text(e) + "]"
		}
		return fmt.Sprintf("[%s+%d]", o.list[0].text(e), int64(o.number))
	case isList:
		parts := make([]string, len(o.list))
		for i, p := range o.list {
			parts[i] = p.text(e)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case isSink:
		return "_"
	}
	return o.name
}

// sizeOf is the number of bytes of a type such as "u32"; 0 if it is none.
func sizeOf(typ string) int {
	switch typ {
	case "b8", "u8", "s8":
		return 1
	case "b16", "u16", "s16", "f16", "bf16":
		return 2
	case "b32", "u32", "s32", "f32", "f16x2", "bf16x2":
		return 4
	case "b64", "u64", "s64", "f64":
		return 8
	case "b128":
		return 16
	}
	return 0
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }
