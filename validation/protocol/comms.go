package protocol

import (
	"fmt"

	"surprisal/jupyter/wire"
)

var comms = []check{
	{"comm", "opens, echoes with buffers, closes, and comm_info knows", func(f *front) {
		f.cell("comm echo")
		if a := f.ask(wire.CommOpen, `{"comm_id":"c1","target_name":"echo","data":{}}`); a.words() != "busy idle" || len(a.direct) != 0 {
			f.Errorf("%s", a.words())
		}
		info := func(content string) string { return fmt.Sprint(f.ask(wire.CommInfoRequest, content).reply()["comms"]) }
		if got := info(`{}`); got != "map[c1:map[target_name:echo]]" {
			f.Error(got)
		}
		if got := info(`{"target_name":"other"}`); got != "map[]" {
			f.Error(got)
		}
		f.post(wire.Shell, wire.CommMsg, `{"comm_id":"c1","data":{"x":[1,2]}}`, func(m *wire.Message) {
			m.Buffers = [][]byte{{0, 1, 255}, {}}
		})
		g := f.until("comm_msg", func(g got) bool { return g.Header.Type == wire.CommMsg })
		// Its parent is the message, or the cell whose handler sends it.
		if fmt.Sprint(fields(g)["data"]) != "map[x:[1 2]]" || fmt.Sprint(g.Buffers) != "[[0 1 255] []]" {
			f.Errorf("%s %v", g.Content, g.Buffers)
		}
		f.ask(wire.CommClose, `{"comm_id":"c1"}`)
		if got := info(`{}`); got != "map[]" {
			f.Error(got)
		}
	}},
	{"unknown comms", "are closed, so that the front end does not wait", func(f *front) {
		a := f.ask(wire.CommOpen, `{"comm_id":"c1","target_name":"nobody"}`)
		if a.words() != "busy comm_close idle" || fields(a.only(wire.CommClose))["comm_id"] != "c1" {
			f.Errorf("open: %s", a.words())
		}
		if a := f.ask(wire.CommMsg, `{"comm_id":"c9","data":{}}`); a.words() != "busy comm_close idle" {
			f.Errorf("message: %s", a.words())
		}
		if a := f.ask(wire.CommClose, `{"comm_id":"c9"}`); a.words() != "busy idle" {
			f.Errorf("close: %s", a.words())
		}
	}},
	{"bad comms", "are dropped", func(f *front) {
		for _, t := range []wire.Type{wire.CommOpen, wire.CommMsg, wire.CommClose} {
			for _, content := range []string{`{}`, `{"comm_id":5}`} {
				if a := f.ask(t, content); a.words() != "busy idle" {
					f.Errorf("%s %s: %s", t, content, a.words())
				}
			}
		}
		f.works()
	}},
}
