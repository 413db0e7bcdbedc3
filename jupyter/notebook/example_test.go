package notebook_test

import (
	"context"
	"fmt"

	"surprisal/jupyter/notebook"
)

func ExampleSh() {
	err := notebook.Sh(context.Background(), "echo hello; exit 2")
	fmt.Println(err)
	// Output:
	// hello
	// notebook: Sh: "echo hello; exit 2" ended with exit status 2
}

func ExampleInput() {
	_, err := notebook.Input("name? ")
	fmt.Println(err)
	// Output:
	// notebook: Input: this program does not run in a notebook; call it from a cell
}
