package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"surprisal/jupyter/comm"
	"surprisal/jupyter/display"
	"surprisal/jupyter/interp"
	"surprisal/jupyter/kernel"
)

// Session runs Go; *interp.Session is one. Complete, Inspect and IsComplete
// may be called while a cell runs.
type Session interface {
	Run(ctx context.Context, c interp.Cell) (interp.Result, *interp.Error)
	Eval(ctx context.Context, expr string) (interp.Result, *interp.Error)
	Complete(code string, cursor int) interp.Completion
	Inspect(code string, cursor, level int) interp.Inspection
	IsComplete(code string) interp.Completeness
}

// Owners knows which cell owns a goroutine; *guard.Guard does.
type Owners interface {
	Owner() uint64           // of the calling goroutine; 0 if none
	Run(id uint64, f func()) // f on this goroutine, owned by cell id
	Stop(id uint64)
	Sleep(d time.Duration) // ends the calling goroutine where its cell is stopped
}

// Comms takes comm messages of the front end; *comm.Manager does.
type Comms interface {
	Handle(p comm.Packet) error
}

// Backend is what a Server drives. Comms may be nil.
type Backend struct {
	Session Session
	Owners  Owners
	Comms   Comms
}

// Server is the worker's side of the link: it serves requests and is what a
// session shows, prints and asks through.
type Server struct {
	Backend
	link *link
	out  *output
	std  *stdFiles

	mu      sync.Mutex
	cancel  map[uint64]context.CancelFunc // of requests by ID
	inputs  map[uint64]chan inputAnswer
	starts  map[uint64]chan string // of the monitor; they wait for the front's word
	lastIn  uint64                 // of inputs and starts
	payload []json.RawMessage      // of the running cell
	serving struct {               // the comm message that is being handled
		id   string
		cell uint64
	}

	cells, asks, comms chan job
	tidy               tidier
	readers            readers
}

// job is a request with the context that an interrupt cancels.
type job struct {
	ctx context.Context
	f   *frame
}

// queued bounds each queue of requests. The front sends one execute and one
// comm at a time; more than this cannot wait.
const queued = 1024

// Serve is the worker role: it takes the link from descriptor fd, lets build
// make what it drives, and serves until the front closes the link. Then it
// ends its process group, this process first of all.
func Serve(fd int, build func(*Server) (Backend, error)) error {
	conn, err := openLink(fd)
	if err != nil {
		return fmt.Errorf("worker: no link at descriptor %d: %w: this command is started by surprisal kernel", fd, err)
	}
	settle()
	s := &Server{link: newLink(conn), cancel: map[uint64]context.CancelFunc{}, inputs: map[uint64]chan inputAnswer{}, starts: map[uint64]chan string{},
		cells: make(chan job, queued), asks: make(chan job, queued), comms: make(chan job, queued), tidy: newTidier(), readers: newReaders()}
	var h hello
	f, err := s.link.recv()
	if err == nil && f.Kind != kindHello {
		err = fmt.Errorf("worker: first frame is %s", f.Kind)
	}
	if err == nil {
		err = json.Unmarshal(f.Body, &h)
	}
	if err != nil {
		return fmt.Errorf("worker: hello: %w", err)
	}
	if s.std, err = newStdFiles(); err != nil {
		return fmt.Errorf("worker: standard streams: %w", err)
	}
	s.out = newOutput(s.link, h.Token, s.std.fds)
	s.out.flush = openC()
	log.SetOutput(s.Stderr()) // it holds the process's own os.Stderr, which a cell could close
	// The link is read from here on: a front that dies meanwhile must not
	// leave a worker that builds its tables.
	go s.readEagerly()
	go s.read()
	if s.Backend, err = build(s); err != nil {
		return fmt.Errorf("worker: session: %w", err)
	}
	owner := s.Owners.Owner
	s.out.owns.Store(&owner)
	go s.serve(s.asks, s.ask)
	go s.serve(s.comms, s.comm)
	if err := s.link.send(outgoing{head: head{Kind: kindReady}}); err != nil {
		return err
	}
	s.serve(s.cells, s.execute)
	return nil
}

// settle makes the process fit to run foreign code.
func settle() {
	os.Unsetenv("GOTRACEBACK") // it was for this process, not for its children
	firstToDie()
	dropInterrupts()
	debug.SetMaxStack(512 << 20) // the largest that a compiled program has, by its limit of 1e9 bytes and doubling
	KeepHeap(workerHeap)
	// With as many threads as cores, busy goroutines of a cell would make the
	// link wait for 10 ms time slices: 80 ms for 1+1 at eight of them.
	runtime.GOMAXPROCS(max(16, 4*runtime.NumCPU()))
}

// take does what a frame of the front says, or queues it.
func (s *Server) take(f *frame) {
	if f.question() {
		s.enter(s.asks, f)
		return
	}
	switch f.Kind {
	case kindExecute:
		s.enter(s.cells, f)
	case kindComm:
		s.enter(s.comms, f)
	case kindInterrupt:
		s.interrupt(f.ID)
	case kindAck:
		s.out.ack(f.Seq)
	case kindInputReply:
		s.answered(f)
	case kindMonitor:
		s.started(f)
	}
}

// enter queues a request. Its context exists before it runs, so that an
// interrupt cannot come too early.
func (s *Server) enter(q chan<- job, f *frame) {
	ctx, cancel := context.WithCancel(context.Background())
	s.mu.Lock()
	s.cancel[f.ID] = cancel
	s.mu.Unlock()
	q <- job{ctx, f}
}

