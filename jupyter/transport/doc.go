// Package transport moves Jupyter messages over ZeroMQ: the five sockets of a
// kernel ([Listen]) and the client side of them ([Dial]), over tcp and ipc.
//
//	server, err := transport.Listen(conn, codec, transport.Options{})
//	go server.Serve(kernel.Handle)
//	server.Send(wire.IOPub, message)
//	server.Close()
//
// # What it promises
//
//   - No peer can hold another: each has its own reader, queue and writer, and
//     Send never waits for a network.
//   - Up to Options.QueueBytes nothing is lost, however slowly a subscriber
//     reads. Beyond that a subscriber misses messages, but never a status, and
//     one that has taken nothing for Options.Stall is cut off.
//   - A connection that says nothing, lies about a length, or sends what is
//     not ZMTP costs itself alone.
//   - Every subscription is answered by an iopub_welcome (JEP 65).
//   - A client that comes back under its old identity takes it over.
//   - Close lets everything that is queued go out first, for Options.Linger.
//
// # How much of zmq4 is used
//
// Open and Conn do the ZMTP 3.0 greeting and the NULL handshake. Frames are
// read and written here: zmq4 allocates whatever length a header announces,
// answers a PING in the middle of a message that another goroutine is writing,
// and needs two system calls a frame. Its socket types hold one lock while
// they write to a peer, without a deadline.
//
// ZMTP: https://rfc.zeromq.org/spec/23/
package transport
