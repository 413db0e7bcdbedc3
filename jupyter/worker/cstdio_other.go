//go:build !linux && !darwin

package worker

func openC() (flush func()) { return func() {} }
