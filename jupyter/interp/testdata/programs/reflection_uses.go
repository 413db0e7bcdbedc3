package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

type C float64

func (c C) String() string { return fmt.Sprintf("%gC", float64(c)) }

type P struct {
	X, Y int
	c    C
}
type Sh interface{ Area() int }

func (p P) Area() int { return p.X * p.Y }

type Visitor interface {
	VisitInt(int)
	VisitC(C)
}
type v1 struct{ log []string }

func (v *v1) VisitInt(n int) { v.log = append(v.log, fmt.Sprint("int ", n)) }
func (v *v1) VisitC(c C)     { v.log = append(v.log, "C "+c.String()) }

// a validator by tags
type Form struct {
	Name string `check:"min=2"`
	Age  int    `check:"max=10"`
	T    C      `check:"max=3"`
	Sub  *Form  `check:"dive"`
	Tags []C    `check:"len=1"`
	skip int    `check:"min=9"`
}

func validate(x any) (errs []string) {
	v := reflect.Indirect(reflect.ValueOf(x))
	for i := 0; i < v.NumField(); i++ {
		f := v.Type().Field(i)
		rule, arg, _ := strings.Cut(f.Tag.Get("check"), "=")
		if !f.IsExported() {
			continue
		}
		fv := v.Field(i)
		switch rule {
		case "min":
			if fv.Len() < int(arg[0]-'0') {
				errs = append(errs, f.Name+" short")
			}
		case "max":
			n := 0.0
			if fv.CanInt() {
				n = float64(fv.Int())
			} else if fv.CanFloat() {
				n = fv.Float()
			}
			if n > 9 {
				errs = append(errs, fmt.Sprintf("%s %v big %s", f.Name, fv.Interface(), fv.Type()))
			}
		case "dive":
			if !fv.IsNil() {
				for _, e := range validate(fv.Interface()) {
					errs = append(errs, f.Name+"."+e)
				}
			}
		case "len":
			if fv.Len() != 1 {
				errs = append(errs, f.Name+" len of "+fv.Type().Elem().Name())
			}
		}
	}
	return
}

// deep copy by reflect
func clone(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		p := reflect.New(v.Type().Elem())
		p.Elem().Set(clone(v.Elem()))
		return p
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		s := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			s.Index(i).Set(clone(v.Index(i)))
		}
		return s
	case reflect.Map:
		m := reflect.MakeMapWithSize(v.Type(), v.Len())
		for it := v.MapRange(); it.Next(); {
			m.SetMapIndex(clone(it.Key()), clone(it.Value()))
		}
		return m
	case reflect.Struct:
		s := reflect.New(v.Type()).Elem()
		s.Set(v)
		for i := range v.NumField() {
			if s.Field(i).CanSet() {
				s.Field(i).Set(clone(v.Field(i)))
			}
		}
		return s
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		i := reflect.New(v.Type()).Elem()
		i.Set(clone(v.Elem()))
		return i
	}
	return v
}

type Deep struct {
	A []C
	M map[C]*P
	I any
	S Sh
	N *Deep
	p []int
}

type Event struct{ N C }
type Bus struct {
	hs map[reflect.Type][]reflect.Value
}

func (b *Bus) On(f any) { v := reflect.ValueOf(f); t := v.Type().In(0); b.hs[t] = append(b.hs[t], v) }
func (b *Bus) Emit(x any) {
	for _, h := range b.hs[reflect.TypeOf(x)] {
		h.Call([]reflect.Value{reflect.ValueOf(x)})
	}
}

type Injector map[reflect.Type]reflect.Value

func (in Injector) Invoke(f any) []any {
	t := reflect.TypeOf(f)
	args := make([]reflect.Value, t.NumIn())
	for i := range args {
		v, ok := in[t.In(i)]
		if !ok {
			for k, x := range in {
				if k.Implements(t.In(i)) {
					v = x
				}
			}
		}
		args[i] = v
	}
	var out []any
	for _, r := range reflect.ValueOf(f).Call(args) {
		out = append(out, r.Interface())
	}
	return out
}

func fill(p any, m map[string]any) {
	v := reflect.ValueOf(p).Elem()
	for k, x := range m {
		f := v.FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, k) })
		if f.IsValid() && f.CanSet() {
			f.Set(reflect.ValueOf(x).Convert(f.Type()))
		}
	}
}

