package kernel

import (
	"fmt"
	"runtime"
	"strings"

	"surprisal/jupyter/wire"
)

type languageInfo struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	MIMEType   string `json:"mimetype"`
	Extension  string `json:"file_extension"`
	Lexer      string `json:"pygments_lexer"`
	CodeMirror string `json:"codemirror_mode"`
}

type helpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

type kernelInfoReply struct {
	Status         string       `json:"status"`
	Protocol       string       `json:"protocol_version"`
	Implementation string       `json:"implementation"`
	Version        string       `json:"implementation_version"`
	Language       languageInfo `json:"language_info"`
	Banner         string       `json:"banner"`
	Debugger       bool         `json:"debugger"`
	HelpLinks      []helpLink   `json:"help_links"`
	Features       []string     `json:"supported_features"`
}

// kernelInfo never asks the evaluator: front ends wait for this reply before
// they show anything, and the worker may still be starting.
func (k *Kernel) kernelInfo(*request) (any, error) {
	version := strings.TrimPrefix(runtime.Version(), "go")
	return kernelInfoReply{
		Status:         "ok",
		Protocol:       wire.ProtocolVersion,
		Implementation: "surprisal",
		Version:        k.Version,
		Language: languageInfo{
			Name: "go", Version: version, MIMEType: "text/x-go",
			Extension: ".go", Lexer: "go", CodeMirror: "go",
		},
		Banner: fmt.Sprintf("surprisal %s: Go %s for Jupyter", k.Version, version),
		HelpLinks: []helpLink{
			{"The Go language", "https://go.dev/ref/spec"},
			{"Go standard library", "https://pkg.go.dev/std"},
			{"Gonum", "https://pkg.go.dev/gonum.org/v1/gonum"},
		},
		Features: []string{},
	}, nil
}
