package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"surprisal/gpu"
	"surprisal/gpu/check"
	"surprisal/gpu/monitor"
	"surprisal/gpu/monitor/nvml"
)

type doctorCommand struct {
	On   on   `placeholder:"PLACE" help:"Where to run the self-test: cpu, gpu or sim; without it a GPU if there is one."`
	JSON bool `help:"Print JSON."`
}

// Help is shown by --help.
func (doctorCommand) Help() string {
	return `Examples:
  surprisal doctor
  surprisal doctor --on sim --json

Says what surprisal finds on this machine: driver and GPUs, the kernels that it
would run there and who has proven them, caches, environment, Jupyter. Then it
runs a small case of each family of kernels and compares with the CPU, which
takes about a second. The exit code is 0 if nothing is wrong, which a machine
without a GPU is not; 1 if the self-test fails; 2 if the place of --on is not there.`
}

// diagnosis is what doctor finds.
type diagnosis struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Yaegi    string `json:"yaegi"`
	Platform string `json:"platform"`
	Cores    int    `json:"cores"`

	Driver   string         `json:"driver"` // a sentence
	Devices  []gpu.Info     `json:"devices"`
	Place    string         `json:"place"` // where the self-test ran
	Reason   string         `json:"reason"`
	Families []check.Family `json:"families"`
	Cache    cacheState     `json:"kernel_cache"`
	NVML     string         `json:"nvml"`

	Environment []variable `json:"environment"`
	Kernelspec  string     `json:"kernelspec"`
	Jupyter     string     `json:"jupyter"`

	Tests    []check.Result `json:"self_test"`
	Problems []string       `json:"problems"`
}

type cacheState struct {
	Folder string `json:"folder"`
	None   string `json:"none,omitempty"` // why there is no folder
	Files  int    `json:"files"`
	Bytes  int64  `json:"bytes"`
}

type variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Set   bool   `json:"set"`
}

// Run prints the diagnosis.
func (c doctorCommand) Run(ctx context.Context, m *Main) error {
	d, err := c.On.open()
	missing := err
	if err != nil && d.Reason == "" {
		return err // no such place
	}
	defer d.Close()
	r := c.look(ctx, m, d)
	if missing == nil {
		if r.Tests, err = check.Run(ctx, d); err != nil {
			r.Problems = append(r.Problems, err.Error())
		}
	}
	for _, t := range r.Tests {
		if t.Error != "" {
			r.Problems = append(r.Problems, t.Family+": "+t.Error)
		}
	}
	if err := r.print(m.Stdout, c.JSON); err != nil {
		return err
	}
	switch {
	case missing != nil:
		return missing
	case len(r.Problems) > 0:
		return fmt.Errorf("doctor: %d of %d self-tests failed on %s: do not trust this device, and tell us what is printed above", len(r.Problems), len(r.Tests), r.Place)
	}
	return nil
}

// look finds everything but the self-test.
func (c doctorCommand) look(ctx context.Context, m *Main, d gpu.Device) *diagnosis {
	r := &diagnosis{Version: version(), Go: runtime.Version(), Yaegi: dependency("github.com/traefik/yaegi"), Platform: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU(),
		Devices: []gpu.Info{}, Problems: []string{}, Tests: []check.Result{}}
	r.Driver = r.devices()
	r.Place, r.Reason = d.Place.String(), d.Reason
	var err error
	if r.Families, err = check.Families(d); err != nil {
		r.Problems = append(r.Problems, err.Error())
	}
	r.Cache = kernelCache()
	r.NVML = managed(ctx)
	for _, name := range []string{"SURPRISAL_GPU", "SURPRISAL_MONITOR", "SURPRISAL_MEMORY", "SURPRISAL_OUTPUT", "SURPRISAL_DATA", "SURPRISAL_LOG",
		"CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "XDG_CACHE_HOME", "JUPYTER_DATA_DIR", "VIRTUAL_ENV"} {
		v := m.Getenv(name)
		r.Environment = append(r.Environment, variable{name, v, v != ""})
	}
	r.Kernelspec = specs(m)
	r.Jupyter = jupyter(m)
	return r
}

// most is how many GPUs are looked at.
const most = 64

