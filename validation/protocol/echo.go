package protocol

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"surprisal/jupyter/kernel"
)

// Echo is an evaluator whose code is one command a line:
//
//	print TEXT     a line on stdout          warn TEXT      a line on stderr
//	bytes HEX      bytes on stdout           lines N        N numbered lines
//	show TEXT      a display                 update A B     a display of A that becomes B
//	shows N        N displays
//	clear          clear_output(wait)        value TEXT     the result
//	fail TEXT      an error                  busy           until the interrupt
//	ask PROMPT     prints "got ANSWER"       password PROMPT  the same, hidden
//	late TEXT      a line after the end      latefail TEXT  an error after the end
//	let NAME TEXT  keeps TEXT                get NAME       its result is what was kept
//	page TEXT      a page payload            next CODE      the next cell's code
//	comm TARGET    comms that send back what they get
//	die            loses what was kept
//
// A user expression is a text that is its own value; "fail" fails.
type Echo struct {
	Sink kernel.Sink // set before the first cell

	mu      sync.Mutex
	kept    map[string]string
	targets map[string]bool
	shown   int
}

var _ kernel.Evaluator = (*Echo)(nil)

func text(s string) kernel.Bundle {
	quoted, _ := json.Marshal(s)
	return kernel.Bundle{Data: map[string]json.RawMessage{"text/plain": quoted}}
}

func failure(value string) *kernel.Error {
	return &kernel.Error{Name: "EchoError", Value: value, Traceback: []string{"\x1b[31mEchoError\x1b[0m: " + value}}
}

// Execute runs the commands of a cell up to the first that fails.
func (e *Echo) Execute(ctx context.Context, c kernel.Cell) kernel.Outcome {
	c.OnItsWay()
	var out kernel.Outcome
	for _, line := range strings.Split(c.Code, "\n") {
		verb, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		if verb == "" {
			continue
		}
		if err := e.command(ctx, c, verb, arg, &out); err != nil {
			out.Err = failure(err.Error())
			return out
		}
	}
	out.UserExpr = map[string]kernel.UserValue{}
	for name, expr := range c.UserExpr {
		if expr == "fail" {
			out.UserExpr[name] = kernel.UserValue{Err: failure("no value")}
		} else {
			out.UserExpr[name] = kernel.UserValue{Bundle: text(expr)}
		}
	}
	return out
}

func (e *Echo) command(ctx context.Context, c kernel.Cell, verb, arg string, out *kernel.Outcome) error {
	emit := func(o kernel.Output) { e.Sink.Emit(c.ID, o) }
	switch verb {
	case "print":
		emit(kernel.Stream{Name: "stdout", Text: []byte(arg + "\n")})
	case "warn":
		emit(kernel.Stream{Name: "stderr", Text: []byte(arg + "\n")})
	case "bytes":
		b, err := hex.DecodeString(arg)
		emit(kernel.Stream{Name: "stdout", Text: b})
		return err
	case "lines":
		n, err := strconv.Atoi(arg)
		for i := range n {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			emit(kernel.Stream{Name: "stdout", Text: fmt.Appendf(nil, "line %d\n", i)})
		}
		return err
	case "show":
		emit(kernel.Display{Bundle: text(arg), ID: e.displayID()})
	case "shows":
		n, err := strconv.Atoi(arg)
		for i := 0; i < n && ctx.Err() == nil; i++ {
			emit(kernel.Display{Bundle: text("one of many"), ID: e.displayID()})
		}
		return errors.Join(err, ctx.Err())
	case "update":
		a, b, _ := strings.Cut(arg, " ")
		id := e.displayID()
		emit(kernel.Display{Bundle: text(a), ID: id})
		emit(kernel.Update{Bundle: text(b), ID: id})
	case "clear":
		emit(kernel.Clear{Wait: true})
	case "value":
		emit(kernel.Result{Bundle: text(arg)})
	case "fail":
		return errors.New(arg)
	case "busy":
		<-ctx.Done()
		return ctx.Err()
	case "ask", "password":
		answer, err := e.Sink.Input(ctx, c.ID, arg, verb == "password")
		if err == nil {
			emit(kernel.Stream{Name: "stdout", Text: []byte("got " + answer + "\n")})
		}
		return err
	case "late", "latefail":
		time.AfterFunc(50*time.Millisecond, func() {
			if verb == "late" {
				emit(kernel.Stream{Name: "stdout", Text: []byte(arg + "\n")})
			} else {
				emit(failure(arg))
			}
		})
	case "page":
		quoted, _ := json.Marshal(text(arg).Data)
		out.Payload = append(out.Payload, json.RawMessage(`{"source":"page","start":0,"data":`+string(quoted)+`}`))
	case "next":
		quoted, _ := json.Marshal(arg)
		out.Payload = append(out.Payload, json.RawMessage(`{"source":"set_next_input","replace":false,"text":`+string(quoted)+`}`))
	default:
		return e.keep(verb, arg, emit)
	}
	return nil
}