func main() {
	fmt.Println(validate(&Form{"a", 11, 12, &Form{"bb", 1, 20, nil, []C{1}, 0}, nil, 0}))
	d := Deep{A: []C{1, 2}, M: map[C]*P{3: {1, 2, 4}}, I: []any{C(5), &P{X: 1}}, S: P{2, 3, 0}, N: &Deep{A: []C{9}}, p: []int{1}}
	e := clone(reflect.ValueOf(d)).Interface().(Deep)
	d.A[0], d.M[3].X, d.N.A[0] = 100, 100, 100
	fmt.Println(e.A, *e.M[3], e.I.([]any)[0], e.I.([]any)[1].(*P).X, e.S.Area(), e.N.A)
	b := &Bus{map[reflect.Type][]reflect.Value{}}
	b.On(func(e Event) { fmt.Println("event", e.N) })
	b.On(func(c C) { fmt.Println("c", c) })
	b.On(func(c float64) { fmt.Println("float", c) })
	b.On(func(p *P) { fmt.Println("p", p.X) })
	b.Emit(Event{4})
	b.Emit(C(5))
	b.Emit(6.5)
	b.Emit(&P{X: 7})
	in := Injector{reflect.TypeOf(C(0)): reflect.ValueOf(C(8)), reflect.TypeOf(P{}): reflect.ValueOf(P{3, 4, 0})}
	fmt.Println(in.Invoke(func(c C, s Sh, p P) (C, int, error) { return c * 2, s.Area() + p.X, nil }))
	var f Form
	fill(&f, map[string]any{"name": "q", "AGE": 3.0, "t": 7})
	fmt.Println(f.Name, f.Age, f.T)
	st := reflect.StructOf([]reflect.StructField{{Name: "T", Type: reflect.TypeFor[C](), Tag: `json:"t"`}, {Name: "P", Type: reflect.TypeFor[*P]()}, {Name: "S", Type: reflect.TypeFor[Sh]()}, {Name: "N", Type: reflect.TypeFor[int]()}})
	fmt.Println(st, st.NumField(), st.Field(0).Type, st.Field(2).Type, st.Field(1).Type.Elem())
	sv := reflect.New(st).Elem()
	sv.Field(0).Set(reflect.ValueOf(C(3)))
	sv.FieldByName("S").Set(reflect.ValueOf(P{1, 2, 3}))
	sv.FieldByName("N").SetInt(9)
	fmt.Printf("%v %+v\n", sv.Interface(), sv.Interface())
	j, err := json.Marshal(sv.Interface())
	fmt.Println(string(j), err)
	st2 := reflect.StructOf([]reflect.StructField{{Name: "T", Type: reflect.TypeFor[C](), Tag: `json:"t"`}, {Name: "P", Type: reflect.TypeFor[*P]()}, {Name: "S", Type: reflect.TypeFor[Sh]()}, {Name: "N", Type: reflect.TypeFor[int]()}})
	fmt.Println(st == st2)
	x, ok := reflect.Zero(reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[C]()}})).Interface().(struct{ A C })
	fmt.Println(x, ok)
	vt := reflect.TypeFor[Visitor]()
	vv := reflect.ValueOf(&v1{})
	for i := range vt.NumMethod() {
		m := vt.Method(i)
		fmt.Println(m.Name, m.Type, m.Type.NumIn(), m.Type.In(0))
		vv.MethodByName(m.Name).Call([]reflect.Value{reflect.Zero(m.Type.In(0))})
	}
	fmt.Println(vv.Interface().(*v1).log)
	var s Sh = P{5, 6, 0}
	sf := reflect.ValueOf(&s).Elem()
	fmt.Println(sf.Type(), sf.Kind(), sf.NumMethod(), sf.Elem().Type(), sf.MethodByName("Area").Call(nil)[0])
	sf.Set(reflect.ValueOf(P{7, 8, 0}))
	fmt.Println(s.Area())
	chosen, rv, ok := reflect.Select([]reflect.SelectCase{{Dir: reflect.SelectDefault}})
	fmt.Println(chosen, rv.IsValid(), ok)
	ch := make(chan C, 1)
	ch <- 4
	chosen, rv, ok = reflect.Select([]reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ch)}})
	fmt.Println(chosen, rv, ok)
	cs := []C{3, 1, 2}
	sw := reflect.Swapper(cs)
	sw(0, 2)
	fmt.Println(cs)
}
