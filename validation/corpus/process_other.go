//go:build !linux

package corpus

// limitMemory does nothing where the system has no such limit.
func limitMemory() error { return nil }

// redirect does nothing: where it does not, stderr counts as output.
func redirect(int, string) error { return nil }
