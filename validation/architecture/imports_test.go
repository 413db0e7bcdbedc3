package architecture

import (
	"slices"
	"strings"
	"testing"
)

// allowed lists which of our packages a package may import itself. A package
// that is not here may import any that no ban below forbids.
var allowed = []struct {
	from   string
	to     []string
	reason string
}{
	{"jupyter/wire", nil, "bytes and nothing else, so that it can be fuzzed alone"},
	{"jupyter/quiet", nil, "system calls and nothing else"},
	{"jupyter/transport", []string{"jupyter/wire", "jupyter/quiet"}, "moves messages without knowing what they ask for"},
	{"jupyter/kernel", []string{"jupyter/wire"}, "talks to an Evaluator and a Sender of its own, so that it is proven on an echo"},
	{"jupyter/interp/...", []string{"jupyter/interp/...", "jupyter/display/cycle"}, "a Go session knows nothing of Jupyter or of our science; what cannot be printed is the same everywhere"},
	{"jupyter/display/cycle", nil, "looks at values alone"},
	{"jupyter/display", []string{"jupyter/display/cycle"}, "what every other package may render into"},
	{"jupyter/comm", nil, "sends through an interface of its own"},
	{"jupyter/notebook", []string{"jupyter/display"}, "asks its Host for everything"},
	{"jupyter/worker", []string{"jupyter/wire", "jupyter/quiet", "jupyter/kernel", "jupyter/interp/...", "jupyter/display", "jupyter/comm", "jupyter/notebook"}, "joins the link to a session; which packages cells see is not its business"},
	{"jupyter/symbols/...", []string{"jupyter/symbols/...", "jupyter/interp", "jupyter/figure", "jupyter/widget", "jupyter/notebook", "jupyter/display", "jupyter/comm", "gpu/..."}, "holds what cells see, and nothing of how a kernel runs"},
	{"jupyter/figure", []string{"jupyter/figure/internal/raster", "jupyter/comm", "jupyter/display", "gpu/..."}, "draws results; never asks the kernel"},
	{"jupyter/figure/internal/...", nil, "pixels, which know nothing of results"},
	{"jupyter/widget", []string{"jupyter/comm", "jupyter/display", "gpu/..."}, "models over comms; never asks the kernel"},
	{"gpu/forecast", []string{"gpu/prim", "gpu/series", "gpu/place", "gpu/task"}, "a model of one series knows shared ops and samples, no other field"},
	{"gpu/prim", []string{"gpu", "gpu/place", "gpu/internal/...", "gpu/task", "cuda"}, "the estimators rest on it, so it knows none of them"},
	{"gpu/series", []string{"gpu/dataset"}, "makes samples; who estimates from them is not its business"},
	{"gpu/info", []string{"gpu", "gpu/prim", "gpu/series"}, "formulas over counts; where they are counted is behind prim"},
	{"gpu/causal", []string{"gpu/info", "gpu/series"}, "tests of estimates; how one is made is behind info"},
	{"validation/suite", []string{"gpu/...", "validation/oracle/..."}, "judges the numerics, without a notebook"},
	{"gpu/internal/driver/...", []string{"gpu/internal/driver"}, "the driver's words; what they are used for is gpu's business"},
	{"gpu/internal/ptx", []string{"gpu/internal/driver"}, "a simulator that shared code with what it judges would judge nothing; it answers to the driver's words"},
	{"cuda", nil, "kernels and facts about them"},
	{"cuda/bench", nil, "a program for Python"},
	{"gpu/...", []string{"gpu/...", "cuda/..."}, "the science is a library that works without a notebook"},
	{"validation/oracle/...", []string{"validation/oracle/..."}, "an oracle that shares code with what it judges judges nothing"},
}

