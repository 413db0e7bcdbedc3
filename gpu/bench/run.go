package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/ptx"
)

// Options say where and how to measure.
type Options struct {
	On     gpu.Place         // a GPU, or the simulator, whose cases are tiny and whose times mean nothing
	Python string            // interpreter of the peers; "": none
	Only   *regexp.Regexp    // cases by name; nil: all
	Log    func(line string) // nil: nobody is told
	Stderr io.Writer         // of Python; nil: nowhere
}

// Report is a run of all cases.
type Report struct {
	Date     time.Time         `json:"date"`
	Place    string            `json:"place"`
	Device   gpu.Info          `json:"device"`
	Devices  int               `json:"devices"` // that share batches: those of the machine
	CPU      string            `json:"cpu"`
	Cores    int               `json:"cores"`
	Versions map[string]string `json:"versions"`
	Clocks   [2]string         `json:"clocks"` // before and after, by nvidia-smi
	FirstUse FirstUse          `json:"first_use"`
	Rows     []Row             `json:"rows"`
}

// FirstUse is what it takes until kernels run, in milliseconds: with an empty
// cache of compiled kernels, and with a filled one.
type FirstUse struct {
	OpenMS    float64    `json:"open_ms"` // of the first time in a process, the driver's start included
	ContextMS [2]float64 `json:"context_ms"`
	KernelsMS [2]float64 `json:"kernels_ms"` // two families
}

// Run measures. A place that is not there is an error, and nothing is measured. A
// case that fails is an error in its row.
func (o Options) Run(ctx context.Context) (*Report, error) {
	b := &bench{Options: o, tape: new(device.Tape), sizes: sizes{15, 8 * time.Second, 250 * time.Millisecond, 256 << 20}}
	small := o.On == gpu.Simulator
	if small {
		b.sizes = sizes{1, 0, time.Hour, 1 << 10}
	}
	r := &Report{Date: time.Now(), Place: o.On.String(), CPU: processor(), Cores: runtime.NumCPU(), Versions: map[string]string{"go": runtime.Version()}}
	open, err := o.opener(b.tape)
	if err != nil {
		return nil, err
	}
	if r.FirstUse, err = o.firstUse(open); err != nil {
		return nil, err
	}
	if b.on, err = open(o.index(), ""); err != nil {
		return nil, err
	}
	on := gpu.With(o.On, b.on)
	defer on.Close()
	r.Device = on.Info()
	others, err := o.others(open)
	if err != nil {
		return nil, err
	}
	for _, d := range others {
		defer d.Close()
	}
	every := gpu.With(gpu.All, append([]*device.Device{b.on}, others...)...)
	r.Devices = 1 + len(others)
	if err := b.prepare(); err != nil {
		return nil, err
	}
	if o.Python != "" {
		if b.python, err = startPython(ctx, o.Python, o.Stderr); err != nil {
			b.log("no peers: %v", err)
			r.Versions["python"] = err.Error()
		} else {
			defer b.python.close()
			for k, v := range b.python.versions {
				r.Versions[k] = v
			}
		}
	}
	r.Clocks[0] = clocks(r.Device.UUID)
	defer func() { r.Clocks[1] = clocks(r.Device.UUID) }()
	for _, make := range slices.Concat(mapWork(&on, small), histogramWork(&on, small), countWork(&on, &every, small)) {
		w := make()
		if o.Only != nil && !o.Only.MatchString(w.name) {
			continue
		}
		row, err := b.row(ctx, w)
		r.Rows = append(r.Rows, row)
		b.log("%s", row)
		if err != nil {
			return r, err
		}
		runtime.GC() // of a million rows nothing is kept
	}
	return r, nil
}

func (o Options) log(format string, args ...any) {
	if o.Log != nil {
		o.Log(fmt.Sprintf(format, args...))
	}
}

// opener opens a device, with a folder for compiled kernels or without.
type opener func(index int, cache string) (*device.Device, error)

// index is the number of the device.
func (o Options) index() int {
	if o.On == gpu.Simulator {
		return 0
	}
	return int(o.On) - 1
}

func (o Options) opener(tape *device.Tape) (opener, error) {
	calls := new(ptx.Simulator).Calls()
	if o.On != gpu.Simulator {
		var err error
		if calls, err = driver.Load(); err != nil {
			return nil, fmt.Errorf("%w: %w", gpu.ErrNoDriver, err)
		}
	}
	calls = tape.Calls(calls)
	return func(index int, cache string) (*device.Device, error) {
		return device.Open(device.Options{Calls: calls, Index: index, Cache: cache})
	}, nil
}

// others are the other GPUs of the machine that can be used. Of the simulator there
// is one more.
func (o Options) others(open opener) (all []*device.Device, err error) {
	if o.On == gpu.Simulator {
		d, err := open(0, "")
		return []*device.Device{d}, err
	}
	for i := 0; ; i++ {
		if i == o.index() {
			continue
		}
		d, err := open(i, "")
		switch {
		case errors.Is(err, gpu.ErrNoDevice):
			return all, nil
		case err == nil: // else too old a one
			all = append(all, d)
		}
	}
}

// prepare allocates what flushes the L2 cache, for good: were it given back, the
// pool would mix it up with what runs have left.
func (b *bench) prepare() error {
	return b.on.Do(func(t *device.Thread) error {
		a, err := t.Arena("bench: flush")
		if err != nil {
			return err
		}
		b.kept = a
		b.junk, err = device.Alloc[uint8](t, a, b.sizes.junk)
		return err
	})
}

// firstUse opens the device twice.
func (o Options) firstUse(open opener) (f FirstUse, err error) {
	cache, err := os.MkdirTemp("", "surprisal-bench-")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(cache)
	for i := range 2 {
		begin := time.Now()
		d, err := open(o.index(), filepath.Join(cache, "kernels"))
		if err != nil {
			return f, err
		}
		if i == 0 {
			f.OpenMS = ms(time.Since(begin))
		}
		begin = time.Now()
		err = d.Do(func(t *device.Thread) error {
			f.ContextMS[i] = ms(time.Since(begin))
			begin = time.Now()
			for _, name := range []string{"entropy_map_u8_256_9x9", "joint_counts_ball_max_d3_k4"} {
				if _, err := t.Kernel(name); err != nil {
					return err
				}
			}
			f.KernelsMS[i] = ms(time.Since(begin))
			return nil
		})
		if e := d.Close(); err == nil {
			err = e
		}
		if err != nil {
			return f, err
		}
	}
	return f, nil
}

// clocks is what nvidia-smi says of a device.
func clocks(uuid string) string {
	exe, err := exec.LookPath("nvidia-smi")
	if err != nil {
		return "unknown: nvidia-smi is not on the PATH"
	}
	out, err := exec.Command(exe, "--id="+uuid, "--query-gpu=driver_version,clocks.sm,clocks.max.sm,clocks.mem,power.draw,temperature.gpu,utilization.gpu", "--format=csv").Output()
	if err != nil {
		return "unknown: nvidia-smi: " + err.Error()
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// processor is the name of the CPU.
func processor() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(data)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
			}
		}
	}
	return runtime.GOARCH
}
