package symbols_test

import (
	"context"
	"go/importer"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"surprisal/jupyter/interp"
	"surprisal/jupyter/symbols"
)

// used is a cell's expression that uses a generic symbol of the standard library
// and what it prints, by the documentation of the package; a cell that is
// refused prints what the refusal says.
var used = map[string]struct{ expr, want string }{
	"cmp.Compare":                  {`cmp.Compare(1, 2), cmp.Compare("b", "a")`, "-1 1"},
	"cmp.Less":                     {`cmp.Less(math.NaN(), 1.0)`, "true"},
	"cmp.Or":                       {`cmp.Or("", "a", "b")`, "a"},
	"crypto/hkdf.Expand":           {`must(hkdf.Expand(sha256.New, make([]byte, 32), "i", 2))`, "[47 0]"},
	"crypto/hkdf.Extract":          {`must(hkdf.Extract(sha256.New, []byte("k"), nil))`, "[64 252 36 31 35 236 211 65 89 200 222 44 22 131 27 17 156 49 110 91 153 92 171 150 174 19 1 130 230 131 146 38]"},
	"crypto/hkdf.Key":              {`must(hkdf.Key(sha256.New, []byte("k"), nil, "i", 2))`, "[193 40]"},
	"crypto/pbkdf2.Key":            {`must(pbkdf2.Key(sha256.New, "p", []byte("s"), 1, 2))`, "[55 44]"},
	"database/sql.Null":            {`sql.Null[int]{V: 1}`, "REFUSED"},
	"errors.AsType":                {`func() string { e, ok := errors.AsType[*fs.PathError](fmt.Errorf("w: %w", &fs.PathError{Op: "o"})); return fmt.Sprint(e.Op, ok) }()`, "otrue"},
	"hash/maphash.Comparable":      {`func() bool { s := maphash.MakeSeed(); return maphash.Comparable(s, 1) == maphash.Comparable(s, 1) && maphash.Comparable(s, 1) != maphash.Comparable(s, 2) }()`, "true"},
	"hash/maphash.WriteComparable": {`func() bool { var h, g maphash.Hash; g.SetSeed(h.Seed()); maphash.WriteComparable(&h, "a"); e := h.Sum64() == g.Sum64(); maphash.WriteComparable(&g, "a"); return !e && h.Sum64() == g.Sum64() }()`, "true"},
	"iter.Pull":                    {`func() int { next, stop := iter.Pull(slices.Values([]int{7})); defer stop(); v, _ := next(); return v }()`, "7"},
	"iter.Pull2":                   {`func() int { next, stop := iter.Pull2(slices.All([]int{7})); defer stop(); i, v, _ := next(); return i + v }()`, "7"},
	"iter.Seq":                     {`func() (n int) { var s iter.Seq[int] = func(yield func(int) bool) { _ = yield(1) && yield(2) }; for v := range s { n += v }; return }()`, "3"},
	"iter.Seq2":                    {`func() (n int) { var s iter.Seq2[int, int] = func(yield func(int, int) bool) { yield(1, 2) }; for k, v := range s { n += k*10 + v }; return }()`, "12"},
	"maps.All":                     {`maps.Collect(maps.All(map[int]string{1: "a"}))`, "map[1:a]"},
	"maps.Clone":                   {`maps.Clone(map[string]int{"a": 1})`, "map[a:1]"},
	"maps.Collect":                 {`maps.Collect(slices.All([]string{"x"}))`, "map[0:x]"},
	"maps.Copy":                    {`func() any { m := map[int]int{1: 1}; maps.Copy(m, map[int]int{2: 2}); return m }()`, "map[1:1 2:2]"},
	"maps.DeleteFunc":              {`func() any { m := map[int]int{1: 1, 2: 2}; maps.DeleteFunc(m, func(k, _ int) bool { return k > 1 }); return m }()`, "map[1:1]"},
	"maps.Equal":                   {`maps.Equal(map[int]int{1: 2}, map[int]int{1: 2})`, "true"},
	"maps.EqualFunc":               {`maps.EqualFunc(map[int]int{1: 2}, map[int]string{1: "2"}, func(a int, b string) bool { return fmt.Sprint(a) == b })`, "true"},
	"maps.Insert":                  {`func() any { m := map[int]string{}; maps.Insert(m, slices.All([]string{"a"})); return m }()`, "map[0:a]"},
	"maps.Keys":                    {`slices.Sorted(maps.Keys(map[string]int{"b": 1, "a": 2}))`, "[a b]"},
	"maps.Values":                  {`slices.Sorted(maps.Values(map[string]int{"b": 1, "a": 2}))`, "[1 2]"},
	"math/rand/v2.N":               {`rand.N(1), rand.N(time.Duration(1))`, "0 0s"},
	"reflect.TypeAssert":           {`func() any { v, ok := reflect.TypeAssert[int](reflect.ValueOf(3)); return fmt.Sprint(v, ok) }()`, "REFUSED"},
	"reflect.TypeFor":              {`reflect.TypeFor[int](), reflect.TypeFor[error]()`, "int error"},
	"runtime.AddCleanup":           {`func() int { x := new(int); runtime.AddCleanup(x, func(int) {}, 1); return 0 }()`, "REFUSED"},
	"slices.All":                   {`func() (n int) { for i, v := range slices.All([]int{5, 6}) { n += i * v }; return }()`, "6"},
	"slices.AppendSeq":             {`slices.AppendSeq([]int{1}, slices.Values([]int{2}))`, "[1 2]"},
	"slices.Backward":              {`func() (s []int) { for _, v := range slices.Backward([]int{1, 2}) { s = append(s, v) }; return }()`, "[2 1]"},
	"slices.BinarySearch":          {`slices.BinarySearch([]int{1, 3}, 3)`, "1 true"},
	"slices.BinarySearchFunc":      {`slices.BinarySearchFunc([]string{"a", "bb"}, 2, func(s string, n int) int { return len(s) - n })`, "1 true"},
	"slices.Chunk":                 {`slices.Collect(slices.Chunk([]int{1, 2, 3}, 2))`, "[[1 2] [3]]"},
	"slices.Clip":                  {`cap(slices.Clip(make([]int, 1, 9)))`, "1"},
	"slices.Clone":                 {`slices.Clone([]int{1})`, "[1]"},
	"slices.Collect":               {`slices.Collect(slices.Values([]int{1}))`, "[1]"},
	"slices.Compact":               {`slices.Compact([]int{1, 1, 2})`, "[1 2]"},
	"slices.CompactFunc":           {`slices.CompactFunc([]string{"a", "A"}, strings.EqualFold)`, "[a]"},
	"slices.Compare":               {`slices.Compare([]int{1, 2}, []int{1, 3})`, "-1"},
	"slices.CompareFunc":           {`slices.CompareFunc([]int{1}, []string{"1"}, func(a int, b string) int { return strings.Compare(fmt.Sprint(a), b) })`, "0"},
	"slices.Concat":                {`slices.Concat([]int{1}, []int{2, 3})`, "[1 2 3]"},
	"slices.Contains":              {`slices.Contains([]string{"a"}, "a")`, "true"},
	"slices.ContainsFunc":          {`slices.ContainsFunc([]int{1, -1}, func(n int) bool { return n < 0 })`, "true"},
	"slices.Delete":                {`slices.Delete([]int{1, 2, 3}, 0, 2)`, "[3]"},
	"slices.DeleteFunc":            {`slices.DeleteFunc([]int{1, 2, 3}, func(n int) bool { return n%2 == 1 })`, "[2]"},
	"slices.Equal":                 {`slices.Equal([]float64{math.NaN()}, []float64{math.NaN()})`, "false"},
	"slices.EqualFunc":             {`slices.EqualFunc([]int{1}, []string{"1"}, func(a int, b string) bool { return fmt.Sprint(a) == b })`, "true"},
	"slices.Grow":                  {`cap(slices.Grow([]int{}, 5)) >= 5`, "true"},
	"slices.Index":                 {`slices.Index([]int{4, 5}, 5)`, "1"},
	"slices.IndexFunc":             {`slices.IndexFunc([]int{4, 5}, func(n int) bool { return n > 9 })`, "-1"},
	"slices.Insert":                {`slices.Insert([]int{1, 4}, 1, 2, 3)`, "[1 2 3 4]"},
	"slices.IsSorted":              {`slices.IsSorted([]int{1, 0})`, "false"},
	"slices.IsSortedFunc":          {`slices.IsSortedFunc([]int{1, 0}, func(a, b int) int { return b - a })`, "true"},
	"slices.Max":                   {`slices.Max([]int{1, 3, 2})`, "3"},
	"slices.MaxFunc":               {`slices.MaxFunc([]string{"a", "bb"}, func(a, b string) int { return len(a) - len(b) })`, "bb"},
	"slices.Min":                   {`slices.Min([]float64{2, 1.5})`, "1.5"},
	"slices.MinFunc":               {`slices.MinFunc([]string{"aa", "b"}, func(a, b string) int { return len(a) - len(b) })`, "b"},
	"slices.Repeat":                {`slices.Repeat([]int{1, 2}, 2)`, "[1 2 1 2]"},
	"slices.Replace":               {`slices.Replace([]int{1, 2, 3}, 0, 2, 9)`, "[9 3]"},
	"slices.Reverse":               {`func() any { s := []int{1, 2}; slices.Reverse(s); return s }()`, "[2 1]"},
	"slices.Sort":                  {`func() any { s := []string{"b", "a"}; slices.Sort(s); return s }()`, "[a b]"},
	"slices.SortFunc":              {`func() any { s := []int{1, 2}; slices.SortFunc(s, func(a, b int) int { return b - a }); return s }()`, "[2 1]"},
	"slices.SortStableFunc":        {`func() any { s := []string{"b", "a", "cc"}; slices.SortStableFunc(s, func(a, b string) int { return len(b) - len(a) }); return s }()`, "[cc b a]"},
	"slices.Sorted":                {`slices.Sorted(slices.Values([]int{2, 1}))`, "[1 2]"},
	"slices.SortedFunc":            {`slices.SortedFunc(slices.Values([]int{1, 2}), func(a, b int) int { return b - a })`, "[2 1]"},
	"slices.SortedStableFunc":      {`slices.SortedStableFunc(slices.Values([]string{"b", "a"}), func(a, b string) int { return 0 })`, "[b a]"},
	"slices.Values":                {`func() (n int) { for v := range slices.Values([]int{1, 2}) { n += v }; return }()`, "3"},
	"sync.OnceValue":               {`func() int { n := 0; f := sync.OnceValue(func() int { n++; return n }); return f() + f() }()`, "2"},
	"sync.OnceValues":              {`func() string { f := sync.OnceValues(func() (int, error) { return 1, nil }); v, err := f(); return fmt.Sprint(v, err) }()`, "1 <nil>"},
	"sync/atomic.Pointer":          {`func() int { var p atomic.Pointer[int]; n := 4; p.Store(&n); return *p.Load() }()`, "4"},
	"unique.Handle":                {`func() any { var h unique.Handle[string] = unique.Make("a"); return h == unique.Make("a") }()`, "true"},
	"unique.Make":                  {`unique.Make(3).Value()`, "3"},
	"weak.Make":                    {`weak.Make(new(int)).Value() != nil`, "REFUSED"},
	"weak.Pointer":                 {`func() any { var p weak.Pointer[int]; return p.Value() == nil }()`, "REFUSED"},
	// not generic themselves: their sequences are
	"strings.Lines":         {`slices.Collect(strings.Lines("a\nb"))`, "[a\n b]"},
	"strings.SplitSeq":      {`slices.Collect(strings.SplitSeq("a,b", ","))`, "[a b]"},
	"strings.SplitAfterSeq": {`slices.Collect(strings.SplitAfterSeq("a,b", ","))`, "[a, b]"},
	"strings.FieldsSeq":     {`func() (n int) { for w := range strings.FieldsSeq(" a b ") { n += len(w) }; return }()`, "2"},
	"strings.FieldsFuncSeq": {`slices.Collect(strings.FieldsFuncSeq("a1b", unicode.IsDigit))`, "[a b]"},
	"bytes.Lines":           {`len(slices.Collect(bytes.Lines([]byte("a\nb"))))`, "2"},
	"bytes.SplitSeq":        {`func() (s string) { for b := range bytes.SplitSeq([]byte("a,b"), []byte(",")) { s += string(b) }; return }()`, "ab"},
}

