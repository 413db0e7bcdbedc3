package interp

import (
	"slices"
	"strings"
	"testing"
)

// What each row expects is what the language allows at the place: the exact
// list of matches where all is set, else matches in this order, with the words
// for their kinds behind a slash where a row asks for them.
func TestCompletePlaces(t *testing.T) {
	shapes := `
type point struct{ X, Y int; hidden string }
func (p *point) Move(dx int) *point { return p }
func (p point) Norm() float64 { return 0 }
type segment struct{ From, To point; Ends []*point; Tags map[string]point }
type Number interface{ ~int | ~float64 }
type stack[T Number] struct{ items []T }
func (s *stack[T]) Push(v T) { s.items = append(s.items, v) }
type tree[K cmp.Ordered, V any] struct { Left, Right *tree[K, V]; Key K; Value V }
func apply[T, U any](xs []T, f func(T) U) []U { return nil }
func both() (int, error) { return 0, nil }
func scale(p point, k float64, names ...string) point { return p }
count := 1
ratio := 0.5
label := "a"
ready := true
origin := point{}
ints := stack[int]{}
nodes := tree[string, point]{}
ages := map[string]int{}
jobs := make(chan point)
`
	rows := []struct {
		reason  string
		history string
		cell    string
		want    string // in this order
		not     string
		all     bool // want is everything
	}{
		// keys of literals
		{"keys, then the values that a literal without keys may begin with", "", "point{‸", "X: Y: hidden: count", "", false},
		{"keys alone once one is there", "", "point{X: 1, ‸}", "Y: hidden:", "", true},
		{"and in a new line", "", "p := point{\n\tX: 1,\n\tY: 2,\n\t‸\n}", "hidden:", "", true},
		{"a key before others", "", "point{‸, Y: 1}", "X: hidden:", "", true},
		{"no keys behind values without", "", "point{1, ‸}", "count", "X: Y:", false},
		{"nested", "", "segment{From: point{‸", "X: Y: hidden:", "From:", false},
		{"nested, elided in a slice of pointers", "", "segment{Ends: []*point{{‸", "X: Y: hidden:", "", false},
		{"nested, elided in a map", "", "segment{Tags: map[string]point{\"a\": {‸", "X: Y:", "From:", false},
		{"slice of slices", "", "[][]point{{{X‸", "X:", "Y:", false},
		{"array", "", "[2]point{{Y‸", "Y:", "", false},
		{"pointer", "", "q := &segment{Fr‸", "From:", "", true},
		{"of an anonymous struct", "", "struct{ Alpha, Beta int }{‸", "Alpha: Beta:", "", false},
		{"of an instance", "", "tree[string, int]{‸", "Key: Left: Right: Value:", "", false},
		{"of a type in this cell", "", "type own struct{ A int }\nown{‸}", "A:", "", false},
		{"of a local type", "", "func f() { type own struct{ Abc int }; _ = own{‸ }", "Abc:", "", false},
		{"among arguments", "", "scale(point{X: 1, ‸", "Y: hidden:", "", true},
		{"value of a key: of its type first", "", "point{X: ‸", "count/instance", "", false},

		// what is expected first
		{"argument of its type", "", "scale(‸", "origin count", "", false},
		{"second argument", "", "scale(origin, ‸", "ratio count", "", false},
		{"variadic argument", "", "scale(origin, ratio, ‸", "label count", "", false},
		{"argument of a package's function", "", "strings.ToUpper(‸", "label count", "", false},
		{"members of the type first", "", "var n int = origin.‸", "X Y Move", "", false},
		{"and methods that return it", "", "var r float64 = origin.‸", "Norm X", "", false},
		{"condition", "", "if ‸", "ready count", "", false},
		{"condition of a loop", "", "for !‸", "ready count", "", false},
		{"assignment", "", "label = ‸", "label count", "", false},
		{"other operand", "", "ratio * ‸", "ratio count", "", false},
		{"result", "", "func g() (string, error) { return ‸", "label count", "", false},
		{"map key", "", "ages[‸", "label count", "", false},
		{"index", "", "ints.items[‸", "count label", "", false},
		{"sent", "", "jobs <- ‸", "origin count", "", false},
		{"case", "", "switch label {\ncase ‸", "label count", "", false},
		{"appended", "", "xs := []string{}\nxs = append(xs, ‸", "label count", "", false},
		{"element of a literal", "", "[]float64{‸", "ratio count", "", false},
		{"nil where it fits", "", "var e error = ‸", "nil", "true", false},
		{"true and false where they fit", "", "ready = ‸", "ready false true", "nil", false},
		{"anything fits any", "", "fmt.Println(‸", "ages count", "", false},

		// types
		{"a variable's type", "", "var v po‸", "point", "", false},
		{"types alone", "", "var v ‸", "point segment stack", "count label", false},
		{"basic types where a type must stand", "", "var v ‸", "point int", "append true", false},
		{"of a parameter", "", "func f(a po‸", "point", "", false},
		{"of a result", "", "func f() *po‸", "point", "", false},
		{"element type", "", "[]st‸", "stack string struct", "label", false},
		{"of a map", "", "map[str‸", "string", "", false},
		{"of a field", "", "type t struct { A seg‸ }", "segment", "", false},
		{"asserted", "", "var v any\nv.(po‸", "point", "", false},
		{"case of a type switch", "", "var v any\nswitch v.(type) {\ncase po‸", "point", "", false},
		{"type argument", "", "stack[in‸", "int", "ints", false},
		{"of a package, types alone", "", "var b strings.‸", "Builder Reader", "Split ToUpper", false},
		{"make takes a type", "", "make(‸", "point", "count", false},
		{"receiver", "", "func (p *po‸", "point", "", false},

		// locals
		{"parameters in an open body", "", "func f(alpha int, alto string) error {\n\tal‸", "alpha alto", "", false},
		{"named results", "", "func f() (result int) { res‸", "result", "", false},
		{"receiver in an open method", "", "func (p *point) Twice() {\n\tp.‸", "X Y hidden Move Norm", "", false},
		{"method that the cell itself adds", "", "func (p point) Area() float64 { return 0 }\norigin.A‸", "Area/function", "", true},
		{"parameter of a closure", "", "f := func(left, right int) { le‸", "left", "", false},
		{"of a closure among arguments", "", "sort.Slice(ints.items, func(i, jot int) bool { return jo‸", "jot", "", false},
		{"range variables", "", "for key, value := range ages {\n\tva‸", "value", "", false},
		{"their types", "", "for _, p := range []point{} {\n\tp.‸", "X Y", "", false},
		{"captured", "", "outer := 1\ngo func() {\n\tout‸", "outer", "", false},
		{"of the init of an if", "", "if found, ok := ages[\"a\"]; ok {\n\tfou‸", "found", "", false},
		{"of a type switch", "", "var v any\nswitch it := v.(type) {\ncase *point:\n\tit.‸", "X Y hidden Move Norm", "", true},
		{"a variable is not known in its own declaration", "", "fresh := fre‸", "", "fresh", true},
		{"later in the function", "", "func f() {\n\tone := 1\n\tif true {\n\t\ton‸\n\t}\n\tonce := 2\n}", "one", "once", false},
		{"shadowed: the inner one", "", "func f() { count := \"s\"; coun‸ }", "count/instance", "", true},

		// results and instances
		{"result of a call", "", "scale(origin, 1).‸", "X Y hidden Norm", "Move", true},
		{"chained", "", "origin.Move(1).Move(2).‸", "Move Norm", "", false},
		{"of a closure", "", "f := func() *point { return nil }\nf().‸", "X Move", "", false},
		{"of two results nothing can be selected", "", "both().‸", "", "", true},
		{"of must", "", "must(os.Open(\"x\")).Cl‸", "Close/function", "", false},
		{"inferred instance", "", "apply([]int{1}, func(i int) point { return point{} })[0].‸", "X Y", "", false},
		{"explicit instance", "", "apply[int, point](nil, nil)[0].‸", "X Y", "", false},
		{"fields of an instance", "", "nodes.Value.‸", "X Y", "", false},
		{"method of an instance", "", "ints.‸", "items Push", "", false},
		{"method of a generic type of an earlier cell", "", "func (s *stack[T]) Pop() T {\n\ts.‸", "items Pop Push", "", true},
		{"two parameters", "", "func (t tree[A, B]) Walk() {\n\tt.Left.‸", "Key Left Right Value Walk", "", true},
		{"library generics", "", "slices.Max([]point{}).‸", "X Y", "", false},
		{"sequences", "", "for k := range maps.Keys(nodes.Left.M‸", "", "", false},
		{"index of an array of structs", "", "var a [3]struct{ Deep struct{ Er int } }\na[0].Deep.‸", "Er", "", true},
		{"pointer to a pointer: nothing", "", "q := &origin\nr := &q\nr.‸", "", "X", true},

		// labels
		{"break to a loop around", "", "outer:\nfor {\n\tinner:\n\tfor {\n\t\tbreak ‸\n\t}\n}", "inner outer", "", true},
		{"continue takes loops alone", "", "outer:\nfor {\n\tsel:\n\tswitch {\n\tdefault:\n\t\tcontinue ‸", "outer", "", true},
		{"break takes a switch too", "", "sel:\nswitch {\ndefault:\n\tbreak s‸", "sel/statement", "", true},
		{"goto takes any of the function", "", "func f() {\nfirst:\n\tgoto ‸\nsecond:\n\tfor {}\n}", "first second", "", true},
		{"not those outside of a closure", "", "outer:\nfor {\n\tfunc() {\n\t\tfor { break ‸ }\n\t}()\n}", "", "", true},

		// keywords
		{"statement", "", "sw‸", "switch/keyword", "", true},
		{"no statement in an expression", "", "x := fo‸", "", "for", false},
		{"func in an expression", "", "x := fu‸", "func", "", false},
		{"case in a switch alone", "", "switch {\nca‸", "case", "cap", true},
		{"what follows a switch's brace", "", "switch label {\n\t‸\n}", "case default", "", true},
		{"no case outside", "", "cas‸", "", "case", true},
		{"else behind an if", "", "if ready {\n} el‸", "else", "", true},
		{"and without a letter", "", "if ready {\n} ‸", "else", "", true},
		{"if behind else", "", "if ready {\n} else ‸", "if", "", false},
		{"no else elsewhere", "", "el‸", "elliptic", "else", false},
		{"break in a loop", "", "for {\n\tbr‸", "break", "", true},
		{"no break outside", "", "br‸", "", "break", true},
		{"no break in a function in a loop", "", "for {\n\tfunc() { br‸ }()\n}", "", "break", true},
		{"continue in a switch in a loop", "", "for {\n\tswitch {\n\tcase true:\n\t\tcont‸", "continue", "", false},
		{"no continue in a switch", "", "switch {\ncase true:\n\tcont‸", "", "continue", false},
		{"fallthrough", "", "switch {\ncase true:\n\tfallt‸", "fallthrough", "", true},
		{"range", "", "for i := ra‸", "range", "", false},
		{"range at once", "", "for ra‸", "range", "", false},
		{"import at the top", "", "imp‸", "importer import", "", true},
		{"no import in a block", "", "if ready {\n\timp‸", "", "import", false},
		{"a literal in a head is no block", "", "for _, p := range []point{{1, 2, \"\"}} {\n\tbr‸", "break", "", true},
		{"new names", "", "func me‸", "", "mean", true},
		{"new variable", "", "var cou‸", "", "count", true},
		{"new type", "", "type po‸", "", "point", true},

		// imports
		{"ambiguous names too", "", "import \"crypto/ra‸", "crypto/rand", "", true},
		{"by a later part", "", "import \"plot‸", "gonum.org/v1/plot gonum.org/v1/plot/plotter", "", false},
		{"in single quotes, nothing", "", "import 'fm‸", "", "fmt", true},
		{"in backquotes", "", "import `net/ht‸", "net/http", "", false},
		{"closed string", "", "import \"net/ht‸\"", "net/http", "", false},
		{"with a name before", "", "import nh \"net/ht‸", "net/http", "", false},
		{"without a quote", "", "import str‸", "\"strings\"", "", false},
		{"in brackets, without a quote", "", "import (\n\tstrc‸\n)", "\"strconv\"/module", "", true},
		{"own packages", "", "import \"surprisal/gpu/in‸", "surprisal/gpu/info", "", false},
		{"import of the cell, as a name", "", "import net \"net/url\"\nnet‸", "net/module", "", false},
		{"dot import of the cell", "", "import . \"math\"\nSqr‸", "Sqrt/function Sqrt2", "", false},
		{"dot import of an earlier cell", "import . \"math\"", "Sqr‸", "Sqrt Sqrt2", "", false},

		// broken around the cursor
		{"an open string in a line above", "", "s := \"abc\norigin.‸", "X Y hidden Move Norm", "", true},
		{"an open call above", "", "fmt.Println(\"a\"\norigin.‸", "X Y hidden Move Norm", "", true},
		{"nonsense above", "", "for ) {\norigin.‸", "X Y hidden Move Norm", "", true},
		{"nonsense below", "", "origin.‸\n) ] }", "X Y hidden Move Norm", "", true},
		{"an operator too many above", "", "x := = 3\norigin.‸", "X Y", "", false},
		{"half a statement below", "", "origin.‸\nfor i := ", "X Y", "", false},
		{"undefined above", "", "a := nothing()\norigin.‸", "X Y", "", false},
		{"between two others", "", "a := origin.\nb := origin.‸\nc := origin.", "X Y", "", false},
		{"an unused variable of an unknown type", "", "a := nothing()\na.‸", "", "", true},
		{"open function above another", "", "func f() {\n\tif x {\n\norigin.‸", "X Y", "", false},
		{"carriage returns", "", "a := 1\r\nif ready {\r\n\torigin.‸\r\n}", "X Y hidden Move Norm", "", true},

		// nothing
		{"in a rune", "", "'‸'", "", "count", true},
		{"in a raw string over lines", "", "s := `a\ncou‸", "", "", true},
		{"behind a number", "", "1.‸", "", "", true},
		{"hexadecimal", "", "0xa‸", "", "", true},
		{"behind an unknown name", "", "unknown.‸", "", "", true},
	}
	for _, r := range rows {
		b := newBook(t, shapes)
		if r.history != "" {
			b = newBook(t, shapes, r.history)
		}
		if strings.Contains(r.cell, "must(") {
			b = newBook(t, shapes, "func must[T any](v T, err error) T { return v }")
		}
		code, cur := at(t, r.cell)
		got := b.complete(code, cur)
		var names, kinds []string
		for _, m := range got.Matches {
			names, kinds = append(names, m.Text), append(kinds, m.Type)
		}
		where := -1
		for _, w := range strings.Fields(r.want) {
			w, kind, _ := cutKind(w)
			i := slices.Index(names, w)
			switch {
			case i < 0:
				t.Errorf("%s: %q: %s is not among %d: %.300s", r.reason, r.cell, w, len(names), strings.Join(names, " "))
			case i < where:
				t.Errorf("%s: %q: %s comes too early: %.300s", r.reason, r.cell, w, strings.Join(names, " "))
			case kind != "" && kinds[i] != kind:
				t.Errorf("%s: %q: %s is a %s, want %s", r.reason, r.cell, w, kinds[i], kind)
			}
			where = i
		}
		for _, w := range strings.Fields(r.not) {
			if slices.Contains(names, w) {
				t.Errorf("%s: %q: %s is offered", r.reason, r.cell, w)
			}
		}
		if want := len(strings.Fields(r.want)); r.all && len(names) != want {
			t.Errorf("%s: %q: %d matches, want %d: %.300s", r.reason, r.cell, len(names), want, strings.Join(names, " "))
		}
	}
}

// cutKind cuts name/kind; a path in quotes has slashes of its own.
func cutKind(w string) (name, kind string, ok bool) {
	for _, k := range []string{kindFunction, kindType, kindValue, kindField, kindPackage, kindKeyword, kindLabel} {
		if name, ok := strings.CutSuffix(w, "/"+k); ok {
			return name, k, true
		}
	}
	return w, "", false
}
