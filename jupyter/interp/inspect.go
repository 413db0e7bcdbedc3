package interp

import (
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/token"
	"go/types"
	"strings"
)

// inspect documents the name at cursor, counted in code points, or the function
// whose arguments the cursor is among. Level 1 adds the source of what cells
// declared.
func (b *book) inspect(code string, at, level int) Inspection {
	start, end := nameAt(code, offset(code, at))
	if start == end {
		return Inspection{}
	}
	head := look(code, end)
	if head.idle || head.start != start {
		return Inspection{} // a word of a comment, say
	}
	for _, text := range []string{code, code[:end] + head.close} {
		s := b.sketch(text)
		if id, sel := s.identAt(start); id != nil {
			if o := s.object(id); o != nil {
				return b.describe(s, o, sel, level).inspection()
			}
		}
	}
	return Inspection{}
}

// nameAt finds the name that off is in or at the end of, and failing that the
// name before the innermost open parenthesis.
func nameAt(code string, off int) (start, end int) {
	depth := 0
	var prev, name [2]int // the last name before a token, and the one at off
	var calls [][2]int
	found := false
	scan(code, func(at int, tok token.Token, lit string) {
		if found || at > off {
			return
		}
		switch tok {
		case token.IDENT:
			prev = [2]int{at, at + len(lit)}
			if off <= at+len(lit) {
				name, found = prev, true
			}
			return
		case token.LPAREN:
			if at < off {
				calls = append(calls, prev)
			}
		case token.RPAREN:
			if at < off && len(calls) > 0 {
				calls = calls[:len(calls)-1]
			}
		case token.LBRACE, token.LBRACK:
			depth++
		}
		prev = [2]int{}
	})
	if found {
		return name[0], name[1]
	}
	if n := len(calls); n > 0 {
		return calls[n-1][0], calls[n-1][1]
	}
	return 0, 0
}

// identAt returns the identifier that begins at an offset of the cell, and the
// selector that it ends, if it does.
func (s *sketch) identAt(off int) (id *ast.Ident, sel *ast.SelectorExpr) {
	at := func(p token.Pos) bool {
		return p == s.files[0].FileStart+token.Pos(len(bodyHead)+off) || p == s.files[1].FileStart+token.Pos(len(declHead)+off)
	}
	s.walk(func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if at(n.Sel.Pos()) {
				id, sel = n.Sel, n
			}
		case *ast.Ident:
			if id == nil && at(n.Pos()) {
				id = n
			}
		}
		return true
	})
	return id, sel
}

func (s *sketch) object(id *ast.Ident) types.Object {
	if o := s.info.Uses[id]; o != nil {
		return o
	}
	return s.info.Defs[id]
}

// entry is what is known of a name.
type entry struct {
	decl   string // as Go declares it
	doc    string
	value  string // of a variable
	from   string // where it is declared
	source string
}

func (b *book) describe(s *sketch, o types.Object, sel *ast.SelectorExpr, level int) *entry {
	e := &entry{decl: declaration(o)}
	if pn, ok := o.(*types.PkgName); ok {
		e.doc = b.doc(pn.Imported().Path(), "")
		return e
	}
	if o.Pkg() == nil { // the language's own
		e.doc = b.doc("builtin", o.Name())
		return e
	}
	owner := ownerOf(s, o, sel)
	if owner != "" {
		if _, isFunc := o.(*types.Func); !isFunc {
			e.decl = "field " + owner + "." + strings.TrimPrefix(e.decl, "field ")
		}
		owner += "."
	}
	if path := o.Pkg().Path(); path != "main" {
		e.from = fmt.Sprintf("package %s (import %q)", o.Pkg().Name(), path)
		e.doc = b.doc(path, owner+o.Name())
		return e
	}
	text, doc, place := b.written(o)
	e.doc, e.from = doc, place
	if level > 0 {
		e.source = text
	}
	if v, ok := o.(*types.Var); ok && owner == "" {
		if known := b.Lookup(o.Name()); known != nil && known.Object == types.Object(v) {
			e.value = b.value(o.Name())
		}
	}
	return e
}

// written returns the chunk of a cell that declares o, the comment above it,
// and the cell. All are empty for what no earlier cell declares.
func (b *book) written(o types.Object) (text, doc, place string) {
	pos := b.Position(o.Pos())
	count := 0
	if _, err := fmt.Sscanf(pos.Filename, "Cell [%d]", &count); err != nil {
		return "", "", ""
	}
	place = fmt.Sprintf("declared in %s, line %d", pos.Filename, pos.Line)
	code := b.source(count)
	for _, c := range chunks(code) {
		if c.start <= pos.Offset && pos.Offset < c.end {
			above := commentAbove(code[:c.start])
			return above + strings.TrimRight(code[c.start:c.end], "\n;"), uncomment(above), place
		}
	}
	return "", "", place
}

