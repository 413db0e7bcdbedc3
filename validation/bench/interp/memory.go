package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// hand is how soon somebody runs a cell again.
const hand = 200 * time.Millisecond

// memory measures the resident memory of a kernel's two processes: of the
// worker while a cell that holds 100 MB is run again, and of both over 10,000
// cells.
func (b *bench) memory() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	k, err := start(ctx, b.kernel)
	if err != nil {
		return err
	}
	defer k.close()
	const big = "big := make([]byte, 100<<20)\nfor i := 0; i < len(big); i += 4096 {\n\tbig[i] = 1\n}"
	before, err := resident(k.worker)
	if err != nil {
		return err
	}
	most := 0.0
	for range 6 {
		if err := k.cell(ctx, big); err != nil {
			return err
		}
		now, err := resident(k.worker)
		if err != nil {
			return err
		}
		most = max(most, now-before)
		time.Sleep(hand)
	}
	b.report.limit("100 MB in a cell that runs six times, at the most", most, 230, "MB")
	now, err := resident(k.worker)
	if err != nil {
		return err
	}
	b.report.limit("what it holds afterwards", now-before, 130, "MB")
	fresh, err := start(ctx, b.kernel) // what the other has freed would hide growth
	if err != nil {
		return err
	}
	defer fresh.close()
	return b.cells(ctx, fresh)
}

// cells is the growth over 10,000 cells.
func (b *bench) cells(ctx context.Context, k *kernel) error {
	const warm, n = 1000, 10000
	if err := k.cell(ctx, "n := 0"); err != nil {
		return err
	}
	var from [2]float64
	for i := range warm + n + 1 {
		if i == warm || i == warm+n {
			for j, pid := range []int{k.worker, k.front} {
				now, err := resident(pid)
				if err != nil {
					return err
				}
				if i == warm {
					from[j] = now
					continue
				}
				if j == 0 {
					b.report.limit("growth of the worker over 10,000 cells", now-from[j], 80, "MB")
					continue
				}
				b.report.Rows = append(b.report.Rows, row{What: "growth of the front over 10,000 cells", Result: fmt.Sprintf("%.3g MB", now-from[j]), OK: true})
			}
		}
		if err := k.cell(ctx, "n++\nfor i := range 3 { n += i }\nn"); err != nil {
			return err
		}
	}
	return nil
}

// resident is the resident memory of a process in MB.
func resident(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024, err
		}
	}
	return 0, fmt.Errorf("process %d shows no VmRSS", pid)
}
