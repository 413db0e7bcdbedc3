package corpus

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Task is a program in a form.
type Task struct {
	Program
	Form  Form
	Cells []string
}

// Tasks cuts programs in every form. What a form would change is left out.
func Tasks(programs []Program, fs []Form) (tasks []Task, left []Left) {
	for _, p := range programs {
		for _, f := range fs {
			cells, why := p.Cells(f)
			if why != "" {
				left = append(left, Left{p.Name + ", " + f.String(), why})
				continue
			}
			tasks = append(tasks, Task{p, f, cells})
		}
	}
	return tasks, left
}

// Runner runs tasks in child processes. The zero value works.
type Runner struct {
	Children int           // at once; 0: one
	Limit    time.Duration // of a program; 0: 10 s
	Shared   int           // programs in a row that share a session; 0: none do
	Progress func(done int, r Result)
}

// Run returns the results in the order of tasks. Programs of one form share
// sessions, if any do.
func (r Runner) Run(ctx context.Context, tasks []Task) ([]Result, error) {
	r.Limit = cmp.Or(r.Limit, 10*time.Second)
	r.Children = cmp.Or(r.Children, 1)
	results := make([]Result, len(tasks))
	work := make(chan int)
	var mu sync.Mutex
	done := 0
	var first error
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range r.Children {
		wg.Go(func() {
			p := &process{runner: r}
			defer p.close()
			for i := range work {
				res, err := p.do(ctx, tasks[i])
				mu.Lock()
				results[i] = res
				done++
				if err != nil && first == nil {
					first = err
					cancel()
				}
				if r.Progress != nil && err == nil {
					r.Progress(done, res)
				}
				mu.Unlock()
			}
		})
	}
	for i := range tasks {
		select {
		case work <- i:
		case <-ctx.Done():
		}
	}
	close(work)
	wg.Wait()
	if first == nil {
		first = ctx.Err()
	}
	return results, first
}

// Child is one process that runs tasks as they come.
type Child struct{ p process }

// Child makes a child of a runner. It starts with its first task.
func (r Runner) Child() *Child {
	r.Limit = cmp.Or(r.Limit, 10*time.Second)
	return &Child{process{runner: r}}
}

// Do runs a task.
func (c *Child) Do(ctx context.Context, t Task) (Result, error) { return c.p.do(ctx, t) }

// Close ends the process.
func (c *Child) Close() { c.p.close() }

// process is a child as its parent sees it.
type process struct {
	runner  Runner
	cmd     *exec.Cmd
	stdout  *os.File
	in, out *os.File
	answers chan answer
	ran     int // programs in the session
}

// start starts the program that this process is as a child.
func (p *process) start() error {
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("corpus: start a child: %w", err)
	}
	dir, err := os.MkdirTemp("", "corpus")
	if err != nil {
		return fmt.Errorf("corpus: start a child: %w", err)
	}
	p.stdout, err = os.OpenFile(dir+"/output", os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("corpus: start a child: %w", err)
	}
	requests, in, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("corpus: start a child: %w", err)
	}
	out, replies, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("corpus: start a child: %w", err)
	}
	p.cmd = exec.Command(exe)
	p.cmd.Env = append(os.Environ(), ServeEnv+"="+dir+"/output")
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stdout
	p.cmd.ExtraFiles = []*os.File{requests, replies}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("corpus: start a child: %w", err)
	}
	requests.Close()
	replies.Close()
	p.in, p.out, p.ran = in, out, 0
	p.answers = make(chan answer)
	go func(c chan answer) {
		defer close(c)
		d := json.NewDecoder(out)
		for {
			var a answer
			if d.Decode(&a) != nil {
				return
			}
			c <- a
		}
	}(p.answers)
	return nil
}

// close ends the child and removes its folder.
func (p *process) close() {
	if p.cmd == nil {
		return
	}
	p.in.Close()
	p.cmd.Process.Kill()
	for range p.answers {
	}
	p.cmd.Wait() // killed: its status says nothing
	p.out.Close()
	p.stdout.Close()
	os.RemoveAll(p.cmd.Dir)
	p.cmd = nil
}

// grace is how long an interrupted program may take to end.
const grace = 3 * time.Second

// do runs a task in the child.
func (p *process) do(ctx context.Context, t Task) (Result, error) {
	res := Result{Name: t.Name, Form: t.Form}
	if p.cmd == nil {
		if err := p.start(); err != nil {
			return res, err
		}
	}
	q := request{Cells: t.Cells, Limit: p.runner.Limit, Fresh: p.ran%max(p.runner.Shared, 1) == 0, Dir: t.Dir, Stderr: !t.Example}
	q.Remarks = q.Fresh && t.Form != Grown
	if strings.HasPrefix(t.Name, "time.") { // whose tests declare it their local time
		q.Zone = "America/Los_Angeles"
	}
	p.ran++
	if t.redefines() { // true or len: for the rest of a session
		p.ran = 0
	}
	if err := json.NewEncoder(p.in).Encode(q); err != nil {
		p.close()
		return res, fmt.Errorf("corpus: send %s to a child: %w", t.Name, err)
	}
	select {
	case a, ok := <-p.answers:
		if !ok {
			res.Outcome, res.Error = Died, p.lastWords()
			p.close()
			return res, nil
		}
		if a.Tired {
			p.close()
		}
		return t.judge(a), nil
	case <-time.After(p.runner.Limit + grace):
		res.Outcome, res.Error = Stuck, "an interrupt did not end it"
		p.close()
		return res, nil
	case <-ctx.Done():
		p.close()
		return res, ctx.Err()
	}
}

// lastWords is what a dead child said of its death.
func (p *process) lastWords() string {
	b, err := os.ReadFile(p.stdout.Name())
	if err != nil {
		return err.Error()
	}
	if more, err := os.ReadFile(filepath.Join(p.cmd.Dir, "stderr")); err == nil { // of an example
		b = append(b, more...)
	}
	lines := strings.Split(string(bytes.ToValidUTF8(b, []byte("?"))), "\n")
	i := slices.IndexFunc(lines, func(s string) bool {
		return strings.HasPrefix(s, "fatal error:") || strings.HasPrefix(s, "panic:") || strings.HasPrefix(s, "runtime:") || strings.HasPrefix(s, "SIG") || strings.HasPrefix(s, "corpus:")
	})
	if i < 0 {
		return "no word"
	}
	return lines[i]
}
