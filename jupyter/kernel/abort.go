package kernel

import (
	"strings"
	"time"
)

// aborted answers a cell that was queued behind one that failed. Clients of
// every age know the word aborted; those that treat it as an error, as the
// protocol now says, find the fields of one. The count is null, so that the
// prompt of a cell that never ran stays empty.
var aborted = abortedReply{
	Status: "aborted", Name: "Aborted", Value: "an earlier cell failed, so this one was not run",
	Traceback: []string{},
}

type abortedReply struct {
	Status    string   `json:"status"`
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
	Count     *int     `json:"execution_count"`
}

// abortRule says which execute requests a failed cell takes along: those that
// were queued when it failed, and those that were still on their way. A cell
// can fail within a millisecond, while a front end that runs a whole notebook
// is still sending; without the second part the rest of the notebook would run.
//
// Who was on the way is told by the client's own clock: a request dated before
// the failing request's date plus the time that we took to fail was sent
// before its client can have known. Both dates are of one session, so clocks
// that disagree do no harm.
type abortRule struct {
	upTo    uint64 // sequence number of the newest request queued at the failure
	session string
	before  time.Time // by the client's clock
	slack   time.Duration
}

// burst joins requests of browsers, whose dates have milliseconds only: each
// that follows another within it was sent by the same run, not by a person who
// has seen the error.
const burst = 10 * time.Millisecond

func (a *abortRule) failed(r *request, newest uint64, now time.Time) {
	*a = abortRule{upTo: newest}
	sent, coarse, ok := clientDate(r.m.Header.Date)
	if !ok {
		return
	}
	a.session = r.m.Header.Session
	a.before = sent.Add(now.Sub(r.received))
	if coarse {
		a.slack = burst
	}
}

// covers says whether r is aborted. The first request that is not ends the
// rule: it and what follows it were sent after the failure.
func (a *abortRule) covers(r *request) bool {
	if r.seq <= a.upTo {
		return true
	}
	sent, coarse, ok := clientDate(r.m.Header.Date)
	before := a.before
	if coarse {
		before = before.Add(a.slack)
	}
	if ok && !a.before.IsZero() && r.m.Header.Session == a.session && sent.Before(before) {
		if sent.After(a.before) {
			a.before = sent // the burst goes on
		}
		return true
	}
	*a = abortRule{upTo: a.upTo}
	return false
}

// clientDate reads the date of a header; coarse says that it has no more than
// milliseconds. Jupyter's server may have filled it up with zeros.
func clientDate(s string) (t time.Time, coarse, ok bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return t, false, false
	}
	_, frac, _ := strings.Cut(s, ".")
	end := strings.IndexFunc(frac, func(c rune) bool { return c < '0' || c > '9' })
	digits := strings.TrimRight(frac[:max(end, 0)], "0")
	return t, len(digits) <= 3, true
}
