package main

import (
	"errors"
	"fmt"
	htmpl "html/template"
	"iter"
	"os"
	"sort"
	"strings"
	"text/template"
	"time"
)

type Celsius float64

func (c Celsius) String() string { return fmt.Sprintf("%.1f °C", float64(c)) }
func (c Celsius) F() Fahrenheit  { return Fahrenheit(c*9/5 + 32) }
func (c *Celsius) Inc() Celsius  { *c++; return *c }

type Fahrenheit float64

func (f Fahrenheit) Half() Fahrenheit { return f / 2 }

type Key string
type Names []string

func (n Names) Join(sep string) string { return strings.Join(n, sep) }
func (n Names) Len() int               { return len(n) }

type Base struct{ ID int }

func (b Base) Describe() string { return fmt.Sprint("base ", b.ID) }
func (b *Base) Ptr() string     { return fmt.Sprint("ptr ", b.ID) }

type Shape interface {
	Area() float64
	Name() string
}
type Sq struct{ S float64 }

func (s Sq) Area() float64 { return s.S * s.S }
func (s Sq) Name() string  { return "sq" }

type Circ struct{ R float64 }

func (c *Circ) Area() float64 { return 3 * c.R * c.R }
func (c *Circ) Name() string  { return "circ" }

type E struct{ C int }

func (e *E) Error() string { return fmt.Sprint("E", e.C) }

type Report struct {
	Base
	*time.Location
	Temps  []Celsius
	ByKey  map[Key]Celsius
	Names  Names
	Shapes []Shape
	Err    error
	When   time.Time
	Nil    *Base
	Any    []any
	M      map[string]any
	priv   int
}

func (r Report) Seq() iter.Seq2[int, Celsius] {
	return func(yield func(int, Celsius) bool) {
		for i, t := range r.Temps {
			if !yield(i, t) {
				return
			}
		}
	}
}
func (r *Report) Fail(n int) (string, error) {
	if n > 1 {
		return "", &E{n}
	}
	return "fine", nil
}
func (r Report) Panics() string { var m map[string]int; m["a"] = 1; return "" }
func (r Report) PanicE() string { panic(&E{9}) }
func (r Report) Total(xs ...Celsius) (t Celsius) {
	for _, x := range xs {
		t += x
	}
	return
}
func (r Report) Show(s Shape) string       { return s.Name() }
func (r Report) Str(s fmt.Stringer) string { return s.String() }
func (r Report) Sorted() Names             { n := append(Names(nil), r.Names...); sort.Strings(n); return n }

