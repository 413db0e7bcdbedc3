// Command run judges the session by the Go distribution's own programs and
// writes what came of each.
//
//	go run ./validation/corpus/run -out out/corpus
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"surprisal/validation/corpus"
)

func main() {
	corpus.Serve()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	only := flag.String("only", "", "run programs whose `name` holds this, or a file of names, one a line, behind @")
	form := flag.Int("form", -1, "run one form alone, by its `number`")
	out := flag.String("out", "out/corpus", "`folder` for results.json, failures.txt and table.md")
	children := flag.Int("children", 1, "processes at once")
	shared := flag.Int("shared", 0, "how many programs share a session; 0: none do")
	record := flag.String("record", "", "`file` to write what is not right to, for the test to compare with")
	limit := flag.Duration("limit", 10*time.Second, "time of a program")
	flag.Parse()
	goroot, err := corpus.Goroot()
	if err != nil {
		return err
	}
	all, left, err := corpus.Load(goroot)
	if err != nil {
		return err
	}
	all, err = named(all, *only)
	if err != nil {
		return err
	}
	fs := corpus.Forms()
	if *form >= 0 {
		fs = fs[*form : *form+1]
	}
	tasks, more := corpus.Tasks(all, fs)
	fmt.Printf("%d programs, %d runs. Not run:\n%s", len(all), len(tasks), corpus.Reasons(append(left, more...)))
	last := time.Now()
	r := corpus.Runner{Children: *children, Shared: *shared, Limit: *limit, Progress: func(done int, r corpus.Result) {
		if r.Outcome != corpus.Right {
			fmt.Print(corpus.Failures([]corpus.Result{r}))
		}
		if time.Since(last) > 10*time.Second {
			last = time.Now()
			fmt.Fprintf(os.Stderr, "%d of %d\n", done, len(tasks))
		}
	}}
	results, err := r.Run(ctx, tasks)
	if err != nil {
		return err
	}
	table := corpus.Count(results).String()
	fmt.Print(table)
	if err := write(*out, table, results); err != nil {
		return err
	}
	if *record == "" {
		return nil
	}
	return os.WriteFile(*record, []byte(corpus.NewRecord(runtime.Version(), results).String()), 0o644)
}

func named(all []corpus.Program, only string) ([]corpus.Program, error) {
	keep := func(name string) bool { return strings.Contains(name, only) }
	if file, ok := strings.CutPrefix(only, "@"); ok {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		names := map[string]bool{}
		for n := range strings.FieldsSeq(string(b)) {
			names[n] = true
		}
		keep = func(name string) bool { return names[name] }
	}
	var some []corpus.Program
	for _, p := range all {
		if keep(p.Name) {
			some = append(some, p)
		}
	}
	return some, nil
}

func write(dir, table string, results []corpus.Result) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	b, err := json.MarshalIndent(results, "", "\t")
	if err != nil {
		return err
	}
	for name, text := range map[string]string{"results.json": string(b), "table.md": table, "failures.txt": corpus.Failures(results)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
