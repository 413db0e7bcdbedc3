package guard

import "syscall"

// Watch wakes the runtime's watchdog, which stays awake until the process is
// idle: it takes processors away from goroutines that keep them for long, and
// polls the network while all are busy. What wakes it is any system call that
// could block. A process whose reads and writes are quiet has to say so itself
// before it runs code that may start more busy goroutines than there are
// processors.
func Watch() { syscall.Syscall(syscall.SYS_GETPID, 0, 0, 0) }
