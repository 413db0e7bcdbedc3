package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"surprisal/jupyter/wire"
)

// Client is the front end's side of the five sockets. It does not reconnect.
type Client struct {
	codec *wire.Codec
	raws  [len(wire.Channels)]*Raw
	in    [len(wire.Channels)]*inbox[received]
}

type received struct {
	m   *wire.Message
	err error
}

// Dial connects to a kernel and subscribes to all of its output. The codec
// must not be the kernel's own.
func Dial(c *wire.Connection, codec *wire.Codec, o Options) (*Client, error) {
	cl := &Client{codec: codec}
	// One identity on all sockets: the kernel asks for input on stdin under
	// the identity that sent the request on shell.
	id := uuid.NewString()
	for _, ch := range wire.Channels {
		raw, err := DialRaw(c, ch, id, o)
		if err != nil {
			cl.Close()
			return nil, err
		}
		cl.raws[ch] = raw
		cl.in[ch] = newInbox[received]()
	}
	for _, ch := range wire.Channels {
		if ch != wire.Heartbeat {
			go cl.receive(ch)
		}
	}
	if err := cl.Subscribe(""); err != nil {
		cl.Close()
		return nil, err
	}
	return cl, nil
}

func (cl *Client) receive(ch wire.Channel) {
	for {
		frames, err := cl.raws[ch].Recv()
		if err != nil {
			cl.in[ch].end(err)
			cl.raws[ch].Close()
			return
		}
		m, err := cl.codec.Decode(frames)
		cl.in[ch].put(received{m, err})
	}
}

// Subscribe asks for the iopub messages whose topic begins with topic.
func (cl *Client) Subscribe(topic string) error {
	return cl.raws[wire.IOPub].Send(append([]byte{1}, topic...))
}

// Send signs m and sends it on shell, control or stdin. It fills the empty
// fields of m.Header.
func (cl *Client) Send(ch wire.Channel, m *wire.Message) error {
	if ch > wire.Stdin {
		return fmt.Errorf("transport: a client cannot send on %v", ch)
	}
	frames, err := cl.codec.Encode(m)
	if err != nil {
		return err
	}
	return cl.raws[ch].Send(frames...)
}

// Recv returns the next message of a channel. A message that does not verify
// is an error, after which Recv goes on.
func (cl *Client) Recv(ctx context.Context, ch wire.Channel) (*wire.Message, error) {
	r, err := cl.in[ch].get(ctx)
	if err != nil {
		return nil, fmt.Errorf("transport: nothing on %v: %w", ch, err)
	}
	return r.m, r.err
}

// Welcome waits for the iopub_welcome that answers Dial's subscription, and
// for none of a kernel that sends none: before it, output may be missed.
func (cl *Client) Welcome(ctx context.Context) error {
	m, err := cl.Recv(ctx, wire.IOPub)
	if err == nil && m.Header.Type != wire.IopubWelcome {
		err = fmt.Errorf("transport: the first message on iopub is %s, not %s", m.Header.Type, wire.IopubWelcome)
	}
	return err
}

// Ping sends a heartbeat and returns how long its echo took. One Ping runs at
// a time; one that ctx ended is the last.
func (cl *Client) Ping(ctx context.Context) (time.Duration, error) {
	raw := cl.raws[wire.Heartbeat]
	beat := []byte("ping")
	start := time.Now()
	if err := raw.Send(nil, beat); err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, func() { raw.Close() }) // there is no way back to an unread echo
	defer stop()
	frames, err := raw.Recv()
	switch {
	case ctx.Err() != nil:
		return 0, fmt.Errorf("transport: no heartbeat: %w", ctx.Err())
	case err != nil:
		return 0, fmt.Errorf("transport: no heartbeat: %w", err)
	case len(frames) != 2 || !bytes.Equal(frames[1], beat):
		return 0, errors.New("transport: the heartbeat came back changed")
	}
	return time.Since(start), nil
}

// Raw returns the connection of a channel, to send what Send never would.
// Receiving from it competes with Recv.
func (cl *Client) Raw(ch wire.Channel) *Raw { return cl.raws[ch] }

// Close closes the connections. What was sent goes out first.
func (cl *Client) Close() error {
	for _, raw := range cl.raws {
		if raw != nil {
			raw.Close()
		}
	}
	return nil
}