// banned lists what a package must not reach, however many packages lie
// between. The paths of `to` are whole import paths.
var banned = []struct {
	from, to []string
	except   []string
	reason   string
}{
	{[]string{"gpu/..."}, []string{module + "/jupyter/..."}, nil,
		"the science is a library that works without a notebook"},
	{[]string{"jupyter/wire", "jupyter/transport", "jupyter/kernel", "jupyter/interp/...", "jupyter/display", "jupyter/comm"}, []string{module + "/gpu/..."}, nil,
		"the kernel must start and survive whatever the science does"},
	{[]string{"jupyter/...", "gpu/...", "validation/..."}, []string{module + "/cmd/..."}, nil,
		"cmd joins packages; what others need does not belong there"},
	{[]string{"jupyter/wire", "jupyter/kernel", "jupyter/interp/...", "jupyter/display", "jupyter/comm", "jupyter/notebook", "jupyter/worker", "jupyter/symbols/...", "jupyter/figure", "jupyter/widget", "gpu/..."},
		[]string{"github.com/go-zeromq/..."}, nil,
		"transport alone knows ZeroMQ, so that it can be replaced"},
	{[]string{"jupyter/wire", "jupyter/transport", "jupyter/kernel", "jupyter/display", "jupyter/comm", "jupyter/notebook", "jupyter/figure", "jupyter/widget", "gpu/..."},
		[]string{"github.com/traefik/yaegi/..."}, nil,
		"interp alone knows the interpreter, so that it can be replaced"},
	{[]string{"jupyter/wire", "jupyter/transport", "jupyter/kernel", "jupyter/interp/...", "jupyter/worker", "jupyter/display", "jupyter/comm", "jupyter/notebook", "gpu/..."},
		[]string{"gonum.org/v1/plot/..."}, nil,
		"figure alone draws; symbols only passes the package on to cells"},
	{[]string{"jupyter/wire", "jupyter/transport", "jupyter/kernel", "jupyter/display", "jupyter/comm", "jupyter/notebook", "jupyter/figure", "jupyter/widget", "gpu/..."},
		[]string{"golang.org/x/mod/..."}, nil,
		"interp alone finds modules"},
	{[]string{"jupyter/...", "gpu", "gpu/monitor"}, []string{module + "/gpu/monitor/nvml"}, nil,
		"the driver's management library lives in surprisal monitor alone: it may hang or end its process"},
	{[]string{"jupyter/...", "cmd/..."}, []string{module + "/gpu/internal/compile"}, nil,
		"what compiles kernels is no part of the product"},
	{[]string{"jupyter/display", "jupyter/comm", "jupyter/notebook"}, []string{"github.com/...", "golang.org/x/...", "gonum.org/..."}, nil,
		"standard library only: every package that renders pays for what they import"},
}

func TestPackagesImportWhatTheyMay(t *testing.T) {
	packages := ours(list(t, "linux/amd64", "./..."))
	for _, rule := range allowed {
		for path, p := range packages {
			if !under(path, rule.from) {
				continue
			}
			for _, imp := range p.Imports {
				rel, ok := strings.CutPrefix(imp, module+"/")
				if ok && !under(rel, rule.to...) {
					t.Errorf("%s imports %s: it may import of ours only %v: %s", path, rel, rule.to, rule.reason)
				}
			}
		}
	}
}

func TestPackagesReachNothingBanned(t *testing.T) {
	packages := ours(list(t, "linux/amd64", "./..."))
	for _, rule := range banned {
		for path, p := range packages {
			if !under(path, rule.from...) || under(path, rule.except...) {
				continue
			}
			for _, dep := range p.Deps {
				if under(dep, rule.to...) {
					t.Errorf("%s reaches %s through %v: %s", path, dep, via(packages, path, dep), rule.reason)
				}
			}
		}
	}
}

// via names those imports of path that lead to dep.
func via(packages map[string]listed, path, dep string) []string {
	var through []string
	for _, imp := range packages[path].Imports {
		if imp == dep || slices.Contains(packages[strings.TrimPrefix(imp, module+"/")].Deps, dep) {
			through = append(through, imp)
		}
	}
	return through
}

// A rule about a package that nobody has is a rule that cannot fail; this
// guards the tables against misspelt names.
func TestUnderKnowsTreesAndPaths(t *testing.T) {
	for _, c := range []struct {
		path, pattern string
		want          bool
		reason        string
	}{
		{"jupyter/interp", "jupyter/interp/...", true, "a tree holds its root"},
		{"jupyter/interp/rt", "jupyter/interp/...", true, "and what lies below"},
		{"jupyter/interpreter", "jupyter/interp/...", false, "but no longer name"},
		{"jupyter/interp/rt", "jupyter/interp", false, "a plain path is that path"},
	} {
		if got := under(c.path, c.pattern); got != c.want {
			t.Errorf("under(%q, %q) = %v, want %v: %s", c.path, c.pattern, got, c.want, c.reason)
		}
	}
}

func TestEveryPackageHasOneDoc(t *testing.T) {
	for path, p := range ours(list(t, "linux/amd64", "./...")) {
		if p.Doc == "" {
			t.Errorf("%s has no package doc: say in one comment what it is", path)
		}
		if docs := packageDocs(t, p); len(docs) > 1 {
			t.Errorf("%s has %d package docs, in %v: keep one", path, len(docs), docs)
		}
	}
}
