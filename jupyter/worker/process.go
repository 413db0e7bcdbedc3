package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"surprisal/jupyter/kernel"
)

// process is one worker process, seen from the front.
type process struct {
	client *Client
	cmd    *exec.Cmd
	link   *link
	merge  *merger
	pipes  [2]*os.File
	gone   chan struct{} // closed when the process is known to have ended
	ended  chan struct{} // closed when all that it left behind has been delivered
	ctx    context.Context
	cancel context.CancelFunc
	once   sync.Once

	mu     sync.Mutex
	calls  map[uint64]*call
	lastID uint64
	dead   error  // set once no call may be added
	death  death  // set before the calls that wait are ended
	killed string // why the front ended it
	ready  bool
}

// call is a request that waits for its answer.
type call struct {
	ctx    context.Context
	cell   kernel.CellID
	runs   bool        // it runs the cell
	answer chan *frame // one frame; closed without one if the worker died
}

func startProcess(c *Client) (*process, error) {
	cmd, conn, pipes, err := spawn(c.cfg.exe, c.cfg.Command, c.cfg.Dir, c.env())
	if err != nil {
		return nil, err
	}
	token := newToken()
	p := &process{client: c, cmd: cmd, link: newLink(conn), merge: newMerger(token), pipes: pipes,
		gone: make(chan struct{}), ended: make(chan struct{}), calls: map[uint64]*call{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.merge.emit, p.merge.deliver = c.sink.Emit, p.deliver
	p.merge.ack = func(seq uint64) { p.link.send(outgoing{head: head{Kind: kindAck, Seq: seq}}) }
	if err := p.link.send(outgoing{head: head{Kind: kindHello}, Body: hello{token}}); err != nil {
		c.log.Warn("worker: hello", "err", err)
	}
	for i, f := range pipes {
		if err := p.merge.take(i, f); err != nil {
			c.log.Error("worker: pipe", "err", err) // a fresh pipe has a descriptor
		}
	}
	go p.read()
	go func() { awaitExit(cmd); p.leave() }()
	go p.merge.run(p.gone)
	for i, f := range pipes {
		go p.merge.follow(i, f)
	}
	go c.memory().watch(cmd.Process.Pid, p.gone, p.kill)
	return p, nil
}

type hello struct{ Token []byte }

// leave notes that the process has ended or has closed its link.
func (p *process) leave() { p.once.Do(func() { close(p.gone) }) }

// kill ends the process for a reason that the user will read.
func (p *process) kill(reason string) {
	p.mu.Lock()
	p.killed = reason
	p.mu.Unlock()
	killGroup(p.cmd.Process.Pid)
}

// read takes frames from the link: answers go to who waits for them at once,
// all others to the merger.
func (p *process) read() {
	defer p.leave()
	for {
		f, err := p.link.recv()
		switch {
		case err != nil:
			if !errors.Is(err, net.ErrClosed) {
				p.client.log.Debug("worker: link", "err", err)
			}
			return
		case f.Kind == kindReady:
			p.mu.Lock()
			p.ready = true
			p.mu.Unlock()
		case f.Kind == kindAnswer:
			p.finish(f)
		case f.Kind == kindMonitor:
			go p.startMonitor(f.ID)
		default:
			p.merge.push(f)
		}
	}
}

// startMonitor has the monitor started and tells the worker how that went.
func (p *process) startMonitor(id uint64) {
	text := ""
	if start := p.client.cfg.Monitor; start == nil {
		text = "worker: this kernel starts no monitor"
	} else if err := start(p.ctx); err != nil {
		text = err.Error()
	}
	p.link.send(outgoing{head: head{Kind: kindMonitor, ID: id}, Body: doneBody{Text: text}})
}

// begin enters a call. It fails when the worker is dead.
// One that runs a cell makes text without a mark that cell's.
func (p *process) begin(ctx context.Context, cell kernel.CellID, runs bool) (uint64, *call, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead != nil {
		return 0, nil, p.dead
	}
	if runs {
		p.merge.current.Store(uint64(cell))
	}
	p.lastID++
	c := &call{ctx: ctx, cell: cell, runs: runs, answer: make(chan *frame, 1)}
	p.calls[p.lastID] = c
	return p.lastID, c, nil
}

func (p *process) finish(f *frame) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.calls[f.ID]; c != nil {
		delete(p.calls, f.ID)
		c.answer <- f
	}
}

// drop forgets a call whose caller has gone away.
func (p *process) drop(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.calls, id)
}