// devices fills in the GPUs and says what the driver is.
func (r *diagnosis) devices() string {
	for i := range most {
		d := gpu.Open(gpu.Index(i))
		if d.Err() != nil {
			if i > 0 {
				break
			}
			return strings.TrimPrefix(d.Reason, "in place of GPU 0: ")
		}
		r.Devices = append(r.Devices, d.Info())
		d.Close()
	}
	return "serves CUDA up to " + r.Devices[0].Driver
}

// dependency is the version of a module in this binary.
func dependency(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == path {
				return d.Version
			}
		}
	}
	return "unknown"
}

func kernelCache() (c cacheState) {
	c.Folder = gpu.Cache()
	if c.Folder == "" {
		if _, err := os.UserCacheDir(); err != nil { // which is what gpu.Cache asks
			c.None = err.Error()
		}
		return c
	}
	files, err := os.ReadDir(c.Folder)
	if err != nil {
		return c
	}
	for _, f := range files {
		if i, err := f.Info(); err == nil && i.Mode().IsRegular() {
			c.Files++
			c.Bytes += i.Size()
		}
	}
	return c
}

// managed says what the driver's management library answers, which may be never.
func managed(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	p := monitor.NewPoller(nvml.Source{})
	_, snapshots, stop := p.Subscribe()
	defer stop()
	go p.Run(ctx)
	for {
		select {
		case s := <-snapshots:
			switch {
			case !s.Settled():
			case len(s.Devices) == 0:
				return s.Reason
			default:
				return fmt.Sprintf("driver %s, %d GPUs", s.Driver, len(s.Devices))
			}
		case <-ctx.Done():
			return "it has not answered within 5 s"
		}
	}
}

// specs says where our kernel is installed.
func specs(m *Main) string {
	var found []string
	for _, at := range []place{{Name: "surprisal"}, {Name: "surprisal", SysPrefix: true}} {
		if at.SysPrefix && m.Getenv("VIRTUAL_ENV") == "" && m.Getenv("CONDA_PREFIX") == "" {
			continue
		}
		dir, _, err := at.dir(m)
		if err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "kernel.json")); err != nil {
			continue
		}
		if owner := foreign(dir); owner != "" {
			dir += " (of another program: " + owner + ")"
		}
		found = append(found, dir)
	}
	if found == nil {
		return "not installed for this user or the active environment: surprisal install --user"
	}
	return strings.Join(found, ", ")
}

// jupyter says where Jupyter is.
func jupyter(m *Main) string {
	for _, dir := range filepath.SplitList(m.Getenv("PATH")) {
		if p, err := exec.LookPath(filepath.Join(dir, "jupyter")); err == nil {
			return p
		}
	}
	return "not on the PATH"
}

func (r *diagnosis) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	row := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("surprisal", "%s, %s, yaegi %s, %s, %d cores", r.Version, r.Go, r.Yaegi, r.Platform, r.Cores)
	row("driver", "%s", r.Driver)
	for i, d := range r.Devices {
		row(fmt.Sprintf("GPU %d", i), "%s, compute capability %s, %d multiprocessors, %.1f GiB, %s", d.Name, d.Compute, d.Multiprocessors, float64(d.Memory)/(1<<30), d.UUID)
	}
	row("NVML", "%s", r.NVML)
	row("computes on", "%s: %s", r.Place, r.Reason)
	for _, f := range r.Families {
		row("  "+f.Name, "%v", f)
	}
	if r.Cache.Folder == "" {
		row("kernel cache", "none, so every process waits until the driver has compiled: %s", r.Cache.None)
	} else {
		row("kernel cache", "%s (%d files, %.1f MB)", r.Cache.Folder, r.Cache.Files, float64(r.Cache.Bytes)/1e6)
	}
	row("kernelspec", "%s", r.Kernelspec)
	row("jupyter", "%s", r.Jupyter)
	for _, v := range r.Environment {
		if v.Set {
			row("environment", "%s=%s", v.Name, v.Value)
		}
	}
	for _, t := range r.Tests {
		row("self-test", "%s: %v", t.Family, t)
	}
	if len(r.Tests) == 0 {
		row("self-test", "none: no kernels run on the CPU; surprisal doctor --on sim tries them in the simulator")
	}
	for _, p := range r.Problems {
		row("problem", "%s", p)
	}
	return nil
}
