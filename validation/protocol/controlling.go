package protocol

import (
	"fmt"
	"strings"
	"time"

	"surprisal/jupyter/wire"
)

var controlling = []check{
	{"interrupt", "ends a busy cell with an error, twice in a row and while idle too", func(f *front) {
		interrupt := func() {
			a := f.finish(f.post(wire.Control, wire.InterruptRequest, `{}`), wire.InterruptReply)
			if a.words() != "busy idle" || a.reply()["status"] != "ok" || a.direct[0].ch != wire.Control {
				f.Errorf("%s %v", a.words(), a.reply())
			}
		}
		interrupt()
		interrupt()
		f.works()
		for range 3 {
			id := f.startBusy()
			interrupt()
			interrupt()
			if r := f.finish(id, wire.ExecuteReply).reply(); r["status"] != "error" {
				f.Errorf("%v", r)
			}
			f.works()
		}
	}},
	{"interrupted flood", "of displays ends at once, though displays are slowed down", func(f *front) {
		id := f.start("shows 1000000")
		shown := func(n int) func(got) bool {
			return func(g got) bool {
				if g.Header.Type == wire.DisplayData {
					n--
				}
				return n == 0
			}
		}
		f.during(id, "300 displays", shown(300))
		a := f.stop(id)
		if a.reply()["status"] != "error" || len(a.pub) > 100_000 {
			f.Errorf("%v after %d messages", a.reply(), len(a.pub))
		}
		f.works()
	}},
	{"control", "answers while a cell is busy", func(f *front) {
		id := f.startBusy()
		quickest := time.Hour
		for range 20 {
			begin := time.Now()
			f.finish(f.post(wire.Control, wire.KernelInfoRequest, `{}`), wire.KernelInfoReply)
			quickest = min(quickest, time.Since(begin))
		}
		if len(f.of(id).direct) != 0 {
			f.Error("the cell did not run all the time")
		}
		f.Logf("quickest answer to idle: %v", quickest)
		f.stop(id)
	}},
	{"status", "stands at busy while a cell runs, and at idle afterwards", func(f *front) {
		newest := func() string {
			f.mu.Lock()
			defer f.mu.Unlock()
			for i := len(f.log) - 1; i >= 0; i-- {
				if f.log[i].Header.Type == wire.Status {
					return word(f.log[i])
				}
			}
			return ""
		}
		id := f.startBusy()
		info := f.post(wire.Control, wire.KernelInfoRequest, `{}`)
		f.finish(info, wire.KernelInfoReply)
		after := false
		f.until("busy of the cell after the idle of the question", func(g got) bool {
			after = after || (parent(g) == info && word(g) == "idle")
			return after && parent(g) == id && word(g) == "busy"
		})
		f.stop(id)
		if got := newest(); got != "idle" {
			f.Errorf("newest status %s", got)
		}
	}},
	{"shutdown", "is answered at once while a cell is busy, copied to all, and ends the kernel", func(f *front) {
		for i, restart := range []string{"true", "false"} {
			for j, ch := range []wire.Channel{wire.Control, wire.Shell} {
				one := f
				if i+j > 0 {
					one = open(f, f.target)
				}
				one.startBusy()
				a := one.finish(one.post(ch, wire.ShutdownRequest, `{"restart":`+restart+`}`), wire.ShutdownReply)
				if !strings.Contains(a.words(), "shutdown_reply") || a.direct[0].ch != ch {
					f.Errorf("%s, reply on %v", a.words(), a.direct[0].ch)
				}
				if r := a.reply(); r["status"] != "ok" || fmt.Sprint(r["restart"]) != restart {
					f.Errorf("%v", r)
				}
				select {
				case <-one.run.Ended:
				case <-time.After(patience):
					f.Errorf("the kernel does not end")
				}
			}
		}
	}},
}
