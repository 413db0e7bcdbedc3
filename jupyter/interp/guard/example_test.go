package guard_test

import (
	"fmt"

	"surprisal/jupyter/interp/guard"
)

func Example() {
	g := guard.New()
	g.OnPanic(func(id uint64, v any, _ []byte) { fmt.Printf("cell %d: %v\n", id, v) })
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		g.Run(7, func() {
			g.Go(func() { panic("boom") }) // stops the cell
			for {
				g.Check()
			}
		})
	}()
	<-ended
	fmt.Println("owner here:", g.Owner())
	// Output:
	// cell 7: boom
	// owner here: 0
}
