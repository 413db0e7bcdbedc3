// Command run looks for differences between sessions and compiled programs,
// shrinks them, and writes down what came of how many.
//
//	go run ./validation/differ/run -n 1000 -from 3000 -n 200 -log validation/differ/log.txt
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"surprisal/validation/corpus"
	"surprisal/validation/differ"
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
	from := flag.Uint64("from", 1, "first `seed`")
	n := flag.Uint64("n", 1000, "`seeds`, each a program or a sequence of cells")
	limit := flag.Duration("for", 0, "stop after this time; 0: run all seeds")
	out := flag.String("out", "out/differ", "`folder` for what differs, shrunk")
	children := flag.Int("children", 2, "processes at once")
	tries := flag.Int("shrink", 400, "`tries` to shrink what differs; 0: as it is")
	log := flag.String("log", "", "`file` for the counts")
	flag.Parse()
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	d := differ.New(*children)
	defer d.Close()
	start := time.Now()
	seen := map[string]bool{}
	size := uint64(100)
	if *limit > 0 && *limit < 5*time.Minute { // a batch is not left in its middle
		size = 20
	}
	for seed, end := *from, *from+*n; seed < end && (*limit == 0 || time.Since(start) < *limit) && ctx.Err() == nil; {
		batch := min(size, end-seed)
		found, err := d.Run(ctx, seed, int(batch))
		if err != nil {
			return err
		}
		seed += batch
		fmt.Printf("%s: %s\n", time.Since(start).Round(time.Second), d.Log.Line())
		for _, f := range found {
			if seen[f.Class()] {
				continue
			}
			seen[f.Class()] = true
			if *tries > 0 {
				f = d.Shrink(ctx, f, *tries)
			}
			fmt.Println(f)
			name := filepath.Join(*out, fmt.Sprintf("%d.txt", f.Seed))
			if err := os.WriteFile(name, []byte(f.String()), 0o644); err != nil {
				return err
			}
		}
	}
	fmt.Print(d.Log)
	if *log == "" {
		return nil
	}
	return os.WriteFile(*log, []byte(d.Log.String()), 0o644)
}
