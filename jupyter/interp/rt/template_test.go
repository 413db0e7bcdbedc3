package rt

import (
	"bytes"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"iter"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"text/template"
)

type (
	fruit  struct{ Name string }
	weight int
	basket struct {
		N, Neg   int
		U        uint8
		F        float64
		S        string
		B        bool
		C        complex128
		Xs       []int
		Fs       []fruit
		Ps       []*fruit
		M        map[string]int
		Any      map[string]any
		ByInt    map[int8]string
		P        *fruit
		Nil      *fruit
		E        error
		Err      any
		W        weight
		Func     func(int, ...string) string
		Fails    func() (int, error)
		Two      func() (int, int)
		Ch       chan int
		Arr      [3]int
		I        any
		Stringer fmt.Stringer
		Seq      iter.Seq[int]
		Seq2     iter.Seq2[string, int]
		hidden   int //lint:ignore U1000 a template looks for it
		*embedded
	}
	embedded struct{ Deep int }
)

func (f *fruit) Grow(n int) string                  { return fmt.Sprint(f.Name, n) }
func (f fruit) String() string                      { return "fruit " + f.Name }
func (w weight) Times(n int) weight                 { return w * weight(n) }
func (b *basket) Self() *basket                     { return b }
func (b *basket) Bad() (int, error)                 { return 0, errors.New("no") }
func (b *basket) Panic() int                        { panic("over") }
func (b *basket) Void()                             {}
func (b basket) Sum(x float64, ns ...uint8) float64 { return x + float64(len(ns)) }
func (b basket) Val(v reflect.Value) string         { return v.Kind().String() }
func (b basket) Text(s fmt.Stringer) string         { return s.String() }

func fullBasket() *basket {
	ch := make(chan int, 2)
	ch <- 1
	ch <- 2
	close(ch)
	return &basket{N: 3, Neg: -1, U: 7, F: 1.5, S: "<a&'b'>", B: true, C: 1i, Xs: []int{1, 2, 3}, Fs: []fruit{{"x"}, {"y"}}, Ps: []*fruit{{"p"}, nil},
		M: map[string]int{"b": 2, "a": 1}, Any: map[string]any{"f": fruit{"m"}, "n": nil, "x": 1, "m": map[string]int{"q": 1}}, ByInt: map[int8]string{1: "one"}, P: &fruit{"q"},
		E: errors.New("bad"), Err: errors.New("any"), W: 4, Func: func(n int, s ...string) string { return fmt.Sprint(n, s) }, Fails: func() (int, error) { return 0, errors.New("failed") },
		Two: func() (int, int) { return 1, 2 }, Ch: ch, Arr: [3]int{1, 2, 3}, I: fruit{"i"}, Stringer: &fruit{"s"},
		Seq: func(yield func(int) bool) { _ = yield(5) && yield(6) }, Seq2: func(yield func(string, int) bool) { _ = yield("a", 1) && yield("b", 2) }}
}

