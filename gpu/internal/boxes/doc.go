// Package boxes counts neighbours on a device over rows packed in boxes, for many rows
// in two or three columns: a row is compared with some hundred others, and not with
// all whose key is near as in package windows.
//
// It carries out the kernels sort_* and joint_boxes_*: both algorithms of Kraskov,
// Stögbauer and Grassberger under the maximum norm, in float64. Counts are those of
// the CPU. It gives work to a stream and waits for nothing.
package boxes
