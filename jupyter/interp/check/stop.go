package check

import "go/types"

// The type checker takes no wish to stop. But it asks for the sizes of integers,
// for nearly every constant: that is where it is stopped.

// asking are sizes that are known until the check is to stop.
type asking struct {
	types.Sizes
	stop func() bool
	n    int
}

// stopping is what a check panics with that is to stop.
type stopping struct{}

// askEvery so many sizes, whether to stop is asked: some 50 µs of work.
const askEvery = 64

func (s *asking) Sizeof(t types.Type) int64 {
	if s.n++; s.n%askEvery == 0 && s.stop() {
		panic(stopping{})
	}
	return s.Sizes.Sizeof(t)
}

// stopped is the error of a cell whose check was to stop.
func stopped(id uint64, count int, text string) Errors {
	return Errors{{Pos: Position(count, text, 0), Msg: "the check was interrupted"}}
}
