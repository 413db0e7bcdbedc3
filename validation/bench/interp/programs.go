package main

import "strings"

// program is a whole program for both interpreters. Its function run returns
// what it computed, so that the results can be compared. Each is plain Go that
// raw yaegi runs right.
type program struct {
	name string
	why  string
	code string
	most float64 // the most that it may cost, as a multiple of raw yaegi
}

const (
	loopMost  = 1.6
	ifaceMost = 2.0
)

// programs are the fifteen programs of the geometric mean.
var programs = []program{
	{"float sum", "the shortest float loop: what the head of a loop costs", `
func run() float64 {
	s := 0.0
	for i := 0; i < 500000; i++ {
		s += float64(i) * 0.5
	}
	return s
}`, loopMost},
	{"int xor", "integers and shifts by constants", `
func run() int {
	x := 1
	for i := 0; i < 400000; i++ {
		x ^= x << 5
		x ^= x >> 3
		x ^= i
		x &= 0xffffffff
	}
	return x
}`, loopMost},
	{"fib", "calls of a declared function, and little else", `
func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func run() int { return fib(22) }`, loopMost},
	{"matmul", "nested slices of floats, three loops", `
func run() float64 {
	n := 60
	a, b, c := make([][]float64, n), make([][]float64, n), make([][]float64, n)
	for i := 0; i < n; i++ {
		a[i], b[i], c[i] = make([]float64, n), make([]float64, n), make([]float64, n)
		for j := 0; j < n; j++ {
			a[i][j], b[i][j] = float64(i+j), float64(i-j)
		}
	}
	for i := 0; i < n; i++ {
		for j := 0; j < n; j++ {
			s := 0.0
			for k := 0; k < n; k++ {
				s += a[i][k] * b[k][j]
			}
			c[i][j] = s
		}
	}
	return c[3][5]
}`, loopMost},
	{"sieve", "a slice of bool, a loop with a stride", `
func run() int {
	n := 300000
	composite := make([]bool, n)
	count := 0
	for i := 2; i < n; i++ {
		if composite[i] {
			continue
		}
		count++
		for j := 2 * i; j < n; j += i {
			composite[j] = true
		}
	}
	return count
}`, loopMost},
	{"map update", "counting in a map of ints", `
func run() int {
	m := map[int]int{}
	for i := 0; i < 200000; i++ {
		m[i%1000] += i
	}
	return m[7] + len(m)
}`, loopMost},
	{"strings.Builder", "a native method called for each step", `
func run() int {
	var b strings.Builder
	for i := 0; i < 100000; i++ {
		b.WriteString("ab")
		b.WriteByte('c')
	}
	return b.Len()
}`, loopMost},
	{"sort.Slice", "native code that calls an interpreted closure", `
func run() int {
	xs := make([]int, 20000)
	x := 12345
	for i := range xs {
		x = (x*1103515245 + 12345) % 2147483648
		xs[i] = x
	}
	sort.Slice(xs, func(i, j int) bool { return xs[i] < xs[j] })
	return xs[0] + xs[10000]
}`, loopMost},
	{"struct methods", "methods of a pointer and of a value", `
type point struct{ x, y float64 }

func (p *point) move(dx, dy float64) { p.x += dx; p.y += dy }

func (p point) norm() float64 { return p.x*p.x + p.y*p.y }

func run() float64 {
	p := &point{}
	s := 0.0
	for i := 0; i < 50000; i++ {
		p.move(1, 0.5)
		s += p.norm()
	}
	return s
}`, loopMost},
	{"closures", "calls of a closure that keeps a variable", `
func counter() func(int) int {
	n := 0
	return func(k int) int {
		n += k
		return n
	}
}

func run() int {
	add := counter()
	s := 0
	for i := 0; i < 100000; i++ {
		s += add(i)
	}
	return s
}`, loopMost},
	{"entropy", "a histogram and math.Log2, as a notebook computes it", `
func run() float64 {
	h := make([]int, 256)
	n := 200000
	for i := 0; i < n; i++ {
		h[(i*i+3*i)%251]++
	}
	e := 0.0
	for r := 0; r < 200; r++ {
		e = 0
		for _, c := range h {
			if c > 0 {
				p := float64(c) / float64(n)
				e -= p * math.Log2(p)
			}
		}
	}
	return e
}`, loopMost},
	{"string scan", "words and digits of a text, byte by byte", `
func run() int {
	text := strings.Repeat("the quick brown fox 1234 jumps over 56 lazy dogs ", 2000)
	words, sum, number := 0, 0, 0
	in := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= '0' && c <= '9' {
			number = number*10 + int(c-'0')
			continue
		}
		if c == ' ' {
			sum += number
			number = 0
			in = false
		} else if !in {
			in = true
			words++
		}
	}
	return words + sum
}`, loopMost},
	{"n-body", "structs in a slice, fields of floats, math.Sqrt", `
type body struct{ x, y, z, vx, vy, vz, mass float64 }

func energy(bs []body) float64 {
	e := 0.0
	for i := 0; i < len(bs); i++ {
		b := &bs[i]
		e += 0.5 * b.mass * (b.vx*b.vx + b.vy*b.vy + b.vz*b.vz)
		for j := i + 1; j < len(bs); j++ {
			dx, dy, dz := b.x-bs[j].x, b.y-bs[j].y, b.z-bs[j].z
			e -= b.mass * bs[j].mass / math.Sqrt(dx*dx+dy*dy+dz*dz)
		}
	}
	return e
}

func advance(bs []body, dt float64) {
	for i := 0; i < len(bs); i++ {
		b := &bs[i]
		for j := i + 1; j < len(bs); j++ {
			c := &bs[j]
			dx, dy, dz := b.x-c.x, b.y-c.y, b.z-c.z
			d := dx*dx + dy*dy + dz*dz
			mag := dt / (d * math.Sqrt(d))
			b.vx -= dx * c.mass * mag
			b.vy -= dy * c.mass * mag
			b.vz -= dz * c.mass * mag
			c.vx += dx * b.mass * mag
			c.vy += dy * b.mass * mag
			c.vz += dz * b.mass * mag
		}
	}
	for i := 0; i < len(bs); i++ {
		b := &bs[i]
		b.x += dt * b.vx
		b.y += dt * b.vy
		b.z += dt * b.vz
	}
}

func run() float64 {
	bs := make([]body, 5)
	for i := 0; i < 5; i++ {
		f := float64(i)
		bs[i] = body{f * 3, f * f, -f, 0.1 * f, 0.2 - f*0.01, 0.05 * f, 1 + 0.1*f}
	}
	for s := 0; s < 1000; s++ {
		advance(bs, 0.001)
	}
	return energy(bs)
}`, loopMost},
	{"channels", "two goroutines that pass a number to and fro", `
func run() int {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for i := 0; i < 20000; i++ {
			v := <-ping
			pong <- v + 1
		}
	}()
	v := 0
	for i := 0; i < 20000; i++ {
		ping <- v
		v = <-pong
	}
	return v
}`, loopMost},
	{"arrays", "nested loops over an array of arrays: a game of life", `
func run() int {
	var a, b [32][32]int
	for i := 0; i < 32; i++ {
		for j := 0; j < 32; j++ {
			a[i][j] = (i*7 + j*13) % 3 % 2
		}
	}
	for t := 0; t < 10; t++ {
		for i := 1; i < 31; i++ {
			for j := 1; j < 31; j++ {
				n := a[i-1][j-1] + a[i-1][j] + a[i-1][j+1] + a[i][j-1] + a[i][j+1] + a[i+1][j-1] + a[i+1][j] + a[i+1][j+1]
				if n == 3 || n == 2 && a[i][j] == 1 {
					b[i][j] = 1
				} else {
					b[i][j] = 0
				}
			}
		}
		for i := 0; i < 32; i++ {
			for j := 0; j < 32; j++ {
				a[i][j] = b[i][j]
			}
		}
	}
	n := 0
	for i := 0; i < 32; i++ {
		for j := 0; j < 32; j++ {
			n += a[i][j] * (i + j)
		}
	}
	return n
}`, loopMost},
}

// interfaceCalls has a bar of its own and is no part of the mean.
var interfaceCalls = program{"interface calls", "two notebook types behind an interface of the notebook", `
type shape interface{ area() float64 }

type square struct{ side float64 }

func (s square) area() float64 { return s.side * s.side }

type rect struct{ w, h float64 }

func (r *rect) area() float64 { return r.w * r.h }

func run() float64 {
	shapes := []shape{square{2}, &rect{3, 4}, square{5}}
	s := 0.0
	for i := 0; i < 50000; i++ {
		s += shapes[i%3].area()
	}
	return s
}`, ifaceMost}

// stoppedChannels is the program of channels for the yaegi that can be stopped.
func stoppedChannels() program {
	for _, p := range programs {
		if p.name == "channels" {
			p.name, p.why = "channels that can be ended", "the same, beside a yaegi that can end what waits, too"
			return p
		}
	}
	panic("no program is called channels")
}

// imports are the import declarations that a program needs.
func (p program) imports() string {
	var b strings.Builder
	for _, name := range []string{"math", "sort", "strings"} {
		if strings.Contains(p.code, name+".") {
			b.WriteString("import \"" + name + "\"\n")
		}
	}
	return b.String()
}
