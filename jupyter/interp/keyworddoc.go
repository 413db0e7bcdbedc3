package interp

import "go/token"

// keywordDocs says of each keyword how it is written and what it does. It is
// never written.
var keywordDocs = map[token.Token][2]string{
	token.BREAK:       {"break [label]", "Ends the innermost for, switch or select, or the one that has the label."},
	token.CASE:        {"case a, b:", "Begins a branch of a switch or select. It ends at the next case: nothing falls through unless it says so."},
	token.CHAN:        {"chan T, chan<- T, <-chan T", "The type of a channel of values T, made by make(chan T, n), where n values may wait. ch <- v sends, <-ch receives."},
	token.CONST:       {"const name [T] = value", "Declares constants. In brackets, iota counts the lines from 0."},
	token.CONTINUE:    {"continue [label]", "Goes on with the next round of the innermost for, or of the one that has the label."},
	token.DEFAULT:     {"default:", "The branch of a switch that runs if no case fits, or of a select if none can go on at once."},
	token.DEFER:       {"defer f(x)", "Calls f when the function returns, also by a panic. The arguments are evaluated now; the last deferred call runs first."},
	token.ELSE:        {"if condition { … } else { … }", "What runs if the condition is false. It stands on the line of the closing brace."},
	token.FALLTHROUGH: {"fallthrough", "The last statement of a case: goes on with the body of the next."},
	token.FOR:         {"for { … }\nfor condition { … }\nfor i := 0; i < n; i++ { … }\nfor i, v := range x { … }", "The loop. Each round has variables of its own."},
	token.FUNC:        {"func name(a A, b B) (R, error) { … }\nfunc (r T) name() { … }\nfunc(a A) R { … }", "Declares a function or a method, or makes a function value that uses the variables around it."},
	token.GO:          {"go f(x)", "Runs the call in a new goroutine. The arguments are evaluated now."},
	token.GOTO:        {"goto label", "Goes on at the label, in the same function."},
	token.IF:          {"if condition { … }\nif v, err := f(); err != nil { … }", "Runs the block if the condition is true. A statement before it may declare variables for the block and its else."},
	token.IMPORT:      {"import \"path\"\nimport name \"path\"", "Makes a package known. Most packages need no import in a notebook."},
	token.INTERFACE:   {"interface { Method(a A) R }", "A type of all values that have the methods; in a constraint, also of the types in a union A | ~B."},
	token.MAP:         {"map[K]V", "A hash table. v, ok := m[k] reads, m[k] = v writes, delete(m, k) removes; a map that was not made is nil and cannot be written."},
	token.PACKAGE:     {"package main", "Names the package of a file. A notebook needs none."},
	token.RANGE:       {"for i, v := range x { … }", "Goes through an integer, slice, array, string (its runes), map, channel, or function iterator."},
	token.RETURN:      {"return a, b", "Ends the function with its results."},
	token.SELECT:      {"select { case v := <-ch: … case ch <- v: … default: … }", "Waits until one of several channel operations can go on; takes one by chance if several can."},
	token.STRUCT:      {"struct { A int; B string `tag` }", "A type of named fields. A field without a name embeds its type: its fields and methods are promoted."},
	token.SWITCH:      {"switch x { case a, b: … default: … }\nswitch { case condition: … }\nswitch v := x.(type) { case T: … }", "Runs the first case that is equal, or true, or the dynamic type."},
	token.TYPE:        {"type Name T\ntype Name[P any] T\ntype Name = T", "Declares a new type, a generic one, or with = another name for a type."},
	token.VAR:         {"var name T\nvar name = value\nname := value", "Declares variables; without a value they are zero."},
}
