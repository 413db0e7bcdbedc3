package kernel

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"surprisal/jupyter/wire"
)

// Sender sends messages; those of one call stay together. It may be called by
// several goroutines at once. transport.Server is one.
type Sender interface {
	Send(ch wire.Channel, ms ...*wire.Message) error
}

// Config is what a Kernel is made of. Out and Eval are required.
type Config struct {
	Out      Sender
	Eval     Evaluator
	Version  string       // of the product; shown by kernel_info
	Logger   *slog.Logger // nil discards
	Output   OutputPolicy
	SpillDir string // for output beyond the limits; empty: the system's folder for temporary files
}

// Kernel serves the Jupyter messaging protocol over a Sender. Its methods may
// be called by several goroutines at once.
type Kernel struct {
	Config
	limits OutputPolicy // Output with its defaults filled in
	ctx    context.Context
	stop   context.CancelFunc

	shell   *queue // one goroutine: what runs code or must see what it did
	control *queue // one goroutine that never waits for shell

	state   sync.Mutex // held while a status is published, so that busy and idle cannot overtake each other
	current *request   // what the shell goroutine is doing

	asking chan struct{} // one question at a time reaches the evaluator
	count  atomic.Int64  // execution count
	nextID atomic.Uint64 // last CellID given
	lost   atomic.Bool   // variables were lost and nobody has been told yet
	abort  abortRule     // used by the shell goroutine only

	cells   *cellTable
	history *history
	comms   *commTable
	pace    *pacer
	stdin   stdin

	done    chan struct{}
	doneOne sync.Once
	restart atomic.Bool
}

// New starts a kernel and publishes the status starting. It ends at Close, or
// after a shutdown request, when Done is closed.
func New(c Config) *Kernel {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	k := &Kernel{
		Config:  c,
		limits:  c.Output.withDefaults(),
		shell:   newQueue(),
		control: newQueue(),
		asking:  make(chan struct{}, 1),
		cells:   newCellTable(),
		history: newHistory(),
		comms:   newCommTable(),
		stdin:   stdin{asking: make(chan struct{}, 1)},
		done:    make(chan struct{}),
	}
	k.pace = newPacer(k.limits.MaxRate)
	k.ctx, k.stop = context.WithCancel(context.Background())
	k.publish(wire.Status, emptyObject, statusContent{"starting"})
	go k.serveShell()
	go k.serveControl()
	return k
}

// Handle takes one message that arrived on ch and returns at once.
func (k *Kernel) Handle(ch wire.Channel, m *wire.Message) {
	r := &request{ch: ch, m: m, parent: rawHeader(m), received: time.Now()}
	switch ch {
	case wire.Stdin:
		k.stdin.deliver(m)
	case wire.Control:
		k.control.put(r)
	case wire.Shell:
		h := handlers[m.Header.Type]
		switch {
		case h.lane == atOnce:
			k.control.put(r)
		case h.lane == aside:
			k.putAside(r)
		default:
			k.shell.put(r)
		}
	}
}

// Sink is what the evaluator emits into.
func (k *Kernel) Sink() Sink { return k }

// Interrupt ends what runs now, as SIGINT should. It is harmless when nothing
// runs, and never reaches a cell that starts later.
func (k *Kernel) Interrupt() { k.interrupter()() }

// interrupter returns what ends that which runs now: called later, it still
// means this and nothing that has started since.
func (k *Kernel) interrupter() func() {
	k.state.Lock()
	defer k.state.Unlock()
	if k.current != nil && k.current.cancel != nil {
		return k.current.cancel
	}
	return func() {}
}

// Done is closed after a shutdown request has been answered, or by Close.
func (k *Kernel) Done() <-chan struct{} { return k.done }

// Restart says whether the shutdown was the first half of a restart.
func (k *Kernel) Restart() bool { return k.restart.Load() }

// Close interrupts what runs and ends the kernel's goroutines. The caller
// closes the Sender and the Evaluator.
func (k *Kernel) Close() {
	k.doneOne.Do(func() {
		k.stop()
		k.shell.close()
		k.control.close()
		close(k.done)
	})
}
