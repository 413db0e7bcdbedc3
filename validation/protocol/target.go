package protocol

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"surprisal/jupyter/wire"
)

// Running is a kernel that listens.
type Running struct {
	Connection *wire.Connection
	Ended      <-chan struct{} // closed when it has ended
}

// Target is a kind of kernel to judge.
type Target struct {
	Name string
	// Start starts a kernel and ends it with the test.
	Start func(t testing.TB) Running
	// CodeFor spells commands of Echo in the kernel's language.
	CodeFor func(commands string) string
	Samples Samples
}

// Samples is what cannot be told by commands.
type Samples struct {
	// Complete: with the cursor at the | the first match is Match. A rune
	// beyond the first plane stands before it, so that a count of bytes or of
	// UTF-16 units goes wrong.
	Complete, Match string
	// Inspect, with the cursor at its end, has documentation that holds Doc;
	// Unknown has none.
	Inspect, Doc, Unknown string
	// Whole, Open and Wrong are complete, incomplete and invalid.
	Whole, Open, Wrong []string
	// Expression has the value 42; BadExpression has none.
	Expression, BadExpression string
}

// EchoTarget is the echo kernel, in this process.
func EchoTarget() Target {
	return Target{
		Name: "echo",
		Start: func(t testing.TB) Running {
			c, ended, stop, err := ServeEcho(local(), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { stop(); <-ended })
			return Running{c, ended}
		},
		CodeFor: func(commands string) string { return commands },
		Samples: Samples{
			Complete: "print 𝛼\nvalu| x", Match: "value",
			Inspect: "print x", Doc: "is a command", Unknown: "nonsense",
			Whole: []string{"", "print x", "()"}, Open: []string{"("}, Wrong: []string{")"},
			Expression: "42", BadExpression: "fail",
		},
	}
}

// local is a connection on free ports of this machine, with a fresh key.
func local() *wire.Connection {
	key := make([]byte, 16)
	rand.Read(key)
	return &wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: hex.EncodeToString(key), SignatureScheme: "hmac-sha256"}
}

// GoCode spells commands as a Go cell.
func GoCode(commands string) string {
	var lines []string
	for _, line := range strings.Split(commands, "\n") {
		verb, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		if verb != "" {
			lines = append(lines, goCommand(verb, arg))
		}
	}
	return strings.Join(lines, "\n")
}

// GoSamples goes with GoCode.
var GoSamples = Samples{
	Complete: "s := \"𝛼\"; strings.HasP|", Match: "HasPrefix",
	Inspect: "strings.HasPrefix", Doc: "prefix", Unknown: "nonsense",
	Whole:      []string{"x := 1", "func f() int {\n\treturn 1\n}", "1 + 1"},
	Open:       []string{"func f() {", "for i := 0; i < 3; i++ {", "fmt.Println("},
	Wrong:      []string{"x := := 1", "func f() }"},
	Expression: "40 + 2", BadExpression: "undefinedName",
}

func goCommand(verb, arg string) string {
	switch verb {
	case "print":
		return fmt.Sprintf("fmt.Println(%q)", arg)
	case "warn":
		return fmt.Sprintf("fmt.Fprintln(os.Stderr, %q)", arg)
	case "bytes":
		b, _ := hex.DecodeString(arg)
		return fmt.Sprintf("_, _ = os.Stdout.Write([]byte(%q))", b)
	case "lines":
		return fmt.Sprintf("for i := 0; i < %s; i++ {\n\tfmt.Println(\"line\", i)\n}", arg)
	case "show":
		return fmt.Sprintf("display.Show(display.Text(%q))", arg)
	case "shows":
		return fmt.Sprintf("for i := 0; i < %s; i++ {\n\tdisplay.Show(display.Text(\"one of many\"))\n}", arg)
	case "update":
		a, b, _ := strings.Cut(arg, " ")
		return fmt.Sprintf("display.Show(display.Text(%q)).Update(display.Text(%q))", a, b)
	case "clear":
		return "display.Clear(true)"
	case "value":
		return arg + " + 0"
	case "fail":
		return fmt.Sprintf("panic(%q)", arg)
	case "busy":
		return "for n := 0; ; n++ {\n}"
	case "ask":
		return goAsk("Input", arg)
	case "password":
		return goAsk("Password", arg)
	case "late":
		return goLater(fmt.Sprintf("fmt.Println(%q)", arg))
	case "latefail":
		return goLater(fmt.Sprintf("panic(%q)", arg))
	case "let":
		name, value, _ := strings.Cut(arg, " ")
		return name + " := " + value
	case "get":
		return arg
	case "page":
		return fmt.Sprintf("notebook.Page(%q)", arg)
	case "next":
		return fmt.Sprintf("notebook.NextInput(%q)", arg)
	case "comm":
		return fmt.Sprintf("comm.Register(%q, func(c *comm.Comm, open comm.Message) {\n"+
			"\tc.OnMessage(func(m comm.Message) { c.Send(m.Data, m.Buffers...) })\n})", arg)
	case "die":
		return "_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}"
	}
	return "unknown command " + verb
}

func goAsk(function, prompt string) string {
	return fmt.Sprintf("if answer, err := notebook.%s(%q); err != nil {\n\tpanic(err)\n} else {\n\tfmt.Println(\"got\", answer)\n}", function, prompt)
}

func goLater(statement string) string {
	return fmt.Sprintf("go func() {\n\ttime.Sleep(%d)\n\t%s\n}()", 50*time.Millisecond, statement)
}
