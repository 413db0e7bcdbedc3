package device_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/ptx"
	"surprisal/gpu/prim"
)

// What must hold on every device, and how large it is tried.
func TestBehaviourOnTheSimulator(t *testing.T) { behave(t, devicetest.Simulated(t, 8, 0), 3<<20, 40) }
func TestBehaviourOnTheGPU(t *testing.T)       { behave(t, devicetest.OnTheGPU(t), 200<<20, 1000) }

func behave(t *testing.T, o device.Options, bytes, plane int) {
	o.Cache = t.TempDir()
	for _, c := range []struct {
		name string
		f    func(*testing.T, *device.Device)
	}{
		{"transfers", func(t *testing.T, d *device.Device) { transfers(t, d, bytes) }},
		{"a graph", func(t *testing.T, d *device.Device) { graph(t, d, plane) }},
		{"goroutines on one stream", oneStream},
		{"an interrupt between chunks", interrupted},
		{"a flag", flagged},
		{"memory that is not there", func(t *testing.T, d *device.Device) { tooMuch(t, o, d) }},
		{"nothing is left", func(t *testing.T, d *device.Device) { nothingLeft(t, o, plane) }},
	} {
		t.Run(c.name, func(t *testing.T) { c.f(t, devicetest.Opened(t, o)) })
	}
}

func transfers(t *testing.T, d *device.Device, n int) {
	src := make([]uint8, n+13)
	for i, r := 0, rand.New(rand.NewPCG(1, 2)); i < len(src); i++ {
		src[i] = uint8(r.Uint32())
	}
	devicetest.In(t, d, func(th *device.Thread, a *device.Arena) error {
		b, err := device.Upload(th, a, src)
		if err != nil {
			return err
		}
		back := make([]uint8, len(src))
		if err := device.Download(t.Context(), th, a.Stream, back, b); err != nil {
			return err
		}
		if !slices.Equal(back, src) {
			t.Error("bytes come back changed")
		}
		clear(src[5:2000])
		if err := errors.Join(device.Zero(th, a.Stream, b.Slice(5, 2000)), device.Download(t.Context(), th, a.Stream, back, b)); err != nil {
			return err
		}
		if !slices.Equal(back, src) {
			t.Error("zeroed is another part")
		}
		return nil
	})
}

// prepared is a launch of an entropy map of a square plane, and its result.
func prepared(th *device.Thread, a *device.Arena, plane int) (launch func() error, out device.Buffer[float32], v view, m mapper, err error) {
	m = mapper{bins: 256, fixed: true}
	v = m.view(rand.New(rand.NewPCG(7, 8)), plane, plane)
	v.correct, v.form = false, 0
	k, err := th.Kernel(m.String())
	if err != nil {
		return
	}
	tab := v.table()
	words := slices.Concat(tab.up[:], tab.whole[:])
	for _, f := range slices.Concat(tab.unit[:], tab.bias[:]) {
		words = append(words, math.Float32bits(f))
	}
	lookup, err := device.Upload(th, a, words)
	if err != nil {
		return
	}
	pixels, err := device.Upload(th, a, narrow(v.pixels))
	if err != nil {
		return
	}
	outW, outH, ox, oy := v.layout()
	if out, err = device.Alloc[float32](th, a, v.frames*outW*outH); err != nil {
		return
	}
	p := cuda.EntropyMap{Image: pixels.Address(), Map: out.Address(), Table: lookup.Address(), PlaneW: int32(plane), PlaneH: int32(plane),
		OutW: int32(outW), OutH: int32(outH), Ox: int32(ox), Oy: int32(oy), W: 9, H: 9, Shift: int32(v.shift), Mask: tab.mask}.Params()
	return func() error {
		return th.Launch(a.Stream, k, device.Dim{X: (outW + 127) / 128, Y: (outH + 15) / 16, Z: v.frames}, p)
	}, out, v, m, nil
}

