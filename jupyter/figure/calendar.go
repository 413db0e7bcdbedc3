package figure

import (
	"math"
	"time"
)

// instant is a time as the axes count it: seconds since 1970.
func instant(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

func moment(seconds float64, in *time.Location) time.Time {
	whole := math.Floor(seconds)
	return time.Unix(int64(whole), int64((seconds-whole)*1e9)).In(in)
}

// stride is a distance of ticks on a time axis, counted in one of the fields
// of a date.
type stride struct {
	field   int // year, month, day, hour, minute, second
	n       int
	seconds float64 // about
	label   string  // layout of a tick
	context string  // layout of what the label leaves out
}

const (
	minuteLong = 60.0
	hourLong   = 60 * minuteLong
	dayLong    = 24 * hourLong
	yearLong   = 365.2425 * dayLong
)

// strides are the distances that people count in. Weeks start on Monday.
func strides() []stride {
	var out []stride
	for _, n := range []int{1, 2, 5, 10, 15, 30} {
		out = append(out, stride{5, n, float64(n), "15:04:05", "2 Jan 2006"})
	}
	for _, n := range []int{1, 2, 5, 10, 15, 30} {
		out = append(out, stride{4, n, float64(n) * minuteLong, "15:04", "2 Jan 2006"})
	}
	for _, n := range []int{1, 2, 3, 6, 12} {
		out = append(out, stride{3, n, float64(n) * hourLong, "15:04", "2 Jan 2006"})
	}
	for _, n := range []int{1, 7, 14} {
		out = append(out, stride{2, n, float64(n) * dayLong, "2", "Jan 2006"})
	}
	for _, n := range []int{1, 2, 3, 6} {
		out = append(out, stride{1, n, float64(n) * yearLong / 12, "Jan", "2006"})
	}
	for scale := 1; scale <= 1_000_000; scale *= 10 {
		for _, n := range []int{1, 2, 5} {
			out = append(out, stride{0, n * scale, float64(n*scale) * yearLong, "2006", ""})
		}
	}
	return out
}

// calendar returns ticks at calendar instants between lo and hi, as many as
// fits allows. Below the first tick, and below each at which it changes,
// stands what the labels leave out: the date below hours, the year below
// months.
func calendar(lo, hi float64, in *time.Location, fits func([]tick) bool) []tick {
	for _, s := range strides() {
		if (hi-lo)/s.seconds > 60 {
			continue
		}
		if t := s.ticks(lo, hi, in); len(t) > 1 && fits(t) {
			return t
		}
	}
	layout := "2 Jan 2006"
	if hi-lo < dayLong {
		layout = "2 Jan 2006 15:04:05"
	}
	if hi-lo < 1 {
		layout = "15:04:05.000"
	}
	return []tick{{at: lo, label: moment(lo, in).Format(layout)}}
}

func (s stride) ticks(lo, hi float64, in *time.Location) []tick {
	var out []tick
	context := ""
	for k := 0; k < 200; k++ {
		t := s.at(moment(lo, in), k)
		at := instant(t)
		if at > hi {
			break
		}
		if at < lo || len(out) > 0 && at <= out[len(out)-1].at {
			continue // clocks are put forward
		}
		k := tick{at: at, label: t.Format(s.label)}
		if s.context != "" {
			if c := t.Format(s.context); c != context {
				context, k.below = c, c
			}
		}
		out = append(out, k)
	}
	return out
}

// at is the k-th instant of the stride, counted from one not after t.
func (s stride) at(t time.Time, k int) time.Time {
	y, m, d := t.Date()
	h, min, sec := t.Clock()
	down := func(v int) int { return v - ((v%s.n)+s.n)%s.n + k*s.n }
	switch s.field {
	case 0:
		return time.Date(down(y), 1, 1, 0, 0, 0, 0, t.Location())
	case 1:
		return time.Date(y, time.Month(down(int(m)-1)+1), 1, 0, 0, 0, 0, t.Location())
	case 2:
		back := 0
		if s.n > 1 { // to Monday
			back = (int(t.Weekday()) + 6) % 7
		}
		return time.Date(y, m, d-back+k*s.n, 0, 0, 0, 0, t.Location())
	case 3:
		return time.Date(y, m, d, down(h), 0, 0, 0, t.Location())
	case 4:
		return time.Date(y, m, d, h, down(min), 0, 0, t.Location())
	}
	return time.Date(y, m, d, h, min, down(sec), 0, t.Location())
}
