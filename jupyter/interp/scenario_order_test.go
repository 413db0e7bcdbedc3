package interp

// In which order variables and calls of one list are read and made: the
// compiler makes the calls first. The results are the compiler's.
var orderScenarios = []scenario{
	{"a result that a later one fills", []string{`type C struct { A int }
func plain(b []byte) (C, error) { var c C; return c, json.Unmarshal(b, &c) }
func held(b []byte) (any, error) { var c C; return c, json.Unmarshal(b, &c) }
func named(b []byte) (c C, err error) { return c, json.Unmarshal(b, &c) }
func field(b []byte) (int, error) { c := &C{}; return c.A, json.Unmarshal(b, c) }
b := []byte("{\"A\":3}")
fmt.Println(plain(b))
fmt.Println(held(b))
fmt.Println(named(b))
fmt.Println(field(b))`}, "{3} <nil>\n{3} <nil>\n{3} <nil>\n3 <nil>\n", "zero, without an error"},
	{"arguments that a later one changes", []string{`x := 1
func set(n int) int { x = n; return -n }
fmt.Println(x, set(7), x)
func sum(xs ...int) string { return fmt.Sprint(xs) }
fmt.Println(sum(x+1, set(8), x), sum(x, -set(9)))
var s fmt.Stringer = time.Duration(x)
func other() string { s = time.Duration(5); return "" }
fmt.Println(s, other())`}, "7 -7 7\n[9 -8 8] [9 9]\n5ns \n", "the value before the call"},
	{"places, elements and functions", []string{`x, s := 1, []int{1, 2}
func set() int { x = 7; s[0] = 8; return 0 }
var a, b any
a, b = x, set()
fmt.Println(a, b)
s[0], x = 1, 1
func two(a, b int) string { return fmt.Sprint(a, b) }
fmt.Println(two(s[0], set()), x)
f := func(int) string { return "old" }
func swap() int { f = func(int) string { return "new" }; return 0 }
fmt.Println(f(swap()))`}, "7 0\n8 0 7\nnew\n", "the value before the call"},
	{"what has no calls stays in order", []string{`a, b := 1, 2
a, b = b, a
s := []int{1, 2, 3}
i := 0
i, s[i] = 2, 9
func pair() (int, string) { return b, fmt.Sprint(a) }
fmt.Println(a, b, i, s)
fmt.Println(pair())`}, "2 1 2 [9 2 3]\n1 2\n", "must stay so"},
	{"exits", []string{`func out(s string) { fmt.Println(s) }
defer out("no")
func() { defer func() { out("inner"); recover() }(); defer os.Exit(3); out("in"); panic(1) }()`, `defer out("no")
go func() { defer out("no goroutine"); os.Exit(1) }()
select {}`, `defer out("yes")
1`}, "in\n!! Exit: os.Exit(3)\n!! Exit: os.Exit(1)\nyes\n=> 1\n", "deferred calls ran"},
	{"gob of structs without exported fields", []string{`import ("bytes"; "encoding/gob"; "fmt"; "time")
type X struct{ x int }
type In struct { A int; x X }
type Out struct { A int; X X }
type Own struct{ x int }
func (o Own) GobEncode() ([]byte, error) { return []byte{1}, nil }
send := func(x any) { fmt.Println(gob.NewEncoder(&bytes.Buffer{}).Encode(x)) }
send(struct{ x int }{})
send(X{})
send([]*X{})
send(Out{})
send(In{})
send(Own{})
send(time.Time{})
send(struct{}{})`}, "gob: type struct { x int } has no exported fields\ngob: type main.X has no exported fields\ngob: type main.X has no exported fields\ngob: type main.X has no exported fields\n<nil>\n<nil>\n<nil>\n<nil>\n", "sent as nothing"},
}
