package protocol

import (
	"log/slog"

	"surprisal/jupyter/kernel"
	"surprisal/jupyter/transport"
	"surprisal/jupyter/wire"
)

// ServeEcho binds the sockets of c and serves an echo kernel on them. It
// returns the connection with its real ports, what is closed when the kernel
// has ended, and what ends it.
func ServeEcho(c *wire.Connection, log *slog.Logger) (*wire.Connection, <-chan struct{}, func(), error) {
	server, err := transport.Listen(c, wire.NewCodec([]byte(c.Key), "", ""), transport.Options{Logger: log})
	if err != nil {
		return nil, nil, nil, err
	}
	echo := &Echo{}
	k := kernel.New(kernel.Config{Out: server, Eval: echo, Version: "echo", Logger: log})
	echo.Sink = k.Sink()
	go server.Serve(k.Handle)
	ended := make(chan struct{})
	go func() {
		<-k.Done()
		server.Close()
		close(ended)
	}()
	return server.Connection(), ended, k.Close, nil
}
