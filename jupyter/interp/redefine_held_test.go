package interp

// What cannot follow a name to its new meaning, and is told of.
var heldAtRedefinition = []redefinition{
	{"a closure over a variable redefined with its type", []string{
		"type P struct{ X int }\np := P{}\nlater := func() any { return p }",
		"type P struct{X, Y int}\np := P{1, 2}\nfmt.Println(later(), p)",
	}, "note: later (Cell [1]) keeps the earlier p: run Cell [1] again to have it made anew\n{0} {1 2}\n", noted},
	{"an earlier body that a variable holds, and a constant", []string{
		"const k = 1\nfunc f() int { return k }\nh := f",
		"func f() int { return 100 + k }",
		"const k = 2\nfmt.Println(h(), f())",
	}, "note: h (Cell [1]) holds an earlier f, which keeps the earlier k: run Cell [1] again to have it made anew\n1 102\n", noted},
	{"an earlier body that a variable and a map hold, and a variable", []string{
		"k := 1\nfunc f() any { return k }\nh := f\nm := map[string]func() any{\"f\": f}",
		"func f() any { return fmt.Sprint(k) }",
		"k := \"s\"\nfmt.Println(h(), f(), m[\"f\"]())",
	}, "note: h (Cell [1]) holds an earlier f, which keeps the earlier k: run Cell [1] again to have it made anew\nnote: m (Cell [1]) holds an earlier f, which keeps the earlier k: run Cell [1] again to have it made anew\n1 s 1\n", noted},
	{"an earlier body that a variable holds, and a type", []string{
		"type T struct{ X int }\nfunc f() any { return T{1} }\nh := f",
		"func f() any { return fmt.Sprint(T{2}) }",
		"type T struct{ Y int }\n_, ok := h().(T)\nok",
	}, "note: h (Cell [1]) holds an earlier f, which keeps the earlier T: run Cell [1] again to have it made anew\n=> false\n", noted},
	{"body and constant in one cell", []string{
		"const k = 1\nfunc f() int { return k }\nh := f",
		"const k = 2\nfunc f() int { return 100 + k }\nfmt.Println(h(), f())",
	}, "note: h (Cell [1]) holds an earlier f, which keeps the earlier k: run Cell [1] again to have it made anew\n1 102\n", noted},
	{"an earlier body that method values hold", []string{
		"const k = 1\ntype T struct{}\nfunc (T) M() int { return k }\nt := T{}\nh := t.M\ng := T.M",
		"func (T) M() int { return 100 + k }",
		"const k = 2\nfmt.Println(h(), t.M(), g(t))",
	}, "note: g (Cell [1]) holds an earlier T.M, which keeps the earlier k: run Cell [1] again to have it made anew\nnote: h (Cell [1]) holds an earlier T.M, which keeps the earlier k: run Cell [1] again to have it made anew\n1 102 1\n", noted},
	{"a goroutine inside a callee", []string{
		"const k = 1\nin, out := make(chan int), make(chan int)\nfunc inner() { for range in { out <- k } }\nfunc outer() { inner() }\ngo outer()\nin <- 1\n<-out",
		"const k = 2\nin <- 1\n<-out",
	}, "=> 1\nnote: a goroutine that runs outer (Cell [1]) goes on with the earlier k in calls of inner that have begun\n=> 1\n", noted},
	{"a goroutine of a literal inside a callee", []string{
		"const k = 1\nin, out := make(chan int), make(chan int)\nfunc inner() { for range in { out <- k } }\ngo func() { inner() }()\nin <- 1\n<-out",
		"const k = 2\nin <- 1\n<-out",
	}, "=> 1\nnote: a goroutine (Cell [1]) goes on with the earlier k in calls of inner that have begun\n=> 1\n", noted},
	{"a goroutine inside a body that was replaced", []string{
		"const k = 1\nin, out := make(chan int), make(chan int)\nfunc inner() { for range in { out <- k } }\ngo inner()\nin <- 1\n<-out",
		"func inner() {}",
		"const k = 2\nin <- 1\n<-out",
	}, "=> 1\nnote: a goroutine that runs inner (Cell [1]) goes on with the earlier k\n=> 1\n", noted},
	{"a method that does not fit", []string{
		"type P struct{ X int }\nfunc (p P) M() int { return p.X }\nfunc (p P) N() int { return 1 }",
		"type P struct{ Y int }\nP{}.N()",
		"P{}.M()",
	}, "note: method M of P (Cell [1]) does not fit the new P: Cell [1] 2:31: p.X undefined (type P has no field or method X); define it again if it is to be one of the new\n=> 1\n!! CompileError: Cell [3] 1:5: P{}.M undefined (type P has no field or method M)\n", noted},
	{"a closure over a variable of another type", []string{
		"x := 1\nc := func() any { return x }",
		"x := \"s\"\nfmt.Println(c(), x)",
	}, "note: c (Cell [1]) keeps the earlier x: run Cell [1] again to have it made anew\n1 s\n", noted},
	{"values of an earlier type, whose methods use a constant", []string{
		"const k = 1\ntype P struct{ X int }\nfunc (p P) M() int { return p.X + k }\np := P{1}\nvar a any = p",
		"type P struct{ X, Y int }",
		"const k = 5\nfmt.Println(p.M(), P{X: 1}.M(), a.(interface{ M() int }).M())",
	}, "note: a (Cell [1]) holds an earlier P, whose methods keep the earlier k: run Cell [1] again to have it made anew\nnote: p (Cell [1]) holds an earlier P, whose methods keep the earlier k: run Cell [1] again to have it made anew\n2 6 2\n", noted},
	{"an alias of a type", []string{
		"type P struct{ X int }\ntype A = P\na := A{1}",
		"type P struct{ X, Y int }\nvar b A = a\n_, ok := any(b).(P)\nfmt.Println(ok)",
	}, "note: type A of Cell [1] is made of the earlier P: run Cell [1] again if it is to be of the new\nfalse\n", noted},
	{"a variable that holds a function of an earlier type", []string{
		"type P struct{ X int }\nfunc mk() P { return P{X: 1} }\nh := mk",
		"type P struct{ X, Y int }\nfmt.Println(h(), mk())",
	}, "note: h (Cell [1]) holds an earlier mk, which keeps the earlier P: run Cell [1] again to have it made anew\n{1} {1 0}\n", noted},
	{"a goroutine that runs a method", []string{
		"const k = 1\ntype S struct{ in, out chan int }\nfunc (s *S) loop() { for range s.in { s.out <- k } }\ns := &S{make(chan int), make(chan int)}\ngo s.loop()\ns.in <- 1\n<-s.out",
		"const k = 2\ns.in <- 1\n<-s.out",
	}, "=> 1\nnote: a goroutine that runs S.loop (Cell [1]) goes on with the earlier k\n=> 1\n", noted},
	{"a goroutine that a later cell starts by a function", []string{
		"const k = 1\nin, out := make(chan int), make(chan int)\nfunc work() { for range in { out <- k } }\nfunc start() { go work() }",
		"start()\nin <- 1\n<-out",
		"const k = 2\nin <- 1\n<-out",
	}, "=> 1\nnote: a goroutine that runs work (Cell [2]) goes on with the earlier k\n=> 1\n", noted},
	{"what an earlier callee keeps", []string{
		"const k = 1\nfunc g(x int) int { return x + k }\nc := func() int { return g(2) }\nfunc f() int { return g(3) }",
		"func g(x, y int) int { return x + y }",
		"const k = 10\nfmt.Println(c(), f())",
	}, "note: f of Cell [1] does not fit the new g and keeps the earlier: Cell [1] 4:26: not enough arguments in call to g; define f again if it is to use the new\nnote: c (Cell [1]) keeps the earlier g: run Cell [1] again to have it made anew\nnote: c (Cell [1]) holds an earlier g, which keeps the earlier k: run Cell [1] again to have it made anew\nnote: f (Cell [1]) holds an earlier g, which keeps the earlier k: run Cell [1] again to have it made anew\n3 4\n", noted},
	{"a variable that holds an instance", []string{
		"const k = 1\nfunc G[T any](x T) int { return k }\nh := G[int]",
		"const k = 2\nfmt.Println(h(1), G(1))",
		"func G[T any](x T) int { return -k }\nfmt.Println(h(1), G(1))",
		"const k = 3\nfmt.Println(h(1), G(1))",
	}, "2 2\n2 -2\nnote: h (Cell [1]) holds an earlier G, which keeps the earlier k: run Cell [1] again to have it made anew\n2 -3\n", noted},
	{"methods of a generic type", []string{
		"const k = 1\ntype L[T any] struct{ x T }\nfunc (l L[T]) M() int { return k }\nl := L[int]{1}\nm := l.M",
		"const k = 2\nfmt.Println(l.M(), m())",
		"type L[T any] struct{ x, y T }\nfmt.Println(l.M(), m(), L[int]{}.M())",
		"const k = 3\nfmt.Println(l.M(), m(), L[int]{}.M())",
	}, "2 2\nnote: m (Cell [1]) holds an earlier L.M, which keeps the earlier L: run Cell [1] again to have it made anew\n2 2 2\nnote: l (Cell [1]) holds an earlier L, whose methods keep the earlier k: run Cell [1] again to have it made anew\nnote: m (Cell [1]) holds an earlier L.M, which keeps the earlier k: run Cell [1] again to have it made anew\n2 2 3\n", noted},
	{"a closure and another package of the name", []string{
		"import \"math/rand\"\nc := func() int { return rand.Intn(1) }",
		"import \"math/rand/v2\"\nc()",
	}, "note: c (Cell [1]) keeps the earlier rand: run Cell [1] again to have it made anew\n=> 0\n", noted},
	{"a closure, and a function that becomes a variable", []string{
		"func f() int { return 1 }\nc := func() int { return f() }\nv := f",
		"f := 3\nfmt.Println(c(), v(), f)",
	}, "note: c (Cell [1]) keeps the earlier f: run Cell [1] again to have it made anew\n1 1 3\n", noted},
	{"functions by name that are values", []string{
		"func f() int { return 1 }\nc := func() func() int { return f }\nfunc get() func() int { return f }\nfunc apply(g func() int) int { return g() }\nfunc ap() int { return apply(f) }\ntype T struct{}\nfunc (T) M() int { return 1 }\nfunc getm() func() int { return T{}.M }\ncm := func() func() int { return T{}.M }",
		"func f() int { return 2 }\nfunc (T) M() int { return 2 }\nfmt.Println(c()(), get()(), ap(), getm()(), cm()())",
	}, "note: c (Cell [1]) keeps the earlier f: run Cell [1] again to have it made anew\nnote: cm (Cell [1]) keeps the earlier T.M: run Cell [1] again to have it made anew\n1 2 2 2 1\n", noted},
	{"a function by name that a goroutine gives on", []string{
		"func f() int { return 1 }\nin, out := make(chan int), make(chan int)\nfunc apply(g func() int) int { return g() }\ngo func() { for range in { out <- apply(f) } }()\nin <- 1\nfmt.Println(<-out)",
		"func f() int { return 2 }\nin <- 1\nfmt.Println(<-out)",
	}, "1\nnote: a goroutine (Cell [1]) goes on with the earlier f\n1\n", noted},
	{"a closure made in a literal that is called", []string{
		"const k = 1\nvar c func() int\nfunc() { c = func() int { return k } }()",
		"const k = 2\nc()",
	}, "note: c (Cell [1]) keeps the earlier k: run Cell [1] again to have it made anew\n=> 1\n", noted},
	{"a function by name that is given to a package", []string{
		"func less(a, b int) int { return a - b }\nfunc srt() []int { xs := []int{2, 3, 1}; slices.SortFunc(xs, less); return xs }\ns := srt\nc := func() []int { xs := []int{2, 3, 1}; slices.SortFunc(xs, less); return xs }",
		"func less(a, b int) int { return b - a }\nfmt.Println(srt(), s(), c())",
	}, "note: c (Cell [1]) keeps the earlier less: run Cell [1] again to have it made anew\n[3 2 1] [3 2 1] [1 2 3]\n", noted},
	{"a closure that calls another", []string{
		"f := func() int { return 1 }\ng := func() int { return f() }",
		"f := func() int { return 2 }\nfmt.Println(g())",
		"f := func() string { return \"s\" }\nfmt.Println(g())",
	}, "2\nnote: g (Cell [1]) keeps the earlier f: run Cell [1] again to have it made anew\n2\n", noted},
	{"a constant of a constant", []string{
		"const a = 1\nconst b = 2 * a\nfunc f() int { return b }",
		"const a = 5\nf()",
	}, "note: const b of Cell [1] is made of the earlier a: run Cell [1] again if it is to be of the new\n=> 2\n", noted},
	{"a method of a generic type that does not fit", []string{
		"const k = 1\ntype L[T any] struct{ x T }\nfunc (l L[T]) M() int { return k }\nfunc (l L[T]) N() any { return k }\nfunc f() any { return L[int]{}.N() }\nl := L[int]{1}",
		"const k = \"s\"\nfmt.Println(l.M(), l.N(), f())",
		"const k = 3\nfmt.Println(l.M(), l.N(), f())",
	}, "note: L.M of Cell [1] does not fit the new k and keeps the earlier: Cell [1] 3:32: cannot use k (untyped string constant \"s\") as int value in return statement; define L.M again if it is to use the new\nnote: L.N of Cell [1] does not fit the new k and keeps the earlier: Cell [1] 3:32: cannot use k (untyped string constant \"s\") as int value in return statement; define L.N again if it is to use the new\n1 1 1\n3 3 3\n", noted},
	{"closures made before and after", []string{
		"const k = 1\nfunc mk() func() int { return func() int { return k } }\na := mk()",
		"const k = 2\nb := mk()",
		"const k = 3\nc := mk()\nfmt.Println(a(), b(), c())",
	}, "note: closures that mk made before keep the earlier k\nnote: closures that mk made before keep the earlier k\n1 2 3\n", noted},
	{"values of methods of a generic type", []string{
		"const k = 2\ntype S[T any] struct{ xs []T }\nfunc (s *S[T]) Cap() int { return k * len(s.xs) }\nfunc mk[T any](x T) *S[T] { return &S[T]{[]T{x}} }\ns := mk(1)\nf := s.Cap\nc := func() int { return s.Cap() }",
		"const k = 3\nfmt.Println(s.Cap(), f(), c())",
		"func (s *S[T]) Cap() int { return -k }\nfmt.Println(s.Cap(), f(), c())",
		"const k = 4\nfmt.Println(s.Cap(), f(), c())",
	}, "3 3 3\n-3 3 -3\nnote: f (Cell [1]) holds an earlier S.Cap, which keeps the earlier k: run Cell [1] again to have it made anew\n-4 3 -4\n", noted},
	{"methods of an embedded type", []string{
		"const k = 1\ntype B struct{}\nfunc (B) M() int { return k }\ntype D struct{ B }\nd := D{}\nm := d.M\nvar i interface{ M() int } = d",
		"const k = 2\nfmt.Println(d.M(), m(), i.M())",
		"func (B) M() int { return 10 * k }\nfmt.Println(d.M(), m(), i.M())",
		"const k = 3\nfmt.Println(d.M(), m(), i.M())",
		"type B struct{ x int }\nconst k = 4\nfmt.Println(d.M(), m(), i.M())",
	}, "2 2 2\n20 2 20\nnote: m (Cell [1]) holds an earlier B.M, which keeps the earlier k: run Cell [1] again to have it made anew\n30 2 30\nnote: type D of Cell [1] is made of the earlier B: run Cell [1] again if it is to be of the new\nnote: d (Cell [1]) holds an earlier B, whose methods keep the earlier k: run Cell [1] again to have it made anew\nnote: m (Cell [1]) holds an earlier B.M, which keeps the earlier B: run Cell [1] again to have it made anew\n30 2 30\n", noted},
	{"a closure that init makes", []string{
		"const k = 1\nvar hooks []func() int\nfunc init() { hooks = append(hooks, func() int { return k }) }\nfunc main() {}",
		"const k = 2\nhooks[0]()",
	}, "note: hooks (Cell [1]) keeps the earlier k: run Cell [1] again to have it made anew\n=> 1\n", noted},
	{"two closures in one slice", []string{
		"const k = 1\nvar fs []func() int\nfs = append(fs, func() int { return k })\nfs = append(fs, func() int { return 2 })",
		"const k = 2",
	}, "note: fs (Cell [1]) keeps the earlier k: run Cell [1] again to have it made anew\n", noted},
	{"a goroutine that init starts", []string{
		"const k = 1\nin, out := make(chan int), make(chan int)\nfunc init() { go func() { for range in { out <- k } }() }",
		"in <- 1\n<-out",
		"const k = 2\nin <- 1\n<-out",
	}, "=> 1\nnote: a goroutine (Cell [1]) goes on with the earlier k\n=> 1\n", noted},
	{"a variable that goes on, and then is another", []string{
		"var c int\nw := func() int { c++; return c }",
		"var c int",
		"w()\nfmt.Println(w(), c)",
		"var c string\nfmt.Println(w(), c)",
	}, "2 2\nnote: w (Cell [1]) keeps the earlier c: run Cell [1] again to have it made anew\n3 \n", noted},
	{"an earlier body that calls itself", []string{
		"func rec(n int) int { if n == 0 { return 0 }; return 1 + rec(n-1) }\nold := rec",
		"func rec(n int) int { return 100 }",
		"func rec(s string) string { return s }\nfmt.Println(old(3))",
	}, "note: old (Cell [1]) holds an earlier rec, which keeps the earlier rec: run Cell [1] again to have it made anew\n101\n", noted},
	{"a function, and a package that becomes a variable", []string{
		"import str \"strings\"\nfunc up(s string) string { return str.ToUpper(s) }",
		"str := \"x\"\nup(str)",
	}, "note: up of Cell [1] does not fit the new str and keeps the earlier: Cell [1] 2:39: str.ToUpper undefined (type string has no field or method ToUpper); define up again if it is to use the new\n=> X\n", noted},
	{"an error that a method returned, and what has a time", []string{
		"const k = 1\ntype T struct{}\nfunc (t *T) Add() error { return fmt.Errorf(\"%d\", k) }\ntype dated struct{ at *time.Time; text bytes.Buffer }\nfunc (t *T) Get() *dated { return &dated{} }\nt := &T{}\nerr := t.Add()\nd := t.Get()",
		"type T struct{ n int }",
		"const k = 2\nfmt.Println(t.Add())",
	}, "note: t (Cell [1]) holds an earlier T, whose methods keep the earlier k: run Cell [1] again to have it made anew\n1\n", noted},
	{"an error that has a value of the type", []string{
		"const k = 1\ntype T struct{}\nfunc (t *T) Add() error { return bad{t, k} }\ntype bad struct{ t *T; k int }\nfunc (b bad) Error() string { return fmt.Sprint(b.k) }\nerr := (&T{}).Add()",
		"type T struct{ n int }",
		"const k = 2\nfmt.Println(err)",
	}, "note: method Add of T (Cell [1]) does not fit the new T: Cell [1] 3:38: cannot use t (variable of type *T) as *T value in struct literal (bad has the T of Cell [1], the newest T is that of this cell: declare it again, too); define it again if it is to be one of the new\nnote: type bad of Cell [1] is made of the earlier T: run Cell [1] again if it is to be of the new\nnote: err (Cell [1]) holds an earlier T, whose methods keep the earlier k: run Cell [1] again to have it made anew\n1\n", noted},
	{"closures that make values of an earlier type, whose methods use a constant", []string{
		"const k = 1\ntype T struct{}\nfunc (T) M() int { return k }\nfunc mk() func() int { return func() int { return T{}.M() } }\nh := func() any { return T{}.M() }\nm := mk()",
		"type T struct{ n int }",
		"const k = 2\nfmt.Println(h(), m())",
	}, "note: closures that mk made before keep the earlier T\nnote: h (Cell [1]) keeps the earlier T: run Cell [1] again to have it made anew\nnote: closures that mk made before use an earlier T, whose methods keep the earlier k\nnote: h (Cell [1]) holds an earlier T, whose methods keep the earlier k: run Cell [1] again to have it made anew\nnote: m (Cell [1]) holds an earlier T, whose methods keep the earlier k: run Cell [1] again to have it made anew\n1 1\n", noted},
	{"a closure in a slice that has grown", []string{
		"const k = 1\nfs := []func() int{func() int { return k }}",
		"fs = append(fs, func() int { return 7 })",
		"const k = 2\nfs[0]()",
	}, "note: fs (Cell [1]) keeps the earlier k: run Cell [1] again to have it made anew\n=> 1\n", noted},
}

