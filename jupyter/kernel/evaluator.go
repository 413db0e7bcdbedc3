package kernel

import (
	"context"
	"encoding/json"
)

// CellID numbers the executions of one kernel, silent ones included, from 1.
// Outputs carry it, because a goroutine of a cell may print long after the
// cell has ended. 0 means: no cell.
type CellID uint64

// Cell is one execution.
type Cell struct {
	ID       CellID
	Count    int    // execution count, shown as [n]
	Name     string // the front end's id of the notebook cell, or empty
	Code     string
	Silent   bool
	Store    bool // store_history
	Stdin    bool // allow_stdin: somebody can answer an input request
	UserExpr map[string]string
	Begun    func() `json:"-"` // what OnItsWay calls, if it is there
}

// OnItsWay tells front ends that the cell runs. It may be called again.
func (c Cell) OnItsWay() {
	if c.Begun != nil {
		c.Begun()
	}
}

// Outcome is how an execution ended. A nil Err means that it ran to its end.
type Outcome struct {
	Err      *Error
	UserExpr map[string]UserValue // one entry per expression of the cell
	Payload  []json.RawMessage    // page and set_next_input payloads
}

// UserValue is the value of a user expression: Err if it failed, else the
// bundle of its value.
type UserValue struct {
	Err    *Error
	Bundle Bundle
}

// Error is an error as Jupyter shows it: Traceback lines may hold ANSI colour,
// Value never does.
type Error struct {
	Name      string
	Value     string
	Traceback []string
}

// Bundle is a value in one or more MIME types. The values of both maps are
// JSON: a string for text types, base64 in a string for binary ones.
type Bundle struct {
	Data     map[string]json.RawMessage `json:"data"`
	Metadata map[string]json.RawMessage `json:"metadata"`
}

// Evaluator runs code for a Kernel. The echo evaluator of the protocol tests
// and worker.Client implement it.
//
// Execute runs one cell and returns when it has ended and every output that it
// made has been given to the Sink; cancelling ctx interrupts the cell, and
// Execute then still returns its Outcome. Execute is called for one cell at a
// time. It calls OnItsWay once it has passed the cell on, or before it has to
// wait for that: what front ends are told costs time that the cell can use.
// Ask and Comm may be called while a cell runs. The kernel shows the
// error of an Outcome; one that is emitted is for what fails outside of it, such
// as a goroutine of an earlier cell.
type Evaluator interface {
	Execute(ctx context.Context, c Cell) Outcome
	Ask(ctx context.Context, q Question) (Answer, error)
	Comm(ctx context.Context, from CellID, m CommMessage) error
}

// Question is one of Complete, Inspect and IsComplete.
type Question interface{ question() }

// Complete asks for what may stand at Cursor, counted in code points.
type Complete struct {
	Code   string
	Cursor int
}

// Inspect asks for the documentation of what stands at Cursor, counted in code
// points. Level 1 adds the source.
type Inspect struct {
	Code   string
	Cursor int
	Level  int
}

// IsComplete asks whether Code could be run as it is.
type IsComplete struct{ Code string }

func (Complete) question()   {}
func (Inspect) question()    {}
func (IsComplete) question() {}

// Answer is the Completion, Inspection or Completeness that answers a Question.
type Answer interface{ answer() }

// Completion replaces the code points [Start, End) by one of Matches.
type Completion struct {
	Start, End int
	Matches    []Match
}

// Match is one completion. Type is a word of Jupyter's completer (function,
// class, instance, module, keyword, …), Signature the declared type.
type Match struct {
	Text      string
	Type      string
	Signature string
}

// Inspection is the documentation of a name; Found is false if there is none.
type Inspection struct {
	Found  bool
	Bundle Bundle
}

// Completeness is complete, incomplete (with the indent of the next line),
// invalid or unknown.
type Completeness struct {
	Status string
	Indent string
}

func (Completion) answer()   {}
func (Inspection) answer()   {}
func (Completeness) answer() {}

// Sink takes what evaluation emits, in order. Emit may block: that is how
// output is paced. Input asks the user of the front end that sent the cell; it
// returns an error at once where nobody can answer.
type Sink interface {
	Emit(from CellID, o Output)
	Input(ctx context.Context, from CellID, prompt string, password bool) (string, error)
}

// Output is one of Stream, Display, Update, Clear, Result, *Error, CommMessage
// and Lost.
type Output interface{ output() }

// Stream is printed text. It may end inside a UTF-8 sequence that the next one
// of the same cell and name completes.
type Stream struct {
	Name string // stdout or stderr
	Text []byte
}

// Display shows a bundle. Update replaces every display of the same ID.
type Display struct {
	Bundle
	ID string // display_id, unique in a kernel's life, or empty
}

// Update replaces what the displays of ID show.
type Update struct {
	Bundle
	ID string
}

// Clear clears the outputs of the cell, with Wait only before the next one.
type Clear struct{ Wait bool }

// Result is the value of the last expression of a cell.
type Result struct{ Bundle }

// CommMessage opens, uses or closes a comm.
type CommMessage struct {
	Kind     CommKind
	ID       string
	Target   string          // comm_open only
	Data     json.RawMessage // a JSON object
	Metadata json.RawMessage
	Buffers  [][]byte
}

// CommKind says what a CommMessage does.
type CommKind int

// Kinds of comm messages.
const (
	CommOpen CommKind = iota + 1
	CommMsg
	CommClose
)

// Lost says that the evaluator's state is gone, and with it the kernel's side
// of every open comm.
type Lost struct{}

func (Stream) output()      {}
func (Display) output()     {}
func (Update) output()      {}
func (Clear) output()       {}
func (Result) output()      {}
func (*Error) output()      {}
func (CommMessage) output() {}
func (Lost) output()        {}
