package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"surprisal/jupyter/kernel"
)

// Config is what a Client is made of; its zero value runs this binary.
type Config struct {
	Command     []string // argv of the worker role; default: this binary with "worker"
	Dir         string   // where workers start; default: the working directory
	Env         []string // added to the environment
	MemoryLimit int64    // resident bytes of a worker; default: 80 % of the machine or its control group
	// Monitor starts the process that reads devices, when a worker asks for it;
	// nil: there is none.
	Monitor func(ctx context.Context) error
	Logger  *slog.Logger

	exe string // the file to run where it is not Command[0]
}

// Client is the front's side. It keeps one worker process alive and evaluates
// in it. A worker that dies is replaced at once; the request that it was
// serving gets an error.
type Client struct {
	cfg  Config
	log  *slog.Logger
	sink kernel.Sink

	mu      sync.Mutex
	change  chan struct{} // closed and replaced when one of the following changes
	proc    *process      // nil while there is none
	failure error         // why there is none, if a start failed
	closed  bool
	done    chan struct{} // closed when supervision has ended
	began   bool
}

var _ kernel.Evaluator = (*Client)(nil)

var errClosed = errors.New("worker: the kernel is shutting down")

// NewClient returns a client without a worker; see Start.
func NewClient(cfg Config) *Client {
	if len(cfg.Command) == 0 {
		self, err := os.Executable()
		if err != nil {
			self = os.Args[0]
		}
		cfg.Command = []string{self, "worker"}
		cfg.exe = sameBinary()
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Client{cfg: cfg, log: cfg.Logger, change: make(chan struct{}), done: make(chan struct{})}
}

// Start starts a worker, whose outputs go to sink, and supervises it until
// Close. It does not wait for the worker to be up.
func (c *Client) Start(sink kernel.Sink) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.began || c.closed {
		return
	}
	c.began = true
	c.sink = sink
	go c.supervise()
}

// Close ends the worker with all its children and returns when they are gone.
func (c *Client) Close() {
	c.mu.Lock()
	c.closed = true
	p, began := c.proc, c.began
	c.notify()
	c.mu.Unlock()
	if p != nil {
		killGroup(p.cmd.Process.Pid)
	}
	if began {
		<-c.done
	}
}

// PID returns the process id of the worker, 0 while there is none.
func (c *Client) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proc == nil {
		return 0
	}
	return c.proc.cmd.Process.Pid
}

func (c *Client) memory() ceiling { return newCeiling(c.cfg.MemoryLimit) }

// env is the worker's environment: Go's stacks of a fatal error would bury the
// line that says what happened.
func (c *Client) env() []string {
	return append(append(os.Environ(), c.cfg.Env...), "GOTRACEBACK=none")
}

func (c *Client) notify() { close(c.change); c.change = make(chan struct{}) }

// set makes p the worker. It fails after Close.
func (c *Client) set(p *process, failure error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		c.proc = nil
		return false
	}
	c.proc, c.failure = p, failure
	c.notify()
	return true
}

// supervise starts workers one after another. One that dies before it has
// begun to serve is given more and more time, so that a broken binary or a
// machine without memory is not hammered.
func (c *Client) supervise() {
	defer close(c.done)
	pause := time.Duration(0)
	for {
		p, err := startProcess(c)
		if err != nil {
			c.log.Error("worker: start", "err", err)
			if !c.set(nil, fmt.Errorf("%w; mend that and run the cell again, the start is tried again every few seconds", err)) || !c.sleep(backOff(&pause)) {
				return
			}
			continue
		}
		if !c.set(p, nil) {
			killGroup(p.cmd.Process.Pid)
			p.reap()
			p.fail()
			return
		}
		d := p.reap()
		var failure error
		if d.ready {
			pause = 0
		} else {
			failure = fmt.Errorf("worker: it ended while it started (%s): look at the kernel's log", d.reason())
		}
		open := c.set(nil, failure)
		if open {
			c.log.Warn("worker: ended", "state", d.state, "reason", d.reason())
			c.sink.Emit(0, kernel.Lost{})
		}
		p.death = d
		if !p.fail() && open && (d.killed != "" || len(d.lines) > 0) {
			c.sink.Emit(0, kernel.Stream{Name: "stderr", Text: []byte("The process that ran the cells has ended while no cell was running: " + d.reason() + "\n")})
		}
		if !open || !d.ready && !c.sleep(backOff(&pause)) {
			return
		}
	}
}

func backOff(d *time.Duration) time.Duration {
	*d = min(max(2**d, 50*time.Millisecond), 5*time.Second)
	return *d
}

// sleep returns false if the client was closed meanwhile.
func (c *Client) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		c.mu.Lock()
		change, closed := c.change, c.closed
		c.mu.Unlock()
		if closed {
			return false
		}
		select {
		case <-t.C:
			return true
		case <-change:
		}
	}
}

