package bench

import (
	"context"
	"time"
)

// work is what is measured. Times are of all its parts together and are shown for
// one.
type work struct {
	name  string
	parts int                         // results of one call: pairs, frames
	cpu   func(context.Context) error // on one core, cpuParts of the parts
	// cpuParts is fewer than parts where all of them would take too long.
	cpuParts int
	run      func(context.Context) error // on the device, from host to host
	shared   func(context.Context) error // on all devices, likewise, and a difference is an error; nil: it is not shared out
	check    func(context.Context) error // whether the last run found what the CPU finds
	value    func() float64              // what peers find too, to about float32's precision
	floor    floor                       // of a part
	goals    goals                       // on an H200
	recorded []recorded
	peer     *request // nil: peers have nothing like it
}

// goals are times of a part that are wanted.
type goals struct{ device, host time.Duration }

// recorded is a time of a part that somebody measured before, elsewhere.
type recorded struct {
	Who    string  `json:"who"`
	MS     float64 `json:"ms"`
	Source string  `json:"source"`
}

// jidt are the times of JIDT that were recorded.
func jidt(threads16, cuda float64) []recorded {
	const source = "2026-11-23, one H200 with 16 CPU cores, JIDT 1.6.1-dev, its CUDA code built by nvcc 13.0"
	return []recorded{{"JIDT, 16 threads", threads16, source}, {"JIDT, CUDA", cuda, source}}
}
