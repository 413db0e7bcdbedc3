package widget

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"surprisal/jupyter/display"
)

func TestBarInWords(t *testing.T) {
	began := time.Unix(1e9, 0)
	for _, c := range []struct {
		bar    bar
		want   string
		part   float64
		reason string
	}{
		{bar{"fit", 3, 10, began, began.Add(1200 * time.Millisecond)}, "fit: 3 of 10, 30 %, 1.2 s, about 2.8 s left", 0.3, "1.2 s for 3 are 2.8 s for 7"},
		{bar{"", 0, 10, began, began}, "0 of 10, 0 %, 0.0 s", 0, "nothing can be said of the rest yet"},
		{bar{"", 10, 10, began, began.Add(90 * time.Second)}, "10 of 10, 100 %, 1m30s", 1, "whole"},
		{bar{"", 12, 10, began, began}, "12 of 10, 100 %, 0.0 s", 1, "more than there were"},
		{bar{"", -1, 10, began, began}, "-1 of 10, 0 %, 0.0 s", 0, "less than nothing"},
		{bar{"read", 7, 0, began, began.Add(time.Second)}, "read: 7, 1.0 s", 0, "nobody knows how many"},
		{bar{"<b>", 1, 2, began, began.Add(time.Second)}, "<b>: 1 of 2, 50 %, 1.0 s, about 1.0 s left", 0.5, "text is text"},
	} {
		if got := c.bar.String(); got != c.want || c.bar.fraction() != c.part {
			t.Errorf("%s: %q, %g, want %q, %g", c.reason, got, c.bar.fraction(), c.want, c.part)
		}
		if got := text(t, c.bar.HTML()); strings.Trim(got, "|") != c.want {
			t.Errorf("%s: the picture says %q, want %q", c.reason, got, c.want)
		}
	}
}

// A loop of a million steps in a second is drawn some ten times, its end at once.
func TestBarIsDrawnTenTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(page)
		d := &Deck{Screen: display.NewScreen(p)}
		d.Begin()
		b := d.NewProgress(1_000_000)
		b.SetDescription("fit")
		for i := range 1000 {
			for range 1000 {
				b.Add(1)
			}
			if i < 999 {
				time.Sleep(time.Millisecond)
			}
		}
		all := p.all()
		if n := len(all); n < 9 || n > 12 {
			t.Errorf("%d pictures of a second", n)
		}
		if last := all[len(all)-1]; !strings.Contains(last, "fit: 1000000 of 1000000, 100 %") {
			t.Errorf("the last picture is %s", last)
		}
		d.End()
		if n := len(p.all()) - len(all); n != 0 {
			t.Errorf("%d more at the end of the cell", n)
		}
	})
}

// What a cell did last is drawn before its end is told.
func TestBarIsDrawnAsItStandsWhenItsCellEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := new(page)
		d := &Deck{Screen: display.NewScreen(p)}
		d.Begin()
		b := d.NewProgress(10)
		b.Set(3)
		b.Set(4)
		d.End()
		all := p.all()
		if len(all) != 2 || !strings.Contains(all[1], "4 of 10") || !strings.HasPrefix(all[1], "update "+strings.Fields(all[0])[1]) {
			t.Errorf("%v", all)
		}
		d.Begin()
		b.Set(5)
		time.Sleep(150 * time.Millisecond)
		if all := p.all(); len(all) != 3 || !strings.Contains(all[2], "5 of 10") || b.String() != "5 of 10, 50 %, 0.0 s, about 0.0 s left" {
			t.Errorf("%s: %v", b, all)
		}
		d.End()
	})
}

func TestBarOfManyGoroutines(t *testing.T) {
	d := &Deck{Screen: display.NewScreen(new(page))}
	d.Begin()
	b := d.NewProgress(8000)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				b.Add(1)
			}
		})
	}
	wg.Wait()
	d.End()
	if !strings.HasPrefix(b.String(), "8000 of 8000") {
		t.Error(b)
	}
}
