package corpus

import "syscall"

// limitMemory bounds what a child may take, so that a program which allocates
// without end dies alone. Reserved addresses count: the runtime reserves much.
func limitMemory() error {
	const ceiling = 6 << 30
	return syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: ceiling, Max: ceiling})
}

// redirect makes descriptor fd append to a file.
func redirect(fd int, path string) error {
	n, err := syscall.Open(path, syscall.O_CREAT|syscall.O_WRONLY|syscall.O_APPEND|syscall.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	defer syscall.Close(n)
	return syscall.Dup3(n, fd, 0)
}
