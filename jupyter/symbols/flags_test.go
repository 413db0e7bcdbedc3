package symbols

import (
	"flag"
	"os"
	"testing"
)

// A cell that defines a flag runs twice: the second definition holds, and the
// other flags stay.
func TestFlagsAgain(t *testing.T) {
	defer func(old *flag.FlagSet) { flag.CommandLine = old }(flag.CommandLine)
	flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.ContinueOnError)
	b := bound[func(string, int, string) *int](t, Options{}, "flag", "Int")
	var other string
	bound[func(*string, string, string, string)](t, Options{}, "flag", "StringVar")(&other, "other", "o", "")
	b("again", 3, "")
	n := b("again", 4, "")
	if err := flag.CommandLine.Parse([]string{"-other", "x"}); err != nil || *n != 4 || other != "x" || flag.Lookup("other").DefValue != "o" {
		t.Errorf("again is %d and other %q, %v: want 4 and x", *n, other, err)
	}
}
