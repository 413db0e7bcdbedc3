package widget_test

import (
	"fmt"

	"surprisal/jupyter/widget"
)

func ExampleNewProgress() {
	bar := widget.NewProgress(4)
	bar.SetDescription("fit")
	for i := range 4 {
		bar.Set(i)
	}
	fmt.Println(bar.String()[:len("fit: 3 of 4, 75 %")])
	// Output:
	// 0 of 4, 0 %, 0.0 s
	// fit: 3 of 4, 75 %
}
