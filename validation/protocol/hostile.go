package protocol

import (
	"bytes"
	"fmt"
	"net"

	"surprisal/jupyter/transport"
	"surprisal/jupyter/wire"
)

var hostile = []check{
	{"bad frames", "are dropped, and the kernel serves on", func(f *front) {
		good := f.signed(`{"msg_id":"h","msg_type":"execute_request"}`, "{}", "{}", `{"code":""}`)
		forged := append([][]byte{}, good...)
		forged[1] = bytes.Repeat([]byte("0"), 64)
		for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin} {
			raw, err := transport.DialRaw(f.run.Connection, ch, "hostile", transport.Options{})
			if err != nil {
				f.Fatal(err)
			}
			for _, frames := range [][][]byte{
				forged, good[:5], good[1:], {[]byte(wire.Delimiter)}, {nil}, {[]byte("x")},
				f.signed("not JSON", "{}", "{}", "{}"), f.signed(`{"msg_id":"h","msg_type":"execute_request"}`, "", "", ""),
				f.signed("[]", "null", "3", `"x"`), f.signed(`{"msg_type":7}`, "{}", "{}", "{}"),
			} {
				if err := raw.Send(frames...); err != nil {
					f.Fatal(err)
				}
			}
			raw.Close()
			f.works()
		}
	}},
	{"replay", "runs once", func(f *front) {
		frames := f.signed(`{"msg_id":"once","msg_type":"execute_request"}`, "{}", "{}", fmt.Sprintf(`{"code":%q}`, f.target.CodeFor("print once")))
		for range 3 {
			if err := f.cl.Raw(wire.Shell).Send(frames...); err != nil {
				f.Fatal(err)
			}
		}
		f.finish("once", wire.ExecuteReply)
		f.works() // on the same socket: the copies have been read
		if text, _ := f.of("once").stream("stdout"); text != "once\n" {
			f.Errorf("%q", text)
		}
	}},
	{"silent connections", "hold up nobody", func(f *front) {
		for _, ch := range wire.Channels {
			for range 5 {
				network, address := f.run.Connection.Endpoint(ch)
				c, err := net.Dial(network, address)
				if err != nil {
					f.Fatal(err)
				}
				defer c.Close()
			}
		}
		connect(f, f.target, f.run, "after").works()
	}},
	{"huge frame", "that is only announced does no harm", func(f *front) {
		for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin, wire.IOPub, wire.Heartbeat} {
			raw, err := transport.DialRaw(f.run.Connection, ch, "hostile", transport.Options{})
			if err != nil {
				f.Fatal(err)
			}
			defer raw.Close()
			if _, err := raw.Conn().Write([]byte{2, 0x80, 0, 0, 0, 0, 0, 0, 0}); err != nil { // 2^63 bytes
				f.Fatal(err)
			}
		}
		f.works()
		connect(f, f.target, f.run, "after").works()
	}},
	{"stuck subscriber", "does not hold up the others", func(f *front) {
		raw, err := transport.DialRaw(f.run.Connection, wire.IOPub, "", transport.Options{})
		if err != nil {
			f.Fatal(err)
		}
		defer raw.Close()
		if err := raw.Send([]byte{1}); err != nil { // subscribes to all, and never reads
			f.Fatal(err)
		}
		for range 5 {
			text, _ := f.cell("lines 100000").stream("stdout")
			if len(text) != 1_088_890 {
				f.Errorf("%d bytes", len(text))
			}
		}
	}},
}
