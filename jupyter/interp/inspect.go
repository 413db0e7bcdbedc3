package interp

import (
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// inspect documents the name at cursor, counted in code points, or the function
// whose arguments the cursor is among. Level 1 adds the source of what cells
// declared.
func (b *book) inspect(code string, at, level int) Inspection {
	off := offset(code, at)
	if c := look(code, off); c.path {
		return b.inspectPath(code[c.start:])
	}
	w := wordAt(code, off)
	if w.start == w.end {
		return Inspection{}
	}
	head := look(code, w.end)
	if head.idle || head.start != w.start {
		return Inspection{} // a word of a comment, say
	}
	if d, ok := keywordDocs[w.tok]; ok {
		return (&entry{decl: d[0], doc: d[1]}).inspection()
	}
	for _, text := range []string{code, code[:w.end] + head.close} {
		s := b.sketch(text)
		if id, sel := s.identAt(w.start); id != nil {
			if o := s.object(id); o != nil {
				return b.describe(s, o, s.holder(id, sel), level).inspection()
			}
		}
	}
	return Inspection{}
}

// inspectPath documents the package of the import path that rest begins with.
func (b *book) inspectPath(rest string) Inspection {
	end := strings.IndexAny(rest, "\"`\n")
	if end < 0 {
		return Inspection{}
	}
	p, err := b.Import(rest[:end])
	if err != nil {
		return Inspection{}
	}
	return b.describePackage(p).inspection()
}

// word is a name or keyword of a cell.
type word struct {
	start, end int
	tok        token.Token
}

// wordAt finds the word that off is in or at the end of, and failing that the
// name of the function in whose arguments off is.
func wordAt(code string, off int) word {
	var found, before word // before is the word before a token, if there is one
	var calls []word       // names before the brackets that are open
	scan(code, func(at int, tok token.Token, lit string) {
		if found.end > 0 || at > off {
			return
		}
		if tok == token.IDENT || tok.IsKeyword() {
			before = word{at, at + len(lit), tok}
			if off <= before.end {
				found = before
			}
			return
		}
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if at < off {
				switch {
				case tok == token.LBRACE:
					before = word{tok: tok}
				case tok == token.LBRACK || before.tok != token.IDENT:
					before = word{}
				}
				calls = append(calls, before)
			}
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if at < off && len(calls) > 0 {
				calls = calls[:len(calls)-1]
			}
		}
		before = word{}
	})
	if found.end > 0 {
		return found
	}
	for _, c := range slices.Backward(calls) {
		if c.end > 0 {
			return c
		}
		if c.tok == token.LBRACE { // a body or literal among the arguments
			break
		}
	}
	return word{}
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
	decl    string // as Go declares it
	doc     string
	methods string // of a type, one a line
	value   string // of a variable
	shape   string
	from    string                       // where it is declared
	links   func(recv, name string) bool // whether the documentation may refer to it
	source  string
}

func (b *book) describePackage(p *types.Package) *entry {
	return &entry{decl: fmt.Sprintf("package %s // import %q", p.Name(), p.Path()), doc: b.doc(p.Path(), ""), links: b.links(p.Path())}
}

func (b *book) describe(s *sketch, o types.Object, holder types.Type, level int) *entry {
	if pn, ok := o.(*types.PkgName); ok {
		return b.describePackage(pn.Imported())
	}
	e := &entry{decl: b.declaration(o)}
	if t, ok := o.(*types.TypeName); ok {
		e.methods = methodList(t)
	}
	if o.Pkg() == nil { // the language's own
		e.doc = b.doc("builtin", o.Name())
		if decl, doc, ok := builtinDecl(e.doc); ok {
			e.decl, e.doc = decl, doc
		}
		return e
	}
	owner := ownerOf(s, o, holder)
	path := o.Pkg().Path()
	if owner != "" {
		if _, isFunc := o.(*types.Func); !isFunc {
			e.decl = "field " + owner + "." + strings.TrimPrefix(e.decl, "field ")
		}
	}
	if path != "main" {
		e.links = b.links(path)
		e.from = fmt.Sprintf("package %s (import %q)", o.Pkg().Name(), path)
		if owner == "" {
			e.doc = b.doc(path, o.Name())
			return e
		}
		e.doc = b.doc(path, owner+"."+o.Name())
		if strings.HasPrefix(path, "surprisal/") { // units and sources stand at the type
			e.doc = strings.TrimSpace(e.doc + "\n\n" + firstParagraph(b.doc(path, owner)))
		}
		return e
	}
	text, doc, place := b.written(o)
	e.doc, e.from = doc, place
	if level > 0 {
		e.source = text
	}
	if v, ok := o.(*types.Var); ok && owner == "" {
		if known := b.Lookup(o.Name()); known != nil && known.Object == types.Object(v) {
			e.value, e.shape = b.value(o.Name())
		}
	}
	return e
}

