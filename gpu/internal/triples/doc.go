// Package triples counts neighbours on a device for many problems of three columns
// and few rows at once, each by one block: algorithm 1 of Kraskov, Stögbauer and
// Grassberger under the maximum norm. Columns are sorted once for all problems.
//
// It carries out the kernels sort_* and joint_triples_*. Counts are those of the CPU.
// It gives work to a stream and waits for nothing.
package triples
