package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report is what was measured.
type report struct {
	Machine       string
	Before, After string // load
	Rows          []row
}

type row struct {
	What   string
	Ours   string // in the unit of the row; empty if there is only a result
	Peer   string
	Result string
	Bar    string // empty: none
	OK     bool
}

// limit adds a number that has a most.
func (r *report) limit(what string, got, most float64, unit string) {
	r.Rows = append(r.Rows, row{What: what, Result: fmt.Sprintf("%.3g %s", got, unit), Bar: fmt.Sprintf("≤ %g %s", most, unit), OK: got <= most})
}

// ratio adds a ratio that has a most; 0: none.
func (r *report) ratio(what string, ours, peer time.Duration, got, most float64) {
	w := row{What: what, Result: fmt.Sprintf("%.2f×", got), OK: true}
	if ours > 0 {
		w.Ours, w.Peer = ms(ours), ms(peer)
	}
	if most > 0 {
		w.Bar, w.OK = fmt.Sprintf("≤ %g×", most), got <= most
	}
	r.Rows = append(r.Rows, w)
}

func ms(d time.Duration) string { return fmt.Sprintf("%.3g ms", d.Seconds()*1e3) }

func (r *report) missed() []string {
	var names []string
	for _, w := range r.Rows {
		if !w.OK {
			names = append(names, w.What)
		}
	}
	return names
}

func (r *report) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "medians of calls that take turns; the peer is yaegi v0.16.1 alone, and compiled Go for the sort. %s; load %s before and %s after. %s.\n\n", r.Machine, r.Before, r.After, runtime.Version())
	b.WriteString("| what | surprisal | peer | result | bar |\n|---|---:|---:|---:|---|\n")
	for _, w := range r.Rows {
		miss := ""
		if !w.OK {
			miss = " (missed)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | **%s** | %s%s |\n", w.What, w.Ours, w.Peer, w.Result, w.Bar, miss)
	}
	return b.String()
}

// write prints the report and puts it beside the base name.
func (r *report) write(base string) error {
	fmt.Println(r.table())
	if err := os.WriteFile(base+".md", []byte(r.table()), 0o644); err != nil {
		return err
	}
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(base+".json", text, 0o644)
}

// quantile of durations; the half of one is the median.
func quantile(ds []time.Duration, q float64) time.Duration {
	ds = slices.Sorted(slices.Values(ds))
	return ds[min(int(q*float64(len(ds))), len(ds)-1)]
}

func median(xs []float64) float64 {
	xs = slices.Sorted(slices.Values(xs))
	return xs[len(xs)/2]
}

func geometric(xs []float64) float64 {
	s := 0.0
	for _, x := range xs {
		s += math.Log(x)
	}
	return math.Exp(s / float64(len(xs)))
}

func machine() string {
	name := runtime.GOARCH
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		for s := bufio.NewScanner(f); s.Scan(); {
			if key, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	release, _, _ := strings.Cut(strings.TrimSpace(string(kernel)), "-")
	return strings.TrimSpace(fmt.Sprintf("%s, %d cores, %s %s", name, runtime.NumCPU(), runtime.GOOS, release))
}

func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
