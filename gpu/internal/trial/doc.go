// Package trial runs a kernel of each family by hand, from the host and back. The
// ops choose among kernels; here it is said which one runs, so that it can be held
// against the CPU and timed.
package trial