// Each text is filled in by the package and here, with values that reflect
// knows: output and error are the same, to the letter.
var templateTexts = []string{
	`plain`, `{{.}}`, `{{.N}} {{.Neg}} {{.U}} {{.F}} {{.S}} {{.B}} {{.C}}`, `{{.Xs}} {{.Fs}} {{.M}} {{.P}} {{.Nil}} {{.E}} {{.Err}} {{.I}} {{.Stringer}}`,
	`{{.Nope}}`, `{{.P.Nope}}`, `{{.Nil.Name}}`, `{{.Nil.Nope}}`, `{{.Nil.Grow 1}}`, `{{.Nil.String}}`, `{{.hidden}}`, `{{.Deep}}`, `{{.N.X}}`, `{{.Any.n.X}}`, `{{.Any.zz}}`, `{{.Any.zz.y}}`, `{{.Any.f.Name}} {{.Any.f}} {{.Any.x}} {{.Any.m.q}}`,
	`{{.M.a}} {{.M.zz}}`, `{{.M.a 1}}`, `{{.ByInt.a}}`, `{{.Self.Self.N}}`, `{{.Bad}}`, `a{{.Panic}}`, `{{.Void}}`, `{{.P.Grow 4}} {{.P.Grow "a"}}`, `{{.P.Grow}}`, `{{.P.Grow 1 2}}`, `{{1 | .P.Grow}}`,
	`{{.Sum 1}} {{.Sum 1.5 2 3}} {{.U | .Sum 2 1}}`, `{{.Sum}}`, `{{.Sum 1 300}}`, `{{.Sum 1 -1}}`, `{{.Sum 1 .N}}`, `{{.Val .Xs}} {{.Val nil}} {{.Val 1}} {{.Val "s"}} {{.Val .I}}`, `{{.Text .I}} {{.Text .P}}`, `{{.Text .N}}`, `{{.Text nil}}`,
	`{{with .P}}{{.Name}}{{else}}none{{end}} {{with .Nil}}{{.Name}}{{else with $.N}}{{.}}{{end}} {{with $x := .N}}{{$x}}{{.}}{{end}}`,
	`{{if .B}}{{if .Nil}}a{{else if .F}}b{{end}}{{end}}{{if .Any.n}}c{{end}}{{if not .Xs}}d{{end}}`,
	`{{range .Xs}}{{.}},{{end}}{{range $i, $x := .Xs}}{{$i}}={{$x}};{{end}}{{range $x := .Xs}}{{$x}}{{end}}{{range .M}}{{.}}{{end}}{{range $k, $v := .M}}{{$k}}{{$v}}{{end}}`,
	`{{range .Xs}}{{if eq . 2}}{{continue}}{{end}}{{.}}{{end}}{{range .Xs}}{{if eq . 2}}{{break}}{{end}}{{.}}{{else}}none{{end}}{{range .Nil}}{{else}}none{{end}}`,
	`{{range .Fs}}{{.Grow 1}} {{.}} {{end}}`, `{{range .Ps}}{{.}} {{end}}`, `{{range .Ch}}{{.}} {{end}}`, `{{range $i, $x := .Ch}}{{$i}}{{$x}} {{end}}`, `{{range .Arr}}{{.}}{{end}}`, `{{range 3}}{{.}}{{end}} {{range .W}}{{.Times 2}}{{end}}`, `{{range $i, $j := 3}}{{end}}`, `{{range .F}}{{end}}`, `{{range .S}}{{end}}`, `{{range .Any.n}}{{else}}e{{end}}`,
	`{{range .Seq}}{{.}}{{end}}{{range $x := .Seq}}{{if eq $x 6}}{{break}}{{end}}{{$x}}{{end}}`, `{{range $a, $b := .Seq}}{{end}}`, `{{range $k, $v := .Seq2}}{{$k}}{{$v}}{{end}}{{range .Seq2}}{{.}}{{end}}`, `{{range .Func}}{{end}}`, `{{range .Seq}}{{.X}}{{end}}`,
	`{{$x := 1}}{{range .Xs}}{{$x = .}}{{end}}{{$x}} {{$a := 0}}{{$b := 0}}{{range $a, $b = .Xs}}{{end}}{{$a}}{{$b}}{{range $a = .Xs}}{{end}}{{$a}}`,
	`{{index .Xs 1}} {{index .M "a"}} {{index .M "zz"}} {{index .Any "f"}} {{index .ByInt 1}} {{index .Arr 0}} {{index .S 1}} {{index .Fs 0}}`, `{{index .Xs 3}}`, `{{index .Xs 4}}`, `{{index .Xs "a"}}`, `{{index .Xs -1}}`, `{{index .M 1}}`, `{{index .N 1}}`, `{{index nil 1}}`, `{{index .Nil 1}}`, `{{index .Xs nil}}`, `{{index .Any.m "q"}} {{index .Any "m" "q"}}`, `{{index .M nil}}`,
	`{{slice .Xs 1}} {{slice .Xs 1 2}} {{slice .Xs 0 1 2}} {{slice .S 1 2}} {{slice .Arr 1}}`, `{{slice .Xs 2 1}}`, `{{slice .S 1 2 3}}`, `{{slice .N}}`, `{{slice nil}}`, `{{slice .Xs 1 2 3 3}}`, `{{slice .Xs 1 3 2}}`, `{{slice .Any.m}}`,
	`{{len .Xs}} {{len .S}} {{len .M}} {{len .Ch}} {{len .Arr}}`, `{{len .N}}`, `{{len .Nil}}`, `{{len nil}}`, `{{len 3}}`,
	`{{call .Func 1}} {{call .Func 1 "a" "b"}} {{"z" | call .Func 2}}`, `{{call .Func}}`, `{{call .Func "a"}}`, `{{call .Func .U}}`, `{{call .Fails}}`, `{{call .N}}`, `{{call nil}}`, `{{call .Two}}`, `{{.Func 1}}`, `{{.Func}}`, `{{.Two | print}}`, `{{.Fails | call}}`,
	`{{eq .N 3}} {{eq .N 1 3}} {{eq .U 7}} {{eq .F 1.5}} {{eq .S "a"}} {{eq .B true}} {{eq .C .C}} {{eq .W 4}} {{eq .Nil nil}} {{eq .P .P}} {{eq .I .I}} {{eq .P .Nil}}`, `{{eq .N "a"}}`, `{{eq .Xs .Xs}}`, `{{eq .N}}`, `{{eq .N nil}}`, `{{eq .Any.n nil}}`, `{{eq .M nil}}`, `{{eq .P .Xs}}`, `{{ne .N 4}} {{lt .N 4}} {{le .N 3}} {{gt .F 1.0}} {{ge .S "<"}} {{lt .Neg .U}} {{lt .U .Neg}} {{gt .Neg .U}}`, `{{lt .B true}}`, `{{lt .Xs 1}}`, `{{lt .N 1.5}}`, `{{lt .C 1i}}`, `{{gt .N "a"}}`, `{{eq .Arr .Arr}}`,
	`{{and .N .F}} {{and .Nil .Nope}} {{or .N .Nope}} {{or .Nil .Xs}} {{and 1 0 2}} {{not .N}} {{1 | and 2}} {{0 | or 0}} {{or nil 1}}`, `{{and}}`, `{{not 1 2}}`, `{{or}}`,
	`{{print 1 2 "a" .P nil}} {{println .S}}{{printf "%v %d %T %q" .P .N .N .S}} {{printf "%d" .S}}`, `{{printf 1}}`, `{{printf}}`, `{{.S | html}} {{.S | js}} {{.S | urlquery}} {{html .N .S}} {{html .P}} {{html nil}} {{js 1 2}}`,
	`{{1}} {{1.5}} {{1e3}} {{0x10}} {{'a'}} {{true}} {{"s"}} {{1i}} {{-1}} {{0x1p4}} {{1_000}}`, `{{nil}}`, `{{18446744073709551615}}`, `{{9223372036854775808}}`, `{{1 2}}`, `{{"a" .N}}`, `{{(1)}} {{(.P).Name}} {{(.P.Grow 1) | len}} {{(index .Fs 0).Name}}`, `{{(1) 2}}`, `{{$x := .P}}{{$x.Name}} {{$x.Grow 2}}`, `{{$.N}}`, `{{$x := 1}}{{$x 2}}`, `{{(nil).X}}`,
	`{{double .N}} {{.N | double | double}} {{up "a"}} {{any .P}} {{err 1}} `, `{{err 0}}`, `{{boom}}`, `{{double "a"}}`, `{{double 1.5}}`, `{{double .U}}`, `{{double}}`, `{{double 1 2}}`, `{{stringer .P}} {{stringer .I}}`, `{{deref .P}}`, `{{addr .P}} {{addr (index .Fs 0)}}`, `{{addr .I}}`, `{{deref .Nil}}`, `{{deref .N}}`, `{{wide 1 2}} {{wide}} {{wide .N 5}}`, `{{wide "a"}}`, `{{ifc nil}} {{ifc 1}} {{ifc "a"}} {{ifc .Nil}} {{ifc .Any.n}}`, `{{val 1}} {{val .Nil}} {{val nil}} {{val .}}`, `{{weigh 3}} {{weigh .W}}`, `{{weigh .N}}`, `{{flag true}}`, `{{flag 1}}`, `{{str 1}}`, `{{cpx 1i}} {{cpx 2}}`, `{{cpx "a"}}`, `{{small 300}}`, `{{small -1}}`, `{{flt 1}} {{flt 'a'}}`, `{{flt "a"}}`, `{{fruit1 "a"}}`, `{{.Any.f | fruit1}}`, `{{len (val 1)}}`, `{{nilerr}}`,
	`{{define "in"}}[{{.}}{{$}}]{{end}}{{template "in" .N}}{{template "in"}}{{block "b" .F}}({{.}}){{end}}`, `{{template "nope"}}`, `{{define "r"}}{{if .}}{{.}}{{template "r" (slice . 1)}}{{end}}{{end}}{{template "r" .Xs}}`, `{{define "x"}}{{.Nope}}{{end}}{{template "x" .}}`, `{{/* c */ -}} a`, `{{.Func}}`, `{{.Ch}}`, `{{.Two}}`, `{{.Err.X}}`, `{{.E.Error}} {{.Stringer.String}}`, `{{.I.Name}} {{.I.Grow 1}}`, `{{.W.Times 3}} {{.W}} {{(.W.Times 2).Times 2}}`, `{{with 1}}{{.X}}{{end}}`, `%{{.Nope}}%d`, `{{if .Nope}}{{end}}`, `{{range .Nope}}{{end}}`, `{{"%d%!" | print}}{{printf "%s"}}`, `{{if .Ch}}y{{end}}{{if .Func}}z{{end}}{{if .C}}c{{end}}{{if "" }}s{{end}}`,
}

