//go:build !linux

package worker

// comeFirst is for systems where a thread has a priority of its own.
func comeFirst() bool { return false }

func (l *link) await() {}
