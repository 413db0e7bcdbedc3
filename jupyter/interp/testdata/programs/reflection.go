package main

import (
	"fmt"
	"io"
	"reflect"
	"sort"
	"strings"
)

type Celsius float64

func (c Celsius) String() string        { return fmt.Sprintf("%.1f °C", float64(c)) }
func (c Celsius) Add(d Celsius) Celsius { return c + d }
func (c *Celsius) Inc(n int, more ...Celsius) {
	*c += Celsius(n)
	for _, m := range more {
		*c += m
	}
}

type Shape interface {
	Area() float64
	Name() string
}
type P struct {
	X, y int
	C    Celsius
	S    Shape
	E    error
	A    any
	F    func(Celsius) P
	in
	*Out `json:"o"`
}
type in struct{ Z int }
type Out struct{ W, X int }
type Empty struct{}

func (p P) Area() float64                           { return float64(p.X) }
func (p P) Name() string                            { return "P" }
func (p *P) Set(x int) *P                           { p.X = x; return p }
func (p P) Of(s Shape, e error, r io.Reader) string { return fmt.Sprint(s, e, r == nil) }
func (p P) Var(pre string, xs ...int) int           { return len(pre) + len(xs) }
func (p P) hidden()                                 {}
func (Out) Promoted() string                        { return "promoted" }

type Names []string

func (n Names) Len() int { return len(n) }

type Handler func(args []string) string

func (h Handler) Serve(s string) string { return h([]string{s}) }

type Cmds struct{ log []string }

func (c *Cmds) DoAdd(a, b int) int       { return a + b }
func (c *Cmds) DoGreet(n string) string  { c.log = append(c.log, n); return "hi " + n }
func (c *Cmds) DoTemp(t Celsius) Celsius { return t.Add(1) }
func (c *Cmds) DoFail() (int, error)     { return 0, io.EOF }
func (c *Cmds) Other()                   {}

func try(name string, f func()) {
	defer func() {
		if e := recover(); e != nil {
			fmt.Println(name, "panics:", e)
		}
	}()
	f()
}

