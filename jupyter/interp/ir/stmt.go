package ir

// Stmt is a statement.
type Stmt interface{ stmt() }

// Define declares a local variable, zero without a value.
type Define struct {
	V *Var
	X Expr
}

// DefineAll declares variables for the results of one call or one
// comma-ok map index.
type DefineAll struct {
	Vs []*Var
	X  Expr
}

// Assign stores X in an assignable expression. With an operator it is L op= X,
// with "++" and "--" X is nil.
type Assign struct {
	L  Expr
	Op string
	X  Expr
}

// Do evaluates an expression for its effect.
type Do struct{ X Expr }

// If branches.
type If struct {
	Cond       Expr
	Then, Else []Stmt
}

// Block is a scope.
type Block struct{ Body []Stmt }

// For is a loop; Cond and Post may be nil. Poll says that its head asks
// whether the cell has been stopped.
type For struct {
	Label string
	Cond  Expr
	Post  Stmt
	Poll  bool
	Body  []Stmt
}

// Range walks a slice or a map; Key and Val may be nil.
type Range struct {
	Label    string
	Key, Val *Var
	X        Expr
	Poll     bool
	Body     []Stmt
}

// Switch runs the first case whose condition holds; a break leaves it. The
// condition of the default case, always last, is nil.
type Switch struct {
	Label string
	Cases []Case
}

// Case is an arm of a Switch.
type Case struct {
	Cond Expr
	Body []Stmt
}

// Jump is break, continue or goto; Label may be empty but for goto.
type Jump struct{ Word, Label string }

// Label is the target of a goto.
type Label struct{ Name string }

// Return ends the function.
type Return struct{ Xs []Expr }

// Mark notes that the statements that follow stand at a place of the source;
// N is what the running code stores, see Unit.Marks.
type Mark struct {
	N   int
	Top bool // stored in TopLine, too
}

// Poll asks, after a call that can take long, whether the cell has been stopped
// meanwhile.
type Poll struct{}

func (*Poll) stmt()      {}
func (*Define) stmt()    {}
func (*DefineAll) stmt() {}
func (*Assign) stmt()    {}
func (*Do) stmt()        {}
func (*If) stmt()        {}
func (*Block) stmt()     {}
func (*For) stmt()       {}
func (*Range) stmt()     {}
func (*Switch) stmt()    {}
func (*Jump) stmt()      {}
func (*Label) stmt()     {}
func (*Return) stmt()    {}
func (*Mark) stmt()      {}
