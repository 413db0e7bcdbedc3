package comm_test

import (
	"encoding/json"
	"fmt"

	"surprisal/jupyter/comm"
)

type printer struct{}

func (printer) SendComm(p comm.Packet) error {
	fmt.Printf("to the front end: %s\n", p.Data)
	return nil
}

func ExampleManager_Register() {
	m := comm.New(printer{}, comm.Owner{})
	m.Register("echo", func(c *comm.Comm, open comm.Message) {
		c.OnMessage(func(msg comm.Message) { c.Send(msg.Data, msg.Buffers...) })
	})
	m.Handle(comm.Packet{Kind: comm.KindOpen, ID: "1", Target: "echo"})
	m.Handle(comm.Packet{Kind: comm.KindMessage, ID: "1", Data: json.RawMessage(`{"value":5}`)})
	// Output:
	// to the front end: {"value":5}
}
