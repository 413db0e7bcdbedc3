package device

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/driver/drivertest"
)

func several(t *testing.T, n int) (list []*Device, fakes []*drivertest.Fake) {
	for range n {
		f := new(drivertest.Fake)
		list, fakes = append(list, open(t, f, Options{})), append(fakes, f)
	}
	return list, fakes
}

func TestSplitKeepsTheOrder(t *testing.T) {
	devices, _ := several(t, 3)
	for _, n := range []int{0, 1, 2, 50} {
		got, want := make([]int, n), make([]int, n)
		for i := range want {
			want[i] = i * i
		}
		if err := Split(t.Context(), devices, n, func(_ context.Context, th *Thread, i int) error {
			got[i] = i * i
			return steps(t.Context(), th, 10+i)
		}); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v, %v", got, err)
		}
	}
	if err := Split(t.Context(), nil, 1, nil); !errors.Is(err, ErrNoDevice) {
		t.Error(err)
	}
}

func TestSplitSurvivesALostDevice(t *testing.T) {
	devices, fakes := several(t, 2)
	fakes[0].Fail = func(call string, n int) driver.Code {
		if call == "Launch" && n == 2 {
			return driver.IllegalAddress
		}
		return driver.Success
	}
	var done [20]atomic.Int32
	var both sync.WaitGroup // each device has begun a problem
	both.Add(2)
	var begun [2]sync.Once
	run := func(_ context.Context, th *Thread, i int) error {
		begun[slices.Index(devices, th.Device())].Do(both.Done)
		both.Wait()
		err := steps(t.Context(), th, 10)
		if err == nil {
			done[i].Add(1)
		}
		return err
	}
	if err := Split(t.Context(), devices, len(done), run); err != nil {
		t.Fatal(err)
	}
	for i := range done {
		if done[i].Load() != 1 {
			t.Errorf("problem %d was done %d times", i, done[i].Load())
		}
	}
	if devices[0].lost.Load() == nil {
		t.Error("the device was not lost")
	}
	fakes[1].Fail = func(string, int) driver.Code { return driver.LaunchFailed }
	if err := Split(t.Context(), devices, len(done), run); !errors.Is(err, ErrDeviceLost) {
		t.Errorf("with no device left: %v", err)
	}
}

func TestSplitReturnsTheFirstError(t *testing.T) {
	devices, _ := several(t, 2)
	if err := Split(t.Context(), devices, 30, func(ctx context.Context, th *Thread, i int) error {
		if i == 7 {
			return fmt.Errorf("problem %d", i)
		}
		return ctx.Err()
	}); err == nil || err.Error() != "problem 7" {
		t.Error(err)
	}
	because := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	ran := atomic.Int32{}
	if err := Split(ctx, devices, 1000, func(ctx context.Context, th *Thread, i int) error {
		if ran.Add(1) == 10 {
			cancel(because)
		}
		return nil
	}); !errors.Is(err, because) || ran.Load() > 20 {
		t.Errorf("%d problems ran, %v", ran.Load(), err)
	}
}
