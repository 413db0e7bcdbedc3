// Package nvml reads NVIDIA GPUs through the driver's management library,
// libnvidia-ml.so.1, for package monitor. The library is opened when the
// program runs and its functions are bound one by one: a driver that lacks one
// has that value less. No C compiler and no header is needed.
//
//	p := monitor.NewPoller(nvml.Source{})
//
// Only surprisal monitor may use it: a driver that crashes or hangs takes its
// process along. Structures and codes are those of NVIDIA's nvml.h 13.4, on
// 64-bit Linux; elsewhere there are no devices, with a reason.
package nvml
