// Package windows counts neighbours on a device over rows that are sorted by one
// column, the key, so that each row is compared with those alone whose key is near.
//
// It carries out the kernels sort_* and joint_windows_*: both algorithms of Kraskov,
// Stögbauer and Grassberger under the maximum norm, in float64. Counts are those of
// the CPU. It gives work to a stream and waits for nothing.
package windows
