package kernel

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"surprisal/jupyter/wire"
)

type executeContent struct {
	Code        string            `json:"code"`
	Silent      bool              `json:"silent"`
	Store       bool              `json:"store_history"`
	UserExpr    map[string]string `json:"user_expressions"`
	AllowStdin  bool              `json:"allow_stdin"`
	StopOnError bool              `json:"stop_on_error"`
}

type executeInput struct {
	Code  string `json:"code"`
	Count int    `json:"execution_count"`
}

type executeOK struct {
	Status   string            `json:"status"`
	Count    int               `json:"execution_count"`
	UserExpr map[string]any    `json:"user_expressions"`
	Payload  []json.RawMessage `json:"payload"`
}

// executeMetadata: front ends take the start of a cell from it when they
// record timing.
type executeMetadata struct {
	Started string `json:"started"`
	Status  string `json:"status"`
}

const isoTime = "2006-01-02T15:04:05.000000Z07:00"

func (k *Kernel) execute(r *request) (any, error) {
	meta := executeMetadata{Started: time.Now().UTC().Format(isoTime), Status: "ok"}
	if k.abort.covers(r) {
		meta.Status = "aborted"
		r.metadata = meta
		return aborted, nil
	}
	// A client that does not say that it can answer is never asked: asking it
	// would hang the cell.
	req := executeContent{Store: true, StopOnError: true}
	if err := decode(r, &req); err != nil {
		return nil, err
	}
	c := k.newCell(r, req)
	out := k.Eval.Execute(r.ctx, Cell{
		ID: c.id, Count: c.count, Name: cellName(r.m), Code: req.Code,
		Silent: c.silent, Store: c.store, Stdin: req.AllowStdin, UserExpr: req.UserExpr,
		Begun: c.begin,
	})
	c.announce()
	if out.Err != nil {
		if req.StopOnError && !c.silent {
			k.abort.failed(r, k.shell.newest(), time.Now())
		}
		c.showFailure(k, out.Err)
		meta.Status = "error"
	}
	c.end(k)
	r.metadata = meta
	if out.Err != nil {
		return errorReply{Status: "error", errorContent: contentOf(out.Err), Count: &c.count}, nil
	}
	return executeOK{"ok", c.count, userExpressions(out.UserExpr), payloads(out.Payload)}, nil
}

// newCell numbers an execution and, where it is stored, counts it.
func (k *Kernel) newCell(r *request, req executeContent) *cell {
	store := req.Store && !req.Silent
	count := int(k.count.Load())
	if store {
		count = int(k.count.Add(1))
		k.history.add(count, req.Code)
	}
	c := &cell{
		id: CellID(k.nextID.Add(1)), count: count, parent: r.parent, idents: r.m.Identities,
		silent: req.Silent, stdin: req.AllowStdin, store: store, ctx: r.ctx,
	}
	c.out[0].name, c.out[1].name = "stdout", "stderr"
	c.begin = sync.OnceFunc(func() { k.begin(r, c, req.Code) })
	k.cells.add(c, false)
	return c
}

// begin publishes that a cell runs. The worker has it by then: front ends are
// told while it is being compiled.
func (k *Kernel) begin(r *request, c *cell, code string) {
	if c.silent {
		k.busy(r)
		return
	}
	k.busy(r, onIOPub(wire.ExecuteInput, r.parent, executeInput{code, c.count}))
	k.tellLost(c)
}

// cellName is the front end's id of the notebook cell.
func cellName(m *wire.Message) string {
	var meta struct {
		CellID string `json:"cellId"`
	}
	if json.Unmarshal(m.Metadata, &meta) != nil {
		return ""
	}
	return meta.CellID
}

type userValueOK struct {
	Status string `json:"status"`
	Bundle
}

func userExpressions(values map[string]UserValue) map[string]any {
	out := make(map[string]any, len(values))
	for name, v := range values {
		if v.Err != nil {
			out[name] = errorReply{Status: "error", errorContent: contentOf(v.Err)}
		} else {
			out[name] = userValueOK{"ok", bundleContent(v.Bundle)}
		}
	}
	return out
}

// payloads drops what is no object, as front ends read its field source.
func payloads(list []json.RawMessage) []json.RawMessage {
	out := []json.RawMessage{}
	for _, p := range list {
		if o := object(p); len(o) > len(emptyObject) {
			out = append(out, o)
		}
	}
	return out
}

// tellLost says once that variables are gone.
func (k *Kernel) tellLost(c *cell) {
	if k.lost.Swap(false) {
		fmt.Fprintln(c.writer(k, "stderr"), "All variables were lost: the process that held them has ended and a new one was started; "+
			"run again the cells that define what you need.")
	}
}
