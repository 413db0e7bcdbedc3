// Command echokernel serves the echo kernel, so that the tests of Jupyter's
// own clients can judge the protocol side without a language behind it.
//
//	{"argv": ["echokernel", "{connection_file}"], "display_name": "echo", "language": "echo"}
package main

import (
	"fmt"
	"log/slog"
	"os"
	"os/signal"

	"surprisal/jupyter/wire"
	"surprisal/validation/protocol"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "echokernel:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%d arguments: one is needed; give the connection file", len(args))
	}
	c, err := wire.ReadConnection(args[0])
	if err != nil {
		return err
	}
	signal.Ignore(os.Interrupt) // goes to the whole process group; cells are interrupted by message
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	_, ended, _, err := protocol.ServeEcho(c, log)
	if err != nil {
		return err
	}
	<-ended
	return nil
}
