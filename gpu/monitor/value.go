package monitor

import (
	"encoding/json"
	"fmt"
	"math"
)

// Status says what a Value is worth.
type Status string

// What a value may be.
const (
	OK           Status = "ok"
	Stale        Status = "stale"         // the last value there was: the driver does not answer any more
	Unsupported  Status = "unsupported"   // this device, driver or process table has no such value
	NoPermission Status = "no permission" // the driver refuses it to this user
	Failed       Status = "error"         // the driver returned an error
)

// Value is a number with its unit. The number counts only if Known; the zero
// Value is not.
type Value struct {
	Number float64
	Unit   string
	Status Status
}

// Known reports whether there is a number, be it an old one.
func (v Value) Known() bool { return v.Status == OK || v.Status == Stale }

// Of returns a known value. A number that is none, or infinite, is an error of
// the driver.
func Of(number float64, unit string) Value {
	if math.IsNaN(number) || math.IsInf(number, 0) {
		return Without(unit, Failed)
	}
	return Value{number, unit, OK}
}

// Without returns a value without a number and why there is none.
func Without(unit string, why Status) Value { return Value{Unit: unit, Status: why} }

// stale is v once the driver has stopped answering.
func (v Value) stale() Value {
	if v.Status == OK {
		v.Status = Stale
	}
	return v
}

// String is the number with its unit, or why there is none: "73 %",
// "12.4 GiB", "unsupported".
func (v Value) String() string {
	if !v.Known() {
		if v.Status == "" {
			return "unknown"
		}
		return string(v.Status)
	}
	s := number(v.Number, v.Unit)
	if v.Status == Stale {
		s += " (stale)"
	}
	return s
}

// number writes a number as people read it: bytes in the largest binary unit,
// all others whole.
func number(x float64, unit string) string {
	if unit != "B" {
		return fmt.Sprintf("%.0f %s", x, unit)
	}
	size := math.Abs(x)
	for _, u := range []struct {
		name string
		of   float64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if size < u.of {
			continue
		}
		if size < 100*u.of {
			return fmt.Sprintf("%.1f %s", x/u.of, u.name)
		}
		return fmt.Sprintf("%.0f %s", x/u.of, u.name)
	}
	return fmt.Sprintf("%.0f B", x)
}

type wireValue struct {
	Value  *float64 `json:"value"`
	Unit   string   `json:"unit"`
	Status Status   `json:"status"`
}

// MarshalJSON writes null for a number that is not known.
func (v Value) MarshalJSON() ([]byte, error) {
	w := wireValue{Unit: v.Unit, Status: v.Status}
	if v.Known() {
		w.Value = &v.Number
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON writes. A value that claims to be known
// and has no number is an error.
func (v *Value) UnmarshalJSON(b []byte) error {
	var w wireValue
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*v = Value{Unit: w.Unit, Status: w.Status}
	switch {
	case w.Value != nil && v.Known():
		v.Number = *w.Value
	case v.Known():
		return fmt.Errorf("monitor: a value is %q but has no number", w.Status)
	}
	return nil
}