// keep runs the commands that have state.
func (e *Echo) keep(verb, arg string, emit func(kernel.Output)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.kept == nil {
		e.kept, e.targets = map[string]string{}, map[string]bool{}
	}
	switch verb {
	case "let":
		name, value, _ := strings.Cut(arg, " ")
		e.kept[name] = value
	case "get":
		value, ok := e.kept[arg]
		if !ok {
			return errors.New("undefined: " + arg)
		}
		emit(kernel.Result{Bundle: text(value)})
	case "comm":
		e.targets[arg] = true
	case "die":
		e.kept, e.targets = nil, nil
		emit(kernel.Lost{})
		return errors.New("signal: killed")
	default:
		return errors.New("unknown command: " + verb)
	}
	return nil
}

func (e *Echo) displayID() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.shown++
	return fmt.Sprintf("echo-%d", e.shown)
}

var verbs = []string{"ask", "busy", "bytes", "clear", "comm", "die", "fail", "get", "late", "let", "lines",
	"next", "page", "password", "print", "show", "shows", "update", "value", "warn"}

// Ask completes and documents the commands. An open parenthesis is incomplete,
// a closing one alone invalid.
func (e *Echo) Ask(_ context.Context, q kernel.Question) (kernel.Answer, error) {
	switch q := q.(type) {
	case kernel.Complete:
		before := []rune(q.Code)[:q.Cursor]
		start := len(before)
		for start > 0 && before[start-1] != '\n' && before[start-1] != ' ' {
			start--
		}
		c := kernel.Completion{Start: start, End: q.Cursor}
		for _, v := range verbs {
			if strings.HasPrefix(v, string(before[start:])) {
				c.Matches = append(c.Matches, kernel.Match{Text: v, Type: "keyword", Signature: v + " …"})
			}
		}
		return c, nil
	case kernel.Inspect:
		word, _, _ := strings.Cut(q.Code, " ")
		for _, v := range verbs {
			if v == word {
				return kernel.Inspection{Found: true, Bundle: text(v + " is a command")}, nil
			}
		}
		return kernel.Inspection{}, nil
	case kernel.IsComplete:
		open, shut := strings.Count(q.Code, "("), strings.Count(q.Code, ")")
		switch {
		case open > shut:
			return kernel.Completeness{Status: "incomplete", Indent: "\t"}, nil
		case open < shut:
			return kernel.Completeness{Status: "invalid"}, nil
		}
		return kernel.Completeness{Status: "complete"}, nil
	}
	return nil, fmt.Errorf("unknown question %T", q)
}

// Comm sends back what a comm of a registered target gets.
func (e *Echo) Comm(_ context.Context, from kernel.CellID, m kernel.CommMessage) error {
	e.mu.Lock()
	known := e.targets[m.Target]
	e.mu.Unlock()
	switch {
	case m.Kind == kernel.CommOpen && !known:
		return errors.New("no such target: " + m.Target)
	case m.Kind == kernel.CommMsg:
		e.Sink.Emit(from, m)
	}
	return nil
}
