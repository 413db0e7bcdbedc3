package ptx

import "testing"

func TestPlainNames(t *testing.T) {
	for name, want := range map[string]string{
		"_ZZ12joint_countsILi3ELi4ELb0ELb0EEvPKdPKjPKiS5_PiPjiiiiiiP4FlagE4tile": "tile",
		"_ZZ13histogram_f64E5edges":                    "edges",
		"_ZZ9histogramIhEvPKT_PyiiP4FlagE10histograms": "histograms",
		"_ZZ1fvE1a":   "a",
		"_ZZ1fvEtail": "_ZZ1fvEtail",
		"shared1":     "shared1",
	} {
		if got := plain(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