func TestTemplatesAreFilledInAsByThePackage(t *testing.T) {
	funcs := map[string]any{
		"double": func(n int) int { return 2 * n }, "up": strings.ToUpper, "any": func(x any) any { return x }, "err": func(n int) (int, error) {
			if n == 0 {
				return 0, io.ErrUnexpectedEOF
			}
			return n, nil
		}, "boom": func() int { panic(io.EOF) }, "stringer": func(s fmt.Stringer) string { return s.String() }, "deref": func(f fruit) string { return f.Name }, "addr": func(f *fruit) string { return f.Name },
		"wide": func(ns ...int64) int { return len(ns) }, "ifc": func(x any) string { return fmt.Sprintf("%T", x) }, "val": func(v reflect.Value) reflect.Value { return v }, "weigh": func(w weight) weight { return w + 1 },
		"flag": func(b bool) bool { return !b }, "str": func(s string) string { return s }, "cpx": func(c complex64) complex64 { return c }, "small": func(n int8) int8 { return n }, "flt": func(f float32) float32 { return f }, "fruit1": func(f fruit) fruit { return f }, "nilerr": func() (any, error) { return nil, nil },
	}
	outcome := func(fill func(io.Writer) error) (s string) {
		var b bytes.Buffer
		defer func() {
			if e := recover(); e != nil {
				s = fmt.Sprintf("%s panic: %v", b.String(), e)
			}
		}()
		err := fill(&b)
		var ee template.ExecError
		return fmt.Sprintf("%s error: %v %v %v %v", b.String(), err, errors.As(err, &ee), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF))
	}
	r := New(Config{})
	for _, option := range []string{"missingkey=default", "missingkey=zero", "missingkey=error"} {
		for _, text := range templateTexts {
			parsed, err := template.New("t").Funcs(funcs).Option(option).Parse(text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			page, err := htmltemplate.New("h").Funcs(funcs).Option(option).Parse("<p title='{{print 1}}'>" + text + "</p><script>x = {{.P}}</script>")
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			again := htmltemplate.Must(page.Clone())
			want := outcome(func(w io.Writer) error { return parsed.Execute(w, fullBasket()) })
			if got := outcome(func(w io.Writer) error { return r.TemplateExecute(parsed, w, fullBasket()) }); stable(got) != stable(want) {
				t.Errorf("%s with %s\ngives: %s\nwant:  %s", text, option, got, want)
			}
			want = outcome(func(w io.Writer) error { return page.Execute(w, fullBasket()) })
			for range 2 {
				if got := outcome(func(w io.Writer) error { return r.TemplateExecute(again, w, fullBasket()) }); stable(got) != stable(want) {
					t.Errorf("html: %s with %s\ngives: %s\nwant:  %s", text, option, got, want)
				}
			}
		}
	}
}

