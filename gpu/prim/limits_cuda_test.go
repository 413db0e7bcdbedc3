package prim_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/prim"
)

// Rows whose numbers a kernel cannot hold are refused, with what to do.
func TestDeviceRefusesTooManyRows(t *testing.T) {
	d := devicetest.Open(t)
	var many *prim.TooManyError
	err := prim.RowsOnDevice(t.Context(), *d, 1<<30+1)
	if !errors.As(err, &many) || many.N != 1<<30+1 || many.Max != 1<<30 || !strings.Contains(err.Error(), "or count on the CPU") {
		t.Errorf("2^30+1 rows: %v", err)
	}
}

// A nil context is an error of every op, and no panic.
func TestNoContextIsAnError(t *testing.T) {
	var none context.Context
	b := transferEntropy(40)
	_, counts := b.Counts(none)
	_, sums := b.Sums(none, psi(b))
	_, sorted := prim.Sort(none, []float64{2, 1})
	_, binned := prim.Histogram{Bins: 2, Max: 1}.Count(none, []float64{0.5})
	for op, err := range map[string]error{"joint counts": counts, "joint counts, sums": sums, "sort": sorted, "histogram": binned} {
		if err == nil || !strings.HasPrefix(err.Error(), "prim: "+strings.Split(op, ",")[0]+": no context: ") {
			t.Errorf("%s: %v", op, err)
		}
	}
}

// Errors of a device say whose they are.
func TestDeviceHistogramsInVain(t *testing.T) {
	f := &devicetest.Faulty{Fail: func(call string) driver.Code {
		if call == "Launch" {
			return driver.InvalidValue
		}
		return driver.Success
	}}
	d := f.Device(t)
	defer d.Close()
	missing := gpu.Open(gpu.Index(99))
	for what, on := range map[string]*gpu.Device{"a failure": d, "a device that is not there": &missing, "a zero device": {}} {
		_, err := prim.Histogram{Bins: 2, Max: 1, On: on}.Count(t.Context(), []float64{0.5})
		if err == nil || !strings.HasPrefix(err.Error(), "prim: histogram: ") || on != d && !errors.Is(err, gpu.ErrNoDevice) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
