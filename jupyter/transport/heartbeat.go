package transport

import (
	"errors"

	"surprisal/jupyter/quiet"
)

// Bounds of a heartbeat and of echoes that nobody reads: jupyter_client sends
// four bytes and waits for them.
const (
	maxBeat   = 64 << 10
	maxEchoes = 1 << 20
)

// serveHeartbeat sends back what comes, frame by frame, with or without the
// empty frame of a REQ socket. It depends on nothing that a cell can block.
func (s *Server) serveHeartbeat(p *peer) error {
	in := newReader(quiet.NewReader(p.conn), maxBeat, nil, p.answer)
	p.limit = maxEchoes
	for {
		frames, err := in.next(nil)
		if err != nil {
			return err
		}
		if err := p.send(pack(frames)); err != nil {
			if errors.Is(err, errGone) {
				continue // closing: read to the end
			}
			return err
		}
	}
}

// answer replies to the commands that ZMTP allows at any time: a PING asks for
// a PONG with the same context. Others need nothing.
func (p *peer) answer(body []byte) error {
	name, rest := splitCommand(body)
	if name != "PING" {
		return nil
	}
	const ttl = 2 // bytes before the context
	if len(rest) < ttl {
		return errFrame
	}
	p.sendPong(command("PONG", rest[ttl:]))
	return nil
}

func splitCommand(body []byte) (name string, rest []byte) {
	if len(body) == 0 || int(body[0]) >= len(body) {
		return "", nil
	}
	n := 1 + int(body[0])
	return string(body[1:n]), body[n:]
}
