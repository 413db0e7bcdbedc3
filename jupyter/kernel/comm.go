package kernel

import (
	"encoding/json"
	"fmt"
	"sync"

	"surprisal/jupyter/wire"
)

// commTable knows which comms are open on both sides, so that comm_info and
// messages to unknown comms need no evaluator.
type commTable struct {
	mu     sync.Mutex
	target map[string]string // by comm id
}

func newCommTable() *commTable { return &commTable{target: map[string]string{}} }

func (t *commTable) open(id, target string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.target[id] = target
}

// close says whether the comm was open.
func (t *commTable) close(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, was := t.target[id]
	delete(t.target, id)
	return was
}

func (t *commTable) has(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, is := t.target[id]
	return is
}

// closeAll empties the table and says what was in it.
func (t *commTable) closeAll() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	ids := make([]string, 0, len(t.target))
	for id := range t.target {
		ids = append(ids, id)
	}
	clear(t.target)
	return ids
}

type commInfoEntry struct {
	Target string `json:"target_name"`
}

type commInfoReply struct {
	Status string                   `json:"status"`
	Comms  map[string]commInfoEntry `json:"comms"`
}

func (k *Kernel) commInfo(r *request) (any, error) {
	var c struct {
		Target string `json:"target_name"`
	}
	if err := decode(r, &c); err != nil {
		return nil, err
	}
	reply := commInfoReply{Status: "ok", Comms: map[string]commInfoEntry{}}
	k.comms.mu.Lock()
	defer k.comms.mu.Unlock()
	for id, target := range k.comms.target {
		if c.Target == "" || c.Target == target {
			reply.Comms[id] = commInfoEntry{target}
		}
	}
	return reply, nil
}

type commContent struct {
	ID     string          `json:"comm_id"`
	Target string          `json:"target_name,omitempty"`
	Data   json.RawMessage `json:"data"`
}

func (k *Kernel) commOpen(r *request) (any, error) {
	m, err := commMessage(CommOpen, r)
	if err != nil {
		return nil, err
	}
	// Open before the handler runs: its first act may be to send, and the
	// front end may be told of the comm by another client meanwhile.
	if k.comms.has(m.ID) {
		return nil, fmt.Errorf("comm_open was dropped: comm %q is open already; take a new comm_id", m.ID)
	}
	k.comms.open(m.ID, m.Target)
	if err := k.routeComm(r, m); err != nil {
		k.Logger.Warn("comm was not opened", "target", m.Target, "error", err)
		if k.comms.close(m.ID) {
			k.publishComm(r.parent, CommMessage{Kind: CommClose, ID: m.ID})
		}
	}
	return nil, nil
}

func (k *Kernel) commMsg(r *request) (any, error) {
	m, err := commMessage(CommMsg, r)
	if err != nil {
		return nil, err
	}
	if !k.comms.has(m.ID) {
		k.publishComm(r.parent, CommMessage{Kind: CommClose, ID: m.ID})
		return nil, nil
	}
	return nil, k.routeComm(r, m)
}

func (k *Kernel) commClose(r *request) (any, error) {
	m, err := commMessage(CommClose, r)
	if err != nil {
		return nil, err
	}
	if !k.comms.close(m.ID) {
		return nil, nil // closed on both sides already
	}
	return nil, k.routeComm(r, m)
}

func commMessage(kind CommKind, r *request) (CommMessage, error) {
	var c commContent
	if err := decode(r, &c); err != nil {
		return CommMessage{}, err
	}
	if c.ID == "" {
		return CommMessage{}, fmt.Errorf("%s was dropped: it has no comm_id; send one", r.m.Header.Type)
	}
	return CommMessage{
		Kind: kind, ID: c.ID, Target: c.Target, Data: object(c.Data),
		Metadata: object(r.m.Metadata), Buffers: r.m.Buffers,
	}, nil
}

// routeComm runs the evaluator's handler. What it shows is parented to the
// comm message, as widgets that capture output expect.
func (k *Kernel) routeComm(r *request, m CommMessage) error {
	c := &cell{
		id: CellID(k.nextID.Add(1)), count: int(k.count.Load()), parent: r.parent,
		idents: r.m.Identities, ctx: r.ctx,
	}
	c.out[0].name, c.out[1].name = "stdout", "stderr"
	k.cells.add(c, true)
	defer c.end(k)
	return k.Eval.Comm(r.ctx, c.id, m)
}

// publishComm sends a comm message to all front ends.
func (k *Kernel) publishComm(parent json.RawMessage, m CommMessage) {
	t := wire.CommMsg
	switch m.Kind {
	case CommOpen:
		t = wire.CommOpen
	case CommClose:
		t = wire.CommClose
	}
	k.send(wire.IOPub, &wire.Message{
		Identities: [][]byte{[]byte(t)},
		Header:     wire.Header{Type: t}, Parent: parent, Metadata: object(m.Metadata),
		Content: encode(commContent{m.ID, m.Target, object(m.Data)}), Buffers: m.Buffers,
	})
}
