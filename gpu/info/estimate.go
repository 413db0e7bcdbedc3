package info

import (
	"fmt"
	"math"
	"strings"
)

// Estimate is an estimated quantity with what one must know to believe it.
type Estimate struct {
	Value    float64
	Unit     string    // "nats" or "bits"
	Measure  string    // what was estimated, in words
	Method   string    // how, in words
	N        int       // samples
	K        int       // neighbours; 0 where there are none
	Ties     float64   // share of samples whose K-th neighbour is no nearer than the next
	Repeated float64   // largest share, among the columns, of values that occur more than once
	Place    string    // where it was computed: "CPU", "GPU 0", "simulator"
	Null     Null      // what surrogates gave
	Local    []float64 // if asked for: the contribution at each time of the series, NaN at the first First of each trial, which have no past
	First    int
	Warnings []string // what speaks against the value
}

// Bits returns the value in bits.
func (e Estimate) Bits() float64 {
	if e.Unit == "nats" {
		return e.Value / math.Ln2
	}
	return e.Value
}

// Nats returns the value in nats.
func (e Estimate) Nats() float64 {
	if e.Unit == "bits" {
		return e.Value * math.Ln2
	}
	return e.Value
}

// Effective returns the value less the mean of the surrogates, which takes the
// bias of the estimator out; without surrogates it is NaN.
func (e Estimate) Effective() float64 {
	if e.Null.Surrogates == 0 {
		return nan
	}
	return e.Value - e.Null.Mean
}

// String is one sentence: value, unit, method, and how sure it is.
func (e Estimate) String() string {
	if e.N == 0 {
		return "no estimate" // what stands beside an error
	}
	var s strings.Builder
	fmt.Fprintf(&s, "%s %.4f %s: %s, %d samples", e.Measure, e.Value, e.Unit, e.Method, e.N)
	if e.Place != "" {
		the := "the "
		if strings.HasPrefix(e.Place, "GPU") {
			the = ""
		}
		fmt.Fprintf(&s, ", on %s%s", the, e.Place)
	}
	if e.Null.Surrogates > 0 {
		fmt.Fprintf(&s, "; %v %s, so it is %.4f above chance, p = %.2g", e.Null.gave(), e.Unit, e.Effective(), e.Null.P)
	} else if e.K > 0 {
		s.WriteString("; not tested against surrogates")
	}
	if e.Value < 0 && e.K > 0 {
		s.WriteString("; negative because the estimator's bias is corrected: it scatters around 0 where there is nothing to find")
	}
	for _, w := range e.Warnings {
		s.WriteString("; " + w)
	}
	return s.String()
}
