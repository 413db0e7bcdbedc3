package worker

import (
	"bytes"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
)

// ceiling is the watch over the worker's resident memory. There is no
// RLIMIT_AS: CUDA reserves more address space than any limit would allow.
type ceiling struct {
	limit   int64 // resident bytes of the worker
	reserve int64 // bytes that must stay available on the machine
}

// newCeiling returns the watch for a limit, by default 80 % of the machine or
// of the control group.
func newCeiling(limit int64) ceiling {
	total, _ := meminfo()
	c := ceiling{limit: limit, reserve: total / 20}
	if limit <= 0 {
		if g := cgroupLimit(); g > 0 && (total == 0 || g < total) {
			total = g
		}
		c.limit = total / 10 * 8
	}
	return c
}

// look returns how long the worker may run until the next look: it cannot fill
// the room that is left faster than at 8 GB/s. A reason means that the room is
// used up.
func (c ceiling) look(resident, available int64) (next time.Duration, reason string) {
	room := min(c.limit-resident, available-c.reserve)
	if room <= 0 && resident > 0 {
		if resident >= c.limit {
			return 0, fmt.Sprintf("out of memory: the cells used %d MiB, the ceiling is %d MiB: keep less data, or raise the ceiling with SURPRISAL_MEMORY",
				resident>>20, c.limit>>20)
		}
		return 0, fmt.Sprintf("out of memory: the machine has only %d MiB left, the cells used %d MiB: keep less data, or close other programs",
			available>>20, resident>>20)
	}
	d := time.Duration(float64(room) / 8e9 * float64(time.Second))
	return min(max(d, 2*time.Millisecond), time.Second), ""
}

// watch calls kill with the reason when the process has used up its room.
func (c ceiling) watch(pid int, gone <-chan struct{}, kill func(reason string)) {
	if c.limit <= 0 {
		return
	}
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-gone:
			return
		case <-t.C:
		}
		_, available := meminfo()
		used := resident(pid)
		if used >= c.limit {
			used = private(pid)
		}
		next, reason := c.look(used, available)
		if reason != "" {
			kill(reason)
			return
		}
		t.Reset(next)
	}
}

// ParseSize reads a number of bytes as "2GiB", "2G", "512M" or "1073741824".
func ParseSize(s string) (int64, error) {
	t := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(s)), "B"), "I")
	shift := 0
	if t != "" {
		if k := strings.IndexByte("KMGT", t[len(t)-1]); k >= 0 {
			shift, t = 10*(k+1), t[:len(t)-1]
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(t), 10, 64)
	if err != nil || n < 0 || n > 1<<62>>shift {
		return 0, fmt.Errorf("worker: size %q: not a number of bytes: write it as 2GiB or 512M", s)
	}
	return n << shift, nil
}

// statmResident returns the second field of /proc/PID/statm, in pages.
func statmResident(b []byte) int64 {
	f := bytes.Fields(b)
	if len(f) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(string(f[1]), 10, 64)
	return n
}

// statusPrivate adds the anonymous and shared-memory pages of /proc/PID/status.
func statusPrivate(b []byte) (n int64) {
	for l := range bytes.Lines(b) {
		f := bytes.Fields(l)
		if len(f) < 2 || string(f[0]) != "RssAnon:" && string(f[0]) != "RssShmem:" {
			continue
		}
		v, _ := strconv.ParseInt(string(f[1]), 10, 64)
		n += v << 10
	}
	return n
}

func parseMeminfo(b []byte) (total, available int64) {
	for l := range bytes.Lines(b) {
		f := bytes.Fields(l)
		if len(f) < 2 {
			continue
		}
		n, _ := strconv.ParseInt(string(f[1]), 10, 64)
		switch string(f[0]) {
		case "MemTotal:":
			total = n << 10
		case "MemAvailable:":
			available = n << 10
			return total, available
		}
	}
	return total, available
}

// smallestLimit finds the limit in the groups of /proc/self/cgroup and all
// groups above them, for both versions of control groups.
func smallestLimit(groups string, read func(path string) string) int64 {
	least := int64(0)
	try := func(dir, file, group string) {
		for {
			n, err := strconv.ParseInt(strings.TrimSpace(read(path.Join(dir, group, file))), 10, 64)
			if err == nil && n > 0 && (least == 0 || n < least) { // "max" is no number
				least = n
			}
			if group == "/" || group == "." || group == "" {
				return
			}
			group = path.Dir(group)
		}
	}
	for l := range strings.Lines(groups) {
		f := strings.SplitN(strings.TrimSpace(l), ":", 3)
		if len(f) != 3 {
			continue
		}
		switch {
		case f[1] == "":
			try("/sys/fs/cgroup", "memory.max", f[2])
		case strings.Contains(","+f[1]+",", ",memory,"):
			try("/sys/fs/cgroup/memory", "memory.limit_in_bytes", f[2])
		}
	}
	return least
}
