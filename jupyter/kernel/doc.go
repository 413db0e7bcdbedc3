// Package kernel is the Jupyter side of the product: it takes verified
// messages, dispatches them, and talks to an [Evaluator] that runs the code.
//
// It guarantees, whatever the evaluator does: busy and idle around every
// request; a reply on the channel and to the identities that the request came
// from, with the client's own header unchanged as its parent; every output
// under the parent of the cell that made it; all output of a cell out before
// its reply, and the reply before idle; control answered while a cell is busy.
// A bad message is answered with an error or dropped, and never ends the
// process.
//
//	k := kernel.New(kernel.Config{Out: server, Eval: client, Version: "0.1.0"})
//	go server.Serve(k.Handle)
//	<-k.Done()
//
// The protocol is https://jupyter-client.readthedocs.io/en/stable/messaging.html,
// version 5.5.
package kernel
