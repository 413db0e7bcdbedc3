package monitor

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// Client receives the snapshots of the monitor of this user, and keeps those of
// the last minute. The fields are set before Run.
type Client struct {
	// Folder is where the monitor is found; empty is Folder(os.Getenv).
	Folder string
	// Start starts the monitor. It is called when none answers; nil starts none.
	Start func(ctx context.Context) error

	mu     sync.Mutex
	ring   Ring
	fault  string
	change chan struct{} // closed when ring or fault changes
}

const (
	firstPause = time.Second // between attempts to reach the monitor
	maxPause   = time.Minute
	startTime  = 5 * time.Second // in which a monitor that was started must answer
	silence    = 10 * time.Second
	maxLine    = 1 << 20
)

// State returns the snapshots of the last minute, oldest first, and a sentence
// that says what is wrong with the monitor, empty if nothing is.
func (c *Client) State() (past []Snapshot, fault string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ring.All(), c.fault
}

// Run receives until ctx ends. It says in State what goes wrong, and tries
// again after 1 s, 2 s, 4 s and so on to a minute.
func (c *Client) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		err := c.receive(ctx)
		if time.Since(began) > maxPause {
			pause = firstPause
		}
		if ctx.Err() != nil {
			return
		}
		c.set(fmt.Sprintf("%v; it is tried again in %v", err, pause))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
		pause = min(2*pause, maxPause)
	}
}

func (c *Client) set(fault string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = fault
	c.notify()
}

func (c *Client) notify() {
	close(c.changed())
	c.change = nil
}

// Changed returns a channel that is closed when State tells something new.
func (c *Client) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed()
}

func (c *Client) changed() chan struct{} {
	if c.change == nil {
		c.change = make(chan struct{})
	}
	return c.change
}

func (c *Client) add(s Snapshot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last, ok := c.ring.Last(); ok && !s.Time.After(last.Time) {
		return // the server tells a new connection of the minute before
	}
	c.ring.Add(s)
	c.fault = ""
	c.notify()
}

// receive takes snapshots until the connection ends, and says why it did.
func (c *Client) receive(ctx context.Context) error {
	conn, err := c.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 0, 16<<10), maxLine)
	for {
		conn.SetReadDeadline(time.Now().Add(silence))
		if !lines.Scan() {
			break
		}
		s, err := decode(lines.Bytes())
		if err != nil {
			return err
		}
		c.add(s)
	}
	switch err := lines.Err(); {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("monitor: the monitor has sent nothing for %v", silence)
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("monitor: the monitor sent a line of more than %d bytes", maxLine)
	}
	return errors.New("monitor: the monitor has ended")
}

// decode reads a line of the wire format.
func decode(line []byte) (Snapshot, error) {
	var v struct{ Version int }
	if err := json.Unmarshal(line, &v); err != nil {
		return Snapshot{}, fmt.Errorf("monitor: what the monitor sends is no snapshot: %w", err)
	}
	if v.Version != Version {
		return Snapshot{}, fmt.Errorf("monitor: the monitor that runs is of another surprisal (snapshots of version %d, this one reads %d): it ends a minute after its last kernel, or end it yourself", v.Version, Version)
	}
	var s Snapshot
	if err := json.Unmarshal(line, &s); err != nil {
		return Snapshot{}, fmt.Errorf("monitor: what the monitor sends is no snapshot: %w", err)
	}
	return s, nil
}

// connect reaches the monitor, and starts it if it does not answer.
func (c *Client) connect(ctx context.Context) (net.Conn, error) {
	folder := c.Folder
	if folder == "" {
		var err error
		if folder, err = Folder(os.Getenv); err != nil {
			return nil, err
		}
	}
	conn, err := net.Dial("unix", socket(folder))
	if err == nil {
		return conn, nil
	}
	if c.Start == nil {
		return nil, fmt.Errorf("monitor: no monitor runs (%w): surprisal monitor starts one", err)
	}
	if err := c.Start(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		if conn, err = net.Dial("unix", socket(folder)); err == nil {
			return conn, nil
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return nil, fmt.Errorf("monitor: the monitor was started and does not answer: %w", err)
		}
	}
}

// Read returns a snapshot of the monitor, the first that tells what there is.
func (c *Client) Read(ctx context.Context) (Snapshot, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go c.Run(ctx)
	return c.Wait(ctx)
}

// Wait returns the newest snapshot as soon as one tells what there is, or the
// error that keeps the monitor from sending one. Run must run meanwhile.
func (c *Client) Wait(ctx context.Context) (Snapshot, error) {
	for {
		c.mu.Lock()
		last, ok := c.ring.Last()
		fault := c.fault
		change := c.changed()
		c.mu.Unlock()
		switch {
		case fault != "":
			return last, errors.New(fault)
		case ok && last.Settled():
			return last, nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return last, ctx.Err()
		}
	}
}

// Read returns a snapshot of the monitor of this user. In a notebook it starts
// the monitor if none runs; elsewhere that is an error.
func Read(ctx context.Context) (Snapshot, error) { return new(Client).Read(ctx) }
