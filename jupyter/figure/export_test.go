package figure

// What the tests of the exported names draw.
var (
	Regions = regions
	Cycles  = cycles
	Walk    = walk
	Days    = days
)
