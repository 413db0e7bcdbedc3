package kernel

type statusReply struct {
	Status string `json:"status"`
}

type shutdownContent struct {
	Status  string `json:"status,omitempty"`
	Restart bool   `json:"restart"`
}

// interruptRequest is answered before it acts, so that a front end's stop
// button reacts even if the cell takes its time to end. It means what runs when
// it is handled: after the reply a client may have sent the next cell already.
func (k *Kernel) interruptRequest(r *request) (any, error) {
	r.after = k.interrupter()
	return statusReply{"ok"}, nil
}

// shutdownRequest is answered even while a cell is busy, and copied to all
// subscribers so that every front end learns of it.
func (k *Kernel) shutdownRequest(r *request) (any, error) {
	var c shutdownContent
	if err := decode(r, &c); err != nil {
		k.Logger.Warn("shutdown with bad content", "error", err) // it is meant all the same
		c.Restart = false
	}
	reply := shutdownContent{Status: "ok", Restart: c.Restart}
	k.restart.Store(c.Restart)
	r.after = func() { k.publish("shutdown_reply", r.parent, reply) }
	r.finally = k.Close
	return reply, nil
}