// interrupt cancels a request. One that has ended is no longer known.
func (s *Server) interrupt(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.cancel[id]; cancel != nil {
		cancel()
	}
}

func (s *Server) serve(q <-chan job, do func(job)) {
	for j := range q {
		do(j)
		s.mu.Lock()
		s.cancel[j.f.ID]()
		delete(s.cancel, j.f.ID)
		s.mu.Unlock()
	}
}

// execute runs a cell and sends its outcome behind all its outputs.
func (s *Server) execute(j job) {
	var c kernel.Cell
	var d doneBody
	var value kernel.Bundle
	if err := json.Unmarshal(j.f.Body, &c); err != nil {
		d.Outcome.Err = shown("InternalError", "worker: cell: "+err.Error())
	} else {
		s.std.reopen()
		s.out.foreground(uint64(c.ID))
		s.mu.Lock()
		s.payload = nil
		s.mu.Unlock()
		over := s.watch()
		d.Outcome, value = s.run(j.ctx, c)
		over()
	}
	o := outgoing{}
	if len(value.Data) > 0 {
		o = bundleFrame(kindDone, "", value)
		r := o.Body.(bundleBody)
		d.Result = &r
	}
	o.Body = d
	s.end(j, o, true)
	s.tidy.after()
}

// run returns the outcome of a cell and the bundle of its value, if it has one.
func (s *Server) run(ctx context.Context, c kernel.Cell) (out kernel.Outcome, value kernel.Bundle) {
	res, e := s.Session.Run(ctx, interp.Cell{ID: uint64(c.ID), Count: c.Count, Code: c.Code})
	if e != nil {
		out.Err = kernelError(e)
	} else {
		value, _ = bundleOf(res.Values)
	}
	if e == nil && len(c.UserExpr) > 0 {
		out.UserExpr = make(map[string]kernel.UserValue, len(c.UserExpr))
		for name, expr := range c.UserExpr {
			out.UserExpr[name] = s.userValue(ctx, expr)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out.Payload, s.payload = s.payload, nil
	return out, value
}

func (s *Server) userValue(ctx context.Context, expr string) kernel.UserValue {
	res, e := s.Session.Eval(ctx, expr)
	if e != nil {
		return kernel.UserValue{Err: kernelError(e)}
	}
	b, _ := bundleOf(res.Values)
	return kernel.UserValue{Bundle: b}
}

func kernelError(e *interp.Error) *kernel.Error {
	return &kernel.Error{Name: e.Name, Value: e.Value, Traceback: e.Traceback}
}

// ask answers completion, inspection and completeness: out of order, so that a
// flood of prints does not hold them up.
func (s *Server) ask(j job) {
	var body any
	switch j.f.Kind {
	case kindComplete:
		body = s.complete(j.f.Body)
	case kindInspect:
		body = s.inspect(j.f.Body)
	case kindIsComplete:
		var q kernel.IsComplete
		json.Unmarshal(j.f.Body, &q)
		c := s.Session.IsComplete(q.Code)
		body = kernel.Completeness{Status: c.Status, Indent: c.Indent}
	}
	s.link.send(outgoing{head: head{Kind: kindAnswer, ID: j.f.ID}, Body: body})
}

func (s *Server) complete(body []byte) kernel.Completion {
	var q kernel.Complete
	json.Unmarshal(body, &q)
	c := s.Session.Complete(q.Code, q.Cursor)
	out := kernel.Completion{Start: c.Start, End: c.End}
	for _, m := range c.Matches {
		out.Matches = append(out.Matches, kernel.Match(m))
	}
	return out
}

func (s *Server) inspect(body []byte) kernel.Inspection {
	var q kernel.Inspect
	json.Unmarshal(body, &q)
	i := s.Session.Inspect(q.Code, q.Cursor, q.Level)
	out := kernel.Inspection{Found: i.Found}
	if i.Found {
		out.Bundle = toKernel(display.Bundle{Data: map[string]any{"text/plain": i.Text}})
		if i.Markdown != "" {
			out.Bundle.Data["text/markdown"], _ = json.Marshal(i.Markdown)
		}
	}
	return out
}

// comm gives a message to its handlers, on a goroutine that belongs to the
// message: a stop of its owner ends only that.
func (s *Server) comm(j job) {
	text := ""
	m, err := j.f.comm()
	switch {
	case err != nil:
		text = err.Error()
	case s.Comms == nil:
		text = "worker: this worker has no comms"
	default:
		s.setServing(m.ID, j.f.Cell)
		stop := context.AfterFunc(j.ctx, func() { s.Owners.Stop(j.f.Cell) })
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.Owners.Run(j.f.Cell, func() {
				defer func() {
					if v := recover(); v != nil {
						text = fmt.Sprintf("worker: a comm handler panicked: %v", v)
					}
				}()
				if err := s.Comms.Handle(comm.Packet{Kind: comm.Kind(m.Kind), ID: m.ID, Target: m.Target, Data: m.Data, Metadata: m.Metadata, Buffers: m.Buffers}); err != nil {
					text = err.Error()
				}
			})
		}()
		<-done
		stop()
		s.setServing("", 0)
	}
	s.end(j, outgoing{Body: doneBody{Text: text}}, false)
}

// Stdout returns where fmt.Print and its kin write: what the calling
// goroutine prints goes to the cell that owns it.
func (s *Server) Stdout() io.Writer { return writer{s.out, 0} }

// Stderr is Stdout for the other stream.
func (s *Server) Stderr() io.Writer { return writer{s.out, 1} }
