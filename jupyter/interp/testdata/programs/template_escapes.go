package main

import (
	"fmt"
	htmpl "html/template"
	"os"
	"text/template"
)

type C float64

func (c C) String() string { return fmt.Sprintf("<%v>", float64(c)) }

type E struct{ X C }

type Renderer interface {
	ExecuteTemplate(w interface{ Write([]byte) (int, error) }, name string, data any) error
}

func main() {
	fmt.Println(template.HTMLEscaper(C(1), "a", E{2}), template.JSEscaper(C(1)), template.URLQueryEscaper(C(2)), htmpl.HTMLEscaper(C(3)))
	fmt.Println(template.IsTrue(C(0)))
	fmt.Println(template.IsTrue(E{}))
	fmt.Println(htmpl.IsTrue([]C{}))
	t := htmpl.Must(htmpl.New("a").Parse(`{{define "b"}}{{.X}}{{end}}{{template "b" .}}`))
	fmt.Println(t.ExecuteTemplate(os.Stdout, "b", E{4}))
	fmt.Println(t.Execute(os.Stdout, &E{4}))
	fmt.Println(len(t.DefinedTemplates()), t.Name(), len(t.Templates()))
	_, err := t.Parse("x")
	fmt.Println(err)
	c, err := t.Clone()
	fmt.Println(c == nil, err)
}
