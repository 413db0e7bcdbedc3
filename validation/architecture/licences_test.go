package architecture

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write THIRD_PARTY_LICENSES.txt anew")

const noticesHead = `Third-party notices
===================

The surprisal binary is linked from the Go standard library and the modules
below, on any platform that it compiles for. Their licences follow, word for
word. The picture on this project's pages and all its own code are under the
licence in LICENSE.
`

// licenceNames are the files that modules keep their terms in.
// freetype's LICENSE offers a choice and keeps the text of the one that is taken
// elsewhere.
var licenceNames = []string{"LICENSE*", "LICENCE*", "COPYING*", "NOTICE*", "PATENTS*", "licenses/ftl.txt"}

// A binary that is handed on must carry the terms of what it is linked from.
func TestThirdPartyNoticesAreComplete(t *testing.T) {
	if _, err := os.Stat(filepath.Join(root(t), "cmd/surprisal")); err != nil {
		t.Fatal(err)
	}
	dirs := map[string]string{}
	for _, platform := range []string{"linux/amd64", "linux/arm64", "darwin/arm64", "windows/amd64"} {
		for _, p := range list(t, platform, "./cmd/surprisal") {
			if m := p.Module; m != nil && m.Path != module {
				dirs[m.Path+" "+m.Version] = m.Dir
			}
		}
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	dirs["The Go standard library and its documentation"] = strings.TrimSpace(string(goroot))
	var want strings.Builder
	want.WriteString(noticesHead)
	for _, name := range slices.Sorted(maps.Keys(dirs)) {
		fmt.Fprintf(&want, "\n%s\n%s\n%s\n\n%s", strings.Repeat("-", 78), name, strings.Repeat("-", 78), terms(t, name, dirs[name]))
	}
	file := filepath.Join(root(t), "THIRD_PARTY_LICENSES.txt")
	if *update {
		if err := os.WriteFile(file, []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want.String() {
		t.Errorf("THIRD_PARTY_LICENSES.txt is not what the binary is linked from: write it anew with go test ./validation/architecture -run ThirdParty -update, and read what changed")
	}
}

// terms returns the licence files at the root of a module.
func terms(t *testing.T, name, dir string) string {
	t.Helper()
	var text strings.Builder
	for _, pattern := range licenceNames {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			text.WriteString(strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")) + "\n")
		}
	}
	if text.Len() == 0 {
		t.Errorf("%s has no licence file: it cannot be linked", name)
	}
	for _, copyleft := range []string{"GNU GENERAL PUBLIC LICENSE", "GNU AFFERO"} {
		if strings.Contains(text.String(), copyleft) {
			t.Errorf("%s is under the %s: it cannot be linked into a BSD binary", name, copyleft)
		}
	}
	return text.String()
}
