package check_test

import (
	"fmt"

	"surprisal/jupyter/interp/check"
)

func ExampleChecker() {
	c := check.New(check.Options{})
	for i, code := range []string{"x := 6 * 7", "func half() int { return x / 2 }\nhalf()", "x.y"} {
		cell, errs := c.Check(uint64(i+1), i+1, code)
		if errs != nil {
			fmt.Println(errs)
			continue
		}
		c.Commit(cell)
		if cell.Show != nil {
			fmt.Println("shows", cell.Info.TypeOf(cell.Show))
		}
	}
	fmt.Println(c.Names())
	// Output:
	// shows int
	// Cell [3] 1:3: x.y undefined (type int has no field or method y)
	// [half x]
}

func ExampleCompleteness() {
	for _, code := range []string{"for i := range 3 {", "x := 1", "x := )"} {
		status, indent := check.Completeness(code)
		fmt.Printf("%s %q\n", status, indent)
	}
	// Output:
	// incomplete "\t"
	// complete ""
	// invalid ""
}
