package interp

// What channels carry, and where it goes. The results are the compiler's.
var channelScenarios = []scenario{
	{"elements of all kinds", []string{`type P struct { X int; s []string }
type C float64
func (c C) String() string { return fmt.Sprintf("%g C", float64(c)) }
type L []L
type T chan T
func pass[E any](x E) E { c := make(chan E, 1); c <- x; v, ok := <-c; if !ok { panic("closed") }; c <- v; return <-c }`, `p := &P{X: 1}
fmt.Println(pass(P{2, []string{"a"}}), pass(p) == p, pass(C(3)), pass(any(C(4))), pass(any(nil)), pass(L{nil, {}}), pass([2]P{{X: 5}}))
fmt.Println(pass(struct{}{}), pass(error(nil)), pass(fmt.Errorf("e")), pass(map[string]P{"k": {X: 6}}), pass(fmt.Stringer(C(7))), pass(struct{ a, b int8 }{8, 9}))
fmt.Println(pass(func(n int) int { return n + 1 })(1), pass(complex(1, 2)), pass(uintptr(3)), pass('x'), pass([]byte("b")), pass([]any{1, C(2)}), pass(time.Duration(5)))
t := make(T, 1)
t <- t
fmt.Println(<-t == t, pass(make(chan P)) == nil, pass((chan int)(nil)) == nil, len(pass([]P(nil))))`}, "{2 [a]} true 3 C 4 C <nil> [[] []] [{5 []} {0 []}]\n{} <nil> e map[k:{6 []}] 7 C {8 9}\n2 (1+2i) 3 120 [98] [1 2 C] 5ns\ntrue false true 0\n", "their types are made in several ways"},
	{"constants and operands", []string{`type E uint8
const K E = 200
type Names chan string
func f(n int) int { fmt.Print(n, " "); return n }
func ch(c chan int) chan int { fmt.Print("ch "); return c }`, `c, e, s, x, g, r, n := make(chan int, 9), make(chan E, 2), make(Names, 2), make(chan any, 9), make(chan float32, 2), make(chan rune, 1), make(chan []int, 2)
c <- 1
c <- -1 << 3
ch(c) <- f(2) + f(3)*f(4)
e <- K
e <- 255
s <- "a" + "b"
g <- 1
g <- 1 / 3.0
r <- 'é'
n <- nil
x <- nil
x <- 1
x <- K
x <- 'a'
x <- 2.5
x <- "s"
x <- c == nil
fmt.Println(<-c, <-c, <-c, <-e, <-e, <-s, <-g, <-g, <-r, <-n == nil)
for len(x) > 0 { v := <-x; fmt.Printf("%T %v ", v, v) }
fmt.Println(f(<-func() chan int { ch(c) <- 1; return c }()))`}, "ch 2 3 4 1 -8 14 200 255 ab 1 0.33333334 233 true\n<nil> <nil> int 1 main.E 200 int32 97 float64 2.5 string s bool false ch 1 1\n", "constants have no variable and no type of their own"},
	{"where a received value goes", []string{`type S struct { v int; p *int; m map[string]int; a [3]int }
var g int
func named(c chan int) (v int, ok bool) { defer func() { v *= 10 }(); v, ok = <-c; return }
func plain(c chan int) int { return <-c }
func both(c chan int) (int, bool) { v, ok := <-c; return v, ok }
func add(a, b, c int) string { return fmt.Sprint(a, b, c) }`, `c := make(chan int, 99)
for i := range 40 { c <- i + 1 }
s := S{p: new(int), m: map[string]int{}}
i := 0
s.v, *s.p, s.m["k"], s.a[i] = <-c, <-c, <-c, <-c
var ok bool
s.v, ok = <-c
s.m["k"], _ = <-c
_, s.m["ok"] = ok, 1
g = <-c
q := &g
g = <-c
x := <-c
h := func() int { return x }
x = <-c
func() { x = x + <-c*100 }()
x += <-c
s.a[<-c-13] += <-c
fmt.Println(s.v, *s.p, s.m, s.a, ok, g, *q, x, h())
fmt.Println(add(<-c, <-c, <-c), -<-c, <-c<<1, 1 - <-c)
fmt.Println(named(c))
fmt.Println(plain(c), <-c)
fmt.Println(both(c))
if v := <-c; v > 0 { fmt.Println("if", v) }
switch v := <-c; { case v == 0: default: fmt.Println("switch", v) }
switch <-c { case 26: fmt.Println("26") }
for v := <-c; v < 29; v = <-c { fmt.Print(v, " ") }
var iface any = <-c
y, z := []int{<-c, <-c}, map[int]int{<-c: <-c}
<-c
_ = <-c
fmt.Println(iface, y, z, len(c), cap(c))`}, "5 2 map[k:6 ok:1] [18 0 0] true 8 8 1122 1122\n15 16 17 -18 38 -19\n210 true\n22 23\n24 true\nif 25\nswitch 26\n28 30 [31 32] map[33:34] 4 99\n", "a result of a native call is a temporary"},
	{"each iteration has its own", []string{`var kept []func() int
var at []*int`, `c := make(chan int, 9)
for i := range 3 { c <- i }
for i := 0; i < 3; i++ { v := <-c; kept = append(kept, func() int { v++; return v }); at = append(at, &v) }
for i := range 3 { c <- i + 10 }
close(c)
for v := range c { kept = append(kept, func() int { v++; return v }); at = append(at, &v) }
for { v, ok := <-c; if !ok { kept = append(kept, func() int { v--; return v }); at = append(at, &v); break } }
for i, f := range kept { fmt.Print(f(), f(), *at[i], " ") }
v := 7
p := &v
for v = range func() chan int { c := make(chan int, 2); c <- 1; c <- 2; close(c); return c }() { fmt.Print(*p, " ") }
fmt.Println(v, *p)`}, "1 2 2 2 3 3 3 4 4 11 12 12 12 13 13 13 14 14 -1 -2 -2 1 2 2 2\n", "a variable may be filled in again"},
	{"range, closed and nil", []string{`func gen(n int) <-chan int { c := make(chan int); go func() { defer close(c); for i := range n { c <- i } }(); return c }
func fill(c chan<- int, n int) { for i := range n { c <- i } }
func try(f func()) { defer func() { fmt.Println(recover()) }(); f() }`, `n := 0
for range gen(3) { n++ }
for v := range gen(10) { if v == 2 { continue }; if v == 5 { break }; n += v * 10 }
outer:
for a := range gen(3) { for b := range gen(3) { if b == 1 { continue outer }; n += 1000 * (a + b) } }
fmt.Println(n)
c := make(chan int, 5)
fill(c, 3)
close(c)
v, ok := <-c
fmt.Println(v, ok, len(c), cap(c))
for v := range c { fmt.Print(v, " ") }
v, ok = <-c
fmt.Println(v, ok)
var none chan int
try(func() { c <- 1 })
try(func() { close(c) })
try(func() { close(none) })
try(func() { select { case c <- 1: } })
select { case v, ok := <-c: fmt.Println(v, ok); case none <- 1: case <-none: }
select { case <-none: default: fmt.Println("default", len(none), cap(none)) }
s := make(chan struct{ n int })
close(s)
z, ok := <-s
fmt.Println(z, ok)`}, "3083\n0 true 2 5\n1 2 0 false\nsend on closed channel\nclose of closed channel\nclose of nil channel\nsend on closed channel\n0 false\ndefault 0 0\n{0} false\n", "a closed channel gives zeros; nil waits for ever"},
	{"select", []string{`type Sum struct { n int; by map[string]int }
func (s *Sum) at(k string) *int { fmt.Print(k, " "); return &s.n }
func one(c chan int, tag string) chan int { fmt.Print(tag, " "); return c }
func val(n int) int { fmt.Print(n, " "); return n }`, `a, b, f, e := make(chan int, 3), make(chan string, 3), make(chan func() string, 1), make(chan error, 1)
s := &Sum{by: map[string]int{}}
select { case one(a, "a") <- val(1) + val(2): fmt.Println("sent"); case x := <-one(nil, "b"): fmt.Println(x) }
select { case s.by["k"] = <-a: fmt.Println(s.by); case b <- "never": if len(b) > 0 { <-b }; s.by["k"] = <-a; fmt.Println(s.by) }
a <- 4
select { case *s.at("at") = <-a: }
f <- func() string { return "f" }
select { case g, ok := <-f: fmt.Println(g(), ok, s.n) }
select { case f <- nil: }
select { case g := <-f: fmt.Println(g == nil) }
select { case e <- nil: }
var err error = fmt.Errorf("old")
var ok bool
select { case err, ok = <-e: fmt.Println(err, ok) }
var fs []func() string
for i := range 3 { b <- fmt.Sprint(i); select { case v := <-b: fs = append(fs, func() string { v += "!"; return v }) } }
for _, g := range fs { fmt.Print(g(), g(), " ") }
loop:
for i := 0; ; i++ { select { case a <- i: if i == 1 { continue loop }; default: break loop } }
close(a)
for v := range a { fmt.Print(v, " ") }
select { case v, ok := <-a: fmt.Println(v, ok); case <-time.After(time.Minute): fmt.Println("late") }
select { case <-time.After(time.Millisecond): fmt.Println("after"); case v := <-b: fmt.Println(v) }
n := 0
both := [2]chan int{make(chan int, 1000), make(chan int, 1000)}
for range 1000 { both[0] <- 1; both[1] <- 1 }
for range 1000 { select { case <-both[0]: n++; case <-both[1]: } }
fmt.Println(n > 300 && n < 700)`}, "a 1 2 b sent\nmap[k:3]\nat f true 4\ntrue\n<nil> true\n0!0!! 1!1!! 2!2!! 0 1 2 0 false\nafter\ntrue\n", "sends nothing that it must convert, receives into nothing but variables"},
	{"directions and native channels", []string{`type In = <-chan float64
type Out chan<- float64
type Both chan float64
func (b Both) Drain() (s float64) { for len(b) > 0 { s += <-b }; return }
func move(in In, out Out) { for v := range in { out <- v * 2 }; close(out) }`, `src, dst := make(Both, 3), make(chan float64, 3)
var out chan<- float64 = src
out <- 1
Out(out) <- 2
fmt.Println(src.Drain())
go move((<-chan float64)(src), dst)
src <- 3
src <- 4
close(src)
for v := range (<-chan float64)(dst) { fmt.Print(v, " ") }
cx, cancel := context.WithCancel(context.Background())
cancel()
<-cx.Done()
_, ok := <-cx.Done()
tk := time.NewTicker(time.Millisecond)
at := <-tk.C
tk.Stop()
sig := make(chan os.Signal, 1)
sig <- os.Interrupt
var st fmt.Stringer = time.Second
ss := make(chan fmt.Stringer, 2)
ss <- st
ss <- time.Minute
rs := make(chan io.Reader, 1)
rs <- strings.NewReader("text")
body, _ := io.ReadAll(<-rs)
fmt.Println(ok, at.IsZero(), <-sig, <-ss, (<-ss).String(), string(body))`}, "3\n6 8 false false interrupt 1s 1m0s text\n", "native code makes channels, too"},
	{"goroutines in a row", []string{`type job struct { id int; reply chan<- result }
type result struct { id int; square int }
func worker(jobs <-chan job, wg *sync.WaitGroup) { defer wg.Done(); for j := range jobs { j.reply <- result{j.id, j.id * j.id} } }
func filter(in <-chan int, p int) <-chan int { out := make(chan int); go func() { defer close(out); for v := range in { if v%p != 0 { out <- v } } }(); return out }`, `jobs, replies := make(chan job), make(chan result, 100)
var wg sync.WaitGroup
for range 4 { wg.Add(1); go worker(jobs, &wg) }
for i := range 50 { jobs <- job{i, replies} }
close(jobs)
wg.Wait()
close(replies)
sum := 0
for r := range replies { sum += r.square + r.id }
fmt.Println(sum)
nums := make(chan int)
go func() { for i := 2; i < 60; i++ { nums <- i }; close(nums) }()
var in <-chan int = nums
for { p, ok := <-in; if !ok { break }; fmt.Print(p, " "); in = filter(in, p) }
fmt.Println()
sem, done := make(chan struct{}, 3), make(chan struct{})
var busy, most atomic.Int32
for range 20 { go func() { sem <- struct{}{}; n := busy.Add(1); for { m := most.Load(); if n <= m || most.CompareAndSwap(m, n) { break } }; busy.Add(-1); <-sem; done <- struct{}{} }() }
for range 20 { <-done }
fmt.Println(most.Load() <= 3)
mu := make(chan bool, 1)
count := 0
for range 10 { go func() { mu <- true; count++; <-mu; done <- struct{}{} }() }
for range 10 { <-done }
fmt.Println(count)`}, "41650\n2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 \ntrue\n10\n", "pools, pipelines and semaphores"},
}
