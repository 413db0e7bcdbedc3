package check

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/internal/device"
)

func TestOnTheSimulator(t *testing.T) {
	d := gpu.Open(gpu.Simulator)
	defer d.Close()
	families, err := Families(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if s := f.String(); f.Arch != "sm_80" || !strings.Contains(s, "the simulator") || f.SHA256 == "" {
			t.Errorf("%s: %s", f.Name, s)
		}
	}
	results, err := Run(t.Context(), d)
	if err != nil || len(results) != len(families) {
		t.Fatalf("%d results for %d families: %v", len(results), len(families), err)
	}
	for _, r := range results {
		if r.Error != "" || !strings.Contains(r.String(), "the same as on the CPU") {
			t.Errorf("%s: %s", r.Family, r)
		}
	}
}

func TestEveryFamilyHasACase(t *testing.T) {
	families, err := Families(gpu.Open(gpu.CPU))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if tests()[f.Name].run == nil {
			t.Errorf("%s has no case", f.Name)
		}
		if f.Arch != "" || !strings.Contains(f.String(), "not used on the CPU") {
			t.Errorf("%s on the CPU: %s", f.Name, f)
		}
	}
}

func TestOnTheCPUNothingRuns(t *testing.T) {
	if r, err := Run(t.Context(), gpu.Open(gpu.CPU)); len(r) > 0 || err != nil {
		t.Errorf("%v, %v", r, err)
	}
}

// A device that finds something else, or nothing, is told of.
func TestFailuresShow(t *testing.T) {
	broken := tests()
	broken["entropy_map"] = test{"a case", func(context.Context, gpu.Device, *device.Thread) error { return errors.New("value 3 differs") }}
	delete(broken, "joint_counts")
	d := gpu.Open(gpu.Simulator)
	defer d.Close()
	results, err := run(t.Context(), d, broken)
	if err != nil {
		t.Fatal(err)
	}
	for family, want := range map[string]string{"joint_counts": "FAILED: package check has none", "entropy_map": "FAILED: value 3 differs"} {
		i := slices.IndexFunc(results, func(r Result) bool { return r.Family == family })
		if i < 0 || results[i].Error == "" || !strings.Contains(results[i].String(), want) {
			t.Errorf("%s: %v, want %s", family, results, want)
		}
	}
}
