package protocol

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"surprisal/jupyter/wire"
)

// TestProductShowsFigures: a figure as the last expression of a cell is a
// result in all of its forms, in both themes, and one that cannot be drawn is an
// error of the cell.
func TestProductShowsFigures(t *testing.T) {
	target := ProductTarget(binary(t))
	target.CodeFor = func(code string) string { return code }
	f := open(t, target)
	for _, c := range []struct{ code, text, ground string }{
		{`figure.Lines([]float64{1, 4, 2}, figure.Options{Unit: "mV"})`, "1 line of 3 values; 1 to 4 mV", "light"},
		{`figure.Graph(&causal.Graph{Nodes: []string{"a", "b"}, Unit: "nats", Level: 0.05, Edges: []causal.Edge{{From: 0, To: 1, Lag: 1, Effect: 0.1, P: 0.001, Significant: true}}}, figure.Options{Theme: figure.Dark})`,
			"causal graph of 2 nodes: 1 of 1 tested link significant", "dark"},
		{`figure.Fan(&forecast.Forecast{History: []float64{1, 2, 3}, Mean: []float64{4, 5}})`, "forecast of 2 steps after 3 values", "light"},
	} {
		var r struct {
			Data     map[string]string          `json:"data"`
			Metadata map[string]json.RawMessage `json:"metadata"`
		}
		if err := json.Unmarshal(f.cell(c.code).only(wire.ExecuteResult).Content, &r); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(r.Data["text/plain"], c.text) {
			t.Errorf("%s\nsays %q, want %q", c.code, r.Data["text/plain"], c.text)
		}
		if !strings.HasPrefix(r.Data["image/svg+xml"], "<svg ") || !strings.HasPrefix(r.Data["image/png"], "iVBOR") {
			t.Errorf("%s\nhas the forms %q and %q", c.code, first(r.Data["image/svg+xml"]), first(r.Data["image/png"]))
		}
		if got := string(r.Metadata["needs_background"]); got != fmt.Sprintf("%q", c.ground) {
			t.Errorf("%s\nneeds the ground %s, want %q", c.code, got, c.ground)
		}
	}
	var e struct {
		Name  string `json:"ename"`
		Value string `json:"evalue"`
	}
	if err := json.Unmarshal(f.cell(`figure.Lines([]float64{})`).only(wire.Error).Content, &e); err != nil {
		t.Fatal(err)
	}
	if e.Name != "FigureError" || !strings.Contains(e.Value, "figure: lines: line 0 has no values") {
		t.Errorf("no values are %q, %q", e.Name, e.Value)
	}
}

func first(s string) string { return s[:min(20, len(s))] }
