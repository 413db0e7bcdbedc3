// Package worker splits a kernel in two processes: a front that speaks the
// Jupyter protocol and a worker that runs the cells. Whatever a cell does to
// its process, a stack overflow, a concurrent map write, kill -9, the front
// lives on, tells the user why, and starts the next worker.
//
//	c := worker.NewClient(worker.Config{})  // in the front: a kernel.Evaluator
//	c.Start(sink)
//	err := worker.Serve(3, build)           // in the worker, which drives a Session
//
// The two are joined by a socket pair for frames (a JSON header and raw
// buffers) and by the worker's stdout and stderr, so that what C and CUDA code
// and child processes print is caught too. Markers in both pipes say where
// between the prints a frame belongs and which cell the text is from: outputs
// reach the kernel.Sink in the order in which the cell made them. stdout and
// stderr have no order between them.
package worker
