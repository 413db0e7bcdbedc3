package protocol

import (
	"encoding/json"
	"fmt"
	"strings"

	"surprisal/jupyter/wire"
)

func decode(raw json.RawMessage, v any) { _ = json.Unmarshal(raw, v) }

var outputs = []check{
	{"streams", "stdout and stderr have their names", func(f *front) {
		a := f.cell("print out\nwarn err")
		out, _ := a.stream("stdout")
		err, _ := a.stream("stderr")
		if out != "out\n" || err != "err\n" {
			f.Errorf("%q and %q", out, err)
		}
	}},
	{"many lines", "come whole in few messages", func(f *front) {
		text, messages := f.cell("lines 100000").stream("stdout")
		if n := strings.Count(text, "\n"); n != 100_000 || !strings.HasSuffix(text, "line 99999\n") {
			f.Errorf("%d lines, the last %q", n, text[max(0, len(text)-20):])
		}
		if messages > 20 {
			f.Errorf("%d messages", messages)
		}
	}},
	{"too much", "is shown at its head and tail, and names the file of the rest", func(f *front) {
		a := f.cell("lines 500000") // 5.9 MB
		text, _ := a.stream("stdout")
		sent := 0
		for _, g := range a.pub {
			if g.Header.Type == wire.Stream {
				sent += len(g.Content)
			}
		}
		if sent > 2_700_000 || !strings.HasPrefix(text, "line 0\n") || !strings.HasSuffix(text, "line 499999\n") || !strings.Contains(text, ".txt") {
			f.Errorf("%d bytes from %q to %q", sent, text[:min(20, len(text))], text[max(0, len(text)-20):])
		}
		f.works()
	}},
	{"UTF-8", "is never split, and what is none is replaced", func(f *front) {
		a := f.cell("bytes 61ce\nshow x\nbytes bb0a\nbytes ff0a")
		if text, _ := a.stream("stdout"); text != "aλ\n\ufffd\n" {
			f.Errorf("%q", text)
		}
	}},
	{"order", "of prints and displays is kept", func(f *front) {
		var b, want strings.Builder
		for i := range 50 {
			fmt.Fprintf(&b, "print p%d\nshow d%d\n", i, i)
			fmt.Fprintf(&want, "p%d\nd%d\n", i, i)
		}
		var text strings.Builder
		for _, g := range f.cell(b.String()).pub {
			switch g.Header.Type {
			case wire.Stream:
				text.WriteString(fields(g)["text"].(string))
			case wire.DisplayData:
				text.WriteString(plain(g) + "\n")
			}
		}
		if text.String() != want.String() {
			f.Errorf("%q", text.String())
		}
	}},
	{"update", "names the display that it replaces, by an id of its own", func(f *front) {
		ids := map[string]bool{}
		for range 2 {
			a := f.cell("update before after")
			id := func(g got) string { return fmt.Sprint(fields(g)["transient"].(map[string]any)["display_id"]) }
			shown, updated := a.only(wire.DisplayData), a.only(wire.UpdateDisplayData)
			if plain(shown) != "before" || plain(updated) != "after" || id(shown) != id(updated) || id(shown) == "<nil>" || ids[id(shown)] {
				f.Errorf("%s then %s", shown.Content, updated.Content)
			}
			ids[id(shown)] = true
		}
	}},
	{"clear", "is passed on in its place", func(f *front) {
		a := f.cell("print x\nclear\nprint y")
		if a.words() != "busy execute_input stream clear_output stream idle" || fields(a.only(wire.ClearOutput))["wait"] != true {
			f.Errorf("%s", a.words())
		}
	}},
	{"late output", "belongs to its own cell, also while another runs", func(f *front) {
		first := f.start("late tail")
		f.finish(first, wire.ExecuteReply)
		second := f.startBusy()
		f.until("late line of the first cell", func(g got) bool {
			return parent(g) == first && g.Header.Type == wire.Stream && fields(g)["text"] == "tail\n"
		})
		if text, _ := f.stop(second).stream("stdout"); text != "begun\n" {
			f.Errorf("the running cell shows %q", text)
		}
	}},
	{"late error", "is an error output of its own cell", func(f *front) {
		first := f.start("latefail tail")
		f.finish(first, wire.ExecuteReply)
		f.until("late error of the first cell", func(g got) bool {
			return parent(g) == first && g.Header.Type == wire.Error && strings.Contains(fmt.Sprint(fields(g)["evalue"]), "tail")
		})
		f.works()
	}},
}
