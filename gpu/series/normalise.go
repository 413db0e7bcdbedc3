package series

import "math"

// Normalisation says which values get mean 0 and standard deviation 1. Without
// it, neighbours are found along the variable of the largest scale alone.
type Normalisation int

const (
	Embedded Normalisation = iota // every column of the samples, as JIDT does
	Series                        // every column of the recording before it is embedded, as TRENTOOL and IDTxl do
	None
)

func (n Normalisation) String() string {
	switch n {
	case Embedded:
		return "embedded"
	case Series:
		return "series"
	case None:
		return "none"
	}
	return "unknown"
}

// ZScore returns (x − mean)/sd, with the standard deviation of n−1, summed in
// row order: with tied values the last bit decides which ties stay ties. A
// constant column comes out as (about) zeros, never as NaN. Values so large or
// small that their squares are no numbers are scaled by a power of two first.
func ZScore(x []float64) []float64 {
	out := make([]float64, len(x))
	mean, sd := moments(x)
	if (sd == 0 || sd-sd != 0) && notFinite(x) < 0 {
		top := 0.0
		for _, v := range x {
			top = max(top, math.Abs(v))
		}
		if _, e := math.Frexp(top); e < -400 || e > 400 {
			for i, v := range x {
				out[i] = math.Ldexp(v, -e)
			}
			if m, s := moments(out); s > 0 {
				return scale(out, out, m, s)
			}
		}
	}
	return scale(out, x, mean, sd)
}

// moments returns mean and standard deviation; 0 for fewer than two values.
func moments(x []float64) (mean, sd float64) {
	if len(x) == 0 {
		return 0, 0
	}
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		d := v - mean
		sd += float64(d * d)
	}
	if len(x) < 2 {
		return mean, 0
	}
	return mean, math.Sqrt(sd / float64(len(x)-1))
}

func scale(out, x []float64, mean, sd float64) []float64 {
	if sd == 0 {
		sd = 1
	}
	for i, v := range x {
		out[i] = (v - mean) / sd
	}
	return out
}

// ZScore returns the recording with every column normalised over all rows.
func (r Recording) ZScore() Recording {
	out, _ := r.each(func(c Column) ([]float64, error) { return ZScore(c.Values), nil })
	return out
}

// Normalised returns the samples with every column normalised over all rows.
func (s Samples) Normalised() Samples {
	return s.each(func(_ int, x []float64) []float64 { return ZScore(x) })
}