func main() {
	r := &Report{Base: Base{7}, Location: time.UTC, Temps: []Celsius{1, 2.5}, ByKey: map[Key]Celsius{"b": 1, "a": 2}, Names: Names{"z", "y"},
		Shapes: []Shape{Sq{2}, &Circ{1}}, Err: &E{4}, When: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), Any: []any{Celsius(1), Sq{3}, &Circ{2}, "s", nil, Names{"q"}, Key("k")},
		M: map[string]any{"c": Celsius(9), "s": Sq{1}, "r": map[string]Celsius{"x": 1}}}
	funcs := template.FuncMap{
		"kind": func(x any) string { return fmt.Sprintf("%T", x) },
		"warm": func(c Celsius) bool { return c > 2 },
		"mk":   func(f float64) Celsius { return Celsius(f) },
		"area": func(s Shape) float64 { return s.Area() },
		"key":  func(k Key) Key { return k + "!" },
		"sum": func(cs ...Celsius) (t Celsius) {
			for _, c := range cs {
				t += c
			}
			return t
		},
		"err":   func() (int, error) { return 0, &E{5} },
		"all":   func(r *Report) []Celsius { return r.Temps },
		"str":   func(s fmt.Stringer) string { return s.String() },
		"names": func(n Names) int { return n.Len() },
		"fn":    func() func(Celsius) Celsius { return func(c Celsius) Celsius { return c * 2 } },
	}
	for _, text := range []string{
		`{{.Describe}} {{.Ptr}} {{.ID}} {{.Base.Describe}} {{.Base}} {{.String}}`,
		`{{range .Temps}}{{.}} {{.F}} {{.F.Half}} {{.Inc}} {{end}}{{.Temps}}`,
		`{{range $k, $v := .ByKey}}{{$k}}:{{$v}} {{kind $k}} {{end}}{{.ByKey}}`, `{{.ByKey.a}}`, `{{index .ByKey "a"}}`, `{{.M.c}} {{.M.c.F}} {{.M.s.Area}} {{.M.r.x.F}} {{.M.zz}}`,
		`{{.Names.Join ", "}} {{.Names.Len}} {{len .Names}} {{.Names}} {{range .Names}}{{.}}{{end}} {{(.Sorted).Join "-"}} {{.Sorted.Len}}`,
		`{{range .Shapes}}{{.Name}} {{.Area}} {{.}} {{kind .}} {{area .}} {{end}}`, `{{(index .Shapes 0).S}} {{(index .Shapes 1).R}}`,
		`{{.Err}} {{.Err.Error}} {{.Err.C}} {{.When.Year}} {{.When.Format "2006"}} {{.When}}`,
		`{{.Nil}} {{.Nil.Ptr}}`, `{{.Nil.Describe}}`, `{{.Nil.ID}}`, `{{.Nil.Zap}}`,
		`{{range .Any}}{{.}} {{kind .}}; {{end}}`, `{{range .Any}}{{with .}}{{if kind . | eq "main.Celsius"}}{{.F}}{{end}}{{end}}{{end}}`,
		`{{range $i, $t := .Seq}}{{$i}}={{$t}} {{kind $t}} {{end}}{{range .Seq}}{{.}}{{end}}`,
		`{{.Fail 1}} {{.Fail 2}}`, `{{.Panics}}`, `{{.PanicE}}`, `{{.priv}}`, `{{.Zap}}`, `{{.Names.Zap}}`, `{{.Total}} {{.Total 1 2.5}} {{.Total (index .Temps 0) 3}}`, `{{.Total "a"}}`, `{{.Total .ID}}`,
		`{{.Show (index .Shapes 0)}} {{.Show (index .Shapes 1)}}`, `{{.Str (index .Temps 0)}}`, `{{.Str .Names}}`,
		`{{warm 1}} {{warm (index .Temps 1)}} {{mk 3}} {{(mk 3).F}} {{mk 3 | warm}} {{kind (mk 2)}} {{key "a"}} {{sum}} {{sum 1 2}} {{range .Temps}}{{sum . .}}{{end}}`, `{{warm .ID}}`, `{{warm "a"}}`, `{{key .Names}}`, `{{err}}`,
		`{{range all .}}{{.}}{{end}} {{names .Names}} {{call fn 3}} {{call fn (index .Temps 0)}}`, `{{names .Temps}}`, `{{all 1}}`, `{{call fn "a"}}`, `{{call .Describe}}`,
		`{{eq (mk 1) 1.0}} {{eq (mk 1) (mk 1)}} {{lt (mk 1) 2.0}} {{if mk 0}}y{{else}}n{{end}} {{eq "a" (key "")}} {{and (mk 0) 1}} {{or (mk 0) (mk 2)}} {{not (mk 0)}} {{eq .Names .Names}}`,
		`{{printf "%v %.2f %T %+v %s %d" (mk 1) (mk 1) (mk 1) .Base .Names .ID}} {{print (mk 1) .Base}} {{println .Err}}{{html (mk 1)}} {{.Err | js}} {{mk 1 | urlquery}}`,
		`{{slice .Names 1}} {{(slice .Names 1).Len}} {{(slice .Temps 1)}} {{kind (slice .Temps 1)}} {{index .Names 0}} {{index .Temps 1 | kind}}`,
		`{{with $x := index .Temps 1}}{{$x.F}} {{.}}{{end}} {{$t := .Temps}}{{range $i, $_ := $t}}{{(index $t $i).F}} {{end}}`,
		`{{define "d"}}<{{.}} {{.F}}>{{end}}{{range .Temps}}{{template "d" .}}{{end}}{{template "d" mk 4}}`, `{{define "d"}}{{.Q}}{{end}}{{template "d" mk 4}}`,
	} {
		t, err := template.New("t").Funcs(funcs).Parse(text)
		if err != nil {
			fmt.Println("PARSE", err)
			continue
		}
		var b strings.Builder
		err = t.Execute(&b, r)
		var e *E
		fmt.Printf("%s\n   %s | %v | %v\n", text, b.String(), err, errors.As(err, &e))
		h, err := htmpl.New("t").Funcs(funcs).Parse("<p class='{{.ID}}'>" + text + "</p><script>var x = {{mk 1}}, y = {{.Shapes}}, z = {{.Base}}, n = {{.Names}}</script>")
		if err != nil {
			fmt.Println("PARSE", err)
			continue
		}
		b.Reset()
		err = h.Execute(&b, r)
		fmt.Printf("   %s | %v\n", b.String(), err)
	}
	f := template.Must(template.New("x").Parse("{{.F}}\n")).Execute
	fmt.Println(f(os.Stdout, Celsius(1)))
	fmt.Println(template.Must(template.New("x").Parse("{{.Base.Describe}} {{.Describe}}\n")).Execute(os.Stdout, *r))
	fmt.Println(template.Must(template.New("x").Parse("{{.Ptr}}\n")).Execute(os.Stdout, *r))
	fmt.Println(template.Must(template.New("x").Parse("{{.}} {{range .}}{{.F}}{{end}}\n")).Execute(os.Stdout, map[string]Celsius{"a": 1}))
	fmt.Println(template.Must(template.New("x").Parse("{{.}} {{len .}}\n")).Execute(os.Stdout, struct {
		A Celsius
		B any
	}{1, Celsius(2)}))
}
