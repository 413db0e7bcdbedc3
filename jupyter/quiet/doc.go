// Package quiet reads and writes sockets and pipes without telling Go's
// scheduler.
//
//	in := bufio.NewReader(quiet.NewReader(conn))
//	n := quiet.Write(raw, message) // what the socket takes at once
//
// A call of package syscall wakes the runtime's watchdog (sysmon), in case the
// call blocks: a thread that then looks around every 20 µs until the process is
// idle again. In a process that wakes up for one small message, works for
// 100 µs and sleeps again, that is most of its context switches. What is called
// here never blocks, since descriptors that do not block are what it is for,
// and moves at most 64 KiB: there is nothing to watch. Larger reads and writes
// take the usual way, and so does everything on systems other than Linux.
package quiet

// limit is the most bytes of a call that the watchdog need not see: copying
// them takes some ten microseconds.
const limit = 64 << 10
