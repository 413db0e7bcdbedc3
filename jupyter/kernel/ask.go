package kernel

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"
)

// askWithin is how long a question may take. A completion that comes later
// than this helps nobody, and the next one waits behind it.
const askWithin = 5 * time.Second

type askContent struct {
	Code   string `json:"code"`
	Cursor *int   `json:"cursor_pos"`
	Level  int    `json:"detail_level"`
}

// cursor is the cursor in code points, within the code; the end where the
// client names none.
func (c askContent) cursor() int {
	end := utf8.RuneCountInString(c.Code)
	if c.Cursor == nil {
		return end
	}
	return min(max(*c.Cursor, 0), end)
}

// ask puts one question at a time to the evaluator.
func (k *Kernel) ask(r *request, q Question) (Answer, error) {
	ctx, cancel := context.WithTimeout(r.ctx, askWithin)
	defer cancel()
	select {
	case k.asking <- struct{}{}:
		defer func() { <-k.asking }()
	case <-ctx.Done():
		return nil, fmt.Errorf("no answer: an earlier question is still being answered: %w", ctx.Err())
	}
	return k.Eval.Ask(ctx, q)
}

type typedMatch struct {
	Start     int    `json:"start"`
	End       int    `json:"end"`
	Text      string `json:"text"`
	Type      string `json:"type"`
	Signature string `json:"signature,omitempty"`
}

type completeMetadata struct {
	Types []typedMatch `json:"_jupyter_types_experimental"`
}

type completeReply struct {
	Status   string           `json:"status"`
	Matches  []string         `json:"matches"`
	Start    int              `json:"cursor_start"`
	End      int              `json:"cursor_end"`
	Metadata completeMetadata `json:"metadata"`
}

// complete answers with no matches where the evaluator has no answer: an error
// reply would show up in front ends at every key stroke.
func (k *Kernel) complete(r *request) (any, error) {
	var c askContent
	if err := decode(r, &c); err != nil {
		return nil, err
	}
	cursor := c.cursor()
	reply := completeReply{Status: "ok", Matches: []string{}, Start: cursor, End: cursor}
	reply.Metadata.Types = []typedMatch{}
	answer, err := k.ask(r, Complete{Code: c.Code, Cursor: cursor})
	got, ok := answer.(Completion)
	if err != nil || !ok {
		k.Logger.Warn("no completion", "error", err)
		return reply, nil
	}
	if len(got.Matches) > 0 {
		reply.Start, reply.End = got.Start, got.End
	}
	for _, m := range got.Matches {
		reply.Matches = append(reply.Matches, m.Text)
		reply.Metadata.Types = append(reply.Metadata.Types, typedMatch{got.Start, got.End, m.Text, m.Type, m.Signature})
	}
	return reply, nil
}

type inspectReply struct {
	Status string `json:"status"`
	Found  bool   `json:"found"`
	Bundle
}

func (k *Kernel) inspect(r *request) (any, error) {
	var c askContent
	if err := decode(r, &c); err != nil {
		return nil, err
	}
	reply := inspectReply{Status: "ok", Bundle: bundleContent(Bundle{})}
	answer, err := k.ask(r, Inspect{Code: c.Code, Cursor: c.cursor(), Level: c.Level})
	got, ok := answer.(Inspection)
	if err != nil || !ok {
		k.Logger.Warn("no inspection", "error", err)
		return reply, nil
	}
	if got.Found {
		reply.Found, reply.Bundle = true, bundleContent(got.Bundle)
	}
	return reply, nil
}

type isCompleteReply struct {
	Status string  `json:"status"`
	Indent *string `json:"indent,omitempty"` // with incomplete only
}

func (k *Kernel) isComplete(r *request) (any, error) {
	var c askContent
	if err := decode(r, &c); err != nil {
		return nil, err
	}
	answer, err := k.ask(r, IsComplete{Code: c.Code})
	got, ok := answer.(Completeness)
	if err != nil || !ok {
		k.Logger.Warn("no completeness", "error", err)
		return isCompleteReply{Status: "unknown"}, nil
	}
	switch got.Status {
	case "incomplete":
		return isCompleteReply{Status: got.Status, Indent: &got.Indent}, nil
	case "complete", "invalid":
		return isCompleteReply{Status: got.Status}, nil
	}
	return isCompleteReply{Status: "unknown"}, nil
}