// worker returns the worker, waiting for the next one if there is none. It
// fails when there is none because it cannot be started.
func (c *Client) worker(ctx context.Context) (*process, error) {
	for {
		c.mu.Lock()
		p, failure, closed, change := c.proc, c.failure, c.closed, c.change
		c.mu.Unlock()
		switch {
		case closed:
			return nil, errClosed
		case p != nil:
			return p, nil
		case failure != nil:
			return nil, failure
		}
		select {
		case <-change:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// call sends a request to the worker and enters it there.
func (c *Client) call(ctx context.Context, cell kernel.CellID, o outgoing) (*process, uint64, *call, error) {
	for {
		p, err := c.worker(ctx)
		if err != nil {
			return nil, 0, nil, err
		}
		id, w, err := p.begin(ctx, cell, o.Kind == kindExecute)
		if err != nil { // it has just died: the next one is on its way
			select {
			case <-p.ended:
				continue
			case <-ctx.Done():
				return nil, 0, nil, ctx.Err()
			}
		}
		o.ID, o.Cell = id, uint64(cell)
		err = p.link.send(o)
		if errors.Is(err, errTooLong) {
			p.drop(id)
			return nil, 0, nil, err
		}
		return p, id, w, nil // another error is the worker's death, which ends the call
	}
}

// Execute implements kernel.Evaluator.
func (c *Client) Execute(ctx context.Context, cell kernel.Cell) kernel.Outcome {
	if c.PID() == 0 {
		cell.OnItsWay() // it may take seconds
	}
	p, id, w, err := c.call(ctx, cell.ID, outgoing{head: head{Kind: kindExecute}, Body: cell})
	cell.OnItsWay()
	switch {
	case ctx.Err() != nil && err != nil:
		return kernel.Outcome{Err: shown("Interrupted", "the cell was interrupted before it began")}
	case err != nil:
		return kernel.Outcome{Err: shown("NoWorker", err.Error())}
	}
	done := ctx.Done()
	for {
		select {
		case f, ok := <-w.answer:
			if !ok {
				return kernel.Outcome{Err: p.death.shown()}
			}
			return f.done.Outcome
		case <-done:
			done = nil
			p.link.send(outgoing{head: head{Kind: kindInterrupt, ID: id}})
		}
	}
}

// Ask implements kernel.Evaluator.
func (c *Client) Ask(ctx context.Context, q kernel.Question) (kernel.Answer, error) {
	o := outgoing{Body: q}
	switch q.(type) {
	case kernel.Complete:
		o.Kind = kindComplete
	case kernel.Inspect:
		o.Kind = kindInspect
	case kernel.IsComplete:
		o.Kind = kindIsComplete
	default:
		return nil, fmt.Errorf("worker: unknown question %T", q)
	}
	f, err := c.roundTrip(ctx, 0, o)
	if err != nil {
		return nil, err
	}
	switch q.(type) {
	case kernel.Complete:
		return answer[kernel.Completion](f)
	case kernel.Inspect:
		return answer[kernel.Inspection](f)
	}
	return answer[kernel.Completeness](f)
}

func answer[T kernel.Answer](f *frame) (kernel.Answer, error) {
	var a T
	if err := json.Unmarshal(f.Body, &a); err != nil {
		return nil, fmt.Errorf("worker: answer: %w", err)
	}
	return a, nil
}

// Comm implements kernel.Evaluator. It returns when the handlers in the worker
// have, and everything that they showed has been given to the sink.
func (c *Client) Comm(ctx context.Context, from kernel.CellID, m kernel.CommMessage) error {
	f, err := c.roundTrip(ctx, from, commFrame(m))
	if err != nil {
		return err
	}
	if f.done.Text != "" {
		return errors.New(f.done.Text)
	}
	return nil
}

// roundTrip sends a request and returns its answer, or ctx's error if the
// caller gives up.
func (c *Client) roundTrip(ctx context.Context, cell kernel.CellID, o outgoing) (*frame, error) {
	p, id, w, err := c.call(ctx, cell, o)
	if err != nil {
		return nil, err
	}
	select {
	case f, ok := <-w.answer:
		if !ok {
			return nil, p.dead
		}
		return f, nil
	case <-ctx.Done():
		p.drop(id)
		p.link.send(outgoing{head: head{Kind: kindInterrupt, ID: id}})
		return nil, ctx.Err()
	}
}

// shown is an error as the notebook shows it.
func shown(name, value string, lines ...string) *kernel.Error {
	return &kernel.Error{Name: name, Value: value, Traceback: append([]string{"\x1b[31m" + name + "\x1b[0m: " + value}, lines...)}
}

// shown is what the running cell ends with.
func (d death) shown() *kernel.Error {
	value := d.reason()
	var lines []string
	if s := strings.Join(d.lines, "\n"); s != "" && s != value {
		lines = append(lines, s)
	}
	return shown("WorkerDied", value, append(lines, "The process that ran the cells has ended ("+d.state+") and a new one takes over: variables of earlier cells are lost; run again those that define what you need.")...)
}
