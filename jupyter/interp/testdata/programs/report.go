package main

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sort"
	"strings"
	"sync"
	ttemplate "text/template"
	"time"
)

type Money int64

func (m Money) String() string    { return fmt.Sprintf("$%d.%02d", m/100, m%100) }
func (m Money) Times(n int) Money { return m * Money(n) }

type Line struct {
	Item string
	Qty  int
	Unit Money
}

func (l Line) Total() Money { return l.Unit.Times(l.Qty) }

type Invoice struct {
	No    int
	Date  time.Time
	Lines []Line
	Notes map[string][]string
	Meta  any
	*Customer
}
type Customer struct{ Name, Mail string }

func (c *Customer) Greeting(formal bool) string {
	if formal {
		return "Dear " + c.Name
	}
	return "Hi " + strings.ToLower(c.Name)
}
func (i *Invoice) Sum() (t Money) {
	for _, l := range i.Lines {
		t += l.Total()
	}
	return
}
func (i *Invoice) ByTotal() []Line {
	ls := append([]Line(nil), i.Lines...)
	sort.Slice(ls, func(a, b int) bool { return ls[a].Total() > ls[b].Total() })
	return ls
}
func (i Invoice) Group() map[bool][]Line {
	g := map[bool][]Line{}
	for _, l := range i.Lines {
		g[l.Qty > 1] = append(g[l.Qty > 1], l)
	}
	return g
}
func (i Invoice) Check() error {
	if i.No == 0 {
		return errors.New("no number")
	}
	return nil
}

type Stats struct{ xs []float64 }

func (s Stats) Mean() float64 {
	t := 0.0
	for _, x := range s.xs {
		t += x
	}
	return t / float64(len(s.xs))
}
func (s Stats) Each(yield func(int, float64) bool) {
	for i, x := range s.xs {
		if !yield(i, x) {
			return
		}
	}
}
func (s Stats) Quantile(q float64) (float64, error) {
	if q < 0 || q > 1 {
		return 0, fmt.Errorf("q %v", q)
	}
	return s.xs[int(q*float64(len(s.xs)-1))], nil
}

type Tree struct {
	V    string
	Kids []*Tree
}

func (t *Tree) Leaf() bool { return len(t.Kids) == 0 }

type SafeHTML struct{ s string }

func (s SafeHTML) Render() template.HTML { return template.HTML("<b>" + s.s + "</b>") }

const report = `Invoice {{printf "%04d" .No}} of {{.Date.Format "2006-01-02"}} for {{.Name}} <{{.Mail}}>
{{.Greeting true}}, {{.Customer.Greeting false}}
{{- range $i, $l := .ByTotal}}
{{$i | inc}}. {{$l.Item | printf "%-8s"}} {{$l.Qty}} x {{$l.Unit}} = {{.Total}}{{if gt .Total 1000}} !{{end}}
{{- else}}
nothing
{{- end}}
Sum {{.Sum}} {{.Sum.Times 2}}
{{range $k, $v := .Notes}}{{$k}}: {{join $v ", "}}; {{end}}
{{with .Meta}}{{.Mean | printf "%.2f"}} {{.Quantile 0.5}} {{range $i, $x := .Each}}{{$i}}:{{$x}} {{end}}{{end}}
{{range $k, $v := .Group}}{{$k}} {{len $v}} {{end}}{{if .Check}}bad{{else}}ok{{end}}
{{template "tree" .Tree}}
{{define "tree"}}{{.V}}{{if not .Leaf}}({{range $i, $k := .Kids}}{{if $i}} {{end}}{{template "tree" $k}}{{end}}){{end}}{{end}}`

type Full struct {
	*Invoice
	Tree *Tree
}

func main() {
	inv := &Invoice{7, time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC), []Line{{"pen", 3, 120}, {"book", 1, 1999}}, map[string][]string{"b": {"x"}, "a": {"y", "z"}}, Stats{[]float64{1, 2, 6}}, &Customer{"Ann", "a@b.c"}}
	full := Full{inv, &Tree{"r", []*Tree{{"a", nil}, {"b", []*Tree{{"c", nil}}}}}}
	funcs := ttemplate.FuncMap{"inc": func(i int) int { return i + 1 }, "join": strings.Join}
	t := ttemplate.Must(ttemplate.New("r").Funcs(funcs).Parse(report))
	fmt.Println(t.Execute(os.Stdout, full))
	fmt.Println(t.Execute(os.Stdout, &Full{&Invoice{Customer: &Customer{}}, &Tree{}}))
	page := template.Must(template.New("p").Funcs(template.FuncMap{"inc": func(i int) int { return i + 1 }}).Parse(`<!doctype html><title>{{.Name}}</title>
<ul>{{range .Lines}}<li data-q="{{.Qty}}" title='{{.Item}}' onclick="f({{.}}, {{.Total}}, '{{.Unit}}')">{{.Item}} {{.Total}}</li>{{end}}</ul>
<a href="mailto:{{.Mail}}?s={{.Sum}}">x</a><style>p { width: {{.No}}px }</style>{{.Safe.Render}}{{.Safe}}
<script>var inv = {{.Lines}}; var m = {{.Sum}}; var n = {{.Notes}}; var t = {{.Tree}};</script>`))
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := struct {
			*Invoice
			Tree *Tree
			Safe SafeHTML
		}{inv, full.Tree, SafeHTML{"<i>"}}
		if err := page.Execute(w, d); err != nil {
			fmt.Println("ERR", err)
		}
	})
	s := httptest.NewServer(h)
	defer s.Close()
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]int{}
	for range 8 {
		wg.Go(func() {
			resp, err := http.Get(s.URL)
			if err != nil {
				fmt.Println(err)
				return
			}
			b, _ := io.ReadAll(resp.Body)
			mu.Lock()
			seen[string(b)]++
			mu.Unlock()
		})
	}
	wg.Wait()
	for k, n := range seen {
		fmt.Println(n)
		fmt.Println(k)
	}
	base := template.Must(template.New("base").Parse(`{{define "main"}}<body>{{block "content" .}}none{{end}}</body>{{end}}`))
	a := template.Must(template.Must(base.Clone()).Parse(`{{define "content"}}{{.Greeting true}}{{end}}`))
	var b bytes.Buffer
	fmt.Println(a.ExecuteTemplate(&b, "main", inv), b.String())
	b.Reset()
	fmt.Println(base.ExecuteTemplate(&b, "main", inv), b.String())
	_, err := base.Clone()
	fmt.Println(err)
	bad := template.Must(template.New("b").Parse(`<a href={{if .No}}"x{{end}}>`))
	fmt.Println(bad.Execute(&b, inv))
	fmt.Println(bad.Execute(&b, inv))
	fmt.Println(page.Lookup("nope") == nil, page.ExecuteTemplate(&b, "nope", 1))
	lt := ttemplate.Must(ttemplate.New("d").Delims("<<", ">>").Option("missingkey=error").Parse("<<.a>> <<.b>>"))
	fmt.Println(lt.Execute(os.Stdout, map[string]Money{"a": 5}))
	stop := errors.New("stop")
	fmt.Println(t.Execute(failing{stop}, full) == stop)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
