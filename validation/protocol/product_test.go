package protocol

import (
	"os"
	"path/filepath"
	"testing"
)

func TestProduct(t *testing.T) {
	binary, err := filepath.Abs("../../bin/surprisal")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("there is no binary to judge: %v; run make build first", err)
	}
	Run(t, ProductTarget(binary))
}
