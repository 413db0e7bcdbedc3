package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// ErrRunning is returned by Serve where the monitor of this user runs already.
var ErrRunning = errors.New("monitor: the monitor of this user runs already: nothing is to be done")

// Server passes the snapshots of a Poller on to other processes.
type Server struct {
	Poller *Poller
	Folder string        // of socket and lock, see Folder
	Idle   time.Duration // without clients until it ends; 1 minute
	Ready  func()        // called once clients may come; may be nil

	mu      sync.Mutex
	clients int
	quiet   *time.Timer // runs while there are no clients
}

// lineTime is how long a client may take for a line.
const lineTime = 10 * time.Second

// Serve polls and serves until ctx ends or nobody has listened for Idle, and
// returns nil then.
func (s *Server) Serve(ctx context.Context) error {
	l, unlock, err := listen(s.Folder)
	if err != nil {
		return err
	}
	defer unlock()
	defer l.Close() // removes the socket, while the lock is still held
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	idle := s.Idle
	if idle == 0 {
		idle = time.Minute
	}
	s.quiet = time.AfterFunc(idle, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.clients == 0 {
			cancel()
		}
	})
	defer s.quiet.Stop()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	go s.Poller.Run(ctx)
	if s.Ready != nil {
		s.Ready()
	}
	for {
		conn, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("monitor: accept: %w", err)
		}
		s.enter(1, idle)
		go func() {
			defer s.enter(-1, idle)
			s.send(ctx, conn)
		}()
	}
}

func (s *Server) enter(n int, idle time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients += n
	if s.clients == 0 {
		s.quiet.Reset(idle)
	}
}

// send sends snapshots until the client has gone.
func (s *Server) send(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	past, next, stop := s.Poller.Subscribe()
	defer stop()
	gone := make(chan struct{})
	go func() { // clients send nothing: what ends the read is their end
		defer close(gone)
		var b [64]byte
		for {
			if _, err := conn.Read(b[:]); err != nil {
				return
			}
		}
	}()
	enc := json.NewEncoder(conn)
	write := func(snap Snapshot) bool {
		conn.SetWriteDeadline(time.Now().Add(lineTime))
		return enc.Encode(snap) == nil
	}
	for _, snap := range past {
		if !write(snap) {
			return
		}
	}
	for {
		select {
		case snap := <-next:
			if !write(snap) {
				return
			}
		case <-gone:
			return
		case <-ctx.Done():
			return
		}
	}
}
