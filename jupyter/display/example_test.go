package display_test

import (
	"fmt"

	"surprisal/jupyter/display"
)

// A type of your own is shown by the methods that it has.
type gauge struct{ percent int }

func (g gauge) HTML() string   { return fmt.Sprintf("<meter value=%d max=100></meter>", g.percent) }
func (g gauge) String() string { return fmt.Sprintf("%d %%", g.percent) }

func ExampleOf() {
	b := display.Of(gauge{40})
	fmt.Println(b.Data["text/html"])
	fmt.Println(b.Data["text/plain"])
	// Output:
	// <meter value=40 max=100></meter>
	// 40 %
}

// Outside of a notebook a value is printed; in one, Update replaces what Show
// has shown.
func ExampleShow() {
	h := display.Show(gauge{0})
	h.Update(gauge{100})
	// Output:
	// 0 %
	// 100 %
}
