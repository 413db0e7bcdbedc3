// Package ptx reads PTX, the text that our kernels are shipped as, and runs it
// on the CPU, so that a kernel can be proven without a GPU.
//
// Parse reads a module, Entry.Program translates a kernel, and a Machine runs
// it, warp by warp, in a fixed order: a launch gives the same result and the
// same fault every time. It is an instrument of tests and no way to compute: a
// core runs some 300 million instructions of threads a second.
//
//	module, err := ptx.Parse(text)
//	entry, err := module.Entry("joint_counts_ball_max_d3_k4")
//	program, err := entry.Program()
//	var m ptx.Machine
//	x := m.Alloc("x", 8*n)
//	err = m.Launch(ctx, program, ptx.Launch{Grid: ptx.Dim{X: blocks}, Block: ptx.Dim{X: 128}, Params: params})
//
// A launch ends with a Fault, which names kernel, line, lane and address, at the
// first of these:
//
//   - an access outside of a buffer or of shared memory, or misaligned. Shared
//     variables lie at the worst address that their alignment allows, with gaps
//     between them; buffers are aligned to 256 bytes and no more;
//   - a read of a register or a byte that nothing was written to;
//   - two threads of a block that touch a byte, one of them writing, with no
//     barrier between; two blocks of a launch that do so, barrier or not;
//     atomics among themselves are no race;
//   - a barrier that not all threads of a warp reach together or that warps
//     reach at different places; a warp-wide instruction whose lanes never all
//     arrive, or that reads a lane that takes no part;
//   - a touch of shared memory that cp.async copies to and that its thread has not
//     waited for. Copies land as late as they may.
//
// Blocks run one after another, or beside each other if the launch is
// Cooperative. What fences, releases and acquires order, between blocks or within
// one, is no race; a fence of the wrong scope orders nothing.
//
// An instruction that the package does not know is an error of Program that
// names it. Arithmetic is that of IEEE 754 with correct rounding, to the bit.
// Approximate instructions give the nearest value, and within Machine.Ulps of it
// to see what a kernel owes to that. Tensor cores add up in float64 and round
// once, where a device does something else, which nobody tells: see product.
//
// Reference: NVIDIA, Parallel Thread Execution ISA, versions 6.3 to 8.0.
package ptx
