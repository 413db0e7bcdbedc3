package module

import (
	goversion "go/version"

	"golang.org/x/mod/module"
)

// whole tells whether v is a version that names one state of a module: v1.2.3,
// where v1.2 and main do not.
func whole(v string) bool { return v != "" && module.CanonicalVersion(v) == v }

// prunes tells whether a go.mod file of that Go lists all modules that its
// packages need, as files do since Go 1.17.
func prunes(gover string) bool { return goversion.Compare("go"+gover, "go1.17") >= 0 }

// language takes the language version out of what a go.mod file says: 1.26 out
// of 1.26.1, and what Go takes it for where the file is silent.
func language(gover string) string {
	if lang := goversion.Lang("go" + gover); lang != "" {
		return lang[len("go"):]
	}
	return "1.16"
}
