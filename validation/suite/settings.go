package suite

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"surprisal/gpu/info"
	"surprisal/gpu/series"
)

// known lists the settings that a measure can be run with. A job with another
// one is not run: a setting that is not heeded would give a wrong value.
var known = map[string][]string{
	"mi_ksg":   {"TIME_DIFF"},
	"cmi_ksg":  {},
	"te_ksg":   {"k_HISTORY", "k_TAU", "l_HISTORY", "l_TAU", "DELAY"},
	"temv_ksg": {"k_HISTORY", "k_TAU", "l_HISTORY", "l_TAU", "DELAY"},
	"cte_ksg":  {"k_HISTORY", "k_TAU", "l_HISTORY", "l_TAU", "DELAY", "COND_EMBED_LENGTHS", "COND_TAUS", "COND_DELAYS"},
}

// always lists the settings of every measure here.
var always = []string{"k", "alg", "NORMALISE", "DYN_CORR_EXCL", "NORM_TYPE", "local", "surr", "seed", "trials"}

// missing returns what a job needs and we lack, "" if nothing.
func (j Job) missing() string {
	own, ok := known[j.Measure]
	if !ok {
		return j.Measure
	}
	var lack []string
	for key := range j.Settings {
		// "show" prints what was chosen automatically, and comes with that.
		if !slices.Contains(own, key) && !slices.Contains(always, key) && key != "show" {
			lack = append(lack, key)
		}
	}
	if len(lack) == 0 {
		return ""
	}
	slices.Sort(lack)
	return j.Measure + " with " + strings.Join(lack, ", ")
}

// reader reads settings and keeps the first error.
type reader struct {
	settings map[string]string
	err      error
}

func (r *reader) integer(key string, missing int) int {
	v, ok := r.settings[key]
	if !ok {
		return missing
	}
	n, err := strconv.Atoi(v)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s=%s: it must be an integer", key, v)
	}
	return n
}

// positive is an integer of at least 1. The zero of an estimator's field is a
// default: a job that asks for 0 would get the value of another one.
func (r *reader) positive(key string, missing int) int {
	n := r.integer(key, missing)
	if n < 1 && r.err == nil {
		r.err = fmt.Errorf("%s=%d: it must be at least 1", key, n)
	}
	return n
}

func (r *reader) seed() uint64 {
	v, ok := r.settings["seed"]
	if !ok {
		return 1
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("seed=%s: it must be an integer", v)
	}
	return uint64(n)
}

// delay is an integer of which 0 means 0.
func (r *reader) delay(key string) int {
	if d := r.integer(key, 1); d != 0 {
		return d
	}
	return series.Instant
}

func (r *reader) one(key, missing string, values ...string) string {
	v, ok := r.settings[key]
	if !ok {
		return missing
	}
	v = strings.TrimSpace(v)
	if !slices.ContainsFunc(values, func(w string) bool { return strings.EqualFold(v, w) }) && r.err == nil {
		r.err = fmt.Errorf("%s=%s: it must be one of %s", key, v, strings.Join(values, ", "))
	}
	return strings.ToUpper(v)
}

// ksg returns the estimator of a job.
func (j Job) ksg() (info.KSG, error) {
	r := reader{settings: j.Settings}
	e := info.KSG{
		K: r.positive("k", 4), Algorithm: r.positive("alg", 1), Window: r.integer("DYN_CORR_EXCL", 0),
		History: r.positive("k_HISTORY", 1), HistoryTau: r.positive("k_TAU", 1),
		SourceHistory: r.positive("l_HISTORY", 1), SourceTau: r.positive("l_TAU", 1), Delay: r.delay("DELAY"),
		Test: info.Test{Surrogates: r.integer("surr", 0), Kind: series.Permutation, Seed: r.seed(), JIDT: true},
	}
	_, e.Local = j.Settings["local"]
	if r.one("NORMALISE", "TRUE", "true", "false") == "FALSE" {
		e.Normalise = series.None
	}
	if r.one("NORM_TYPE", "MAX_NORM", "MAX_NORM", "EUCLIDEAN_SQUARED") == "EUCLIDEAN_SQUARED" {
		e.Norm = info.EuclideanNorm
	}
	return e, r.err
}

// conditions returns the pasts of the conditions. Lists are separated by
// commas; one value holds for all.
func (j Job) conditions() ([]series.Past, error) {
	lists := map[string][]string{}
	n := 1
	for _, key := range []string{"COND_EMBED_LENGTHS", "COND_TAUS", "COND_DELAYS"} {
		if v, ok := j.Settings[key]; ok {
			lists[key] = strings.Split(v, ",")
			n = max(n, len(lists[key]))
		}
	}
	pasts := make([]series.Past, n)
	for i := range pasts {
		r := reader{settings: map[string]string{}}
		for key, l := range lists {
			r.settings[key] = strings.TrimSpace(l[min(i, len(l)-1)])
		}
		pasts[i] = series.Past{Length: r.positive("COND_EMBED_LENGTHS", 1), Tau: r.positive("COND_TAUS", 1), Delay: r.delay("COND_DELAYS")}
		if r.err != nil {
			return nil, r.err
		}
	}
	return pasts, nil
}
