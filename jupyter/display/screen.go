package display

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
)

// Publisher puts bundles before the user. id is empty only for a display that
// is never updated.
type Publisher interface {
	Display(id string, b Bundle)
	Update(id string, b Bundle)
	Clear(wait bool)
}

// Screen is where one session shows values. Show and Clear of a cell are its
// methods, bound when the cell's symbols are made.
type Screen struct {
	// Draw turns a value of a package that knows nothing of bundles into one
	// that Of renders; nil leaves values as they are.
	Draw func(v any) any

	pub    Publisher
	prefix string // random: a display_id must never repeat, not even after a restart
	n      atomic.Uint64
}

// NewScreen returns a Screen that shows through pub.
func NewScreen(pub Publisher) *Screen {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return &Screen{pub: pub, prefix: hex.EncodeToString(b[:])}
}

// Show shows v and returns a handle that can replace it.
func (s *Screen) Show(v any) *Handle {
	h := &Handle{screen: s, id: s.prefix + "-" + strconv.FormatUint(s.n.Add(1), 10)}
	s.pub.Display(h.id, s.of(v))
	return h
}

func (s *Screen) of(v any) Bundle {
	if s.Draw != nil {
		v = s.Draw(v)
	}
	return Of(v)
}

// Clear clears the outputs of the running cell, with wait only when the next
// output arrives.
func (s *Screen) Clear(wait bool) { s.pub.Clear(wait) }

// Handle is a value on the screen. As the last expression of a cell it shows
// nothing: its value is on the screen already.
type Handle struct {
	screen *Screen
	id     string
}

// Update replaces what the handle shows by v.
func (h *Handle) Update(v any) { h.screen.pub.Update(h.id, h.screen.of(v)) }

// Bundle implements Bundler with an empty bundle, which nobody shows.
func (h *Handle) Bundle() (Bundle, error) { return Bundle{}, nil }

// OnScreen is implemented by values that need not be shown as the last
// expression of a cell, because they are on the screen already.
type OnScreen interface {
	OnScreen() bool
}

// OnScreen implements OnScreen.
func (h *Handle) OnScreen() bool { return true }

// Show shows v at once and returns a handle that can replace it. Outside of a
// notebook it prints v's text.
func Show(v any) *Handle { return NewScreen(printer{}).Show(v) }

// Clear clears the outputs of the running cell, with wait only when the next
// output arrives. Outside of a notebook it does nothing.
func Clear(wait bool) { NewScreen(printer{}).Clear(wait) }

// printer is the Publisher of programs that have no notebook.
type printer struct{}

func (printer) Display(_ string, b Bundle) { fmt.Fprintln(os.Stdout, b.Data["text/plain"]) }
func (printer) Update(_ string, b Bundle)  { fmt.Fprintln(os.Stdout, b.Data["text/plain"]) }
func (printer) Clear(bool)                 {}
