package lower

import (
	"go/ast"
	"go/types"
)

// sought are symbols by which a program asks where its functions are: who calls,
// what a function is called, in which file and line a log entry was written. The
// answers would be of the interpreter's own functions. And net/rpc, which finds
// methods by reflection that the interpreter's types do not have.
var sought = map[string]struct{ what, instead string }{
	"runtime.Caller":                 {"runtime.Caller, which would see the interpreter's functions", "pass on what is to be told"},
	"runtime.Callers":                {"runtime.Callers, which would see the interpreter's functions", "pass on what is to be told"},
	"runtime.FuncForPC":              {"runtime.FuncForPC, which would see the interpreter's functions", "write the name, or keep functions in a map by their names"},
	"log.Lshortfile":                 {"log.Lshortfile, which would show the interpreter's files", "leave the flag out, or give the logger a prefix"},
	"log.Llongfile":                  {"log.Llongfile, which would show the interpreter's files", "leave the flag out, or give the logger a prefix"},
	"log/slog.AddSource":             {"slog.HandlerOptions.AddSource, which would show the interpreter's files", "leave it out, or add an attribute"},
	"net/rpc.Register":               {"rpc.Register, which looks for methods by reflection", "serve JSON over net/http"},
	"net/rpc.RegisterName":           {"rpc.Register, which looks for methods by reflection", "serve JSON over net/http"},
	"(*net/rpc.Server).Register":     {"rpc.Register, which looks for methods by reflection", "serve JSON over net/http"},
	"(*net/rpc.Server).RegisterName": {"rpc.Register, which looks for methods by reflection", "serve JSON over net/http"},
	"(log/slog.Record).Source":       {"slog.Record.Source, which would show the interpreter's files", "add an attribute"},
}

// refuseCallers refuses a cell that uses them.
func (p *pass) refuseCallers() {
	var at *ast.Ident
	for id, o := range p.cell.Info.Uses {
		if o == nil || o.Pkg() == nil || at != nil && at.Pos() < id.Pos() {
			continue
		}
		switch path := o.Pkg().Path(); path {
		case "runtime", "log", "log/slog", "net/rpc":
			if _, ok := sought[fullName(o)]; ok {
				at = id
			}
		}
	}
	if at != nil {
		s := sought[fullName(p.cell.Info.Uses[at])]
		panic(&Limit{Pos: at.Pos(), What: s.what, Instead: s.instead})
	}
}

func fullName(o types.Object) string {
	if f, ok := o.(*types.Func); ok {
		return f.FullName()
	}
	return o.Pkg().Path() + "." + o.Name()
}
