package differ

import (
	"context"
	"os"
	"runtime"
	"strings"
	"testing"

	"surprisal/validation/corpus"
)

func TestMain(m *testing.M) {
	corpus.Serve()
	os.Exit(m.Run())
}

// Programs of fixed seeds print in cells what they print compiled.
func TestSeeds(t *testing.T) {
	d := New(runtime.NumCPU())
	defer d.Close()
	found, err := d.Run(context.Background(), 1, 18)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", d.Log)
	for _, f := range found {
		if f.Result.Outcome != corpus.Refused {
			t.Errorf("seed %d: %s", f.Seed, f)
		}
	}
	if n := d.Log.Count(corpus.Refused); n > 2 {
		t.Errorf("%d of 18 are refused:\n%s", n, d.Log)
	}
	if d.Log.LeftOut > 0 {
		t.Errorf("programs of these seeds have no meaning:\n%s", d.Log)
	}
}

func TestMend(t *testing.T) {
	c := NewChecker()
	for _, r := range []struct{ text, want, why string }{
		{"package main\n\nfunc main() { var x int8 = 300; println(1) }\n", "package main\n\nfunc main() { ; println(1) }\n", "a constant that does not fit"},
		{"package main\n\nfunc f() int { return \"\" }\n\nfunc main() { println(f()); println(2) }\n", "package main\n\n\n\nfunc main() { ; println(2) }\n", "the function goes, and then who calls it"},
	} {
		got, err := c.Mend(r.text)
		if err != nil || got != r.want {
			t.Errorf("%s: %q %v, want %q", r.why, got, err, r.want)
		}
	}
	if _, err := c.Mend("package main\n}"); err == nil {
		t.Error("what does not parse is mended")
	}
}

// A twin prints as main, as wide as main, and one that hangs hurts no other.
func TestTwins(t *testing.T) {
	twins, err := Twins(context.Background(), []string{
		"package main\n\nimport \"fmt\"\n\ntype T struct{ X int }\n\nfunc main() {\n\tfmt.Printf(\"%8T|%v\\n\", T{}, T{1})\n}\n",
		"package main\n\nfunc main() {\n\tfor {\n\t}\n}\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	if twins[0].Output != "  main.T|{1}\n" || twins[0].Err != nil {
		t.Errorf("the first prints %q, %v", twins[0].Output, twins[0].Err)
	}
	if twins[1].Err == nil {
		t.Error("the second ends")
	}
}

// What differs is shrunk to what makes it differ: here a type that the
// interpreter refuses by name.
func TestShrink(t *testing.T) {
	d := New(1)
	defer d.Close()
	text := "package main\n\nimport \"fmt\"\n\ntype L [2][]L\n\nfunc other() int { return 3 }\n\nfunc main() {\n\tx := other()\n\tfmt.Println(x)\n\tif x > 2 {\n\t\tvar l L\n\t\tfmt.Println(len(l), x)\n\t}\n}\n"
	task := corpus.Task{Program: corpus.Program{Source: text}}
	like := corpus.Result{Outcome: corpus.Refused}
	s := Shrinker{Checker: d.checker, Child: d.child, Like: like}
	cells, _ := task.Program.Cells(s.Form)
	like, err := d.child.Do(context.Background(), corpus.Task{Program: task.Program, Cells: cells})
	if err != nil || like.Outcome != corpus.Refused {
		t.Fatalf("the program is %s: %v", like.Outcome, err)
	}
	s.Like = like
	small := s.Shrink(context.Background(), text)
	if strings.Contains(small, "other") || !strings.Contains(small, "type L") || len(small) > 130 {
		t.Errorf("shrunk to\n%s", small)
	}
}
