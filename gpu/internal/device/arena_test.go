package device

import (
	"strings"
	"testing"

	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/driver/drivertest"
)

// What an arena could not give back, whichever call failed, goes at the next use.
func TestArenaThatCouldNotBeClosed(t *testing.T) {
	for _, call := range []string{"CtxSetCurrent", "EventRecord", "EventRecord StreamSynchronize"} {
		fails := ""
		f := &drivertest.Fake{Fail: func(c string, _ int) driver.Code {
			if strings.Contains(fails, c) {
				return driver.InvalidValue
			}
			return driver.Success
		}}
		d := open(t, f, Options{})
		if err := d.Do(func(th *Thread) error {
			a, err := th.Arena("x")
			if err != nil {
				return err
			}
			if _, err := Alloc[float64](th, a, 1000); err != nil {
				return err
			}
			fails = call
			if err := a.Close(); err != nil != (call != "EventRecord") {
				t.Errorf("%s fails: %v", call, err)
			}
			fails = ""
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		err := d.Do(func(th *Thread) error {
			if s := d.Stats(); s.InUse != 0 || s.Kept == 0 || s.Leaked != 0 {
				t.Errorf("after %s had failed: %+v", call, s)
			}
			_, err := th.Stream()
			return err
		})
		if err != nil || f.Called("StreamCreate") != 1 {
			t.Errorf("after %s had failed: %d streams, %v", call, f.Called("StreamCreate"), err)
		}
	}
}

// Memory that another stream may still use: the call that fails is named.
func TestWaitingForKeptMemoryFails(t *testing.T) {
	f := &drivertest.Fake{Fail: func(c string, _ int) driver.Code {
		if c == "StreamWaitEvent" {
			return driver.InvalidValue
		}
		return driver.Success
	}}
	d := open(t, f, Options{Budget: 1 << 20})
	f.Hold()
	take := func(th *Thread, a *Arena) error { _, err := Alloc[uint8](th, a, 1<<20); return err }
	if err := within(t, d, "a", take); err != nil {
		t.Fatal(err)
	}
	err := d.Do(func(th *Thread) error {
		if _, err := th.Stream(); err != nil { // that of the first
			return err
		}
		return within(t, d, "b", take)
	})
	f.LetGo()
	if err == nil || !strings.Contains(err.Error(), "cuStreamWaitEvent") {
		t.Errorf("%v, want that cuStreamWaitEvent failed", err)
	}
}