// Every generic symbol of the standard library does in a cell what its package
// promises, or is refused by name; none can be forgotten.
func TestGenericStandardLibrary(t *testing.T) {
	tab := symbols.New(symbols.Options{})
	imp := importer.ForCompiler(token.NewFileSet(), "gc", tab.Export)
	have := map[string]bool{}
	for _, path := range append(symbols.Paths(), "cmp", "iter", "maps", "slices", "unique", "weak") {
		if strings.Contains(path, ".") || strings.HasPrefix(path, "surprisal/") {
			continue
		}
		pkg, err := imp.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range pkg.Scope().Names() {
			if o := pkg.Scope().Lookup(name); o.Exported() && generic(o) {
				have[path+"."+name] = true
				if used[path+"."+name].expr == "" {
					t.Errorf("%s.%s is generic and no row of the table uses it", path, name)
				}
			}
		}
	}
	if len(have) < 70 { // of Go 1.26
		t.Errorf("only %d generic symbols were found", len(have))
	}
	var names []string
	for name := range used {
		names = append(names, name)
	}
	slices.Sort(names)
	d := &desk{}
	s, _ := session(t, d)
	imports := "import (\n\"hash/maphash\"\n\"crypto/hkdf\"\n\"crypto/pbkdf2\"\n\"crypto/sha256\"\n\"database/sql\"\n\"io/fs\"\n\"sync/atomic\"\n\"unique\"\n\"weak\"\n\"math/rand/v2\"\n\"iter\"\n\"maps\"\n\"cmp\"\n)"
	if _, e := s.Run(context.Background(), interp.Cell{ID: 1, Count: 1, Code: imports}); e != nil {
		t.Fatal(e)
	}
	for i, name := range names {
		u := used[name]
		before := len(d.String())
		n := i + 2
		_, e := s.Run(context.Background(), interp.Cell{ID: uint64(n), Count: n, Code: "fmt.Print(fmt.Sprintln(" + u.expr + "))"})
		got := strings.TrimSuffix(d.String()[before:], "\n")
		if e != nil && e.Name == "InterpreterLimit" && strings.Contains(e.Value, "not supported in a cell: the generic ") && strings.Contains(e.Value, name[strings.LastIndexByte(name, '/')+1:strings.LastIndexByte(name, '.')]+".") {
			got = "REFUSED"
		} else if e != nil {
			got = e.Error()
		}
		if got != u.want {
			t.Errorf("%s: %s\nprints %q, want %q", name, u.expr, got, u.want)
		}
	}
}

// generic tells whether a symbol has type parameters.
func generic(o types.Object) bool {
	switch o := o.(type) {
	case *types.Func:
		return o.Signature().TypeParams().Len() > 0
	case *types.TypeName:
		n, ok := types.Unalias(o.Type()).(*types.Named)
		return ok && n.TypeParams().Len() > 0
	}
	return false
}
