package device_test

import (
	"slices"
	"testing"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
)

// A replay does what was noted again, kernels and fills, and no more.
func TestTapeReplaysWhatItNoted(t *testing.T) {
	o := devicetest.Simulated(t, 8, 0)
	tape := new(device.Tape)
	o.Calls = tape.Calls(o.Calls)
	d := devicetest.Opened(t, o)
	devicetest.In(t, d, func(th *device.Thread, a *device.Arena) error {
		launch, out, _, _, err := prepared(th, a, 9)
		if err != nil {
			return err
		}
		if err := launch(); err != nil { // before the tape runs
			return err
		}
		want := make([]float32, out.Len())
		if err := device.Download(t.Context(), th, a.Stream, want, out); err != nil {
			return err
		}
		tape.Start()
		if err := device.Zero(th, a.Stream, out); err != nil {
			return err
		}
		if err := launch(); err != nil {
			return err
		}
		if n := tape.Stop(); n != 2 {
			t.Errorf("%d notes, want 2", n)
		}
		if err := device.Zero(th, a.Stream, out); err != nil { // after it
			return err
		}
		took, err := th.Time(t.Context(), a.Stream, func() error { return tape.Replay(th, a.Stream) })
		if err != nil {
			return err
		}
		if took <= 0 {
			t.Errorf("it took %v", took)
		}
		got := make([]float32, out.Len())
		if err := device.Download(t.Context(), th, a.Stream, got, out); err != nil {
			return err
		}
		if !slices.Equal(got, want) {
			t.Error("the replay found something else")
		}
		g, err := th.Capture(a.Stream, func() error { return tape.Replay(th, a.Stream) })
		if err != nil {
			return err
		}
		defer g.Close()
		if err := device.Zero(th, a.Stream, out); err != nil {
			return err
		}
		if err := th.Replay(a.Stream, g); err != nil {
			return err
		}
		clear(got)
		if err := device.Download(t.Context(), th, a.Stream, got, out); err != nil {
			return err
		}
		if !slices.Equal(got, want) {
			t.Error("the graph found something else")
		}
		return nil
	})
}