// deliver hands an ordered frame on at its place between the prints.
func (p *process) deliver(f *frame) {
	cell, sink := kernel.CellID(f.Cell), p.client.sink
	switch f.Kind {
	case kindDone:
		if err := json.Unmarshal(f.Body, &f.done); err != nil {
			f.done.Outcome.Err = shown("InternalError", "worker: outcome: "+err.Error())
		}
		if r := f.done.Result; r != nil {
			if b, err := f.unpack(*r); err == nil {
				sink.Emit(cell, kernel.Result{Bundle: b})
			}
		}
		p.finish(f)
	case kindInput:
		var q inputQuestion
		if err := json.Unmarshal(f.Body, &q); err != nil {
			p.client.log.Error("worker: input frame", "err", err)
			return
		}
		go p.input(cell, f.ID, q)
	default:
		o, err := decodeOutput(f)
		if err != nil {
			p.client.log.Error("worker: output frame", "kind", f.Kind, "err", err)
			return
		}
		sink.Emit(cell, o)
	}
}

func (p *process) input(cell kernel.CellID, id uint64, q inputQuestion) {
	ctx := p.ctx
	p.mu.Lock()
	for _, c := range p.calls {
		if c.cell == cell {
			ctx = c.ctx
		}
	}
	p.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.ctx, cancel)()
	text, err := p.client.sink.Input(ctx, cell, q.Prompt, q.Password)
	a := inputAnswer{Text: text}
	if err != nil {
		a.Err = err.Error()
		a.Interrupted = ctx.Err() != nil
	}
	p.link.send(outgoing{head: head{Kind: kindInputReply, ID: id}, Body: a})
}

// reap waits for the end and cleans up after it: the whole group goes, the
// pipes are read to their end, what waits gets an error.
func (p *process) reap() death {
	<-p.gone
	killGroup(p.cmd.Process.Pid) // before Wait: until then the group's number is ours
	p.cmd.Wait()
	deadline := time.Now().Add(200 * time.Millisecond) // a child that left the group may hold a pipe open
	for time.Now().Before(deadline) && !p.merge.drained() {
		p.merge.advance()
		time.Sleep(time.Millisecond)
	}
	words := p.merge.end()
	p.cancel()
	p.link.close()
	for _, f := range p.pipes {
		f.Close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	d := death{state: p.cmd.ProcessState.String(), killed: p.killed, lines: firstLines(words, 8), ready: p.ready}
	p.dead = fmt.Errorf("worker: it ended (%s) before it had answered: ask again, a new one is starting", d.reason())
	return d
}

// fail ends all calls that wait. It reports whether a cell's was among them.
func (p *process) fail() (cell bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, c := range p.calls {
		cell = cell || c.runs
		delete(p.calls, id)
		close(c.answer)
	}
	close(p.ended)
	return cell
}

// death is how a worker ended.
type death struct {
	state  string // exit status or signal
	killed string // by the front, why
	lines  []string
	ready  bool // it had begun to serve
}

func (d death) reason() string {
	switch {
	case d.killed != "":
		return d.killed
	case len(d.lines) > 0:
		return cause(d.lines)
	}
	if d.state == "signal: killed" {
		return "it was killed (SIGKILL), by a user or by the system because memory ran out"
	}
	if s, ok := strings.CutPrefix(d.state, "signal: "); ok {
		return "a signal ended it (" + s + ")"
	}
	return "it ended itself (" + d.state + ")" // os.Exit of a cell does not get so far
}
