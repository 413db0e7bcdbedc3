package forecast

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Forecast is what a method says about the values that follow a series. Its
// slices are the caller's to read and, Actual and the names apart, to leave.
type Forecast struct {
	History   []float64  // the series up to now, oldest first
	Mean      []float64  // the expected value of each step
	SE        []float64  // the standard error of each step
	Intervals []Interval // from narrow to wide
	Actual    []float64  // what happened, from step 1 on: nil, or up to as many values as Mean; NaN is not known

	Start, Step float64 // the time of History[0], and from one value to the next: 0 means 1
	TimeUnit    string  // of Start and Step: "year"
	Name, Unit  string  // of the values: "sunspots", "spots"
	Method      string  // "AR(9) by Burg, order by AICc"
	Warnings    []string
}

// Interval is a central interval for each step: it should hold a share of Level
// of what happens.
type Interval struct {
	Level  float64 // between 0 and 1
	Lo, Hi []float64
}

// Time returns the time of value i, where the steps are counted on from the
// history: the first step is value len(History).
func (f *Forecast) Time(i int) float64 {
	step := f.Step
	if step == 0 {
		step = 1
	}
	return f.Start + float64(float64(i)*step)
}

// Check says what is wrong with a forecast that was put together by hand.
func (f *Forecast) Check() error {
	h := len(f.Mean)
	switch {
	case h == 0:
		return errors.New("forecast: no steps: Mean is empty")
	case f.SE != nil && len(f.SE) != h:
		return fmt.Errorf("forecast: %d standard errors for %d steps", len(f.SE), h)
	case len(f.Actual) > h:
		return fmt.Errorf("forecast: %d values of Actual for %d steps; cut it to the steps", len(f.Actual), h)
	}
	for i, v := range f.Intervals {
		switch {
		case !(v.Level > 0 && v.Level < 1):
			return fmt.Errorf("forecast: interval %d has level %v: levels lie between 0 and 1, as 0.95", i, v.Level)
		case len(v.Lo) != h || len(v.Hi) != h:
			return fmt.Errorf("forecast: the %s interval has %d lower and %d upper ends for %d steps", percent(v.Level), len(v.Lo), len(v.Hi), h)
		case i > 0 && !(v.Level > f.Intervals[i-1].Level):
			return fmt.Errorf("forecast: interval %d is not wider than the one before it: order them by level", i)
		}
	}
	return nil
}

// String is one sentence with the numbers of the first and the last step.
func (f *Forecast) String() string {
	h := len(f.Mean)
	if h == 0 {
		return "forecast of no steps"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "forecast of %s after %s", count(h, "step"), count(len(f.History), "value"))
	if f.Name != "" {
		fmt.Fprintf(&b, " of %s", f.Name)
	}
	if f.Method != "" {
		fmt.Fprintf(&b, ", %s", f.Method)
	}
	b.WriteString(": ")
	f.step(&b, 0)
	if h > 1 {
		b.WriteString(", … ")
		f.step(&b, h-1)
	}
	if f.Unit != "" {
		fmt.Fprintf(&b, " %s", f.Unit)
	}
	if len(f.Intervals) > 0 {
		b.WriteString("; the intervals do not hold the doubt about the parameters")
	}
	for _, w := range f.Warnings {
		fmt.Fprintf(&b, "; %s", w)
	}
	return b.String()
}

// step writes the mean of step i (from 0) with its widest interval.
func (f *Forecast) step(b *strings.Builder, i int) {
	if f.TimeUnit != "" {
		fmt.Fprintf(b, "%s %s: ", f.TimeUnit, number(f.Time(len(f.History)+i)))
	}
	b.WriteString(number(f.Mean[i]))
	if n := len(f.Intervals); n > 0 && len(f.Intervals[n-1].Lo) > i && len(f.Intervals[n-1].Hi) > i {
		v := f.Intervals[n-1]
		fmt.Fprintf(b, " (%s: %s to %s)", percent(v.Level), number(v.Lo[i]), number(v.Hi[i]))
	}
}

// number writes v with four digits that matter, and whole numbers as they are.
func number(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e6 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.4g", v)
}

func percent(level float64) string { return fmt.Sprintf("%.4g %%", 100*level) }

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
