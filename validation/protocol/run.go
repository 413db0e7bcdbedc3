package protocol

import "testing"

// check is one claim about a kernel.
type check struct {
	name, claim string
	run         func(f *front)
}

// Run judges the kernels of a target. Every check has a kernel of its own.
func Run(t *testing.T, target Target) {
	for _, group := range [][]check{basics, executing, outputs, questions, comms, inputs, controlling, hostile} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				t.Log(c.claim)
				c.run(open(t, target))
			})
		}
	}
}
