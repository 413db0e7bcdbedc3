package gpu

import (
	"errors"
	"strings"
	"testing"
)

func TestOpenSaysWhereAndWhy(t *testing.T) {
	const why = "no driver here"
	for _, c := range []struct {
		place  Place
		env    string
		says   string
		fails  bool
		reason string
	}{
		{Auto, "", why, false, "auto falls back"},
		{Auto, "auto", why, false, "the default, written out"},
		{Auto, "off", "SURPRISAL_GPU=off", false, "nobody wants a GPU"},
		{Auto, "require", why, true, "a GPU is required"},
		{Auto, "sim", "simulator", true, "no kernels to simulate yet"},
		{Auto, "yes", "none of auto, off", true, "a word that is none"},
		{CPU, "require", "asked for", false, "the argument goes before the environment"},
		{Simulator, "", "no kernels", true, "no kernels to simulate yet"},
		{Index(3), "off", "GPU 3", true, "a certain GPU"},
		{Place(0), "", why, false, "the zero value is Auto"},
	} {
		d := open(c.place, c.env, func() string { return why })
		if d.Place != CPU || !strings.Contains(d.String(), c.says) || !strings.HasPrefix(d.String(), "CPU: ") {
			t.Errorf("%s: %v, want the CPU and %q", c.reason, d, c.says)
		}
		if failed := d.Err() != nil; failed != c.fails || failed != errors.Is(d.Err(), ErrNoDevice) {
			t.Errorf("%s: error %v", c.reason, d.Err())
		}
	}
}

func TestOpenOfThisMachine(t *testing.T) {
	t.Setenv("SURPRISAL_GPU", "")
	if d := Open(Auto); d.Place != CPU || len(d.Reason) < 20 || d.Err() != nil {
		t.Errorf("%+v", d)
	}
}

func TestPlacesHaveNames(t *testing.T) {
	for p, want := range map[Place]string{Auto: "auto", CPU: "CPU", Simulator: "simulator", Index(2): "GPU 2"} {
		if p.String() != want {
			t.Errorf("%q, want %q", p, want)
		}
	}
}
