package gpu

import "strconv"

// Place is where something is asked to run; GPUs have an Index.
type Place int

// Places that Open takes. Auto is a GPU where one can be used, else the CPU;
// the environment variable SURPRISAL_GPU narrows it: auto, off (the CPU),
// require (a GPU), sim (the simulator). The simulator runs the kernels for GPUs on
// the CPU and checks all that they do: for tests and for learning, some thousand
// times slower than a GPU. All is every GPU of the machine: batches of neighbour
// counts are shared out among them, other work runs on the first.
const (
	Auto      Place = 0
	CPU       Place = -1
	Simulator Place = -2
	All       Place = -3
)

// Index is the GPU of number i, as the driver counts them from 0.
func Index(i int) Place { return Place(i + 1) }

// String is auto, CPU, simulator, all GPUs or GPU 0.
func (p Place) String() string {
	switch p {
	case Auto:
		return "auto"
	case CPU:
		return "CPU"
	case Simulator:
		return "simulator"
	case All:
		return "all GPUs"
	}
	return "GPU " + strconv.Itoa(int(p)-1)
}
