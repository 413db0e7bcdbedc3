package prim

// InLaunchesOf makes launches on a device as small as if they took longer.
func (b JointCounts) InLaunchesOf(pairs int) JointCounts {
	b.pairs = pairs
	return b
}