// A replay finds what a launch finds.
func graph(t *testing.T, d *device.Device, plane int) {
	devicetest.In(t, d, func(th *device.Thread, a *device.Arena) error {
		launch, out, v, m, err := prepared(th, a, plane)
		if err != nil {
			return err
		}
		g, err := th.Capture(a.Stream, func() error { return errors.Join(device.Zero(th, a.Stream, out), launch()) })
		if err != nil {
			return err
		}
		defer g.Close()
		got := make([]float32, out.Len())
		for range 3 {
			if err := errors.Join(device.Zero(th, a.Stream, out), th.Replay(a.Stream, g), device.Download(t.Context(), th, a.Stream, got, out)); err != nil {
				return err
			}
			tab := v.table()
			outW, outH, _, _ := v.layout()
			for i := 0; i < len(got); i += 1 + len(got)/500 {
				if want := m.at(v, tab, i/(outW*outH), i%outW, i/outW%outH); got[i] != want {
					return fmt.Errorf("value %d is %v, want %v", i, got[i], want)
				}
			}
		}
		return nil
	})
}

func oneStream(t *testing.T, d *device.Device) {
	devicetest.In(t, d, func(th *device.Thread, a *device.Arena) error {
		var all sync.WaitGroup
		for g := range 4 {
			all.Go(func() {
				if err := d.Do(func(th *device.Thread) error {
					own, err := th.Arena("goroutine")
					if err != nil {
						return err
					}
					defer own.Close()
					b, err := device.Alloc[int32](th, own, 10000)
					if err != nil {
						return err
					}
					if err := th.Order(own.Stream, a.Stream); err != nil {
						return err
					}
					for n := range 10 {
						want := slices.Repeat([]int32{int32(100*g + n)}, 10000)
						got := make([]int32, 10000)
						if err := errors.Join(device.Write(th, a.Stream, b, want), device.Download(t.Context(), th, a.Stream, got, b)); err != nil {
							return err
						}
						if !slices.Equal(got, want) {
							return fmt.Errorf("goroutine %d: values of another", g)
						}
					}
					return th.Order(a.Stream, own.Stream)
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		return nil
	})
}

func interrupted(t *testing.T, d *device.Device) {
	devicetest.In(t, d, func(th *device.Thread, a *device.Arena) error {
		launch, _, _, _, err := prepared(th, a, 20)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Millisecond, cancel)
		begin := time.Now()
		err = device.Chunks{}.Run(ctx, th, a.Stream, 1<<40, func(from, to int) error {
			for range min(to-from, 1000) {
				if err := launch(); err != nil {
					return err
				}
			}
			return nil
		})
		if took := time.Since(begin); !errors.Is(err, context.Canceled) || took > 5*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
		t.Logf("ended %v after the interrupt", time.Since(begin)-30*time.Millisecond)
		return th.Wait(t.Context(), a.Stream)
	})
}

// flagged launches a kernel until it sees that its flag is up, and leaves.
func flagged(t *testing.T, d *device.Device) {
	devicetest.In(t, d, func(th *device.Thread, a *device.Arena) error {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		flag, err := th.Flag(ctx)
		if err != nil {
			return err
		}
		defer flag.Close()
		c := counter{prim.Ball, prim.Max, 3, 4}
		const n = 100
		b := c.batch(rand.New(rand.NewPCG(5, 5)), n)
		b.Problems[0].Orders = nil
		u := &uploads{device.Needs{T: th, A: a}}
		counts, tied := u.zeros32(n*len(b.Problems[0].Marginals)), u.zeros32(1)
		p := cuda.JointCounts{Columns: u.float64s(slices.Concat(b.Columns...)), Tasks: device.Put(&u.Needs, c.task(b.Problems[0])).Address(), Barred: u.int32s(barred(b, n)),
			Counts: counts.Address(), Tied: tied.Address(), N: n, K: int32(b.K), Marginals: int32(len(b.Problems[0].Marginals)), Rows: n, Split: 1, Flag: flag.Address()}
		got := make([]int32, counts.Len())
		for try := 0; u.Err == nil; try++ {
			u.launch(c.String(), device.Dim{X: 1}, p.Params())
			if err := errors.Join(u.Err, device.Download(t.Context(), th, a.Stream, got, counts), device.Zero(th, a.Stream, counts)); err != nil {
				return err
			}
			if left := slices.Max(got) == 0; left && try == 0 {
				t.Error("the kernel leaves under a flag that is down")
			} else if left {
				break
			}
			if cancel(); try == 1000 {
				t.Error("the kernel does not see its flag")
				break
			}
			time.Sleep(time.Millisecond)
		}
		return u.Err
	})
}

func tooMuch(t *testing.T, o device.Options, d *device.Device) {
	devicetest.In(t, d, func(th *device.Thread, a *device.Arena) error {
		if _, err := device.Alloc[uint8](th, a, 1000); err != nil {
			return err
		}
		var memory *device.MemoryError
		if _, err := device.Alloc[uint8](th, a, 1<<50); !errors.Is(err, device.ErrOutOfMemory) || !errors.As(err, &memory) || len(memory.Holders) != 1 {
			t.Errorf("over the budget: %v", err)
		}
		// The device goes on.
		b, err := device.Upload(th, a, []int16{1, 2, 3})
		if err != nil {
			return err
		}
		got := make([]int16, 3)
		if err := device.Download(t.Context(), th, a.Stream, got, b); err != nil || got[2] != 3 {
			t.Errorf("%v, %v", got, err)
		}
		return nil
	})
	// A budget beyond the device: the driver refuses.
	o.Budget = 1 << 60
	devicetest.In(t, devicetest.Opened(t, o), func(th *device.Thread, a *device.Arena) error {
		if _, err := device.Alloc[uint8](th, a, 1<<45); !errors.Is(err, device.ErrOutOfMemory) || !errors.Is(err, &driver.Error{Code: driver.OutOfMemory}) {
			t.Errorf("over the device: %v", err)
		} else {
			t.Log(err)
		}
		_, err := device.Alloc[uint8](th, a, 1<<20)
		return err
	})
}

// Devices that come and go leave nothing on the device.
func nothingLeft(t *testing.T, o device.Options, plane int) {
	keeps := devicetest.Opened(t, o) // so that the context stays
	free := func() (n uint64) {
		if err := keeps.Do(func(*device.Thread) error {
			v, _, code := o.Calls.MemInfo()
			n = v
			return o.Calls.Err("cuMemGetInfo", code)
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	var before uint64
	for n := range 6 {
		d := devicetest.Opened(t, o)
		devicetest.In(t, d, func(th *device.Thread, a *device.Arena) error {
			launch, _, _, _, err := prepared(th, a, plane)
			if err != nil {
				return err
			}
			return launch()
		})
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if n == 1 { // the first makes what the context keeps
			before = free()
		}
	}
	// Other programs on the device make their own changes, but not by this much.
	if after := free(); after+16<<20 < before {
		t.Errorf("%d bytes were free, %d are", before, after)
	}
}

// fault launches a kernel with an address that is nobody's.
func fault(t *testing.T, o device.Options) {
	d, err := device.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	use := func(address uint64) error {
		return d.Do(func(th *device.Thread) error {
			a, err := th.Arena("fault")
			if err != nil {
				return err
			}
			defer a.Close()
			k, err := th.Kernel("entropy_map_u8_256")
			if err != nil {
				return err
			}
			p := cuda.EntropyMap{Image: address, Map: address, Table: address, PlaneW: 1, PlaneH: 1, OutW: 1, OutH: 1, W: 1, H: 1, Mask: ^uint32(0)}
			return errors.Join(th.Launch(a.Stream, k, device.Dim{X: 1}, p.Params()), th.Wait(t.Context(), a.Stream))
		})
	}
	var lost *device.LostError
	if err := use(0x7000000000); !errors.Is(err, device.ErrDeviceLost) || !errors.As(err, &lost) || lost.Launches[len(lost.Launches)-1].Kernel != "entropy_map_u8_256" {
		t.Errorf("a fault: %v", err)
	} else {
		t.Log(err)
	}
	if err := use(0); !errors.Is(err, device.ErrDeviceLost) {
		t.Errorf("after a fault: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("closing after a fault: %v", err)
	}
}

func TestFaultOnTheSimulator(t *testing.T) {
	fault(t, device.Options{Calls: new(ptx.Simulator).Calls()}) // lost, with all that is in it
}

// A fault ends the use of the device in its process, so it happens in another.
func TestFaultOnTheGPU(t *testing.T) {
	o := devicetest.OnTheGPU(t)
	if os.Getenv("SURPRISAL_TEST_FAULT") != "" {
		fault(t, o)
		return
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFaultOnTheGPU$", "-test.v")
	c.Env = append(os.Environ(), "SURPRISAL_TEST_FAULT=1")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	t.Logf("in a process of its own:\n%s", out)
	// This process goes on.
	behave(t, o, 1<<20, 40)
}