// What has nothing of the earlier meaning, and is not.
var freeAtRedefinition = []redefinition{
	{"an earlier body that no one holds", []string{
		"const k = 1\nfunc f() int { return k }",
		"func f() int { return 100 + k }",
		"const k = 2\nfmt.Println(f())",
	}, "102\n", gone},
	{"a closure that a function calls and forgets", []string{
		"const k = 1\nfunc f() int { g := func() int { return k }; return g() }\nf()",
		"const k = 2\nf()",
	}, "=> 1\n=> 2\n", gone},
	{"a literal that a function calls and forgets", []string{
		"const k = 1\nfunc Map(xs []int, f func(int) int) (r []int) { for _, x := range xs { r = append(r, f(x)) }; return }\nys := Map([]int{1}, func(x int) int { return k * x })",
		"const k = 2\nys",
	}, "=> [1]\n", gone},
	{"a maker of closures that was not called", []string{
		"const k = 1\nfunc mk() func() int { return func() int { return k } }",
		"const k = 2\nmk()()",
	}, "=> 2\n", gone},
	{"a goroutine of a wait group that has ended", []string{
		"const k = 1\nvar wg sync.WaitGroup\nwg.Go(func() { fmt.Println(k) })\nwg.Wait()",
		"const k = 2",
	}, "1\n", gone},
	{"a cell that runs again with another constant", []string{
		"const k = 1\ntype T int\nfunc (t T) M() int { return k }\nvar t T\nm := t.M",
		"const k = 2\ntype T int\nfunc (t T) M() int { return k }\nfmt.Println(m(), t.M())",
	}, "2 2\n", gone},
	{"a program that defines all again", []string{
		"type Node struct{ v int; next *Node }\nfunc (n *Node) Len() int { if n == nil { return 0 }; return 1 + n.next.Len() }\nfunc build(n int) *Node { var h *Node; for i := range n { h = &Node{i, h} }; return h }\nlist := build(3)\nfmt.Println(list.Len())",
		"type Node struct{ v string; next *Node }\nfunc (n *Node) Len() int { if n == nil { return 0 }; return 1 + n.next.Len() }\nfunc build(n int) *Node { var h *Node; for i := range n { h = &Node{fmt.Sprint(i), h} }; return h }\nlist := build(3)\nfmt.Println(list.Len())",
	}, "3\n3\n", gone},
	{"goroutines that have ended", []string{
		"const k = 2\nfunc sum(xs []int) int {\n\tvar wg sync.WaitGroup\n\tvar mu sync.Mutex\n\tt := 0\n\tfor _, x := range xs {\n\t\twg.Add(1)\n\t\tgo func() { defer wg.Done(); mu.Lock(); t += k * x; mu.Unlock() }()\n\t}\n\twg.Wait()\n\treturn t\n}\ntotal := sum([]int{1, 2})",
		"const k = 3\nfmt.Println(total, sum([]int{1, 2}))",
	}, "6 9\n", gone},
	{"what cannot hold a closure", []string{
		"const k = 2\nfunc f(xs []int) []int { defer func() { _ = k }(); sort.Slice(xs, func(i, j int) bool { return k*xs[i] < k*xs[j] }); return xs }\nys := f([]int{2, 1})\nm := map[string]int{\"a\": k}\nz := slices.IndexFunc(ys, func(x int) bool { return x == k })",
		"const k = 3\nfmt.Println(ys, m, z)",
	}, "[1 2] map[a:2] 1\n", gone},
	{"a closure that calls itself", []string{
		"const k = 2\nfunc fib(n int) int { var g func(int) int; g = func(n int) int { if n < k { return n }; return g(n-1) + g(n-2) }; return g(n) }\nfib(5)",
		"const k = 3\nfib(5)",
	}, "=> 5\n=> 8\n", gone},
	{"an iterator that was ranged over", []string{
		"const k = 2\nfunc evens(n int) func(func(int) bool) { return func(yield func(int) bool) { for i := range n { if i%k == 0 && !yield(i) { return } } } }\nt := 0\nfor x := range evens(5) { t += x }",
		"const k = 3\nt",
	}, "=> 6\n", gone},
	{"methods that a goroutine calls by an interface", []string{
		"type W interface{ Do() string }\ntype A struct{}\nfunc (A) Do() string { return \"old\" }\nin, out := make(chan W), make(chan string)\ngo func() { for w := range in { out <- w.Do() } }()\nin <- A{}\nfmt.Println(<-out)",
		"func (A) Do() string { return \"new\" }\nin <- A{}\nfmt.Println(<-out)",
		"type A struct{ n int }\nfunc (A) Do() string { return \"newer\" }\nin <- A{}\nfmt.Println(<-out)",
		"type W interface{ Do() int }",
	}, "old\nnew\nnewer\n", gone},
	{"a closure that calls what makes values of a type", []string{
		"const k = 1\ntype T struct{}\nfunc (T) M() int { return k }\nfunc f() any { return T{}.M() }\nh := func() any { return f() }\nhs := map[string]func() any{\"a\": h, \"b\": func() any { return f() }}",
		"type T struct{ n int }",
		"const k = 2\nfmt.Println(h(), hs[\"a\"](), hs[\"b\"]())",
	}, "2 2 2\n", gone},
	{"parameters and variables of the name", []string{
		"const k = 1\nf := func(k int) int { return k }\ng := func() int { k := 5; return k }",
		"const k = 2\nfmt.Println(f(1), g())",
	}, "1 5\n", gone},
	{"a closure that the cell itself replaces", []string{
		"const k = 1\nc := func() int { return k }\nc = func() int { return 7 }",
		"const k = 2",
	}, "", gone},
}
