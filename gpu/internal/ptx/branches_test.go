package ptx_test

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"surprisal/cuda"
)

// conditions says in words what predicates of a kernel ask.
type conditions struct {
	kernel  cuda.Kernel
	defined map[string][]string // of each register: instruction and operands
}

var (
	setting = regexp.MustCompile(`^\t(?:@!?%p\d+ )?([a-z][a-z0-9._]*(?:::[a-z0-9]+)?) *\t?([^;]*);`)
	given   = regexp.MustCompile(`^\[\w+_param_(\d+)\]$`)
)

// readConditions reads the text of a kernel.
func readConditions(k cuda.Kernel, text string) conditions {
	c := conditions{k, map[string][]string{}}
	for line := range strings.Lines(text) {
		m := setting.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		operands := strings.Split(m[2], ", ")
		if r := operands[0]; strings.HasPrefix(r, "%") {
			before := c.defined[r]
			switch {
			case before == nil:
				c.defined[r] = append([]string{m[1]}, operands[1:]...)
			case len(before) != 2 || !given.MatchString(before[1]): // a parameter that changes keeps its name
				c.defined[r] = []string{"some"}
			}
		}
	}
	return c
}

// of is what a register holds, as far back as depth instructions: parameters have the
// names that they have in the source.
func (c conditions) of(register string, depth int) string {
	d := c.defined[register]
	switch {
	case d == nil:
		return strings.TrimPrefix(register, "%")
	case len(d) == 2 && given.MatchString(d[1]):
		i, _ := strconv.Atoi(given.FindStringSubmatch(d[1])[1])
		return c.kernel.Params[i].Name
	case len(d) == 2 && (strings.HasPrefix(d[0], "mov.") || strings.HasPrefix(d[0], "cvta.")):
		return c.of(d[1], depth)
	case depth == 0 || d[0] == "some":
		return "·"
	}
	var operands []string
	for _, o := range d[1:] {
		operands = append(operands, c.of(o, depth-1))
	}
	return fmt.Sprintf("%s(%s)", d[0], strings.Join(operands, ", "))
}

// oneWay are conditions that have one value whatever the data, and why. What a kernel
// is told is at least what its source says.
var oneWay = []struct {
	kernels, condition string
	value              bool
	reason             string
}{
	{"*", `setp\.lt\.s32\((n|k|d|h|marginals), 1\)`, false, "there is one at least"},
	{"*", `setp\.gt\.s32\((n|h), 0\)`, true, "there is one at least"},
	{"*", `setp\.(gt|ge)\.[su]32\((or\.b32\()?tid\.x, .*`, false, "a block has fewer threads than there is to do: none is idle in the first turn"},
	{"*", `setp\.lt\.[su]32\(tid\.x, (256|add\.s32\(mul\.lo\.s32\(h, 36\), 540\))\)`, true, "a block has fewer threads than there is to do"},
	{"joint_windows_d0*", `setp\.eq\.s32\(popc\.b32\(and\.b32\(shr\.u32\(·, ·\), add\.s32\(·, -1\)\)\), 0\)`, false, "a run of columns has one"},
	{"joint_windows_d0*", `setp\.lt\.[su]32\(d, [24]\)|setp\.eq\.s32\(add\.s32\(d, -1\), 0\)`, false, "d is 4 at least, of variables of several columns 2"},
	{"histogram_f64", `setp\.ge\.s32\(·, bins\)`, false, "a guess is a bin"},
	{"entropy_map_*_9x9", `setp\.gt\.u32\(·, [67]\d\d\)`, false, "a tile of 9×9 always has the same size"},
	{"entropy_map_*", `setp\.lt\.s32\(w, -2\)`, false, "a window has a width"},
}

// open is how many more branches of a kernel no case has sent both ways yet. A case
// that does makes the number smaller.
var open = map[string]int{
	"histogram_f64":           1,
	"entropy_map_u16_16":      6,
	"entropy_map_u16_16_9x9":  3,
	"entropy_map_u16_256":     10,
	"entropy_map_u16_256_9x9": 6,
	"entropy_map_u16_64":      6,
	"entropy_map_u16_64_9x9":  3,
	"entropy_map_u8_16":       6,
	"entropy_map_u8_16_9x9":   3,
	"entropy_map_u8_256":      10,
	"entropy_map_u8_256_9x9":  6,
	"entropy_map_u8_64":       6,
	"entropy_map_u8_64_9x9":   3,
	"joint_boxes_count_d2":    5,
	"joint_boxes_line":        2,
	"joint_boxes_near_d2":     6,
	"joint_boxes_near_d2_box": 4,
	"joint_boxes_near_d3":     4,
	"joint_boxes_near_d3_box": 2,
	"joint_triples_k4_1024":   5,
	"joint_triples_k4_2048":   5,
	"joint_windows_d0":        15,
	"joint_windows_d0_box":    13,
	"joint_windows_d2":        19,
	"joint_windows_d3":        17,
	"joint_windows_line":      2,
}

// bothWays fails where a branch of a kernel went one way in all cases.
func (t proof) bothWays(image cuda.Image) {
	manifest, err := cuda.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range manifest.Kernels {
		if k.Family != image.Family {
			continue
		}
		list, err := t.seen.OneWay(kernel(t, image.Arch, k.Family, k.Name))
		if err != nil {
			t.Error(err)
			continue
		}
		asked := readConditions(k, edited(k.Family, k.Name, func(body string) string { return body }))
		var left []string
		for _, b := range list {
			if condition := asked.of(b.Guard, 4); !expected(k.Name, condition, b.Value) {
				left = append(left, fmt.Sprintf("line %d: %s: always %v: %s", b.Line, b.Text, b.Value, condition))
			}
		}
		if len(left) != open[k.Name] {
			t.Errorf("%s: cases send %d branches one way only, and open says %d: add data that send them both ways, say why there are none, or make the number smaller:\n\t%s", k.Name, len(left), open[k.Name], strings.Join(left, "\n\t"))
		}
	}
}

func expected(kernel, condition string, value bool) bool {
	for _, e := range oneWay {
		of, _ := path.Match(e.kernels, kernel)
		if of && value == e.value && regexp.MustCompile("^(?:"+e.condition+")$").MatchString(condition) {
			return true
		}
	}
	return false
}

// Branches are counted for one image of a family: the others are the same but for
// their heads.
func TestImagesOfAFamilyAreTheSameProgram(t *testing.T) {
	body := func(arch, family string) string {
		text := images()[arch+"/"+family].text
		return text[strings.Index(text, ".visible .entry"):]
	}
	manifest, err := cuda.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range manifest.Images {
		if body(i.Arch, i.Family) != body("sm_80", i.Family) {
			t.Errorf("%s is another program than that of sm_80: count its branches, too", i.Path())
		}
	}
}
