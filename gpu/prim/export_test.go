package prim

// InLaunchesOf makes launches on a device as small as if they took longer.
func (b JointCounts) InLaunchesOf(pairs int) JointCounts {
	b.pairs = pairs
	return b
}

// WindowsFrom counts in windows of sorted rows from so many rows on.
func (b JointCounts) WindowsFrom(rows int) JointCounts {
	b.windowsFrom = rows
	return b
}

// WorthGPU says whether a batch is counted on a GPU where one is there.
func (b JointCounts) WorthGPU() (bool, error) {
	p, err := b.plan()
	if err != nil {
		return false, err
	}
	return p.worthGPU(), nil
}
