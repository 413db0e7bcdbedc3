// Package series holds recordings of several series and makes of them what
// estimators work on: samples.
//
//	weather, err := dataset.CSV("seattle-weather.csv")
//	rec, err := series.FromTable(weather, "precipitation", "temp_max", "wind")
//	rec, err = rec.WithStep(1, "d").RemoveSeason(365.25, 2)
//	s, err := series.Embedding{}.Of(rec, []string{"wind"}, []string{"temp_max"}, nil)
//
// A Recording is named columns of one length, with units, a sampling time and,
// where it was recorded in pieces, trials. An Embedding lays the past of a
// source, the next value of a target and its own past side by side. Surrogates
// are orderings that destroy what one variable knows of the others. Everything
// random comes from a seed; no input is ever modified.
package series