// stable leaves addresses out.
func stable(s string) string { return address.ReplaceAllString(s, "address") }

var address = regexp.MustCompile("0x[0-9a-f]{6,}")

// Templates without a text, without the name that is asked for, and nil.
func TestTemplatesThatCannotBeFilledIn(t *testing.T) {
	r := New(Config{})
	for name, err := range map[string][2]error{
		"empty":       {template.New("t").Execute(io.Discard, 1), r.TemplateExecute(template.New("t"), io.Discard, 1)},
		"name":        {template.New("t").ExecuteTemplate(io.Discard, "u", 1), r.TemplateExecuteTemplate(template.New("t"), io.Discard, "u", 1)},
		"html, empty": {htmltemplate.New("t").Execute(io.Discard, 1), r.TemplateExecute(htmltemplate.New("t"), io.Discard, 1)},
		"html, name":  {htmltemplate.New("t").ExecuteTemplate(io.Discard, "u", 1), r.TemplateExecuteTemplate(htmltemplate.New("t"), io.Discard, "u", 1)},
		"html, wrong": {htmltemplate.Must(htmltemplate.New("t").Parse("<a b={{if .}}'{{end}}")).Execute(io.Discard, 1), r.TemplateExecute(htmltemplate.Must(htmltemplate.New("t").Parse("<a b={{if .}}'{{end}}")), io.Discard, 1)},
		"writer":      {template.Must(template.New("t").Parse("{{.}}")).Execute(closedWriter{}, 1), r.TemplateExecute(template.Must(template.New("t").Parse("{{.}}")), closedWriter{}, 1)},
	} {
		if err[1] == nil || err[0].Error() != err[1].Error() {
			t.Errorf("%s: %v, want %v", name, err[1], err[0])
		}
	}
	page := htmltemplate.Must(htmltemplate.New("t").Parse("{{.}}"))
	if err := r.TemplateExecute(page, io.Discard, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := page.Parse("x"); err == nil || !strings.Contains(err.Error(), "cannot Parse after Execute") {
		t.Errorf("a template that was filled in can be parsed again: %v", err)
	}
}
