package guard

import (
	"sync/atomic"
	"testing"
	"time"
)

// raised reads the flag as tests may. Lowered code reads it without the lock, which
// costs nothing there, and sees it a poll later at worst.
func (g *Guard) raised() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return *g.flag
}

// work starts a goroutine of a cell that counts and polls as lowered code does.
func work(g *Guard, id uint64) *atomic.Int64 {
	n := new(atomic.Int64)
	go g.Run(id, func() {
		for {
			if g.raised() {
				g.Check()
			}
			n.Add(1)
			time.Sleep(10 * time.Microsecond)
		}
	})
	for n.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	return n
}

func TestHush(t *testing.T) {
	g := New()
	n := work(g, 1)
	defer g.Stop(1)

	start := time.Now()
	over := g.Hush()
	time.Sleep(Breath / 4) // it may be in its round
	before := n.Load()
	time.Sleep(Breath / 4)
	if after := n.Load(); after != before && time.Since(start) < Breath {
		t.Errorf("%d rounds during a hush", after-before)
	}
	g.Hush()() // a second one meanwhile must not end the first, nor hang
	over()
	for deadline := time.Now().Add(10 * time.Second); n.Load() == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing goes on after it")
		}
	}
	if g.raised() {
		t.Error("the flag stays up: every poll is slow")
	}
}

// A hush that nobody ends, say because the caller waits for the cell, holds
// nothing up for good, and a stopped cell ends in it.
func TestHushIsShort(t *testing.T) {
	g := New()
	n := work(g, 1)
	over := g.Hush()
	time.Sleep(2 * Breath)
	before := n.Load()
	for deadline := time.Now().Add(10 * time.Second); n.Load() == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the goroutine is still held")
		}
	}
	over()
	time.Sleep(time.Until(g.rest))
	over = g.Hush()
	g.Stop(1)
	for deadline := time.Now().Add(10 * time.Second); len(g.Live()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the stopped goroutine is still there")
		}
	}
	over()
	if g.raised() {
		t.Error("the flag stays up")
	}
}

// Whatever looks at the flags during a hush raises them; its end lowers them,
// also if no cell had a goroutine.
func TestHushLowersTheFlag(t *testing.T) {
	g := New()
	over := g.Hush()
	var stop, stuck bool
	g.FlagsAt(&stop, &stuck)
	over()
	if stop || stuck {
		t.Errorf("flags %v and %v after it, want both down", stop, stuck)
	}
}

// Questions without a break leave cells a fifth of the time.
func TestHushesLeaveTime(t *testing.T) {
	g := New()
	over := g.Hush()
	time.Sleep(Breath)
	over()
	ended := time.Now()
	g.Hush()
	if held := g.hush.Load() != nil; held && time.Since(ended) < Breath/4 {
		t.Error("a hush right behind another")
	}
	time.Sleep(time.Until(g.rest))
	g.Hush()
	if g.hush.Load() == nil {
		t.Error("no hush when cells have had their time")
	}
}
