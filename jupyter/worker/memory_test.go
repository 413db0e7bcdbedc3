package worker

import (
	"strings"
	"testing"
	"time"
)

func TestLook(t *testing.T) {
	c := ceiling{limit: 2 << 30, reserve: 1 << 30}
	for _, v := range []struct {
		name, reason        string
		resident, available int64
		least, most         time.Duration
		want                string
	}{
		{"idle", "once a second is enough", 50 << 20, 1 << 44, 200 * time.Millisecond, time.Second, ""},
		{"near", "the room must not fill before the next look", 2<<30 - 80<<20, 1 << 40, 2 * time.Millisecond, 11 * time.Millisecond, ""},
		{"nearer", "a look costs, so never more than 500 a second", 2<<30 - 1, 1 << 40, 2 * time.Millisecond, 2 * time.Millisecond, ""},
		{"over", "the ceiling", 2 << 30, 1 << 40, 0, 0, "the ceiling is 2048 MiB"},
		{"machine", "others used the memory, but somebody must go", 100 << 20, 1 << 29, 0, 0, "has only 512 MiB left"},
		{"gone", "a process that has ended has no pages", 0, 1 << 29, 2 * time.Millisecond, 2 * time.Millisecond, ""},
	} {
		next, reason := c.look(v.resident, v.available)
		if next < v.least || next > v.most || v.want == "" && reason != "" || !strings.Contains(reason, v.want) {
			t.Errorf("%s (%s): next look after %v, reason %q", v.name, v.reason, next, reason)
		}
	}
}

func TestParseSize(t *testing.T) {
	for s, want := range map[string]int64{"0": 0, "1024": 1024, "2GiB": 2 << 30, "2g": 2 << 30, " 512 MB ": 512 << 20, "1T": 1 << 40, "3k": 3 << 10} {
		if n, err := ParseSize(s); n != want || err != nil {
			t.Errorf("%q: %d %v, want %d", s, n, err, want)
		}
	}
	for _, s := range []string{"", "GiB", "-1", "1.5G", "8388608T", "x"} {
		if n, err := ParseSize(s); err == nil {
			t.Errorf("%q: %d, want an error", s, n)
		}
	}
}

func TestSmallestLimit(t *testing.T) {
	files := map[string]string{
		"/sys/fs/cgroup/a/b/memory.max":                 "max\n",
		"/sys/fs/cgroup/a/memory.max":                   "3000\n",
		"/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "2000\n",
		"/sys/fs/cgroup/memory/memory.limit_in_bytes":   "9223372036854771712\n",
	}
	read := func(p string) string { return files[p] }
	for _, c := range []struct {
		groups, reason string
		want           int64
	}{
		{"0::/a/b\n", "the limit of a group above", 3000},
		{"5:cpu,memory:/x\n3:cpu:/a\n", "version 1", 2000},
		{"0::/\n", "no limit anywhere", 0},
		{"nonsense", "not a group file", 0},
	} {
		if got := smallestLimit(c.groups, read); got != c.want {
			t.Errorf("%q (%s): %d, want %d", c.groups, c.reason, got, c.want)
		}
	}
}

func TestParseProc(t *testing.T) {
	if n := statmResident([]byte("100 42 7\n")); n != 42 {
		t.Error(n)
	}
	if n := statmResident(nil); n != 0 {
		t.Error(n)
	}
	if n := statusPrivate([]byte("Name:\tx\nRssAnon:\t 4 kB\nRssFile:\t 100 kB\nRssShmem:\t 1 kB\n")); n != 5<<10 {
		t.Error(n)
	}
	total, available := parseMeminfo([]byte("MemTotal:  2048 kB\nMemFree: 1 kB\nMemAvailable: 1024 kB\nX: 3\n"))
	if total != 2<<20 || available != 1<<20 {
		t.Error(total, available)
	}
}
