//go:build unix && !linux

package worker

import "golang.org/x/sys/unix"

func fstat(fd int, s *unix.Stat_t) error { return unix.Fstat(fd, s) }
