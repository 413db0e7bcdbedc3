package notebook

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"surprisal/jupyter/display"
)

type fakeHost struct{ log []string }

func (h *fakeHost) Input(prompt string, password bool) (string, error) {
	if prompt == "nobody" {
		return "", errors.New("nobody can answer")
	}
	if password {
		return "secret", nil
	}
	return "answer to " + prompt, nil
}
func (h *fakeHost) Page(b display.Bundle) { h.log = append(h.log, b.Data["text/plain"].(string)) }
func (h *fakeHost) NextInput(code string) { h.log = append(h.log, code) }

func TestHost(t *testing.T) {
	h := &fakeHost{}
	n := New(h)
	if s, err := n.Input("a"); s != "answer to a" || err != nil {
		t.Error(s, err)
	}
	if s, err := n.Password("a"); s != "secret" || err != nil {
		t.Error(s, err)
	}
	if _, err := n.Input("nobody"); err == nil || !strings.Contains(err.Error(), "nobody can answer") {
		t.Errorf("error %v has lost its reason", err)
	}
	if err := n.Page(display.Text("doc")); err != nil {
		t.Error(err)
	}
	if err := n.NextInput("x := 1"); err != nil {
		t.Error(err)
	}
	if got := strings.Join(h.log, "|"); got != "doc|x := 1" {
		t.Errorf("host saw %s", got)
	}
}

func TestGet(t *testing.T) {
	n := New(&fakeHost{})
	var got []string
	n.Modules = func(ms ...string) error {
		got = ms
		return errors.New("module: no")
	}
	err := n.Get("example.com/a@v1.0.0", "example.com/b")
	if err == nil || err.Error() != "notebook: Get: module: no" || strings.Join(got, " ") != "example.com/a@v1.0.0 example.com/b" {
		t.Errorf("Get asked for %v and returned %v", got, err)
	}
}

func TestOutsideOfANotebook(t *testing.T) {
	_, in := Input("?")
	_, pw := Password("?")
	_, vars := Vars()
	for name, err := range map[string]error{"Input": in, "Password": pw, "Page": Page(1), "NextInput": NextInput(""), "Vars": vars, "Get": Get("example.com/a@v1.0.0")} {
		if !errors.Is(err, ErrNoNotebook) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestVars(t *testing.T) {
	n := New(nil)
	n.List = func() []Var { return []Var{{"x", "[]int", "[1 2]"}, {"s", "string", "<a\nb>"}} }
	v, err := n.Vars()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := v.String(), "name  type    value\nx     []int   [1 2]\ns     string  <a⏎b>"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if h := v.HTML(); !strings.Contains(h, "&lt;a⏎b&gt;") {
		t.Errorf("HTML is not escaped: %s", h)
	}
	if s := line(strings.Repeat("ä", 100)); len([]rune(s)) != 80 {
		t.Errorf("a long value takes %d characters", len([]rune(s)))
	}
}

func TestSh(t *testing.T) {
	var out, errs bytes.Buffer
	n := New(nil)
	n.Stdout, n.Stderr = &out, &errs
	if err := n.Sh(t.Context(), "echo one; echo two >&2; cat"); err != nil {
		t.Fatal(err)
	}
	if out.String() != "one\n" || errs.String() != "two\n" {
		t.Errorf("stdout %q, stderr %q", out.String(), errs.String())
	}
	err := n.Sh(t.Context(), "exit 3")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("error is %v", err)
	}
}

func TestEnv(t *testing.T) {
	t.Setenv("SURPRISAL_TEST_ENV", "")
	if err := Env("SURPRISAL_TEST_ENV", "v"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	n := New(nil)
	n.Stdout = &out
	n.Sh(t.Context(), "echo $SURPRISAL_TEST_ENV")
	if out.String() != "v\n" {
		t.Errorf("the shell saw %q", out.String())
	}
	if Env("a=b", "") == nil || Env("", "") == nil {
		t.Error("a bad name is set")
	}
}

type writer func([]byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }
