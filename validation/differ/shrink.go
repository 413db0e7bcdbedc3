package differ

import (
	"context"
	"go/ast"
	"go/format"
	"regexp"
	"slices"

	"surprisal/validation/corpus"
)

// Shrinker makes a program that differs small.
type Shrinker struct {
	Checker *Checker
	Child   *corpus.Child
	Form    corpus.Form
	Like    corpus.Result // what came of it
	Tries   int           // at most; 0: 400
}

// Shrink takes statements out of a program, then replaces expressions by parts
// of theirs, while it still differs in the same way.
func (s *Shrinker) Shrink(ctx context.Context, text string) string {
	left := s.Tries
	if left == 0 {
		left = 400
	}
	seen := map[string]bool{text: true}
	better := func(candidates func(string, func(string) bool)) bool {
		found := false
		s.batches(ctx, text, candidates, seen, func(batch []string) bool {
			left -= len(batch)
			for i, o := range s.outcomes(ctx, batch) {
				if o.differs {
					text, found = batch[i], true
					return false
				}
			}
			return left > 0 && ctx.Err() == nil
		})
		return found && left > 0 && ctx.Err() == nil
	}
	for better(s.fewer) || better(s.simpler) {
	}
	return tidy(text)
}

// batches yields what has not been tried, in batches that grow: to compile
// many costs little more than to compile one.
func (s *Shrinker) batches(ctx context.Context, text string, candidates func(string, func(string) bool), seen map[string]bool, yield func([]string) bool) {
	var batch []string
	size, on := 2, true
	candidates(text, func(t string) bool {
		if seen[t] {
			return true
		}
		seen[t] = true
		batch = append(batch, t)
		if len(batch) == size {
			on = yield(batch)
			batch, size = nil, min(2*size, 32)
		}
		return on
	})
	if on && len(batch) > 0 {
		yield(batch)
	}
}

// tidy is a program without the empty lines that are left of it.
func tidy(text string) string {
	text = regexp.MustCompile(`\n\s*\n`).ReplaceAllString(text, "\n")
	if b, err := format.Source([]byte(text)); err == nil {
		return string(b)
	}
	return text
}

// fewer yields the programs without one piece, the largest first, and without
// what does not type-check then.
func (s *Shrinker) fewer(text string, yield func(string) bool) {
	fset, f, _, err := s.Checker.faults(text)
	if err != nil {
		return
	}
	all := pieces(fset, f)
	slices.SortStableFunc(all, func(a, b span) int { return (b.to - b.from) - (a.to - a.from) })
	for _, p := range all {
		if t, err := s.Checker.Mend(without(text, []span{p})); err == nil && len(t) < len(text) && !yield(t) {
			return
		}
	}
}

// simpler yields the programs in which zero or a part takes the place of an
// expression.
func (s *Shrinker) simpler(text string, yield func(string) bool) {
	fset, f, _, err := s.Checker.faults(text)
	if err != nil {
		return
	}
	file := fset.File(f.FileStart)
	at := func(n ast.Node) span { return span{file.Offset(n.Pos()), file.Offset(n.End())} }
	on := true
	names := map[ast.Expr]bool{} // that are declared
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for _, x := range n.Names {
				names[x] = true
			}
		case *ast.Field:
			for _, x := range n.Names {
				names[x] = true
			}
		}
		return true
	})
	visit := func(n ast.Node) bool {
		x, ok := n.(ast.Expr)
		if !ok || !on || names[x] {
			return on
		}
		for _, zero := range []string{"0", `""`, "nil", "false"} {
			a := at(x)
			if t := text[:a.from] + zero + text[a.to:]; on && len(t) < len(text) && s.Checker.Valid(t) {
				on = yield(t)
			}
		}
		ast.Inspect(x, func(n ast.Node) bool {
			if y, ok := n.(ast.Expr); ok && y != x && on {
				a, b := at(x), at(y)
				t := text[:a.from] + text[b.from:b.to] + text[a.to:]
				if len(t) < len(text) && s.Checker.Valid(t) {
					on = yield(t)
				}
			}
			return on
		})
		return on
	}
	for _, d := range f.Decls {
		ast.Inspect(d, visit)
	}
}

// outcome is what came of a candidate.
type outcome struct {
	corpus.Task
	corpus.Result
	differs bool
}

// outcomes runs programs beside their twins, which are compiled only where the
// output is what differs.
func (s *Shrinker) outcomes(ctx context.Context, texts []string) []outcome {
	out := make([]outcome, len(texts))
	twins := make([]Twin, len(texts))
	wrong := s.Like.Outcome == corpus.Wrong
	if wrong {
		var err error
		if twins, err = Twins(ctx, texts); err != nil {
			return out
		}
	}
	for i, text := range texts {
		o := &out[i]
		o.Program, o.Task.Form = corpus.Program{Name: s.Like.Name, Source: text, Want: twins[i].Output}, s.Form
		var why string
		if o.Cells, why = o.Program.Cells(s.Form); why != "" || twins[i].Err != nil {
			continue
		}
		var err error
		o.Result, err = s.Child.Do(ctx, o.Task)
		o.differs = err == nil && o.Outcome == s.Like.Outcome && (wrong || Class(o.Error) == Class(s.Like.Error))
		if o.differs { // the others are not asked for
			return out
		}
	}
	return out
}

var numbers = regexp.MustCompile(`\[\d+\]|\d+`)

// Class is an error without its numbers and positions.
func Class(err string) string { return numbers.ReplaceAllString(err, "#") }