// links tells what [Name] and [Type.Name] refer to in the documentation of a
// package.
func (b *book) links(path string) func(recv, name string) bool {
	return func(recv, name string) bool {
		if recv != "" {
			name = recv + "." + name
		}
		return b.doc(path, name) != ""
	}
}

// builtinDecl splits the documentation of a predeclared function, whose first
// line is its declaration: the checker knows none.
func builtinDecl(doc string) (decl, rest string, ok bool) {
	if !strings.HasPrefix(doc, "\tfunc ") {
		return "", doc, false
	}
	decl, rest, _ = strings.Cut(doc, "\n")
	return strings.TrimSpace(decl), strings.TrimSpace(rest), true
}

func firstParagraph(doc string) string {
	p, _, _ := strings.Cut(doc, "\n\n")
	return p
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

// holder is the type of what id is selected from, or of the literal that it is
// a key of, nil if it is neither.
func (s *sketch) holder(id *ast.Ident, sel *ast.SelectorExpr) types.Type {
	if sel != nil {
		return s.info.TypeOf(sel.X)
	}
	var t types.Type
	s.walk(func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok {
			for _, e := range lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key == id {
					t = s.info.TypeOf(lit)
				}
			}
		}
		return t == nil
	})
	return t
}

// ownerOf is the name of the type that o is a method or field of.
func ownerOf(s *sketch, o types.Object, holder types.Type) string {
	switch o := o.(type) {
	case *types.Func:
		if r := o.Signature().Recv(); r != nil {
			return typeName(r.Type())
		}
	case *types.Var:
		if !o.IsField() || holder == nil {
			return ""
		}
		// The field may be an embedded one's: follow the path to its struct.
		t := holder
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

// inspection renders e as plain text and as Markdown.
func (e *entry) inspection() Inspection {
	var text, md strings.Builder
	text.WriteString(e.decl)
	md.WriteString(fenced("go", e.decl))
	if e.value != "" {
		text.WriteString("\n\nvalue: " + e.value)
		md.WriteString("\n" + fenced("text", e.value))
	}
	if e.shape != "" {
		text.WriteString("\nshape: " + e.shape)
		md.WriteString("\n" + e.shape + "\n")
	}
	if e.doc != "" {
		p := comment.Parser{LookupSym: e.links}
		d := p.Parse(e.doc)
		pr := comment.Printer{DocLinkURL: func(*comment.DocLink) string { return "" }}
		text.WriteString("\n\n" + strings.TrimSpace(string(pr.Text(d))))
		md.WriteString("\n" + strings.TrimSpace(string(pr.Markdown(d))) + "\n")
	}
	if e.methods != "" {
		text.WriteString("\n\n" + e.methods)
		md.WriteString("\n" + fenced("go", e.methods))
	}
	if e.source != "" {
		text.WriteString("\n\n" + e.source)
		md.WriteString("\n" + fenced("go", e.source))
	}
	if e.from != "" {
		text.WriteString("\n\n" + e.from)
		md.WriteString("\n*" + e.from + "*\n")
	}
	return Inspection{Found: true, Text: text.String(), Markdown: md.String()}
}

// fenced is a block of code in Markdown. The fence is longer than any that the
// text holds.
func fenced(lang, text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + lang + "\n" + text + "\n" + fence + "\n"
}