func main() {
	for _, x := range []any{Celsius(1), new(Celsius), P{}, &P{}, Names{"a"}, Handler(nil), &Cmds{}, 3, "s", struct{ A int }{1}, Empty{}, []Celsius{1}, map[string]P{}, func(P) Celsius { return 0 }, [2]P{}, make(chan Celsius), (*Shape)(nil), []Shape{P{}}, map[Celsius][]Shape{}} {
		t := reflect.TypeOf(x)
		fmt.Println(t, t.Name(), t.Kind(), t.NumMethod(), t.PkgPath(), t.Comparable())
		for i := 0; i < t.NumMethod(); i++ {
			m := t.Method(i)
			fmt.Println("  ", m.Name, m.Type, m.Index, m.Func.Type(), m.Type.NumIn(), m.Type.NumOut(), m.Type.IsVariadic(), m.IsExported())
		}
		v := reflect.ValueOf(x)
		for i := range v.NumMethod() {
			fmt.Println("  ", v.Method(i).Type())
		}
		switch t.Kind() {
		case reflect.Struct:
			fmt.Println("  fields", t.NumField(), v.NumField())
			for i := range t.NumField() {
				f := t.Field(i)
				fmt.Println("   ", f.Name, f.Type, f.Tag, f.Anonymous, f.PkgPath, f.Index, v.Field(i).Type(), v.Field(i).Kind())
			}
			for _, f := range reflect.VisibleFields(t) {
				fmt.Println("   visible", f.Name, f.Type, f.Index, f.Anonymous)
			}
			for f := range t.Fields() {
				fmt.Print(f.Name, " ")
			}
			fmt.Println()
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array, reflect.Chan:
			fmt.Println("  elem", t.Elem(), t.Elem().Kind(), t.Elem().Name())
		case reflect.Func:
			for p := range t.Ins() {
				fmt.Println("   in", p)
			}
			for p := range t.Outs() {
				fmt.Println("   out", p)
			}
		}
	}
	// dispatch
	c := &Cmds{}
	table := map[string]reflect.Value{}
	v := reflect.ValueOf(c)
	for i := 0; i < v.NumMethod(); i++ {
		n := v.Type().Method(i).Name
		if strings.HasPrefix(n, "Do") {
			table[strings.ToLower(n[2:])] = v.Method(i)
		}
	}
	keys := make([]string, 0)
	for k := range table {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	fmt.Println(keys)
	fmt.Println(table["add"].Call([]reflect.Value{reflect.ValueOf(1), reflect.ValueOf(2)})[0].Int())
	fmt.Println(table["greet"].Call([]reflect.Value{reflect.ValueOf("bob")})[0])
	fmt.Println(table["temp"].Call([]reflect.Value{reflect.ValueOf(Celsius(4))})[0].Interface())
	out := table["fail"].Call(nil)
	fmt.Println(out[0], out[1], out[1].Interface().(error) == io.EOF, c.log)
	m, ok := v.Type().MethodByName("DoTemp")
	fmt.Println(m.Func.Call([]reflect.Value{v, reflect.ValueOf(Celsius(10))})[0], ok)
	_, ok = v.Type().MethodByName("Nope")
	fmt.Println(ok, v.MethodByName("Nope").IsValid())
	var cc Celsius = 3
	mi, _ := reflect.TypeOf(&cc).MethodByName("Inc")
	mi.Func.Call([]reflect.Value{reflect.ValueOf(&cc), reflect.ValueOf(2), reflect.ValueOf(Celsius(1)), reflect.ValueOf(Celsius(1))})
	mi.Func.CallSlice([]reflect.Value{reflect.ValueOf(&cc), reflect.ValueOf(2), reflect.ValueOf([]Celsius{7})})
	fmt.Println(cc)
	ma, _ := reflect.TypeOf(cc).MethodByName("Add")
	fmt.Println(ma.Func.Call([]reflect.Value{reflect.ValueOf(cc), reflect.ValueOf(Celsius(1))})[0].Interface().(Celsius))
	fn, ok2 := ma.Func.Interface().(func(Celsius, Celsius) Celsius)
	fmt.Println(ok2)
	if ok2 {
		fmt.Println(fn(1, 2))
	}
	p := P{X: 4, C: 2}
	mp, _ := reflect.TypeOf(p).MethodByName("Var")
	fmt.Println(mp.Func.Call([]reflect.Value{reflect.ValueOf(p), reflect.ValueOf("ab"), reflect.ValueOf(1)})[0])
	fmt.Println(reflect.ValueOf(p).MethodByName("Of").Call([]reflect.Value{reflect.ValueOf(p), reflect.ValueOf(io.EOF), reflect.ValueOf(strings.NewReader(""))})[0].String()[:5])
	try("wrong arg", func() { table["temp"].Call([]reflect.Value{reflect.ValueOf(1.5)}) })
	try("few", func() { table["temp"].Call(nil) })
	try("many", func() { table["temp"].Call(make([]reflect.Value, 2)) })
	try("recv", func() { ma.Func.Call([]reflect.Value{reflect.ValueOf(1.0), reflect.ValueOf(Celsius(1))}) })
	try("shape", func() {
		reflect.ValueOf(p).MethodByName("Of").Call([]reflect.Value{reflect.ValueOf(3), reflect.ValueOf(io.EOF), reflect.ValueOf(strings.NewReader(""))})
	})
	try("index", func() { reflect.TypeOf(p).Method(99) })
	// implements
	shape := reflect.TypeOf((*Shape)(nil)).Elem()
	shape2 := reflect.TypeFor[Shape]()
	str := reflect.TypeFor[fmt.Stringer]()
	errT := reflect.TypeFor[error]()
	anyT := reflect.TypeFor[any]()
	fmt.Println(shape, shape == shape2, shape.Kind(), shape.Name(), shape.NumMethod(), shape.Method(0).Name, shape.Method(0).Type, str, errT)
	for _, t := range []reflect.Type{reflect.TypeOf(p), reflect.TypeOf(&p), reflect.TypeOf(cc), reflect.TypeOf(3), reflect.TypeFor[Names](), shape, reflect.TypeOf(c)} {
		fmt.Println(t, t.Implements(shape), t.Implements(str), t.Implements(errT), t.Implements(anyT), t.AssignableTo(shape), t.ConvertibleTo(shape), t.AssignableTo(anyT))
	}
	// fits
	types := []reflect.Type{reflect.TypeFor[Celsius](), reflect.TypeFor[float64](), reflect.TypeFor[int](), reflect.TypeFor[string](), reflect.TypeFor[Names](), reflect.TypeFor[[]string](), reflect.TypeFor[[]byte](), reflect.TypeFor[P](), reflect.TypeFor[*P](), reflect.TypeFor[[]Celsius](), reflect.TypeFor[Handler](), reflect.TypeFor[func([]string) string](), reflect.TypeFor[struct{ Z int }](), reflect.TypeFor[in](), reflect.TypeFor[chan Celsius](), reflect.TypeFor[<-chan Celsius](), reflect.TypeFor[[1]Celsius]()}
	for _, a := range types {
		for _, b := range types {
			if a.AssignableTo(b) {
				fmt.Println(a, "->", b)
			} else if a.ConvertibleTo(b) {
				fmt.Println(a, "=>", b)
			}
		}
	}
	// composites
	ct := reflect.TypeFor[Celsius]()
	st := reflect.SliceOf(ct)
	mt := reflect.MapOf(reflect.TypeOf(""), ct)
	fmt.Println(st, mt, reflect.PointerTo(st), reflect.MapOf(ct, reflect.TypeFor[P]()), reflect.ArrayOf(3, ct), reflect.ChanOf(reflect.RecvDir, ct), reflect.FuncOf([]reflect.Type{ct, st}, []reflect.Type{mt}, true), reflect.SliceOf(shape), reflect.SliceOf(reflect.TypeFor[P]()))
	s := reflect.MakeSlice(st, 0, 2)
	s = reflect.Append(s, reflect.ValueOf(Celsius(1)), reflect.ValueOf(Celsius(2)))
	fmt.Println(s, s.Interface(), s.Index(1).Interface(), s.Type())
	fmt.Printf("%T %v %+v\n", s.Interface(), s.Interface(), s)
	mm := reflect.MakeMap(mt)
	mm.SetMapIndex(reflect.ValueOf("a"), reflect.ValueOf(Celsius(7)))
	fmt.Printf("%T %v\n", mm.Interface(), mm.Interface())
	_, isM := mm.Interface().(map[string]Celsius)
	_, isF := mm.Interface().(map[string]float64)
	fmt.Println(isM, isF, mt == reflect.TypeOf(map[string]Celsius{}), st == reflect.TypeOf([]Celsius{}))
	sp := reflect.MakeSlice(reflect.SliceOf(reflect.TypeFor[P]()), 1, 1)
	fmt.Printf("%T %v\n", sp.Interface(), sp.Len())
	np := reflect.New(reflect.TypeFor[P]())
	np.Elem().FieldByName("C").Set(reflect.ValueOf(Celsius(5)))
	np.Elem().FieldByName("S").Set(reflect.ValueOf(P{X: 9}))
	fmt.Println(np.Elem().Field(2), np.Elem().Field(3).Elem().Field(0), np.Elem().FieldByName("S").Type(), np.MethodByName("Set").Call([]reflect.Value{reflect.ValueOf(8)})[0].Elem().Field(0))
	try("set", func() { np.Elem().FieldByName("C").Set(reflect.ValueOf(5.0)) })
	try("setS", func() { np.Elem().FieldByName("S").Set(reflect.ValueOf(5.0)) })
	arr := reflect.New(reflect.ArrayOf(2, ct)).Elem()
	arr.Index(0).Set(reflect.ValueOf(Celsius(3)))
	fmt.Printf("%T %v %T\n", arr.Interface(), arr.Interface(), arr.Slice(0, 1).Interface())
	ch := reflect.MakeChan(reflect.ChanOf(reflect.BothDir, ct), 1)
	ch.Send(reflect.ValueOf(Celsius(2)))
	x, ok3 := ch.Recv()
	fmt.Println(x, ok3, x.Type(), ch.Type())
	conv := reflect.ValueOf(21.5).Convert(ct)
	fmt.Println(conv.Interface(), conv.Type(), reflect.ValueOf(Names{"q"}).Convert(reflect.TypeFor[[]string]()).Interface(), reflect.ValueOf([]string{"r"}).Convert(reflect.TypeFor[Names]()).MethodByName("Len").Call(nil)[0])
	sw := reflect.Swapper([]Celsius{1, 2})
	sw(0, 1)
	f := reflect.MakeFunc(reflect.TypeFor[func(int) int](), func(a []reflect.Value) []reflect.Value { return []reflect.Value{reflect.ValueOf(int(a[0].Int()) * 2)} })
	fmt.Println(f.Interface().(func(int) int)(4))
	g := reflect.MakeFunc(reflect.TypeFor[func(Celsius) Celsius](), func(a []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(a[0].Interface().(Celsius) * 2)}
	})
	fmt.Println(g.Interface().(func(Celsius) Celsius)(4))
	z := reflect.Zero(shape)
	fmt.Println(z.IsValid(), z.IsNil(), z.Type(), reflect.Zero(ct).Interface(), reflect.New(shape).Type())
	for i, e := range reflect.ValueOf([]Celsius{1, 2}).Seq2() {
		fmt.Print(i, e, " ")
	}
	for e := range reflect.ValueOf(map[Celsius]int{3: 1}).Seq() {
		fmt.Print(e, " ")
	}
	fmt.Println(reflect.ValueOf(Celsius(1)).Equal(reflect.ValueOf(Celsius(1))), reflect.ValueOf(Celsius(1)).Equal(reflect.ValueOf(1.0)), reflect.ValueOf(Celsius(1)).CanConvert(reflect.TypeOf(1)))
}
