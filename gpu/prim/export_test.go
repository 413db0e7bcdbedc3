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
