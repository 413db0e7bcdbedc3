package place

import (
	"errors"
	"testing"

	"surprisal/gpu"
)

func TestChoose(t *testing.T) {
	cpu, missing := gpu.Open(gpu.CPU), gpu.Open(gpu.Index(99))
	for _, c := range []struct {
		on        *gpu.Device
		env       string
		worth     bool
		place     gpu.Place
		automatic bool
		fails     bool
		reason    string
	}{
		{&cpu, "require", true, gpu.CPU, false, false, "the caller goes before the environment"},
		{&missing, "", true, gpu.CPU, false, true, "what is asked for and not there is an error"},
		{nil, "", false, gpu.CPU, true, false, "a GPU's context takes longer than the work"},
		{nil, "off", true, gpu.CPU, true, false, "nobody wants a GPU"},
	} {
		t.Setenv("SURPRISAL_GPU", c.env)
		d, automatic, err := Choose(c.on, c.worth)
		if d.Place != c.place || automatic != c.automatic || (err != nil) != c.fails || c.fails && !errors.Is(err, gpu.ErrNoDevice) {
			t.Errorf("%s: %v, %v, %v", c.reason, d, automatic, err)
		}
	}
}
