package symbols

import (
	"flag"
	"reflect"
)

// bindFlags lets a cell that defines flags run again: a flag that is already
// there is replaced, where package flag would panic.
func (t *Table) bindFlags(b bindings) {
	bind := func(at int, fs map[string]any) { // at: which argument is the flag's name
		for name, f := range fs {
			define := reflect.ValueOf(f)
			b.set("flag", name, reflect.MakeFunc(define.Type(), func(args []reflect.Value) []reflect.Value {
				forgetFlag(args[at].String())
				return define.Call(args)
			}).Interface())
		}
	}
	bind(0, map[string]any{
		"Bool": flag.Bool, "BoolFunc": flag.BoolFunc, "Duration": flag.Duration, "Float64": flag.Float64, "Func": flag.Func,
		"Int": flag.Int, "Int64": flag.Int64, "String": flag.String, "Uint": flag.Uint, "Uint64": flag.Uint64,
	})
	bind(1, map[string]any{
		"BoolVar": flag.BoolVar, "DurationVar": flag.DurationVar, "Float64Var": flag.Float64Var, "IntVar": flag.IntVar, "Int64Var": flag.Int64Var,
		"StringVar": flag.StringVar, "TextVar": flag.TextVar, "UintVar": flag.UintVar, "Uint64Var": flag.Uint64Var, "Var": flag.Var,
	})
}

// forgetFlag gives the command line new flags that are the old ones but one.
func forgetFlag(name string) {
	if flag.Lookup(name) == nil {
		return
	}
	old := flag.CommandLine
	fresh := flag.NewFlagSet(old.Name(), old.ErrorHandling())
	fresh.Usage = old.Usage
	fresh.SetOutput(old.Output())
	old.VisitAll(func(f *flag.Flag) {
		if f.Name != name {
			fresh.Var(f.Value, f.Name, f.Usage)
			fresh.Lookup(f.Name).DefValue = f.DefValue
		}
	})
	flag.CommandLine = fresh
}