// commentAbove returns the comment lines at the end of text.
func commentAbove(text string) string {
	lines := strings.SplitAfter(text, "\n")
	i := len(lines) - 1 // what follows the last line end stands beside the chunk
	for i > 0 && strings.HasPrefix(lines[i-1], "//") {
		i--
	}
	return strings.Join(lines[i:], "")
}

func uncomment(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "//")
		b.WriteString(strings.TrimPrefix(line, " ") + "\n")
	}
	return strings.TrimSpace(b.String())
}

// ownerOf is the name of the type that o is a method or field of.
func ownerOf(s *sketch, o types.Object, sel *ast.SelectorExpr) string {
	switch o := o.(type) {
	case *types.Func:
		if r := o.Signature().Recv(); r != nil {
			return typeName(r.Type())
		}
	case *types.Var:
		if !o.IsField() || sel == nil {
			return ""
		}
		// The field may be an embedded one's: follow the path to its struct.
		t := s.info.TypeOf(sel.X)
		if t == nil {
			return ""
		}
		_, path, _ := types.LookupFieldOrMethod(t, true, s.pkg, o.Name())
		for _, i := range path[:max(len(path)-1, 0)] {
			if st, ok := deref(t).Underlying().(*types.Struct); ok {
				t = st.Field(i).Type()
			}
		}
		return typeName(t)
	}
	return ""
}

func typeName(t types.Type) string {
	if n, ok := types.Unalias(deref(t)).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// declaration writes o as its declaration would, in the words of a reader.
func declaration(o types.Object) string {
	switch o := o.(type) {
	case *types.PkgName:
		return fmt.Sprintf("package %s // import %q", o.Imported().Name(), o.Imported().Path())
	case *types.Builtin:
		return "func " + o.Name()
	case *types.Func:
		recv := ""
		if r := o.Signature().Recv(); r != nil {
			recv = "(" + types.TypeString(r.Type(), shortly) + ") "
		}
		return "func " + recv + o.Name() + signature(o)
	case *types.TypeName:
		return typeDeclaration(o)
	case *types.Var:
		if o.IsField() {
			return "field " + o.Name() + " " + signature(o)
		}
	case *types.Const:
		return "const " + o.Name() + " " + signature(o)
	case *types.Nil:
		return "nil"
	case *types.Label:
		return "label " + o.Name()
	}
	return "var " + o.Name() + " " + signature(o)
}

// typeDeclaration lists the exported fields and methods of a type, which a
// reader may use, and its own unexported fields if it is the notebook's.
func typeDeclaration(o *types.TypeName) string {
	own := o.Pkg() != nil && o.Pkg().Path() == "main"
	var b strings.Builder
	b.WriteString("type " + o.Name())
	if o.IsAlias() {
		b.WriteString(" =")
	}
	switch u := o.Type().Underlying().(type) {
	case *types.Struct:
		b.WriteString(" struct {\n")
		hidden := false
		for f := range u.Fields() {
			if !f.Exported() && !own {
				hidden = true
				continue
			}
			name := f.Name() + " "
			if f.Embedded() {
				name = ""
			}
			b.WriteString("\t" + name + types.TypeString(f.Type(), shortly) + "\n")
		}
		if hidden {
			b.WriteString("\t// and unexported fields\n")
		}
		b.WriteString("}")
	case *types.Interface:
		b.WriteString(" interface {\n")
		for m := range u.Methods() {
			b.WriteString("\t" + m.Name() + signature(m) + "\n")
		}
		b.WriteString("}")
		return b.String()
	default:
		b.WriteString(" " + types.TypeString(u, shortly))
	}
	set := types.NewMethodSet(types.NewPointer(o.Type()))
	for i := range set.Len() {
		if m := set.At(i).Obj(); m.Exported() || own {
			b.WriteString("\n" + declaration(m))
		}
	}
	return b.String()
}

// inspection renders e as plain text and as Markdown.
func (e *entry) inspection() Inspection {
	var text, md strings.Builder
	text.WriteString(e.decl)
	md.WriteString("```go\n" + e.decl + "\n```\n")
	if e.value != "" {
		text.WriteString("\n\nvalue: " + e.value)
		md.WriteString("\nvalue:\n\n```text\n" + e.value + "\n```\n")
	}
	if e.doc != "" {
		var p comment.Parser
		d := p.Parse(e.doc)
		pr := comment.Printer{DocLinkURL: func(*comment.DocLink) string { return "" }}
		text.WriteString("\n\n" + strings.TrimSpace(string(pr.Text(d))))
		md.WriteString("\n" + strings.TrimSpace(string(pr.Markdown(d))) + "\n")
	}
	if e.source != "" {
		text.WriteString("\n\n" + e.source)
		md.WriteString("\n```go\n" + e.source + "\n```\n")
	}
	if e.from != "" {
		text.WriteString("\n\n" + e.from)
		md.WriteString("\n*" + e.from + "*\n")
	}
	return Inspection{Found: true, Text: text.String(), Markdown: md.String()}
}
