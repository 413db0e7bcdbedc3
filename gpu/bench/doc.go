// Package bench measures our ops on a GPU beside what others offer there, and
// beside the CPU.
//
//	report, err := bench.Options{On: gpu.Index(0), Python: "python3"}.Run(ctx)
//	fmt.Print(report.Table())
//
// Each case is run in rounds in which everybody takes a turn, so that what else
// the machine does meets all; figures are medians. Of our ops three times are
// taken: from host to host; on the device alone between two events, with the L2
// cache flushed before; and the same captured in a graph and replayed back to back.
// Results are held against the CPU by == before anything is timed.
package bench
