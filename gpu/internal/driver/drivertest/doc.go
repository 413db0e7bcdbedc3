// Package drivertest is a driver for tests: a table of calls over memory of the
// host, that counts what is alive, refuses calls of threads without a context, and
// fails where it is told to.
//
// Work is done when it is given; held events pass when they are let go. Kernels do
// what Run says.
package drivertest
