package bench

import "time"

// The floors are arithmetic about one card, the H200 of 132 multiprocessors at
// 1.98 GHz: what its units need if nothing is ever waited for. Other cards are
// taken to be as much slower as they have fewer multiprocessors.
const reference = 132

// floor is the least time that a way to compute takes.
type floor struct {
	time   time.Duration
	source string
}

// pairFloor is for comparing all n rows with all in three columns: 3.25 and 5.5
// clocks of a multiprocessor for 32 pairs, to find the neighbours and to count.
func pairFloor(n int) floor {
	clocks := float64(n) * float64(n) / 32 * (3.25 + 5.5) / reference
	return floor{seconds(clocks / 1.98e9), "float32, all pairs of rows, 8.75 clocks for 32 of them"}
}

// slotFloor is for d columns: 4d+3 slots a pair of rows, 3.35e13 of them a second.
func slotFloor(n, d int) floor {
	return floor{seconds(float64(n) * float64(n) * float64(4*d+3) / 3.35e13), "float32, all pairs of rows, 4d+3 slots each"}
}

// mapFloor is for a frame of so many pixels: 79 accesses to shared memory for 32
// pixels if a thread owns 16 rows of the map, 9.9 µs for 1024×1024.
func mapFloor(pixels int) floor {
	return floor{seconds(9.9e-6 * float64(pixels) / (1 << 20)), "79 accesses to shared memory for 32 pixels"}
}

// memoryFloor is for reading so many bytes once, 4.28e12 of them a second.
func memoryFloor(bytes int) floor {
	return floor{seconds(float64(bytes) / 4.28e12), "memory, read once at 4.28 TB/s"}
}

func seconds(s float64) time.Duration { return time.Duration(s * 1e9) }

// on is the floor of a card.
func (f floor) on(multiprocessors int) time.Duration {
	if multiprocessors == 0 {
		return f.time
	}
	return time.Duration(float64(f.time) * reference / float64(multiprocessors))
}
