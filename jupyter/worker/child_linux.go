package worker

import (
	"os"
	"os/exec"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// awaitExit returns when the process has ended and leaves it for cmd.Wait to
// reap: until then neither its id nor that of its group can be given to another.
func awaitExit(cmd *exec.Cmd) {
	for {
		err := unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return
		}
	}
}

// sameBinary is this program even if its file has been replaced meanwhile: a
// worker of another version would not understand the front.
func sameBinary() string { return "/proc/self/exe" }

// fstat tells the scheduler nothing, as package quiet does: every cell needs it
// several times, and it never blocks for a pipe.
func fstat(fd int, s *unix.Stat_t) error {
	if _, _, e := unix.RawSyscall(unix.SYS_FSTAT, uintptr(fd), uintptr(unsafe.Pointer(s)), 0); e != 0 {
		return e
	}
	return nil
}

// growPipe asks for room: with 64 KiB a flood of prints waits for the reader
// at each turn.
func growPipe(fd int) { unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, pipeSize) }

// firstToDie tells the kernel's out-of-memory killer to take this process
// before any other.
func firstToDie() { os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) }

// resident returns the resident bytes of a process, 0 if it is not there.
func resident(pid int) int64 {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	return statmResident(b) * int64(os.Getpagesize())
}

// private returns the resident bytes that no file backs: a mapped data file is
// resident too, but the system can take its pages back at any time.
func private(pid int) int64 {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	return statusPrivate(b)
}

func meminfo() (total, available int64) {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, 0
	}
	return parseMeminfo(b)
}

// cgroupLimit returns the smallest memory limit of the control groups that
// this process is in, 0 if there is none.
func cgroupLimit() int64 {
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return 0
	}
	return smallestLimit(string(b), func(p string) string {
		v, err := os.ReadFile(p)
		if err != nil {
			return ""
		}
		return string(v)
	})
}
