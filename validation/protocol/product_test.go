package protocol

import (
	"os"
	"path/filepath"
	"testing"
)

func TestProduct(t *testing.T) { Run(t, ProductTarget(binary(t))) }

// binary is what make build has made.
func binary(t testing.TB) string {
	t.Helper()
	path, err := filepath.Abs("../../bin/surprisal")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("there is no binary to judge: %v; run make build first", err)
	}
	return path
}
