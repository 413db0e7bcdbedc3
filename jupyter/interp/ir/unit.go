package ir

import "go/token"

// Unit is what one cell becomes.
type Unit struct {
	ID    uint64 // of the cell
	Types []TypeDecl
	Vars  []*Var // globals that are new
	Funcs []*Function
	// Links are made when all is declared, before the unit runs.
	Links []Link
	// Fresh are the steps in which the unit's variables are declared: Entry calls
	// Reached of the run time with its ID and the number of steps behind it.
	Fresh []Step
	// Init runs before the cell: descriptions of types, dispatchers.
	Init []Stmt
	// Entry is the function of the cell's statements.
	Entry *Function
	// Imports are the native packages that the unit names.
	Imports []string
	// Marks are the places of the source that the unit's code reports: mark N
	// is Marks[N-First].
	First int
	Marks []Place

	run   func()   // Entry, between Define and Run
	apart []string // functions of the text that make closures, see apart
}

// Link points a slot, a global of this or an earlier unit of the function's type,
// at a function of this unit: from then on, calls through the slot call it, those
// of code that runs already, too.
type Link struct {
	Slot *Var
	Func string
}

// Step is a statement that declares variables, and what is linked then.
type Step struct {
	Names []string
	Links []Link
}

// TypeDecl declares a struct type. Ring says that it is one of several types
// that refer to each other in a circle.
type TypeDecl struct {
	Name string
	T    *Type
	Ring bool
	// Holds says that it holds itself in slices or maps: Kids []*Tree. Yaegi has
	// to come to it before it comes to types that have it as a part, or literals
	// of those get its holes.
	Holds bool
}

// Function is a function of a unit. Source is what its author called it, and
// empty for code that no author wrote. Library says that no cell holds it.
type Function struct {
	Name    string
	Source  string
	Library bool
	Params  []*Var
	Results []*Type
	Body    []Stmt
	Pos     token.Position
}

// Place is a position in a function of the source.
type Place struct {
	Pos  token.Position
	Func string // Function.Name
}
